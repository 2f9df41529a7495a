package schema

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"gatehouse/directory"
)

// build is the work of [Builder.Build]: what refers to what becomes a pointer, and all problems are collected.
type build struct {
	*Builder
	schema   *Schema
	problems []error
	classOf  map[*ObjectClass]*collected[*ObjectClassDefinition]
	typeOf   map[*AttributeType]*collected[*AttributeTypeDefinition]
	done     map[any]bool // types and classes that are resolved; false while they are being resolved
}

// Build resolves all references and returns the schema. All problems are reported, with their places. The builder may be
// used on, and built again.
func (b *Builder) Build() (*Schema, error) {
	w := &build{
		Builder: b, schema: &Schema{}, done: map[any]bool{},
		classOf: map[*ObjectClass]*collected[*ObjectClassDefinition]{},
		typeOf:  map[*AttributeType]*collected[*AttributeTypeDefinition]{},
	}
	w.makeSyntaxes()
	w.makeRules()
	w.makeTypes()
	w.makeClasses()
	if err := errors.Join(w.problems...); err != nil {
		return nil, err
	}
	s := w.schema
	if s.objectClass = s.TypeByName("objectClass"); s.objectClass == nil {
		return nil, errors.New("schema: objectClass is not defined")
	}
	s.subschema = sync.OnceValue(s.makeSubschema)
	s.digest = s.makeDigest()
	return s, nil
}

func (w *build) problem(origin, format string, args ...any) {
	w.problems = append(w.problems, fmt.Errorf("%s: %w", origin, fmt.Errorf(format, args...)))
}

func (w *build) makeSyntaxes() {
	s := w.schema
	for i := range syntaxTable {
		impl := &syntaxTable[i]
		x := &Syntax{OID: impl.oid, Desc: impl.desc, schema: s, impl: impl}
		s.syntaxes = append(s.syntaxes, x)
		s.syntaxOIDs.add(x.OID, x)
	}
	for _, c := range w.syntaxes {
		if _, known := s.syntaxOIDs.find(c.def.OID); known {
			continue
		}
		like, ok := w.substitute(c.def)
		if !ok {
			w.problem(c.origin, "syntax %s: X-SUBST must name a syntax that the server knows", c.def.OID)
			continue
		}
		x := &Syntax{OID: c.def.OID, Desc: c.def.Desc, schema: s, impl: like.impl}
		s.syntaxes = append(s.syntaxes, x)
		s.syntaxOIDs.add(x.OID, x)
	}
}

// substitute finds the syntax that X-SUBST names.
func (w *build) substitute(d *SyntaxDefinition) (*Syntax, bool) {
	for _, x := range d.Extensions {
		if x.Name == "X-SUBST" && len(x.Values) == 1 {
			oid, err := w.expand(x.Values[0])
			if err != nil {
				return nil, false
			}
			return w.schema.syntaxOIDs.find(oid)
		}
	}
	return nil, false
}

func (w *build) makeRules() {
	s := w.schema
	for i := range ruleTable {
		impl := &ruleTable[i]
		r := &MatchingRule{OID: impl.oid, Names: []string{impl.name}, schema: s, impl: impl}
		r.Syntax, _ = s.syntaxOIDs.find(impl.syntax)
		s.rules = append(s.rules, r)
		s.ruleNames.add(r.OID, r)
		s.ruleNames.add(impl.name, r)
	}
}

func (w *build) makeTypes() {
	s := w.schema
	for _, c := range w.types {
		d := c.def
		t := &AttributeType{
			No: len(s.types), OID: d.OID, Names: d.Names, Desc: d.Desc, SingleValue: d.SingleValue, Collective: d.Collective,
			NoUserMod: d.NoUserMod, Obsolete: d.Obsolete, Usage: d.Usage, Extensions: d.Extensions, def: d,
		}
		s.types = append(s.types, t)
		w.typeOf[t] = c
		for _, name := range append([]string{d.OID}, d.Names...) {
			if !s.typeNames.add(name, t) {
				if other := s.TypeByName(name); other != t {
					w.problem(c.origin, "attribute type %s is already defined at %s", name, w.typeOf[other].origin)
				}
			}
		}
	}
	for _, t := range s.types {
		w.resolveType(t)
	}
	for _, t := range s.types {
		for sup := t; sup != nil; sup = sup.Sup {
			sup.subs = append(sup.subs, t.No)
		}
	}
}

func (w *build) resolveType(t *AttributeType) {
	if _, begun := w.done[t]; begun {
		return
	}
	w.done[t] = false
	c := w.typeOf[t]
	d := c.def
	if d.Sup != "" {
		sup := w.schema.TypeByName(d.Sup)
		switch {
		case sup == nil:
			w.problem(c.origin, "the superior %q is not defined", d.Sup)
		default:
			w.resolveType(sup)
			if !w.done[sup] {
				w.problem(c.origin, "attribute type %s is above itself", d.OID)
				break
			}
			t.Sup, t.Syntax, t.SyntaxLen = sup, sup.Syntax, sup.SyntaxLen
			t.Equality, t.Ordering, t.Substr = sup.Equality, sup.Ordering, sup.Substr
			t.Flags = sup.Flags & directory.FlagConfidential
		}
	}
	if d.Syntax != "" {
		x, ok := w.schema.syntaxOIDs.find(d.Syntax)
		if !ok {
			w.problem(c.origin, "the syntax %s is not supported", d.Syntax)
		}
		t.Syntax, t.SyntaxLen = x, d.SyntaxLen
	}
	w.rule(c, d.Equality, EqualityRule, &t.Equality)
	w.rule(c, d.Ordering, OrderingRule, &t.Ordering)
	w.rule(c, d.Substr, SubstringsRule, &t.Substr)
	w.describe(t, c)
	w.done[t] = true
}

