package filter

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// TestMatchAgainstModel compares compiled filters with an evaluator that is slow and obvious: it walks the filter as received,
// knows the three values, and compares lower-case text.
func TestMatchAgainstModel(t *testing.T) {
	t.Parallel()
	attrs := []string{"uid", "cn", "sn", "mail", "description", "nosuch"}
	values := []string{"a", "b", "ab", "ba", "abc", "B", "A"}
	rapid.Check(t, func(t *rapid.T) {
		model := map[string][]string{}
		var list []directory.Attribute
		for _, a := range attrs[:5] {
			vs := rapid.SliceOfNDistinct(rapid.SampledFrom(values[:5]), 0, 3, rapid.ID[string]).Draw(t, a)
			if len(vs) == 0 {
				continue
			}
			model[a] = vs
			var b [][]byte
			for _, v := range vs {
				b = append(b, []byte(v))
			}
			list = append(list, directory.NewAttribute(schema.Standard().Lookup(a), b...))
		}
		never := rapid.SampledFrom(append(attrs, "")).Draw(t, "never")
		mixed := rapid.SampledFrom(append(attrs, "")).Draw(t, "mixed")
		f := drawFilter(t, attrs, values, 3)
		access := func(a *schema.AttributeType) Searchable {
			switch a.Name() {
			case never:
				return Never
			case mixed:
				return Mixed
			}
			return Always
		}
		src := &fake{entry: directory.StoredEntry(list)}
		if mixed != "" && rapid.Bool().Draw(t, "hide") {
			src.hidden = []string{mixed}
		}
		got, err := Compile(schema.Standard(), f, access).Match(src)
		want := slowly(f, model, func(a string) bool { return a == never || len(src.hidden) > 0 && a == mixed })
		if err != nil || got != want {
			t.Fatalf("%s on %v, never %q, hidden %q: got %v, %v, want %v", String(f), model, never, src.hidden, got, err, want)
		}
	})
}

func drawFilter(t *rapid.T, attrs, values []string, depth int) directory.Filter {
	attr := rapid.SampledFrom(attrs).Draw(t, "attr")
	value := []byte(rapid.SampledFrom(values).Draw(t, "value"))
	kinds := 3
	if depth > 0 {
		kinds = 6
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return &directory.EqualityMatch{Attr: attr, Value: value}
	case 1:
		return &directory.Present{Attr: attr}
	case 2:
		return &directory.Substrings{Attr: attr, Initial: value}
	case 3:
		return &directory.Not{Filter: drawFilter(t, attrs, values, depth-1)}
	}
	var parts []directory.Filter
	for range rapid.IntRange(0, 4).Draw(t, "parts") {
		parts = append(parts, drawFilter(t, attrs, values, depth-1))
	}
	if rapid.Bool().Draw(t, "and") {
		return directory.And(parts)
	}
	return directory.Or(parts)
}

func slowly(f directory.Filter, entry map[string][]string, undefined func(string) bool) Truth {
	some := func(attr string, is func(string) bool) Truth {
		if attr == "nosuch" || undefined(attr) {
			return Undefined
		}
		for _, v := range entry[attr] {
			if is(strings.ToLower(v)) {
				return True
			}
		}
		return False
	}
	switch f := f.(type) {
	case *directory.EqualityMatch:
		return some(f.Attr, func(v string) bool { return v == strings.ToLower(string(f.Value)) })
	case *directory.Present:
		return some(f.Attr, func(string) bool { return true })
	case *directory.Substrings:
		return some(f.Attr, func(v string) bool { return strings.HasPrefix(v, strings.ToLower(string(f.Initial))) })
	case *directory.Not:
		return slowly(f.Filter, entry, undefined).Not()
	case directory.And:
		t := True
		for _, part := range f {
			t = t.And(slowly(part, entry, undefined))
		}
		return t
	case directory.Or:
		t := False
		for _, part := range f {
			t = t.Or(slowly(part, entry, undefined))
		}
		return t
	}
	return Undefined
}
