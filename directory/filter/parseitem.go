package filter

import (
	"strings"

	"gatehouse/directory"
)

// item reads an attribute, an operator and a value, up to the right parenthesis.
func (p *parser) item() (directory.Filter, error) {
	if err := p.count(); err != nil {
		return nil, err
	}
	attr, err := p.description()
	if err != nil {
		return nil, err
	}
	c := p.peek()
	if c == ':' {
		return p.extensible(attr)
	}
	if attr == "" {
		return nil, p.fail("an attribute description is missing")
	}
	if c == '=' {
		p.i++
		return p.equality(attr)
	}
	if strings.IndexByte("<>~", c) < 0 || !strings.HasPrefix(p.s[p.i+1:], "=") {
		return nil, p.fail("one of = >= <= ~= := must follow the attribute description")
	}
	p.i += 2
	v, err := p.single()
	if err != nil {
		return nil, err
	}
	switch c {
	case '>':
		return &directory.GreaterOrEqual{Attr: attr, Value: v}, nil
	case '<':
		return &directory.LessOrEqual{Attr: attr, Value: v}, nil
	default:
		return &directory.ApproxMatch{Attr: attr, Value: v}, nil
	}
}

// description reads what may be an attribute description or the name of a rule, perhaps nothing. A name that no schema
// can have is left for Compile, which finds it unknown.
func (p *parser) description() (string, error) {
	start := p.i
	for p.i < len(p.s) && isDescription(p.s[p.i]) {
		p.i++
	}
	name := p.s[start:p.i]
	if name != "" && !isAlnum(name[0]) {
		p.i = start
		return "", p.fail("an attribute description starts with a letter or a digit")
	}
	return name, nil
}

// extensible reads the rest of attr[:dn][:rule]:=value; the next byte is the first colon.
func (p *parser) extensible(attr string) (directory.Filter, error) {
	m := &directory.ExtensibleMatch{Attr: attr}
	for !strings.HasPrefix(p.s[p.i:], ":=") {
		if p.peek() != ':' {
			return nil, p.fail("':=' is missing")
		}
		p.i++
		name, err := p.description()
		if err != nil {
			return nil, err
		}
		switch {
		case strings.EqualFold(name, "dn") && !m.DNAttributes && m.Rule == "":
			m.DNAttributes = true
		case name == "":
			return nil, p.fail("a matching rule is missing")
		case m.Rule != "":
			return nil, p.fail("':=' must follow the matching rule")
		default:
			m.Rule = name
		}
	}
	if m.Attr == "" && m.Rule == "" {
		return nil, p.fail("an extensible match needs an attribute or a matching rule")
	}
	p.i += 2
	v, err := p.single()
	if err != nil {
		return nil, err
	}
	m.Value = v
	return m, nil
}

// equality reads the value after '=': an equality, presence or substring match.
func (p *parser) equality(attr string) (directory.Filter, error) {
	first, err := p.value()
	if err != nil {
		return nil, err
	}
	if p.peek() != '*' {
		return &directory.EqualityMatch{Attr: attr, Value: first}, nil
	}
	sub := &directory.Substrings{Attr: attr}
	if len(first) > 0 {
		sub.Initial = first
	}
	for p.peek() == '*' {
		p.i++
		part, err := p.value()
		if err != nil {
			return nil, err
		}
		switch {
		case len(part) == 0:
		case p.peek() == '*':
			sub.Any = append(sub.Any, part)
		default:
			sub.Final = part
		}
	}
	if sub.Initial == nil && sub.Any == nil && sub.Final == nil {
		return &directory.Present{Attr: attr}, nil
	}
	return sub, nil
}

// single reads a value that cannot have stars.
func (p *parser) single() ([]byte, error) {
	v, err := p.value()
	if err == nil && p.peek() == '*' {
		err = p.fail("a star has no meaning here; write \\2a")
	}
	return v, err
}

// value reads an assertion value up to a star, a right parenthesis or the end of the string.
func (p *parser) value() ([]byte, error) {
	v := []byte{}
	for p.i < len(p.s) {
		c := p.s[p.i]
		switch c {
		case '*':
			return v, nil
		case ')':
			if !p.bare {
				return v, nil
			}
			return nil, p.fail("unexpected ')'; in a value write \\29")
		case '(':
			return nil, p.fail("unexpected '('; in a value write \\28")
		case 0:
			return nil, p.fail("unexpected NUL; in a value write \\00")
		case '\\':
			var err error
			if c, err = p.escape(); err != nil {
				return nil, err
			}
		default:
			p.i++
		}
		v = append(v, c)
	}
	if !p.bare {
		return nil, p.fail("')' is missing")
	}
	return v, nil
}

// escape reads a backslash and what it stands for.
func (p *parser) escape() (byte, error) {
	rest := p.s[p.i+1:]
	if len(rest) >= 2 {
		hi, lo := unhex(rest[0]), unhex(rest[1])
		if hi >= 0 && lo >= 0 {
			p.i += 3
			return byte(hi<<4 | lo), nil
		}
	}
	if rest != "" && strings.IndexByte(`()*\`, rest[0]) >= 0 {
		p.i += 2
		return rest[0], nil
	}
	return 0, p.fail("two hexadecimal digits must follow the backslash")
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	default:
		return -1
	}
}

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// isDescription says whether c may stand in an attribute description (RFC 4512 section 2.5). The underscore is not in
// the RFC, but in names that other servers take.
func isDescription(c byte) bool {
	return isAlnum(c) || strings.IndexByte("-.;_", c) >= 0
}