// rule resolves one of the rules that a definition names.
func (w *build) rule(c *collected[*AttributeTypeDefinition], name string, use RuleUse, to **MatchingRule) {
	if name == "" {
		return
	}
	r := w.schema.MatchingRule(name)
	switch {
	case r == nil:
		w.problem(c.origin, "the matching rule %q is not supported", name)
	case r.impl.use != use:
		w.problem(c.origin, "the matching rule %q cannot stand here", name)
	default:
		*to = r
	}
}

// describe sets the flags and the description of a type.
func (w *build) describe(t *AttributeType, c *collected[*AttributeTypeDefinition]) {
	if t.Usage != UserApplications {
		t.Flags |= directory.FlagOperational
	}
	if t.SingleValue {
		t.Flags |= directory.FlagSingleValue
	}
	if t.NoUserMod {
		t.Flags |= directory.FlagNoUserMod
	}
	for _, mark := range marks(t.Extensions) {
		switch {
		case mark == "confidential":
			t.Flags |= directory.FlagConfidential
		case mark == "computed":
			t.Flags |= directory.FlagComputed
		case mark == "reference" && t.Syntax != nil && t.Syntax.isName():
			t.Flags |= directory.FlagReference
		default:
			w.problem(c.origin, "%s %q does not fit attribute type %s", marksExtension, mark, t.OID)
		}
	}
	name := t.OID
	if len(t.Names) > 0 {
		name = t.Names[0]
	}
	t.desc = &directory.AttributeDescription{Name: name, Key: strings.ToLower(name), TypeNo: t.No, Flags: t.Flags}
	if t.Syntax != nil && (t.Syntax.impl.oid == oidDirectoryString || t.Syntax.impl.oid == oidIA5String) && t.Equality != nil {
		switch t.Equality.Name() {
		case "caseIgnoreMatch", "caseIgnoreIA5Match":
			t.plain = plainIgnore
		case "caseExactMatch", "caseExactIA5Match":
			t.plain = plainExact
		}
	}
}

func (w *build) makeClasses() {
	s := w.schema
	for _, c := range w.classes {
		d := c.def
		o := &ObjectClass{
			OID: d.OID, Names: d.Names, Desc: d.Desc, Kind: d.Kind, Obsolete: d.Obsolete, Extensions: d.Extensions, def: d,
			dual: slices.Contains(marks(d.Extensions), "dual"),
		}
		o.Must = w.typeList(c, d.Must)
		o.May = w.typeList(c, d.May)
		s.classes = append(s.classes, o)
		w.classOf[o] = c
		for _, name := range append([]string{d.OID}, d.Names...) {
			if !s.classNames.add(name, o) {
				if other := s.ObjectClass(name); other != o {
					w.problem(c.origin, "object class %s is already defined at %s", name, w.classOf[other].origin)
				}
			}
		}
	}
	for _, o := range s.classes {
		w.resolveClass(o)
	}
}

func (w *build) typeList(c *collected[*ObjectClassDefinition], names []string) []*AttributeType {
	list := make([]*AttributeType, 0, len(names))
	for _, name := range names {
		t := w.schema.TypeByName(name)
		if t == nil {
			w.problem(c.origin, "the attribute type %q is not defined", name)
			continue
		}
		list = append(list, t)
	}
	return list
}

func (w *build) resolveClass(o *ObjectClass) {
	if _, begun := w.done[o]; begun {
		return
	}
	w.done[o] = false
	c := w.classOf[o]
	o.all = []*ObjectClass{o}
	for _, name := range c.def.Sup {
		sup := w.schema.ObjectClass(name)
		if sup == nil {
			w.problem(c.origin, "the superclass %q is not defined", name)
			continue
		}
		w.resolveClass(sup)
		switch {
		case !w.done[sup]:
			w.problem(c.origin, "object class %s is above itself", o.OID)
			continue
		case o.Kind == Abstract && sup.Kind != Abstract, o.Kind == Auxiliary && sup.Kind == Structural, o.Kind == Structural && sup.Kind == Auxiliary:
			w.problem(c.origin, "a class that is %v cannot be below %q, which is %v", o.Kind, name, sup.Kind)
		}
		o.Sup = append(o.Sup, sup)
		for _, above := range sup.all {
			if !slices.Contains(o.all, above) {
				o.all = append(o.all, above)
			}
		}
	}
	w.done[o] = true
}

func (s *Schema) makeDigest() [32]byte {
	h := sha256.New()
	h.Write([]byte("tables " + strconv.Itoa(NormalizationTable) + "\n"))
	for _, x := range s.syntaxes {
		h.Write([]byte(x.definition().String() + "\n"))
	}
	for _, r := range s.rules {
		h.Write([]byte(r.definition().String() + "\n"))
	}
	for _, t := range s.types {
		h.Write([]byte(t.def.String() + "\n"))
	}
	for _, c := range s.classes {
		h.Write([]byte(c.def.String() + "\n"))
	}
	return [32]byte(h.Sum(nil))
}
