package bundle

import (
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// parseJSON reads one or more JSON values (RFC 8259) as documents, into the nodes that YAML makes. It knows the place of
// each value, which encoding/json does not tell.
func parseJSON(s Source) ([]*yaml.Node, *Problem) {
	p := &jsonParser{text: s.Text, line: 1}
	var docs []*yaml.Node
	for p.space(); p.i < len(p.text); p.space() {
		n := p.value(1)
		if p.why != "" {
			return nil, &Problem{Position: Position{s.Name, p.line, p.column()}, Message: p.why}
		}
		docs = append(docs, &yaml.Node{Kind: yaml.DocumentNode, Line: n.Line, Column: n.Column, Content: []*yaml.Node{n}})
		if len(docs) > documentsMax {
			return nil, &Problem{Position: Position{s.Name, n.Line, n.Column}, Message: fmt.Sprintf("more than %d documents", documentsMax)}
		}
	}
	return docs, nil
}

// jsonParser reads valid UTF-8. Once why is set it stands still, and i is where the mistake is.
type jsonParser struct {
	text []byte
	i    int
	why  string

	line, lineStart int // of i
	counted, runes  int // characters from lineStart to counted
}

// column counts characters, each once for a line.
func (p *jsonParser) column() int {
	if p.counted < p.lineStart {
		p.counted, p.runes = p.lineStart, 0
	}
	p.runes += utf8.RuneCount(p.text[p.counted:p.i])
	p.counted = p.i
	return p.runes + 1
}

func (p *jsonParser) fail(why string) {
	if p.why == "" {
		p.why = why
	}
}

// peek returns the next byte, 0 at the end and after a mistake. A NUL is nowhere valid.
func (p *jsonParser) peek() byte {
	if p.why == "" && p.i < len(p.text) {
		return p.text[p.i]
	}
	return 0
}

func (p *jsonParser) space() {
	for {
		switch p.peek() {
		case '\n':
			p.line, p.lineStart = p.line+1, p.i+1
		case ' ', '\t', '\r':
		default:
			return
		}
		p.i++
	}
}

// expected tells what should stand here.
func (p *jsonParser) expected(what string) {
	if p.i >= len(p.text) {
		p.fail("the JSON ends too early: expected " + what)
		return
	}
	r, _ := utf8.DecodeRune(p.text[p.i:])
	p.fail(fmt.Sprintf("expected %s, not %q", what, r))
}

func (p *jsonParser) take(c byte) bool {
	p.space()
	if p.peek() != c {
		return false
	}
	p.i++
	return true
}

func (p *jsonParser) value(depth int) *yaml.Node {
	p.space()
	n := &yaml.Node{Kind: yaml.ScalarNode, Line: p.line, Column: p.column()}
	switch c := p.peek(); {
	case (c == '{' || c == '[') && depth > nestingMax:
		p.fail(fmt.Sprintf("nested more than %d deep", nestingMax))
	case c == '{':
		n.Kind, n.Tag, n.Style = yaml.MappingNode, "!!map", yaml.FlowStyle
		p.elements(n, '}', depth)
	case c == '[':
		n.Kind, n.Tag, n.Style = yaml.SequenceNode, "!!seq", yaml.FlowStyle
		p.elements(n, ']', depth)
	case c == '"':
		n.Tag, n.Style, n.Value = "!!str", yaml.DoubleQuotedStyle, p.string()
	case c == '-' || c >= '0' && c <= '9':
		n.Tag, n.Value = p.number()
	default:
		n.Tag, n.Value = p.word()
	}
	return n
}

// elements reads what stands between brackets.
func (p *jsonParser) elements(n *yaml.Node, end byte, depth int) {
	p.i++
	if p.take(end) {
		return
	}
	for p.why == "" {
		if end == '}' {
			if p.space(); p.peek() != '"' {
				p.expected("a key in quotes")
				return
			}
			n.Content = append(n.Content, p.value(depth+1))
			if !p.take(':') {
				p.expected("a colon")
				return
			}
		}
		n.Content = append(n.Content, p.value(depth+1))
		if p.take(end) {
			return
		}
		if !p.take(',') {
			p.expected("a comma or " + strconv.QuoteRune(rune(end)))
		}
	}
}

// word reads true, false or null.
func (p *jsonParser) word() (tag, value string) {
	start := p.i
	for c := p.peek(); c >= 'a' && c <= 'z'; c = p.peek() {
		p.i++
	}
	switch word := string(p.text[start:p.i]); word {
	case "true", "false":
		return "!!bool", word
	case "null":
		return "!!null", word
	default:
		p.i = start
		p.expected("a value")
		return "", ""
	}
}

// number reads a number; one with a fraction or exponent is no whole number, whatever its value.
func (p *jsonParser) number() (tag, value string) {
	start := p.i
	tag = "!!int"
	if p.peek() == '-' {
		p.i++
	}
	if p.peek() == '0' {
		p.i++
	} else {
		p.digits()
	}
	if p.peek() == '.' {
		p.i++
		tag = "!!float"
		p.digits()
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.i++
		tag = "!!float"
		if c := p.peek(); c == '+' || c == '-' {
			p.i++
		}
		p.digits()
	}
	return tag, string(p.text[start:p.i])
}

func (p *jsonParser) digits() {
	start := p.i
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		p.i++
	}
	if p.i == start {
		p.expected("a digit")
	}
}

func (p *jsonParser) string() string {
	p.i++
	start := p.i
	for p.i < len(p.text) && p.text[p.i] != '"' && p.text[p.i] != '\\' && p.text[p.i] >= ' ' {
		p.i++
	}
	if p.peek() == '"' {
		p.i++
		return string(p.text[start : p.i-1])
	}
	out := append([]byte(nil), p.text[start:p.i]...)
	for p.why == "" {
		switch c := p.peek(); {
		case c == '"':
			p.i++
			return string(out)
		case c == '\\':
			p.i++
			out = p.escape(out)
		case c < ' ':
			p.expected("the end of the text in quotes")
		default:
			out = append(out, c)
			p.i++
		}
	}
	return ""
}

var jsonEscapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (p *jsonParser) escape(out []byte) []byte {
	c := p.peek()
	if plain, ok := jsonEscapes[c]; ok {
		p.i++
		return append(out, plain)
	}
	if c != 'u' {
		p.expected("an escape")
		return out
	}
	p.i++
	r := p.hex()
	if utf16.IsSurrogate(r) {
		if p.peek() == '\\' && p.i+1 < len(p.text) && p.text[p.i+1] == 'u' {
			p.i += 2
			r = utf16.DecodeRune(r, p.hex())
		} else {
			r = utf8.RuneError
		}
		if r == utf8.RuneError {
			p.fail("half of a surrogate pair is no character")
		}
	}
	return utf8.AppendRune(out, r)
}

func (p *jsonParser) hex() rune {
	if p.i+4 > len(p.text) {
		p.expected("four hex digits")
		return 0
	}
	v, err := strconv.ParseUint(string(p.text[p.i:p.i+4]), 16, 16)
	if err != nil {
		p.expected("four hex digits")
		return 0
	}
	p.i += 4
	return rune(v)
}
