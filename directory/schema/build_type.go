package schema

import (
	"strings"

	"gatehouse/directory"
)

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
