package filter

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// model is an entry and the rights on it as the obvious evaluator sees them: texts. Its names are those of the schema's
// spelling, in lower case, so that they serve as keys of descriptions too.
type model struct {
	values map[string][]string // by description
	never  string              // a type that may not be searched anywhere
	mixed  string              // a type for which the entry is asked
	hidden []string            // descriptions that may not be searched in this entry
}

var (
	modelDescriptions = []string{"uid", "cn", "cn;lang-de", "cn;lang-de;x-a", "sn", "mail", "uidnumber"}
	modelAsserted     = append([]string{"name", "name;lang-de", "nosuch", "cn;bad"}, modelDescriptions...)
	modelTexts        = []string{"a", "b", "ab", "ba", "abc"}
	modelAssertions   = append([]string{"A", "B", "1", "12", "-3"}, modelTexts...)
	modelSubtypes     = map[string][]string{"name": {"cn", "sn"}} // the others of name no entry of the model has
)

// TestMatchAgainstModel compares compiled filters with an evaluator that is slow and obvious: it walks the filter as
// received, knows the three values, and compares lower-case text and small numbers.
func TestMatchAgainstModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		access := func(a *schema.AttributeType) Searchable {
			switch a.Description().Key {
			case m.never:
				return Never
			case m.mixed:
				return Mixed
			}
			return Always
		}
		var list []directory.Attribute
		for _, name := range modelDescriptions {
			var values [][]byte
			for _, v := range m.values[name] {
				values = append(values, []byte(v))
			}
			if len(values) > 0 {
				desc, err := schema.Standard().Description(name)
				if err != nil {
					t.Fatal(err)
				}
				list = append(list, directory.NewAttribute(desc, values...))
			}
		}
		src := &fake{entry: directory.StoredEntry(list), hidden: m.hidden}
		for range 50 {
			f := drawFilter(t, 3)
			c := Compile(schema.Standard(), f, access)
			got, err := c.Match(src)
			if want := m.eval(f); err != nil || got != want {
				t.Fatalf("%s, compiled %s, on %+v: got %v, %v, want %v", String(f), c.Root, m, got, err, want)
			}
		}
	})
}

func drawModel(t *rapid.T) *model {
	m := &model{values: map[string][]string{}}
	for _, name := range modelDescriptions {
		texts := modelTexts
		if name == "uidnumber" {
			texts = []string{"1", "2", "12", "-3"}
		}
		m.values[name] = rapid.SliceOfNDistinct(rapid.SampledFrom(texts), 0, 3, rapid.ID[string]).Draw(t, name)
	}
	types := []string{"", "uid", "cn", "sn", "mail", "uidnumber"}
	m.never = rapid.SampledFrom(types).Draw(t, "never")
	m.mixed = rapid.SampledFrom(types).Draw(t, "mixed")
	m.hidden = rapid.SliceOfN(rapid.SampledFrom(modelDescriptions), 0, 3).Draw(t, "hidden")
	return m
}

func drawFilter(t *rapid.T, depth int) directory.Filter {
	attr := rapid.SampledFrom(modelAsserted).Draw(t, "attr")
	value := []byte(rapid.SampledFrom(modelAssertions).Draw(t, "value"))
	kinds := 8
	if depth > 0 {
		kinds = 12
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0, 1:
		return &directory.EqualityMatch{Attr: attr, Value: value}
	case 2:
		return &directory.Present{Attr: attr}
	case 3:
		return &directory.Substrings{Attr: attr, Initial: value}
	case 4:
		return &directory.Substrings{Attr: attr, Initial: value[:1], Final: value}
	case 5:
		return &directory.GreaterOrEqual{Attr: attr, Value: value}
	case 6:
		return &directory.LessOrEqual{Attr: attr, Value: value}
	case 7:
		rule := rapid.SampledFrom([]string{"", "caseExactMatch", "1.2.840.113556.1.4.803"}).Draw(t, "rule")
		return &directory.ExtensibleMatch{Attr: attr, Rule: rule, Value: value}
	case 8:
		return &directory.Not{Filter: drawFilter(t, depth-1)}
	}
	var parts []directory.Filter
	for range rapid.IntRange(0, 5).Draw(t, "parts") {
		parts = append(parts, drawFilter(t, depth-1))
	}
	if rapid.Bool().Draw(t, "and") {
		return directory.And(parts)
	}
	return directory.Or(parts)
}

