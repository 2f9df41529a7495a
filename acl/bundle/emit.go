package bundle

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v3"
)

// lineWidth is where a line that can be broken is.
const lineWidth = 120

// emitter prints nodes in the canonical layout. Comments stand on lines of their own before what they are about, or behind it
// if it takes one line; what follows a thing and is not about the next goes before the next thing all the same.
type emitter struct {
	b     bytes.Buffer
	carry []string // comments that followed what has been printed
}

func (e *emitter) document(d *yaml.Node) {
	root := d.Content[0]
	e.carry = append(e.carry, commentLines(d.HeadComment)...)
	e.carry = append(e.carry, commentLines(root.HeadComment)...)
	e.mapping(root, grammar, 0, false)
	e.carry = append(e.carry, commentLines(root.LineComment, root.FootComment, d.LineComment, d.FootComment)...)
	e.comments(0)
}

// comments prints what was carried.
func (e *emitter) comments(indent int) {
	for _, line := range e.carry {
		e.b.WriteString(strings.Repeat(" ", indent) + line + "\n")
	}
	e.carry = e.carry[:0]
}

// mapping prints a map as a block. With inline the first key goes behind what is on the line.
func (e *emitter) mapping(n *yaml.Node, s *shape, indent int, inline bool) {
	for i, p := range pairsOf(n) {
		k, v := p[0], p[1]
		of := s.item
		if s.kind == kindObject {
			of = s.field(k.Value)
		}
		if !inline || i > 0 {
			e.carry = append(e.carry, commentLines(k.HeadComment, v.HeadComment)...)
		}
		feet := commentLines(k.FootComment, v.FootComment)
		line := commentLines(k.LineComment, v.LineComment)
		clearComments(k)
		clearComments(v)
		start := indent + len(scalar(k, false)) + 2
		text, ok := e.oneLine(v, of, indent, start)
		if !ok || strings.Contains(text, "\n") || len(line) > 1 {
			e.carry, line = append(e.carry, line...), nil
		}
		if !inline || i > 0 {
			if ok {
				e.carry = append(e.carry, takeComments(v, true)...)
			}
			e.comments(indent)
			e.b.WriteString(strings.Repeat(" ", indent))
		}
		e.b.WriteString(scalar(k, false) + ":")
		if ok {
			e.b.WriteString(" " + text + behind(line) + "\n")
		} else {
			e.b.WriteString("\n")
			e.block(v, of, indent+2)
		}
		if ok {
			feet = append(feet, takeComments(v, true)...)
		}
		e.carry = append(e.carry, feet...)
	}
}

func behind(line []string) string {
	if len(line) == 0 {
		return ""
	}
	return " " + line[0]
}

// block prints a list or map on lines of its own.
func (e *emitter) block(n *yaml.Node, s *shape, indent int) {
	if n.Kind == yaml.MappingNode {
		e.mapping(n, s, indent, false)
		return
	}
	for _, item := range n.Content {
		e.item(item, s.item, indent)
	}
}

// item prints an element of a list.
func (e *emitter) item(n *yaml.Node, s *shape, indent int) {
	e.carry = append(e.carry, commentLines(n.HeadComment)...)
	feet, line := commentLines(n.FootComment), commentLines(n.LineComment)
	clearComments(n)
	text, ok := e.oneLine(n, s, indent, indent+2)
	switch {
	case ok:
		e.carry = append(e.carry, takeComments(n, true)...)
		if strings.Contains(text, "\n") || len(line) > 1 {
			e.carry, line = append(e.carry, line...), nil
		}
		e.comments(indent)
		e.b.WriteString(strings.Repeat(" ", indent) + "- " + text + behind(line) + "\n")
	default: // a map: the language has no list in a list
		e.carry = append(e.carry, line...)
		first := n.Content[0]
		e.carry = append(e.carry, commentLines(first.HeadComment, n.Content[1].HeadComment)...)
		first.HeadComment, n.Content[1].HeadComment = "", ""
		e.comments(indent)
		e.b.WriteString(strings.Repeat(" ", indent) + "- ")
		e.mapping(n, s, indent+2, true)
	}
	e.carry = append(e.carry, feet...)
}

// oneLine returns a node as it stands behind its key at a column, if it is not to be a block. A list of texts and a text of
// several lines take more lines.
func (e *emitter) oneLine(n *yaml.Node, s *shape, indent, column int) (string, bool) {
	if n.Kind == yaml.ScalarNode {
		if text, ok := literal(n, indent+2); ok {
			return text, true
		}
		return scalar(n, false), true
	}
	if len(n.Content) == 0 {
		return flow(n), true
	}
	if s.block {
		return "", false
	}
	text := flow(n)
	if column+len(text) <= lineWidth {
		return text, true
	}
	if n.Kind == yaml.SequenceNode && n.Content[0].Kind == yaml.ScalarNode {
		return wrapped(n, indent+2, column), true
	}
	return "", false
}

// wrapped prints a list of texts over several lines.
func wrapped(n *yaml.Node, indent, column int) string {
	var b strings.Builder
	b.WriteByte('[')
	column++
	for i, item := range n.Content {
		text := scalar(item, true)
		if i < len(n.Content)-1 {
			text += ","
		}
		switch {
		case i == 0:
		case column+1+len(text) > lineWidth:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			column = indent
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(text)
		column += len(text)
	}
	b.WriteByte(']')
	return b.String()
}

// flow prints a node on one line.
func flow(n *yaml.Node) string {
	var parts []string
	switch n.Kind {
	case yaml.MappingNode:
		for _, p := range pairsOf(n) {
			parts = append(parts, scalar(p[0], true)+": "+flow(p[1]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case yaml.SequenceNode:
		for _, item := range n.Content {
			parts = append(parts, flow(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	default:
		return scalar(n, true)
	}
}
