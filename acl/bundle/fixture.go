package bundle

import (
	"bytes"
	"slices"

	"gatehouse/directory"
	"gatehouse/directory/schema"

	"go.yaml.in/yaml/v3"
)

// Fixture is the small directory that inline tests run on. It is immutable.
type Fixture struct {
	Entries []*FixtureEntry // in the order written; each name once
}

// FixtureEntry is one entry of a fixture. It need not be complete: what no test asks for may be missing, superiors and
// attributes that the schema demands included.
type FixtureEntry struct {
	Pos  Position
	Text string // the name as written
	DN   directory.DN
	NDN  directory.NDN
	// Attributes have at least one value each. The values of the RDN are among them, written out or not.
	Attributes []directory.DraftAttribute
}

// Get returns the values of the attribute with exactly this description.
func (e *FixtureEntry) Get(desc *directory.AttributeDescription) [][]byte {
	for _, a := range e.Attributes {
		if a.Desc == desc {
			return a.Values
		}
	}
	return nil
}

// LoadFixture reads a fixture: a list of maps with the key dn and one key for each attribute, whose value is a text or a list
// of texts. The form is as strict as that of a bundle, and every value must fit its attribute. s is the schema, nil for the
// standard one. The error is a [Problems].
func LoadFixture(src Source, s *schema.Schema) (*Fixture, error) {
	if s == nil {
		s = schema.Standard()
	}
	l := &loader{Options: Options{Schema: s}}
	docs, p := parse(src)
	if p != nil {
		return nil, Problems{*p}
	}
	f := new(Fixture)
	seen := map[directory.NDN]Position{}
	for _, n := range docs {
		root := n.Content[0]
		d := &document{checker: &checker{file: src.Name, problems: &l.problems, bad: map[*yaml.Node]bool{}}, l: l}
		if d.general(root, 1) {
			d.check(root, shapeFixture)
		}
		for _, item := range root.Content {
			if d.bad[root] || d.bad[item] || root.Kind != yaml.SequenceNode {
				continue
			}
			e := d.fixtureEntry(item)
			if e == nil {
				continue
			}
			if other, twice := seen[e.NDN]; twice {
				d.report(item, "the entry %s is there already, at %s", quote(e.Text), other)
			}
			seen[e.NDN] = e.Pos
			if f.Entries = append(f.Entries, e); len(f.Entries) == fixtureEntriesMax+1 {
				d.report(item, "more than %d entries", fixtureEntriesMax)
			}
		}
	}
	if len(l.problems) > 0 {
		return nil, l.found()
	}
	return f, nil
}

func (d *document) fixtureEntry(n *yaml.Node) *FixtureEntry {
	at := d.get(n, "dn")
	if at == nil || at.Kind != yaml.ScalarNode {
		d.report(n, "an entry needs the key %q", "dn")
		return nil
	}
	name := d.entry(at)
	if name == nil {
		return nil
	}
	e := &FixtureEntry{Pos: d.at(n), Text: name.Text, DN: name.DN, NDN: name.NDN}
	for _, p := range pairsOf(n) {
		if p[0].Value == "dn" || d.bad[p[0]] || d.bad[p[1]] {
			continue
		}
		a := d.attributeType(p[0])
		if a.Kind == 0 {
			continue
		}
		e.add(d.l.Schema, a.Desc)
		for v := range d.texts(n, p[0].Value) {
			if _, err := d.l.Schema.EqualityKey(a.Desc, []byte(v.Value)); err != nil {
				d.fail(v, "%s is no value of %s", quote(v.Value), a.Text)
				continue
			}
			e.add(d.l.Schema, a.Desc, []byte(v.Value))
		}
	}
	if rdns := e.DN.RDNs(); len(rdns) > 0 {
		for _, ava := range rdns[0] {
			e.add(d.l.Schema, d.l.Schema.TypeByName(ava.Type).Description(), ava.Value)
		}
	}
	e.Attributes = slices.DeleteFunc(e.Attributes, func(a directory.DraftAttribute) bool { return len(a.Values) == 0 })
	return e
}

// add adds values that are not there yet.
func (e *FixtureEntry) add(s *schema.Schema, desc *directory.AttributeDescription, values ...[]byte) {
	i := slices.IndexFunc(e.Attributes, func(a directory.DraftAttribute) bool { return a.Desc == desc })
	if i < 0 {
		i = len(e.Attributes)
		e.Attributes = append(e.Attributes, directory.DraftAttribute{Desc: desc})
	}
	key := func(v []byte) []byte {
		k, err := s.EqualityKey(desc, v)
		if err != nil {
			return v
		}
		return k
	}
	for _, v := range values {
		have := func(o []byte) bool { return bytes.Equal(key(o), key(v)) }
		if !slices.ContainsFunc(e.Attributes[i].Values, have) {
			e.Attributes[i].Values = append(e.Attributes[i].Values, v)
		}
	}
}