// eval is the evaluator.
func (m *model) eval(f directory.Filter) Truth {
	switch f := f.(type) {
	case *directory.EqualityMatch:
		return m.equal(f.Attr, string(f.Value))
	case *directory.Present:
		return m.some(f.Attr, func(string) bool { return true })
	case *directory.Substrings:
		if isNumber(f.Attr) {
			return Undefined
		}
		initial, final := strings.ToLower(string(f.Initial)), strings.ToLower(string(f.Final))
		return m.some(f.Attr, func(v string) bool {
			return len(v) >= len(initial)+len(final) && strings.HasPrefix(v, initial) && strings.HasSuffix(v, final)
		})
	case *directory.GreaterOrEqual:
		return m.number(f.Attr, f.Value, func(v, asserted int) bool { return v >= asserted })
	case *directory.LessOrEqual:
		return m.number(f.Attr, f.Value, func(v, asserted int) bool { return v <= asserted })
	case *directory.ExtensibleMatch:
		return m.extensible(f)
	case *directory.Not:
		switch m.eval(f.Filter) {
		case True:
			return False
		case False:
			return True
		default:
			return Undefined
		}
	case directory.And:
		return m.list(f, False, True)
	case directory.Or:
		return m.list(f, True, False)
	}
	panic("unknown form")
}

// list is zero if one part is, otherwise Undefined if one part is, otherwise unit.
func (m *model) list(parts []directory.Filter, zero, unit Truth) Truth {
	t := unit
	for _, part := range parts {
		switch m.eval(part) {
		case zero:
			return zero
		case Undefined:
			t = Undefined
		}
	}
	return t
}

func (m *model) equal(attr, value string) Truth {
	if isNumber(attr) {
		return m.number(attr, []byte(value), func(v, asserted int) bool { return v == asserted })
	}
	return m.some(attr, func(v string) bool { return v == strings.ToLower(value) })
}

func (m *model) extensible(f *directory.ExtensibleMatch) Truth {
	switch f.Rule {
	case "":
		return m.equal(f.Attr, string(f.Value))
	case "caseExactMatch":
		if isNumber(f.Attr) {
			return Undefined
		}
		return m.some(f.Attr, func(v string) bool { return v == string(f.Value) })
	default:
		return m.number(f.Attr, f.Value, func(v, mask int) bool { return v&mask == mask })
	}
}

func isNumber(attr string) bool { return attr == "uidnumber" }

// number compares values of the only type that has numbers; of the others it is Undefined.
func (m *model) number(attr string, value []byte, is func(v, asserted int) bool) Truth {
	asserted, err := strconv.Atoi(string(value))
	if err != nil || !isNumber(attr) {
		return Undefined
	}
	return m.some(attr, func(v string) bool {
		n, err := strconv.Atoi(v)
		return err == nil && is(n, asserted)
	})
}

// some is the disjunction over the asserted type and its subtypes, and their descriptions, each under its own right, whether or not
// the entry has it.
func (m *model) some(attr string, is func(string) bool) Truth {
	base, options, _ := strings.Cut(attr, ";")
	if base == "nosuch" || options == "bad" {
		return Undefined
	}
	t := False
	for _, typ := range append(slices.Clone(modelSubtypes[base]), base) {
		hidden := func(desc string) bool { return covers(typ, options, desc) }
		if typ == m.never || typ == m.mixed && slices.ContainsFunc(m.hidden, hidden) {
			t = max(t, Undefined)
		}
		if typ == m.never {
			continue
		}
		for desc, values := range m.values {
			if !covers(typ, options, desc) {
				continue
			}
			switch {
			case len(values) == 0:
			case typ == m.mixed && slices.Contains(m.hidden, desc):
				t = max(t, Undefined)
			case slices.ContainsFunc(values, is):
				t = True
			}
		}
	}
	return t
}

// covers says whether a value of desc counts for the type with options (RFC 4512 section 2.5.2).
func covers(typ, options, desc string) bool {
	base, has, _ := strings.Cut(desc, ";")
	if base != typ {
		return false
	}
	for option := range strings.SplitSeq(options, ";") {
		if option != "" && !slices.Contains(strings.Split(has, ";"), option) {
			return false
		}
	}
	return true
}
