package ldif

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"unsafe"
)

// The ways to write a value (RFC 2849, value-spec), and the line that ends a change.
const (
	specText   = ':'
	specBase64 = 'b'
	specURL    = '<'
	specEnd    = '-'
)

// line is one logical line: unfolded, not a comment.
type line struct {
	number int
	name   string // before the colon; "-" for the line that ends a change
	spec   byte
	text   []byte // behind the colon and the spaces that may follow it
}

// nextLine returns the next logical line of the block; ok is false at its end. Continuations are moved up in place.
func (p *parser) nextLine() (l line, ok bool, err error) {
	if p.held {
		p.held = false
		return p.line, true, nil
	}
	for p.pos < len(p.block) {
		number, start := p.number, p.pos
		text := p.physicalLine()
		if p.pos < len(p.block) && p.block[p.pos] == ' ' {
			text = p.unfold(start, start+len(text))
		}
		if len(text) == 0 || text[0] == '#' {
			continue
		}
		if len(text) > p.options.LineBytesMax {
			return line{}, false, p.errorf(number, "line of more than %d bytes", p.options.LineBytesMax)
		}
		p.line, err = p.split(text, number)
		return p.line, err == nil, err
	}
	return line{}, false, nil
}

// hold makes nextLine return its last line once more.
func (p *parser) hold() { p.held = true }

// physicalLine returns the next line as written, without its end.
func (p *parser) physicalLine() []byte {
	rest := p.block[p.pos:]
	n := bytes.IndexByte(rest, '\n')
	p.number++
	if n < 0 {
		n = len(rest)
		p.pos += n
	} else {
		p.pos += n + 1
	}
	if n > 0 && rest[n-1] == '\r' {
		n--
	}
	return rest[:n]
}

// unfold joins the continuation lines at p.pos to the line in block[start:end].
func (p *parser) unfold(start, end int) []byte {
	for p.pos < len(p.block) && p.block[p.pos] == ' ' {
		end += copy(p.block[end:], p.physicalLine()[1:])
	}
	return p.block[start:end]
}

// split takes a logical line apart. The reasons of its errors do not show the line, which may be the rest of a password that
// somebody folded wrongly.
func (p *parser) split(text []byte, number int) (line, error) {
	colon := bytes.IndexByte(text, ':')
	switch {
	case len(text) == 1 && text[0] == '-':
		return line{number: number, name: "-", spec: specEnd}, nil
	case text[0] == ' ':
		return line{}, p.errorf(number, "continuation without a line before it")
	case colon < 0:
		return line{}, p.errorf(number, "no colon; want \"attribute: value\", or a space in front of the rest of the line above")
	case !isName(text[:colon]):
		return line{}, p.errorf(number, "what stands before the colon is not the name of an attribute")
	}
	l := line{number: number, name: alias(text[:colon])}
	l.spec, l.text = valueSpec(text[colon+1:])
	return l, nil
}

// valueSpec takes apart what stands behind the colon.
func valueSpec(text []byte) (spec byte, value []byte) {
	spec = specText
	if len(text) > 0 {
		switch text[0] {
		case ':':
			spec, text = specBase64, text[1:]
		case '<':
			spec, text = specURL, text[1:]
		}
	}
	for len(text) > 0 && text[0] == ' ' {
		text = text[1:]
	}
	return spec, text
}

// isName reports whether b may be an attribute description or an OID: the schema knows better, but only these octets can stand
// in front of a colon. The equal sign is for the range option of other servers.
func isName[T ~string | ~[]byte](b T) bool {
	for i := range len(b) {
		if !nameOctets[b[i]] {
			return false
		}
	}
	return len(b) > 0
}

var nameOctets = func() (table [256]bool) {
	for c := range 256 {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		table[c] = letter || '0' <= c && c <= '9' || c == '-' || c == '.' || c == ';' || c == '_' || c == '='
	}
	return table
}()

// value returns the value of a line.
func (p *parser) value(l line) ([]byte, error) {
	switch l.spec {
	case specBase64:
		at := len(p.scratch)
		decoded, err := base64.StdEncoding.AppendDecode(p.scratch, bytes.TrimRight(l.text, " "))
		if err != nil {
			return nil, p.errorf(l.number, "value of %s is not base64", l.name)
		}
		p.scratch = decoded
		return decoded[at:len(decoded):len(decoded)], nil
	case specURL:
		return p.fetch(l)
	case specEnd:
		return nil, p.errorf(l.number, "a line \"-\" ends a change of a modify record; here is none")
	}
	return l.text[:len(l.text):len(l.text)], nil
}

// fetch reads the value that a URL stands for.
func (p *parser) fetch(l line) ([]byte, error) {
	if p.options.Open == nil {
		return nil, p.errorf(l.number, "value of %s is the contents of a URL, which is not allowed here", l.name)
	}
	f, err := p.options.Open(string(l.text))
	if err != nil {
		return nil, &Error{Line: l.number, Reason: "value of " + l.name, Cause: err}
	}
	defer f.Close()
	room := p.options.RecordBytesMax - p.fetched
	value, err := io.ReadAll(io.LimitReader(f, int64(room)+1))
	if err != nil {
		return nil, &Error{Line: l.number, Reason: "value of " + l.name, Cause: err}
	}
	if p.fetched += len(value); len(value) > room {
		return nil, p.errorf(l.number, "values from URLs take more than %d bytes in one record", p.options.RecordBytesMax)
	}
	return value, nil
}

func (p *parser) errorf(number int, format string, args ...any) error {
	return &Error{Line: number, Reason: fmt.Sprintf(format, args...)}
}

// alias returns b as a string without a copy.
func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
