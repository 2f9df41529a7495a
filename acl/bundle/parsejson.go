package bundle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"
)

// parseJSON reads one or more JSON values as documents, into the nodes that YAML makes.
func parseJSON(s Source) ([]*yaml.Node, *Problem) {
	p := &jsonParser{file: s.Name, text: s.Text, d: json.NewDecoder(bytes.NewReader(s.Text))}
	p.line, p.lineStart = 1, 0
	p.d.UseNumber()
	var docs []*yaml.Node
	for {
		n, err := p.value(1)
		switch {
		case errors.Is(err, io.EOF):
			return docs, nil
		case err != nil:
			return docs, p.problem(err)
		}
		docs = append(docs, &yaml.Node{Kind: yaml.DocumentNode, Line: n.Line, Column: n.Column, Content: []*yaml.Node{n}})
		if len(docs) > documentsMax {
			return nil, &Problem{Position: Position{s.Name, n.Line, 1}, Message: fmt.Sprintf("more than %d documents", documentsMax)}
		}
	}
}

type jsonParser struct {
	file string
	text []byte
	d    *json.Decoder

	line, lineStart, seen int // the line that the byte at seen is on
}

// problem says where an error is; those of encoding/json know an offset or none.
func (p *jsonParser) problem(err error) *Problem {
	offset := int(p.d.InputOffset())
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		offset = max(0, int(syntax.Offset)-1)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		offset, err = len(p.text), errors.New("the JSON ends too early")
	}
	line, column := lineAndColumn(p.text, min(offset, len(p.text)))
	return &Problem{Position: Position{p.file, line, column}, Message: err.Error()}
}

// token returns the next token as a node without contents, with the place at which it begins.
func (p *jsonParser) token() (json.Token, *yaml.Node, error) {
	start := int(p.d.InputOffset())
	for start < len(p.text) && bytes.IndexByte([]byte(" \t\r\n,:"), p.text[start]) >= 0 {
		start++
	}
	t, err := p.d.Token()
	for ; p.seen < start; p.seen++ {
		if p.text[p.seen] == '\n' {
			p.line, p.lineStart = p.line+1, p.seen+1
		}
	}
	n := &yaml.Node{Line: p.line, Column: bytes.Count(p.text[p.lineStart:start], nil)}
	return t, n, err
}

func (p *jsonParser) value(depth int) (*yaml.Node, error) {
	t, n, err := p.token()
	if err != nil {
		return nil, err
	}
	n, err = p.fill(t, n, depth)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func (p *jsonParser) fill(t json.Token, n *yaml.Node, depth int) (*yaml.Node, error) {
	n.Kind = yaml.ScalarNode
	switch t := t.(type) {
	case json.Delim:
		if depth > nestingMax {
			return nil, fmt.Errorf("nested more than %d deep", nestingMax)
		}
		n.Kind, n.Tag, n.Style = yaml.MappingNode, "!!map", yaml.FlowStyle
		if t == '[' {
			n.Kind, n.Tag = yaml.SequenceNode, "!!seq"
		}
		return n, p.contents(n, depth)
	case string:
		n.Tag, n.Value, n.Style = "!!str", t, yaml.DoubleQuotedStyle
	case json.Number:
		n.Tag, n.Value = "!!int", t.String()
		if bytes.ContainsAny([]byte(n.Value), ".eE") {
			n.Tag = "!!float"
		}
	case bool:
		n.Tag, n.Value = "!!bool", fmt.Sprint(t)
	default:
		n.Tag, n.Value = "!!null", "null"
	}
	return n, nil
}

func (p *jsonParser) contents(n *yaml.Node, depth int) error {
	for p.d.More() {
		if n.Kind == yaml.MappingNode {
			t, key, err := p.token()
			if err != nil {
				return err
			}
			if key, err = p.fill(t, key, depth+1); err != nil {
				return err
			}
			n.Content = append(n.Content, key)
		}
		value, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		n.Content = append(n.Content, value)
	}
	_, _, err := p.token()
	return err
}
