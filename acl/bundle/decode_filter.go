package bundle

import (
	"strings"

	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"

	"go.yaml.in/yaml/v3"
)

// filter reads a filter and sees to it that every part of it can be matched (V7). It returns nil if the key is absent or
// the filter wrong.
func (d *document) filter(n *yaml.Node, key string) *Filter {
	text, ok := d.text(n, key)
	if !ok {
		return nil
	}
	at := d.get(n, key)
	parsed, err := filter.Parse(text)
	if err != nil {
		d.fail(at, "%s", err)
		return nil
	}
	f := &Filter{Pos: d.at(at), Text: text, Parsed: parsed}
	if d.filterPart(at, f, parsed); d.bad[at] {
		return nil
	}
	return f
}

// filterPart checks one part of a filter, and what is below it.
func (d *document) filterPart(at *yaml.Node, whole *Filter, f directory.Filter) {
	switch f := f.(type) {
	case directory.And:
		for _, part := range f {
			d.filterPart(at, whole, part)
		}
	case directory.Or:
		for _, part := range f {
			d.filterPart(at, whole, part)
		}
	case *directory.Not:
		d.filterPart(at, whole, f.Filter)
	case *directory.EqualityMatch:
		d.filterLeaf(at, whole, f, f.Attr, f.Value, true)
	case *directory.ExtensibleMatch:
		d.filterLeaf(at, whole, f, f.Attr, f.Value, true)
	case *directory.ApproxMatch:
		d.filterLeaf(at, whole, f, f.Attr, f.Value, false)
	case *directory.GreaterOrEqual:
		d.filterLeaf(at, whole, f, f.Attr, f.Value, false)
	case *directory.LessOrEqual:
		d.filterLeaf(at, whole, f, f.Attr, f.Value, false)
	case *directory.Substrings:
		d.filterLeaf(at, whole, f, f.Attr, nil, false)
	case *directory.Present:
		d.filterLeaf(at, whole, f, f.Attr, nil, false)
	}
}

// filterLeaf checks one assertion. isName says that the value may be a whole DN.
func (d *document) filterLeaf(at *yaml.Node, whole *Filter, f directory.Filter, attr string, value []byte, isName bool) {
	base, _, _ := strings.Cut(attr, ";")
	t := d.l.Schema.TypeByName(base)
	switch {
	case t == nil && attr != "":
		d.rule(at, V7, "unknown attribute type %s%s", quote(base), didYouMean(base, typeNames(d.l.Schema)))
		return
	case t != nil && t.Flags&directory.FlagConfidential != 0:
		d.rule(at, V7, "%s is confidential: nobody's rights may depend on it", t.Name())
		return
	case t != nil && isName && d.holdsNames(t.Description()) && !d.filterName(at, whole, value):
		return
	case (t == nil || !isName || !d.holdsNames(t.Description())) && strings.Contains(filter.String(f), "${"):
		d.rule(at, V7, "a placeholder can stand only at the end of a name that an attribute is compared with as a whole")
		return
	case isName && t != nil && t.Name() == "objectClass" && d.l.Schema.ObjectClass(string(value)) == nil:
		d.rule(at, V7, "unknown object class %s%s", quote(string(value)), didYouMean(string(value), classNames(d.l.Schema)))
		return
	}
	probe := &Filter{Parsed: f, Anchors: whole.Anchors}
	if filter.Compile(d.l.Schema, probe.Bind("dc=x", "dc=x"), nil).Root.Op == filter.OpUndefined {
		d.rule(at, V7, "%s never matches: %s", quote(filter.String(f)), whyUndefined(t, f))
	}
}

// filterName takes over a DN that a filter compares with.
func (d *document) filterName(at *yaml.Node, whole *Filter, value []byte) bool {
	name, why := parseName(d.l.Schema, string(value))
	if why != "" {
		if strings.Contains(string(value), "${") {
			d.rule(at, V7, "%s", why)
			return false
		}
		return true // it may be a name with a bit string; the rest is told by the filter that never matches
	}
	name.Pos = d.at(at)
	whole.Names = append(whole.Names, name)
	if name.Anchor != AnchorRoot {
		if whole.Anchors == nil {
			whole.Anchors = map[Anchor]bool{}
		}
		whole.Anchors[name.Anchor] = true
	}
	return true
}

// whyUndefined says what an assertion lacks.
func whyUndefined(t *schema.AttributeType, f directory.Filter) string {
	if t == nil {
		return "no such matching rule"
	}
	switch f.(type) {
	case *directory.Substrings:
		if t.Substr == nil || t.Flags&directory.FlagReference != 0 {
			return t.Name() + " cannot be matched by parts"
		}
	case *directory.GreaterOrEqual, *directory.LessOrEqual:
		if t.Ordering == nil {
			return t.Name() + " has no ordering rule"
		}
	case *directory.ExtensibleMatch:
		return "the matching rule cannot be used, or the value does not fit it"
	default:
		if t.Equality == nil {
			return t.Name() + " has no equality rule"
		}
	}
	return "the value does not fit the attribute"
}

// rule reports a node that breaks a rule with a number.
func (d *document) rule(n *yaml.Node, rule Rule, format string, args ...any) {
	d.l.problem(d.at(n), rule, format, args...)
	d.bad[n] = true
}
