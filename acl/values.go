package acl

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"gatehouse/directory"
)

// values is a condition on values, made ready.
type values struct{ *Values }

func (c *compiler) values(v *Values) (*values, error) {
	if v == nil {
		return nil, nil
	}
	if c.schema == nil {
		return nil, errors.New("a condition on values without a schema")
	}
	if !v.Self && v.AnyOf == nil && v.Under == nil && v.Pattern == "" {
		return nil, errors.New("a condition on values without a condition")
	}
	return &values{v}, nil
}

// accepts reports whether a condition holds for a value; one that cannot be evaluated counts as unclear. No condition holds for
// all values, another one never for every.
func (p *Policy) accepts(v *values, by *resolved, d *directory.AttributeDescription, value []byte, unclear bool) bool {
	if v == nil {
		return true
	}
	if isEvery(value) {
		return unclear
	}
	if v.Self || v.Under != nil {
		ndn, err := p.schema.AppendNDN(nil, string(value))
		switch {
		case err != nil:
			return unclear
		case v.Self && (by.id == 0 || directory.NDN(ndn) != by.ndn),
			v.Under != nil && !slices.ContainsFunc(v.Under, directory.NDN(ndn).IsUnder):
			return false
		}
	}
	if v.AnyOf != nil {
		key, err := p.schema.EqualityKey(d, value)
		if err != nil {
			return unclear
		}
		if !slices.ContainsFunc(v.AnyOf, func(one string) bool {
			k, err := p.schema.EqualityKey(d, []byte(one))
			return err == nil && bytes.Equal(k, key)
		}) {
			return false
		}
	}
	return v.Pattern == "" || p.fits(v.Pattern, d, string(value))
}

// fits reports whether a value fits a pattern, without regard to case and repeated spaces where its equality rule does so.
func (p *Policy) fits(pattern string, d *directory.AttributeDescription, value string) bool {
	upper, err1 := p.schema.EqualityKey(d, []byte("A"))
	lower, err2 := p.schema.EqualityKey(d, []byte("a"))
	if err1 == nil && err2 == nil && bytes.Equal(upper, lower) {
		pattern, value = fold(pattern), fold(value)
	}
	return glob([]rune(pattern), []rune(value))
}

func fold(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// glob matches the whole text in time proportional to the product of the lengths.
func glob(pattern, text []rune) bool {
	p, t, star, mark := 0, 0, -1, 0
	for t < len(text) {
		literal, width := rune(-1), 0
		if p < len(pattern) {
			literal, width = pattern[p], 1
			if literal == '\\' && p+1 < len(pattern) {
				literal, width = pattern[p+1], 2
			}
		}
		switch {
		case width == 1 && literal == '*':
			star, mark = p, t
			p++
		case width == 1 && literal == '?', width > 0 && literal == text[t]:
			p, t = p+width, t+1
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
