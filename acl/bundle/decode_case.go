package bundle

import (
	"maps"
	"net/netip"
	"slices"

	"go.yaml.in/yaml/v3"
)

// test reads an inline test.
func (d *document) test(n *yaml.Node) *Test {
	t := &Test{Pos: d.at(n), Expect: Deny}
	t.Name, _ = d.text(n, "name")
	t.By, _ = d.text(n, "by")
	if word, _ := d.text(n, "expect"); word == "allow" {
		t.Expect = Allow
	}
	if word, _ := d.text(n, "do"); word != "" {
		t.Do = ActionNamed(word)
	}
	as, _ := d.text(n, "as")
	if as != "anonymous" && d.get(n, "as") != nil {
		t.As = d.filled(d.get(n, "as"))
	}
	if entry := d.get(n, "entry"); entry != nil {
		t.Entry = d.entry(entry)
	}
	if value, ok := d.text(n, "value"); ok {
		t.Value = &value
	}
	t.Via = d.via(n, as == "anonymous")
	t.Attributes = d.attributes(n, Actions(t.Do))
	for _, a := range t.Attributes {
		if a.Kind != AttributeType && a.Kind != AttributeOID {
			d.l.problem(a.Pos, "", "a test asks for attributes by name, not for %s", quote(a.Text))
		}
	}
	d.given(n, t)
	if t.Do != 0 {
		d.checkQuestion(n, t)
	}
	d.l.last = append(d.l.last, func() { d.checkBy(n, t) })
	return t
}

// given reads the statements that a test adds. Their ids must not be those of the bundle: an answer names one of them.
func (d *document) given(n *yaml.Node, t *Test) {
	seen := map[string]bool{}
	for item := range d.items(n, "given") {
		s := d.statement(item)
		t.Given = append(t.Given, s)
		if seen[s.ID] && s.ID != "" {
			d.l.problem(s.Pos, "", "the id %q is given twice", s.ID)
		}
		seen[s.ID] = true
		d.l.later = append(d.l.later, func() {
			if other, taken := d.l.ids[s.ID]; taken {
				d.l.problem(s.Pos, "", "the id %q is taken at %s", s.ID, other)
			}
		})
	}
}

// checkQuestion sees to it that a test asks something that a decision can answer.
func (d *document) checkQuestion(n *yaml.Node, t *Test) {
	onAttributes := needsAttributes(Actions(t.Do))
	switch {
	case onAttributes && key(n, "attributes") == nil:
		d.report(n, "a test of %s needs the key %q", t.Do, "attributes")
	case !onAttributes && key(n, "attributes") != nil:
		d.report(key(n, "attributes"), "%s is not on attributes", t.Do)
	case !onAttributes && t.Value != nil:
		d.report(key(n, "value"), "%s is not on values", t.Do)
	}
}

func (d *document) via(n *yaml.Node, anonymous bool) Via {
	v := DefaultVia(anonymous)
	m := d.get(n, "via")
	if m == nil || m.Kind != yaml.MappingNode {
		return v
	}
	if text, ok := d.text(m, "ip"); ok {
		a, err := netip.ParseAddr(text)
		if err != nil || a.Zone() != "" {
			d.fail(key(m, "ip"), "%s is no IP address", quote(text))
		}
		v.Address = a.Unmap()
	}
	if d.get(m, "tls") != nil {
		v.TLSBits = d.number(m, "tls")
	}
	if d.get(m, "level") != nil {
		v.Level = d.number(m, "level")
	}
	if word, ok := d.text(m, "auth-method"); ok {
		v.Method = AuthMethod(slices.Index(methodNames, word))
	}
	v.At = d.moment(m, "at")
	for item := range d.items(m, "elevated") {
		v.Elevated = append(v.Elevated, item.Value)
		d.l.later = append(d.l.later, func() {
			if d.l.elevations[item.Value] == nil {
				d.fail(item, "there is no elevation %s%s", quote(item.Value), didYouMean(item.Value, maps.Keys(d.l.elevations)))
			}
		})
	}
	return v
}

// checkBy sees to it that a test names a statement or boundary that there is. A test of a shipped document may name one of
// another shipped document that was replaced.
func (d *document) checkBy(n *yaml.Node, t *Test) {
	at := d.get(n, "by")
	if at == nil || d.Shipped {
		return
	}
	isGiven := slices.ContainsFunc(t.Given, func(s *Statement) bool { return s.ID == t.By })
	if names := d.l.decide(); !names[t.By] && !isGiven {
		d.fail(at, "there is no statement or boundary %s%s", quote(t.By), didYouMean(t.By, maps.Keys(names)))
	}
}
