package foreign

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gatehouse/directory/schema"
)

// slapdDefinition is one definition of a schema.
type slapdDefinition struct {
	at      place
	entry   draft
	keyword string // of the .schema form
	text    string
	name    string // for people
	oid     string
	names   []string
}

// slapdSchema collects the definitions below cn=schema,cn=config.
type slapdSchema struct {
	macros      []string
	definitions []slapdDefinition
	problems    []SlapdItem
	built       int // how often a schema was built
}

// definitionsMax bounds the definitions that are tried one by one when they do not fit together.
const definitionsMax = 300

// isSlapds reports whether a definition of cn=schema,cn=config is slapd's own, about its configuration and its monitor: those
// are not about the data.
func isSlapds(def *slapdDefinition) bool {
	low := strings.ToLower(def.oid)
	return strings.HasPrefix(low, "1.3.6.1.4.1.4203.") || strings.HasPrefix(low, "ol") && strings.ContainsRune(low, ':')
}

// buildsMax bounds how often a schema is built to find out what fits.
const buildsMax = 1000

// read reads an entry of a schema.
func (x *slapdSchema) read(d draft, at place) {
	own := strings.EqualFold(d.rec.DN, "cn=schema,cn=config")
	for _, v := range d.values("olcObjectIdentifier") {
		x.macros = append(x.macros, withoutOrder(string(v)))
	}
	add := func(attr, keyword string, parse func(def *slapdDefinition) error) {
		for _, v := range d.values(attr) {
			def := slapdDefinition{at: at, entry: d, keyword: keyword, text: oneLine(withoutOrder(string(v)))}
			if err := parse(&def); err != nil {
				x.problems = append(x.problems, SlapdItem{NotTaken, at.String(), d.rec.DN, attr + ": " + clip(def.text), "it cannot be read: " + err.Error()})
				continue
			}
			if !own || keyword != "ldapsyntax" && !isSlapds(&def) {
				x.definitions = append(x.definitions, def)
			}
		}
	}
	add("olcLdapSyntaxes", "ldapsyntax", func(def *slapdDefinition) error {
		p, err := schema.ParseSyntax(def.text)
		if err == nil {
			def.oid, def.name = p.OID, p.OID
		}
		return err
	})
	add("olcAttributeTypes", "attributetype", func(def *slapdDefinition) error {
		p, err := schema.ParseAttributeType(def.text)
		if err == nil {
			def.oid, def.names, def.name = p.OID, p.Names, firstOf(p.Names, p.OID)
		}
		return err
	})
	add("olcObjectClasses", "objectclass", func(def *slapdDefinition) error {
		p, err := schema.ParseObjectClass(def.text)
		if err == nil {
			def.oid, def.names, def.name = p.OID, p.Names, firstOf(p.Names, p.OID)
		}
		return err
	})
	for _, v := range d.values("olcDitContentRules") {
		x.problems = append(x.problems, SlapdItem{NotTaken, at.String(), d.rec.DN, "olcDitContentRules: " + clip(oneLine(withoutOrder(string(v)))), "DIT content rules are not supported"})
	}
}

