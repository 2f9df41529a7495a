package bundle

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"

	"go.yaml.in/yaml/v3"
)

// formatRounds bounds how often a text is laid out until nothing moves: a comment may find its place in the second round.
const formatRounds = 4

// Format returns a file in the one canonical layout: keys in a fixed order, short things on one line, quotes only where they
// are needed. Comments are kept; the order of statements, tests and lists is the author's. A file NAME.json stays JSON. The
// text must have the form of the language ([Problems] otherwise); names need not resolve, and documents may be in any number.
// Format of its own result changes nothing, and the result means the same.
func Format(s Source) ([]byte, error) {
	before, err := formed(s)
	if err != nil {
		return nil, err
	}
	if isJSON(s.Name) {
		return formatJSON(before)
	}
	meaning, comments := canonicalOf(before), countComments(before)
	text := layOut(before)
	for range formatRounds {
		docs, err := formed(Source{s.Name, text})
		if err != nil {
			return nil, errors.Join(errLayout, err)
		}
		if !bytes.Equal(canonicalOf(docs), meaning) || countComments(docs) != comments {
			return nil, errLayout
		}
		again := layOut(docs)
		if bytes.Equal(again, text) {
			return text, nil
		}
		text = again
	}
	return nil, errLayout
}

// errLayout is told instead of a layout that would change the meaning or lose a comment.
var errLayout = errors.New("this text cannot be laid out without a loss; put its comments on lines of their own before what they are about")

// formed parses a file and holds it against the grammar.
func formed(s Source) ([]*yaml.Node, error) {
	docs, p := parse(s)
	if p != nil {
		return nil, Problems{*p}
	}
	var problems Problems
	c := &checker{file: s.Name, problems: &problems, bad: map[*yaml.Node]bool{}}
	for _, d := range docs {
		if c.general(d.Content[0], 1) {
			c.check(d.Content[0], grammar)
		}
	}
	if len(problems) > 0 {
		return nil, problems.sort()
	}
	return docs, nil
}

func canonicalOf(docs []*yaml.Node) []byte {
	list := make([]*Document, len(docs))
	for i, n := range docs {
		list[i] = &Document{node: n.Content[0]}
	}
	return canonical(list)
}

// countComments counts the lines of comments.
func countComments(docs []*yaml.Node) int {
	n := 0
	for _, d := range docs {
		n += len(takeComments(d, false))
	}
	return n
}

func formatJSON(docs []*yaml.Node) ([]byte, error) {
	var b bytes.Buffer
	for _, d := range docs {
		arrange(d.Content[0], grammar)
		if err := json.Indent(&b, appendJSON(nil, d.Content[0]), "", "  "); err != nil {
			return nil, err
		}
		b.WriteByte('\n')
	}
	return b.Bytes(), nil
}

// arrange puts keys in the order of the grammar, and a text in the place of a list of one.
func arrange(n *yaml.Node, s *shape) {
	if s.word != nil && n.Kind == yaml.ScalarNode {
		return
	}
	switch s.kind {
	case kindList, kindTexts:
		for _, item := range n.Content {
			arrange(item, s.item)
		}
		if s.kind == kindTexts && len(n.Content) == 1 {
			comments := takeComments(n, true)
			*n = *n.Content[0]
			n.HeadComment = joinComments(comments)
		}
	case kindMap, kindObject:
		for _, p := range pairsOf(n) {
			of := s.item
			if s.kind == kindObject {
				of = s.field(p[0].Value)
			}
			arrange(p[1], of)
		}
		if s.kind == kindObject {
			n.Content = sortPairs(slices.Clone(n.Content), s.fieldOrder)
		}
	}
}

// layOut prints documents.
func layOut(docs []*yaml.Node) []byte {
	e := new(emitter)
	for i, d := range docs {
		if i > 0 {
			e.b.WriteString("---\n")
		}
		arrange(d.Content[0], grammar)
		e.document(d)
	}
	return e.b.Bytes()
}
