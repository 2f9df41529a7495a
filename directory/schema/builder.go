package schema

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// Builder collects definitions: the embedded standard schema first, then files. It is not safe for concurrent use.
//
// A file may repeat what is known: a definition with the OID of a standard one replaces it, except that operational
// attributes stay as the server needs them, and X-GATEHOUSE marks survive. Two files that define the same OID must
// agree.
type Builder struct {
	macros   map[string]string // OID macros, by name in lower case
	syntaxes []*collected[*SyntaxDefinition]
	types    []*collected[*AttributeTypeDefinition]
	classes  []*collected[*ObjectClassDefinition]
	standard bool // the embedded schema is being read
}

// collected is a definition with the place that it came from.
type collected[D any] struct {
	def      D
	origin   string // file:line
	standard bool
}

// schemaBytesMax bounds a schema file; the largest ones in use have some 200 KB.
const schemaBytesMax = 16 << 20

// NewBuilder returns a builder that starts with the embedded standard schema.
func NewBuilder() *Builder {
	b := &Builder{macros: map[string]string{}, standard: true}
	if err := b.addStandard(); err != nil {
		panic(err) // the embedded files are wrong; a test of this package says so first
	}
	b.standard = false
	return b
}

// AddFile reads definitions in OpenLDAP's .schema form, in the form of cn=config (olcAttributeTypes, olcObjectClasses, ...) or
// in that of a subschema entry (attributeTypes, objectClasses, ...) as LDIF; which one it is shows in the text. name stands
// in errors, with the line. All problems of the file are reported.
func (b *Builder) AddFile(name string, r io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(r, schemaBytesMax+1))
	if err != nil {
		return fmt.Errorf("read schema %s: %w", name, err)
	}
	if len(text) > schemaBytesMax {
		return fmt.Errorf("schema %s: longer than %d bytes", name, schemaBytesMax)
	}
	read := readSchemaFile
	if isLDIF(string(text)) {
		read = readLDIF
	}
	directives, problems := read(name, string(text))
	for _, d := range directives {
		if err := b.add(d, name); err != nil {
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}

// directive is one definition in a file.
type directive struct {
	kind directiveKind
	text string
	line int
}

type directiveKind uint8

const (
	directiveMacro directiveKind = iota
	directiveSyntax
	directiveType
	directiveClass
	directiveContentRule
)

func (b *Builder) add(d directive, file string) error {
	origin := fmt.Sprintf("%s:%d", file, d.line)
	var err error
	switch d.kind {
	case directiveMacro:
		err = b.addMacro(d.text)
	case directiveSyntax:
		var def *SyntaxDefinition
		if def, err = ParseSyntax(d.text); err == nil {
			if def.OID, err = b.expand(def.OID); err == nil {
				b.syntaxes = append(b.syntaxes, &collected[*SyntaxDefinition]{def, origin, b.standard})
			}
		}
	case directiveType:
		err = b.addType(d.text, origin)
	case directiveClass:
		err = b.addClass(d.text, origin)
	case directiveContentRule:
		err = errors.New("DIT content rules are not supported")
	}
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*DefinitionError](err); ok {
		line := d.line + strings.Count(d.text[:min(e.Offset, len(d.text))], "\n")
		return fmt.Errorf("%s:%d: %s", file, line, e.Reason)
	}
	return fmt.Errorf("%s: %w", origin, err)
}

func (b *Builder) addMacro(text string) error {
	fields := strings.Fields(text)
	if len(fields) != 2 || !isDescr(fields[0]) {
		return errors.New("an objectIdentifier is a name and an OID")
	}
	oid, err := b.expand(fields[1])
	if err != nil {
		return err
	}
	b.macros[strings.ToLower(fields[0])] = oid
	return nil
}

// expand replaces an OID macro: "Name" or "Name:suffix".
func (b *Builder) expand(oid string) (string, error) {
	name, suffix, hasSuffix := strings.Cut(oid, ":")
	if base, ok := b.macros[strings.ToLower(name)]; ok {
		oid = base
		if hasSuffix {
			oid += "." + suffix
		}
	}
	if !isNumericOID(oid) {
		return "", fmt.Errorf("%q is neither an OID nor a known OID macro", oid)
	}
	return oid, nil
}

func (b *Builder) addType(text, origin string) error {
	def, err := ParseAttributeType(text)
	if err != nil {
		return err
	}
	if def.OID, err = b.expand(def.OID); err != nil {
		return err
	}
	if def.Syntax != "" {
		if def.Syntax, err = b.expand(def.Syntax); err != nil {
			return err
		}
	}
	added := &collected[*AttributeTypeDefinition]{def, origin, b.standard}
	for i, known := range b.types {
		if known.def.OID != def.OID {
			continue
		}
		switch {
		case known.standard && known.def.Usage != UserApplications:
		case known.standard && !b.standard:
			def.Extensions = keepMarks(def.Extensions, known.def.Extensions)
			b.types[i] = added
		case known.def.String() != def.String():
			return fmt.Errorf("attribute type %s is defined otherwise at %s", def.OID, known.origin)
		}
		return nil
	}
	b.types = append(b.types, added)
	return nil
}

func (b *Builder) addClass(text, origin string) error {
	def, err := ParseObjectClass(text)
	if err != nil {
		return err
	}
	if def.OID, err = b.expand(def.OID); err != nil {
		return err
	}
	added := &collected[*ObjectClassDefinition]{def, origin, b.standard}
	for i, known := range b.classes {
		if known.def.OID != def.OID {
			continue
		}
		switch {
		case known.standard && !b.standard:
			def.Extensions = keepMarks(def.Extensions, known.def.Extensions)
			b.classes[i] = added
		case known.def.String() != def.String():
			return fmt.Errorf("object class %s is defined otherwise at %s", def.OID, known.origin)
		}
		return nil
	}
	b.classes = append(b.classes, added)
	return nil
}

// marksExtension is the extension by which a definition tells the server what an attribute is to it: reference,
// confidential, computed; and of a class: dual.
const marksExtension = "X-GATEHOUSE"

func marks(ext []Extension) []string {
	for _, x := range ext {
		if x.Name == marksExtension {
			return x.Values
		}
	}
	return nil
}

func keepMarks(ext, old []Extension) []Extension {
	if m := marks(old); m != nil && marks(ext) == nil {
		ext = append(ext, Extension{Name: marksExtension, Values: m})
	}
	return ext
}
