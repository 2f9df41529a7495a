package bundle

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// canonical returns one line of JSON for each document, in the order given.
func canonical(docs []*Document) []byte {
	var out []byte
	for _, d := range docs {
		out = append(appendCanonical(out, d.node, grammar), '\n')
	}
	return out
}

// appendCanonical appends a checked node: keys stand in the order of the grammar, or of the alphabet if they are names; lists
// whose order has no meaning are sorted and without repetitions; a list of one text is the text.
func appendCanonical(dst []byte, n *yaml.Node, s *shape) []byte {
	if s.word != nil && n.Kind == yaml.ScalarNode {
		s = s.word
	}
	switch {
	case n.Kind == yaml.ScalarNode:
		return appendJSON(dst, n)
	case n.Kind == yaml.SequenceNode:
		return appendList(dst, n, s)
	}
	dst = append(dst, '{')
	start := len(dst)
	pair := func(name string, value *yaml.Node, of *shape) {
		if len(dst) > start {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, name), ':')
		dst = appendCanonical(dst, value, of)
	}
	if s.kind == kindObject {
		for _, f := range s.fields {
			if v := key(n, f.key); v != nil {
				pair(f.key, v, f.value)
			}
		}
		return append(dst, '}')
	}
	pairs := pairsOf(n)
	slices.SortFunc(pairs, func(a, b [2]*yaml.Node) int { return strings.Compare(a[0].Value, b[0].Value) })
	for _, p := range pairs {
		pair(p[0].Value, p[1], s.item)
	}
	return append(dst, '}')
}

// element is an element of a list: where its text is, and its id.
type element struct {
	id   string
	text []byte
}

func appendList(dst []byte, n *yaml.Node, s *shape) []byte {
	var texts []byte
	ends := make([]int, 0, len(n.Content))
	for _, item := range n.Content {
		texts = appendCanonical(texts, item, s.item)
		ends = append(ends, len(texts))
	}
	elements, start := make([]element, 0, len(ends)), 0
	for i, end := range ends {
		e := element{text: texts[start:end]}
		if s.byID {
			if id := key(n.Content[i], "id"); id != nil {
				e.id = id.Value
			}
		}
		elements, start = append(elements, e), end
	}
	if s.unordered {
		slices.SortFunc(elements, func(a, b element) int {
			return cmp.Or(strings.Compare(a.id, b.id), bytes.Compare(a.text, b.text))
		})
		elements = slices.CompactFunc(elements, func(a, b element) bool { return bytes.Equal(a.text, b.text) })
	}
	if s.kind == kindTexts && len(elements) == 1 {
		return append(dst, elements[0].text...)
	}
	dst = append(dst, '[')
	for i, e := range elements {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, e.text...)
	}
	return append(dst, ']')
}

// fieldOrder compares two keys by their place in the grammar.
func (s *shape) fieldOrder(a, b string) int {
	place := func(key string) int {
		return slices.IndexFunc(s.fields, func(f field) bool { return f.key == key })
	}
	return place(a) - place(b)
}

// pairsOf returns the keys and values of a map.
func pairsOf(n *yaml.Node) [][2]*yaml.Node {
	pairs := make([][2]*yaml.Node, 0, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		pairs = append(pairs, [2]*yaml.Node{n.Content[i], n.Content[i+1]})
	}
	return pairs
}

func sortPairs(content []*yaml.Node, compare func(a, b string) int) []*yaml.Node {
	pairs := pairsOf(&yaml.Node{Content: content})
	slices.SortStableFunc(pairs, func(a, b [2]*yaml.Node) int { return compare(a[0].Value, b[0].Value) })
	sorted := make([]*yaml.Node, 0, len(content))
	for _, p := range pairs {
		sorted = append(sorted, p[0], p[1])
	}
	return sorted
}

// appendJSON appends a checked node as compact JSON.
func appendJSON(dst []byte, n *yaml.Node) []byte {
	switch n.Kind {
	case yaml.MappingNode:
		dst = append(dst, '{')
		for i, p := range pairsOf(n) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendString(dst, p[0].Value), ':')
			dst = appendJSON(dst, p[1])
		}
		return append(dst, '}')
	case yaml.SequenceNode:
		dst = append(dst, '[')
		for i, item := range n.Content {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendJSON(dst, item)
		}
		return append(dst, ']')
	default:
		if n.Tag == "!!str" {
			return appendString(dst, n.Value)
		}
		return append(dst, n.Value...) // a whole number, true or false, in the one spelling that the check allows
	}
}

// appendString escapes what JSON demands and nothing else, so that the canonical form does not depend on a library.
func appendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < 0x20:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
