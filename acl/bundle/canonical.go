package bundle

import (
	"bytes"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// canonical returns one line of JSON for each document, definitions first, each kind by name. Keys stand in the order of the
// grammar; lists whose order has no meaning are sorted and without repetitions; a list of one text is the text.
func canonical(docs []*Document) []byte {
	var out []byte
	for _, d := range docs {
		out = append(appendJSON(out, normalized(d.node, grammar)), '\n')
	}
	return out
}

// normalized returns a copy of a checked node in the canonical form.
func normalized(n *yaml.Node, s *shape) *yaml.Node {
	if s.word != nil && n.Kind == yaml.ScalarNode {
		s = s.word
	}
	c := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value}
	switch s.kind {
	case kindList, kindTexts:
		for _, item := range n.Content {
			c.Content = append(c.Content, normalized(item, s.item))
		}
		if s.unordered {
			c.Content = sortedNodes(c.Content, s.byID)
		}
		if s.kind == kindTexts && len(c.Content) == 1 {
			return c.Content[0]
		}
	case kindMap, kindObject:
		c.Content = normalizedPairs(n, s)
	}
	return c
}

func normalizedPairs(n *yaml.Node, s *shape) []*yaml.Node {
	var content []*yaml.Node
	for _, p := range pairsOf(n) {
		of := s.item
		if s.kind == kindObject {
			of = s.field(p[0].Value)
		}
		content = append(content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: p[0].Value}, normalized(p[1], of))
	}
	less := func(a, b string) int { return strings.Compare(a, b) }
	if s.kind == kindObject {
		less = s.fieldOrder
	}
	return sortPairs(content, less)
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

// sortedNodes sorts by the id, if the elements have one, and the text.
func sortedNodes(list []*yaml.Node, byID bool) []*yaml.Node {
	type element struct {
		id   string
		text []byte
		node *yaml.Node
	}
	elements := make([]element, 0, len(list))
	for _, n := range list {
		e := element{text: appendJSON(nil, n), node: n}
		if id := key(n, "id"); byID && id != nil {
			e.id = id.Value
		}
		elements = append(elements, e)
	}
	slices.SortFunc(elements, func(a, b element) int {
		if c := strings.Compare(a.id, b.id); c != 0 {
			return c
		}
		return bytes.Compare(a.text, b.text)
	})
	elements = slices.CompactFunc(elements, func(a, b element) bool { return bytes.Equal(a.text, b.text) })
	sorted := make([]*yaml.Node, 0, len(elements))
	for _, e := range elements {
		sorted = append(sorted, e.node)
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
