package bundle

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// values reads the restriction of values of a statement with these attributes.
func (d *document) values(n *yaml.Node, attributes []Attribute) *Values {
	m := d.get(n, "values")
	if m == nil || m.Kind != yaml.MappingNode {
		return nil
	}
	v := &Values{Pos: d.at(m), Self: d.isTrue(m, "self"), Under: d.names(m, "under")}
	if list := d.get(m, "any-of"); list != nil {
		v.AnyOf = []Value{}
		for item := range d.items(m, "any-of") {
			v.AnyOf = append(v.AnyOf, d.value(item, attributes))
		}
	}
	if text, ok := d.text(m, "pattern"); ok {
		if trailing := len(text) - len(strings.TrimRight(text, `\`)); trailing%2 == 1 {
			d.fail(key(m, "pattern"), `the pattern ends in a backslash, which takes the next character as it is; write \\ for a backslash`)
		}
		v.Pattern = text
	}
	for _, a := range attributes {
		if (v.Self || v.Under != nil) && a.Kind == AttributeType && !d.holdsNames(a.Desc) {
			d.l.problem(v.Pos, "", "the values of %s are not names: self and under never hold", a.Text)
		}
	}
	return v
}

// value reads one value and holds it against the syntax of every attribute that the statement names.
func (d *document) value(n *yaml.Node, attributes []Attribute) Value {
	v := Value{Pos: d.at(n), Text: n.Value}
	if strings.Contains(v.Text, "${") {
		v.Name = d.filled(n)
		return v
	}
	for _, a := range attributes {
		if a.Kind != AttributeType {
			continue
		}
		if _, err := d.l.Schema.EqualityKey(a.Desc, []byte(v.Text)); err != nil {
			d.fail(n, "%s is no value of %s", quote(v.Text), a.Text)
			break
		}
	}
	return v
}