func firstOf(names []string, oid string) string {
	if len(names) > 0 {
		return names[0]
	}
	return oid
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// finishSchema finds the definitions that the server's schema lacks and that fit it.
func (s *slapdReader) finishSchema() {
	var wanted []slapdDefinition
	builtIn := 0
	for _, def := range s.schema.definitions {
		def.oid = s.schema.expand(def.oid)
		switch {
		case len(def.names) > 0 && strings.HasPrefix(def.names[0], "olc"):
		case s.knows(&def):
			builtIn++
		default:
			if other := s.namesake(&def); other != "" {
				s.item(NotTaken, def.entry, def.at, def.keyword+" "+def.name, "the schema has this name with another OID, "+other+"; the entries use that one")
				continue
			}
			wanted = append(wanted, def)
		}
	}
	if builtIn > 0 {
		s.out.Items = append(s.out.Items, SlapdItem{BuiltIn, "", "cn=schema,cn=config", fmt.Sprintf("%d definitions of the schema", builtIn), "the server's schema has them"})
	}
	s.out.Items = append(s.out.Items, s.schema.problems...)
	fitting := s.fitting(wanted)
	for _, def := range fitting {
		switch def.keyword {
		case "attributetype":
			s.out.Types++
		case "objectclass":
			s.out.Classes++
		}
		s.item(Taken, def.entry, def.at, def.keyword+" "+def.name, "it is added to the schema")
	}
	if len(fitting) > 0 {
		s.out.Schema = s.schemaText(fitting)
	}
}

// knows reports whether the server's schema has a definition.
func (s *slapdReader) knows(def *slapdDefinition) bool {
	switch def.keyword {
	case "attributetype":
		return s.o.Schema.TypeByName(def.oid) != nil
	case "objectclass":
		return s.o.Schema.ObjectClass(def.oid) != nil
	}
	return false
}

// namesake returns the OID of another definition with one of the names.
func (s *slapdReader) namesake(def *slapdDefinition) string {
	for _, name := range def.names {
		if t := s.o.Schema.TypeByName(name); t != nil && def.keyword == "attributetype" {
			return t.OID
		}
		if c := s.o.Schema.ObjectClass(name); c != nil && def.keyword == "objectclass" {
			return c.OID
		}
	}
	return ""
}

// fitting returns the definitions that the schema takes. If all do, they are tried once; else one after the other, and again
// while one more fits, since one may need another.
func (s *slapdReader) fitting(wanted []slapdDefinition) []slapdDefinition {
	if len(wanted) == 0 || s.builds(wanted) == nil {
		return wanted
	}
	var good []slapdDefinition
	left := wanted[:min(len(wanted), definitionsMax)]
	for _, def := range wanted[len(left):] {
		s.item(NotTaken, def.entry, def.at, def.keyword+" "+def.name, "the definitions do not fit the schema together, and there are too many to try one by one; add them to 'schema: files'")
	}
	for more := true; more && len(left) > 0; {
		more = false
		var still []slapdDefinition
		for _, def := range left {
			if s.builds(append(good[:len(good):len(good)], def)) == nil {
				good, more = append(good, def), true
			} else {
				still = append(still, def)
			}
		}
		left = still
	}
	for _, def := range left {
		err := s.builds(append(good[:len(good):len(good)], def))
		s.item(NotTaken, def.entry, def.at, def.keyword+" "+def.name, "it does not fit the schema: "+lastLine(err)+"; mend it and add it to 'schema: files'")
	}
	return good
}

// builds reports why definitions do not fit the schema, and takes the schema with them if they do.
func (s *slapdReader) builds(list []slapdDefinition) error {
	if s.schema.built++; s.schema.built > buildsMax {
		return errors.New("too many definitions do not fit; they are not tried any more")
	}
	built, err := s.o.Build(s.schemaText(list))
	if err == nil {
		s.o.Schema = built
	}
	return err
}

func lastLine(err error) string {
	if err == nil {
		return "unknown"
	}
	lines := strings.Split(err.Error(), "\n")
	return lines[len(lines)-1]
}

// schemaText writes definitions in OpenLDAP's .schema form.
func (s *slapdReader) schemaText(list []slapdDefinition) string {
	var b strings.Builder
	for _, m := range s.schema.macrosOf(list) {
		fmt.Fprintf(&b, "objectidentifier %s\n", m)
	}
	for _, def := range list {
		fmt.Fprintf(&b, "%s %s\n", def.keyword, def.text)
	}
	return b.String()
}

// macrosDeep bounds how often one macro is made of another.
const macrosDeep = 20

// expand replaces the macro at the start of an OID by what it stands for.
func (x *slapdSchema) expand(oid string) string {
	for range macrosDeep {
		name, rest, _ := strings.Cut(oid, ":")
		i := slices.IndexFunc(x.macros, func(m string) bool { return strings.EqualFold(firstOf(strings.Fields(m), ""), name) })
		if i < 0 {
			return oid
		}
		fields := strings.Fields(x.macros[i])
		if len(fields) != 2 {
			return oid
		}
		if oid = fields[1]; rest != "" {
			oid += "." + rest
		}
	}
	return oid
}

// macrosOf returns the OID macros that definitions use, in the order in which they were defined.
func (x *slapdSchema) macrosOf(list []slapdDefinition) []string {
	var used []string
	uses := func(text, name string) bool {
		return strings.Contains(text, " "+name+":") || strings.HasSuffix(text, " "+name)
	}
	for i := len(x.macros) - 1; i >= 0; i-- { // one is made of those before it
		m := oneLine(x.macros[i])
		name, _, _ := strings.Cut(m, " ")
		needed := slices.ContainsFunc(list, func(def slapdDefinition) bool { return uses(def.text, name) }) ||
			slices.ContainsFunc(used, func(other string) bool { return uses(other, name) })
		if needed {
			used = append(used, m)
		}
	}
	slices.Reverse(used)
	return used
}
