package directory

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// ParseDN parses a distinguished name (RFC 4514), with the leniencies of RFC 2253 section 4: spaces around separators, ';'
// for ',', quoted values and an "OID." before a numeric type. An error is an [*Error] invalidDNSyntax that says what is
// wrong and at which byte. The result shares no memory with s.
func ParseDN(s string) (DN, error) {
	p, err := newDNParser(s)
	if err != nil {
		return DN{}, err
	}
	if p.skipSpaces(); p.pos == len(p.in) {
		return DN{}, nil
	}
	rdns := make([]RDN, 0, 1+p.count(",;"))
	for {
		rdn, err := p.rdn()
		if err != nil {
			return DN{}, err
		}
		rdns = append(rdns, rdn)
		if p.pos == len(p.in) {
			return DN{rdns: rdns}, nil
		}
		p.pos++ // the separator
	}
}

// ParseRDN parses a single relative distinguished name as [ParseDN] does.
func ParseRDN(s string) (RDN, error) {
	p, err := newDNParser(s)
	if err != nil {
		return nil, err
	}
	p.skipSpaces()
	rdn, err := p.rdn()
	if err != nil {
		return nil, err
	}
	if p.pos < len(p.in) {
		return nil, p.errorf(p.pos, "more than one RDN")
	}
	return rdn, nil
}

// dnParser is a cursor over the text of a name. Values are collected in one buffer and attributes in one slice, so that a
// name costs a handful of allocations whatever its length.
type dnParser struct {
	in   string
	pos  int
	buf  []byte
	avas []AttributeTypeAndValue
}

func newDNParser(s string) (*dnParser, error) {
	p := &dnParser{in: strings.Clone(s), buf: make([]byte, 0, len(s))}
	if !utf8.ValidString(s) {
		return nil, p.errorf(validPrefix(s), "not UTF-8")
	}
	p.avas = make([]AttributeTypeAndValue, 0, p.count("="))
	return p, nil
}

// validPrefix returns how many bytes stand before the first that is not UTF-8.
func validPrefix(s string) int {
	for i, r := range s {
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
			return i
		}
	}
	return len(s)
}

func (p *dnParser) errorf(at int, format string, args ...any) *Error {
	e := Errorf(InvalidDNSyntax, format, args...)
	e.Diagnostic = "invalid DN at byte " + strconv.Itoa(at) + ": " + e.Diagnostic
	return e
}

// count bounds the number of separators from above: escaped ones are counted as well.
func (p *dnParser) count(separators string) int {
	n := 0
	for i := range separators {
		n += strings.Count(p.in, separators[i:i+1])
	}
	return n
}

func (p *dnParser) skipSpaces() {
	for p.pos < len(p.in) && p.in[p.pos] == ' ' {
		p.pos++
	}
}

// rdn stops at a ',' or ';' or at the end.
func (p *dnParser) rdn() (RDN, error) {
	first := len(p.avas)
	for {
		typ, err := p.attributeType()
		if err != nil {
			return nil, err
		}
		value, err := p.value()
		if err != nil {
			return nil, err
		}
		p.avas = append(p.avas, AttributeTypeAndValue{Type: typ, Value: value})
		if p.pos == len(p.in) || p.in[p.pos] != '+' {
			return RDN(p.avas[first:len(p.avas):len(p.avas)]), nil
		}
		p.pos++
	}
}

// attributeType reads a descr or numericoid (RFC 4512 section 1.4) and the '=' behind it.
func (p *dnParser) attributeType() (string, error) {
	p.skipSpaces()
	start := p.pos
	for p.pos < len(p.in) && isTypeByte(p.in[p.pos]) {
		p.pos++
	}
	typ := p.in[start:p.pos]
	if len(typ) > 4 && strings.EqualFold(typ[:4], "oid.") {
		typ = typ[4:]
		start += 4
	}
	p.skipSpaces()
	switch {
	case p.pos == len(p.in) && typ == "":
		return "", p.errorf(p.pos, "an attribute type is missing at the end")
	case p.pos == len(p.in) || p.in[p.pos] != '=':
		return "", p.errorf(p.pos, "expected '=' after an attribute type")
	case !isAttributeType(typ):
		return "", p.errorf(start, "%q is no attribute type", typ)
	}
	p.pos++
	return typ, nil
}

func isTypeByte(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '.'
}

