package filter

import (
	"fmt"
	"strings"

	"gatehouse/directory"
)

// The bounds of a filter. They hold for Parse and, for trees that came from elsewhere, for Compile.
const (
	DepthMax = 100    // levels of nested filters; clients seen nest 6 deep, and each level costs a stack frame
	TermsMax = 32_768 // filters of all kinds in one tree; sudo sends 4 for each group of a user
)

// SyntaxError says where and why a string is no filter. It quotes nothing of the string but single characters, since
// values may be secret.
type SyntaxError struct {
	Offset int // in bytes, from 0
	Reason string
}

// Error implements error.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("filter: at offset %d: %s", e.Offset, e.Reason)
}

// Parse reads the string form of a filter (RFC 4515), with the empty And and Or of RFC 4526. As libldap does, it
// tolerates white space around parentheses and operators (never inside an item, where it belongs to the value), a
// single item without parentheses, and LDAPv2's escapes \( \) \* \\. Stars side by side count as one. The error is a
// [*SyntaxError].
func Parse(s string) (directory.Filter, error) {
	p := parser{s: s}
	p.space()
	var f directory.Filter
	var err error
	if p.peek() == '(' {
		f, err = p.filter(1)
		p.space()
	} else {
		p.bare = true
		f, err = p.item()
	}
	if err != nil {
		return nil, err
	}
	if p.i < len(s) {
		return nil, p.fail("text after the end of the filter")
	}
	return f, nil
}

type parser struct {
	s     string
	i     int // next byte
	terms int
	bare  bool // the whole string is one item without parentheses
}

func (p *parser) fail(format string, args ...any) error {
	return &SyntaxError{Offset: p.i, Reason: fmt.Sprintf(format, args...)}
}

// peek returns the next byte, 0 at the end. A NUL in the string is no valid byte anywhere, so the two may look alike.
func (p *parser) peek() byte {
	if p.i < len(p.s) {
		return p.s[p.i]
	}
	return 0
}

func (p *parser) space() {
	for p.i < len(p.s) && strings.IndexByte(" \t\r\n", p.s[p.i]) >= 0 {
		p.i++
	}
}

// filter reads one filter; the next byte is its left parenthesis.
func (p *parser) filter(depth int) (f directory.Filter, err error) {
	if depth > DepthMax {
		return nil, p.fail("nested more than %d deep", DepthMax)
	}
	p.i++
	p.space()
	switch p.peek() {
	case '&', '|':
		if err := p.count(); err != nil {
			return nil, err
		}
		and := p.peek() == '&'
		p.i++
		list, err := p.list(depth + 1)
		if err != nil {
			return nil, err
		}
		if and {
			f = directory.And(list)
		} else {
			f = directory.Or(list)
		}
	case '!':
		if err := p.count(); err != nil {
			return nil, err
		}
		p.i++
		p.space()
		if p.peek() != '(' {
			return nil, p.fail("a filter in parentheses must follow '!'")
		}
		inner, err := p.filter(depth + 1)
		if err != nil {
			return nil, err
		}
		p.space()
		f = &directory.Not{Filter: inner}
	default:
		if f, err = p.item(); err != nil {
			return nil, err
		}
	}
	if p.peek() != ')' {
		return nil, p.fail("')' is missing")
	}
	p.i++
	return f, nil
}

// list reads filters up to the right parenthesis that ends an And or Or.
func (p *parser) list(depth int) ([]directory.Filter, error) {
	list := []directory.Filter{}
	for {
		p.space()
		if p.peek() != '(' {
			return list, nil
		}
		f, err := p.filter(depth)
		if err != nil {
			return nil, err
		}
		list = append(list, f)
	}
}

func (p *parser) count() error {
	if p.terms++; p.terms > TermsMax {
		return p.fail("more than %d terms", TermsMax)
	}
	return nil
}
