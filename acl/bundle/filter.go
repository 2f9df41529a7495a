package bundle

import (
	"strings"

	"gatehouse/directory"
)

// Filter is a filter of a policy. Assertion values of attributes that hold DNs may end in a placeholder.
type Filter struct {
	Pos     Position
	Text    string           // as written
	Parsed  directory.Filter // placeholders stand in it as they are written
	Anchors map[Anchor]bool  // the placeholders that are used; nil without one
	Names   []*Name          // the DNs that are asserted, for finding what a policy stands on
}

// Bind returns the filter with ${suffix} and ${scope} replaced. Neither is looked at where the filter does not use it.
func (f *Filter) Bind(suffix, scope directory.NDN) directory.Filter {
	if len(f.Anchors) == 0 {
		return f.Parsed
	}
	return mapValues(f.Parsed, func(value []byte) []byte {
		s := string(value)
		if rest, ok := strings.CutSuffix(s, suffixPlaceholder); ok {
			return joinText(rest, suffix)
		}
		if rest, ok := strings.CutSuffix(s, scopePlaceholder); ok {
			return joinText(rest, scope)
		}
		return value
	})
}

// joinText puts a name behind RDNs that end in a comma, or are empty.
func joinText(rdns string, name directory.NDN) []byte {
	if name == "" {
		return []byte(strings.TrimSuffix(strings.TrimRight(rdns, " "), ","))
	}
	return []byte(rdns + string(name))
}

// mapValues returns the filter with every assertion value of an equality or extensible match replaced; others cannot hold
// a whole DN.
func mapValues(f directory.Filter, change func([]byte) []byte) directory.Filter {
	switch f := f.(type) {
	case directory.And:
		list := make(directory.And, len(f))
		for i := range f {
			list[i] = mapValues(f[i], change)
		}
		return list
	case directory.Or:
		list := make(directory.Or, len(f))
		for i := range f {
			list[i] = mapValues(f[i], change)
		}
		return list
	case *directory.Not:
		return &directory.Not{Filter: mapValues(f.Filter, change)}
	case *directory.EqualityMatch:
		return &directory.EqualityMatch{Attr: f.Attr, Value: change(f.Value)}
	case *directory.ExtensibleMatch:
		changed := *f
		changed.Value = change(f.Value)
		return &changed
	default:
		return f
	}
}