// isAttributeType reports whether s is a descr or a numericoid.
func isAttributeType(s string) bool {
	if s == "" {
		return false
	}
	if c := s[0] | 0x20; 'a' <= c && c <= 'z' {
		return strings.IndexByte(s, '.') < 0
	}
	for part := range strings.SplitSeq(s, ".") {
		if part == "" || len(part) > 1 && part[0] == '0' {
			return false
		}
		for i := range len(part) {
			if part[i] < '0' || part[i] > '9' {
				return false
			}
		}
	}
	return strings.IndexByte(s, '.') > 0
}

// value reads one attribute value in any of its three forms, up to the separator behind it.
func (p *dnParser) value() ([]byte, error) {
	p.skipSpaces()
	if p.pos == len(p.in) {
		return p.buf[len(p.buf):], nil
	}
	start := len(p.buf)
	var err error
	switch p.in[p.pos] {
	case '#':
		err = p.hexValue()
	case '"':
		err = p.quotedValue()
	default:
		err = p.stringValue()
	}
	if err != nil {
		return nil, err
	}
	p.skipSpaces()
	if p.pos < len(p.in) && strings.IndexByte(",;+", p.in[p.pos]) < 0 {
		return nil, p.errorf(p.pos, "expected ',' or '+' after an attribute value")
	}
	return p.buf[start:len(p.buf):len(p.buf)], nil
}

func (p *dnParser) stringValue() error {
	keep := len(p.buf) // behind it stand only unescaped spaces
	for p.pos < len(p.in) {
		switch c := p.in[p.pos]; c {
		case ',', ';', '+':
			p.buf = p.buf[:keep]
			return nil
		case '"', '<', '>', 0:
			return p.errorf(p.pos, "%q must be escaped", c)
		case '\\':
			if err := p.escape(); err != nil {
				return err
			}
			keep = len(p.buf)
		case ' ':
			p.buf = append(p.buf, c)
			p.pos++
		default:
			p.buf = append(p.buf, c)
			p.pos++
			keep = len(p.buf)
		}
	}
	p.buf = p.buf[:keep]
	return nil
}

func (p *dnParser) quotedValue() error {
	open := p.pos
	for p.pos++; p.pos < len(p.in); {
		switch c := p.in[p.pos]; c {
		case '"':
			p.pos++
			return nil
		case '\\':
			if err := p.escape(); err != nil {
				return err
			}
		default:
			p.buf = append(p.buf, c)
			p.pos++
		}
	}
	return p.errorf(open, "the quoted value does not end")
}

// escape reads a backslash with a special character or two hexadecimal digits.
func (p *dnParser) escape() error {
	rest := p.in[p.pos+1:]
	if rest == "" {
		return p.errorf(p.pos, "nothing follows the backslash")
	}
	if strings.IndexByte(` "#+,;<=>\`, rest[0]) >= 0 {
		p.buf = append(p.buf, rest[0])
		p.pos += 2
		return nil
	}
	if len(rest) >= 2 {
		high, low := hexDigit(rest[0]), hexDigit(rest[1])
		if high >= 0 && low >= 0 {
			p.buf = append(p.buf, byte(high<<4|low))
			p.pos += 3
			return nil
		}
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return p.errorf(p.pos, "a backslash may not stand before %q", r)
}

// hexValue reads '#' and the digits of one BER value, whose contents are the attribute value.
func (p *dnParser) hexValue() error {
	at, start := p.pos, len(p.buf)
	for p.pos++; p.pos+1 < len(p.in); p.pos += 2 {
		high, low := hexDigit(p.in[p.pos]), hexDigit(p.in[p.pos+1])
		if high < 0 || low < 0 {
			break
		}
		p.buf = append(p.buf, byte(high<<4|low))
	}
	contents, ok := berContents(p.buf[start:])
	if !ok {
		return p.errorf(at, "the digits after '#' are not one BER value")
	}
	p.buf = p.buf[:start+copy(p.buf[start:], contents)]
	return nil
}

// berContents returns the contents of b, which must be exactly one BER value of definite length with a tag of one byte.
func berContents(b []byte) ([]byte, bool) {
	if len(b) < 2 || b[0]&0x1f == 0x1f {
		return nil, false
	}
	n, head := int(b[1]), 2
	if n >= 0x80 {
		head = 2 + n&0x7f
		if head == 2 || head > 6 || len(b) < head {
			return nil, false
		}
		n = 0
		for _, c := range b[2:head] {
			n = n<<8 | int(c)
		}
	}
	return b[head:], len(b)-head == n
}

func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}
