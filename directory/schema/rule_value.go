package schema

import (
	"bytes"
	"errors"
	"math/big"
	"strings"
)

// prepareVerbatim compares octets as they are.
func prepareVerbatim(_ *Schema, dst, v []byte) ([]byte, error) { return append(dst, v...), nil }

func prepareBoolean(_ *Schema, dst, v []byte) ([]byte, error) {
	if err := checkBoolean(nil, v); err != nil {
		return dst, err
	}
	return append(dst, v...), nil
}

func prepareBits(_ *Schema, dst, v []byte) ([]byte, error) {
	if err := checkBitString(nil, v); err != nil {
		return dst, err
	}
	return append(dst, v...), nil
}

func prepareUUID(_ *Schema, dst, v []byte) ([]byte, error) {
	if err := checkUUID(nil, v); err != nil {
		return dst, err
	}
	for _, c := range v {
		if 'A' <= c && c <= 'F' {
			c |= 0x20
		}
		dst = append(dst, c)
	}
	return dst, nil
}

func prepareCSN(_ *Schema, dst, v []byte) ([]byte, error) {
	if err := checkCSN(nil, v); err != nil {
		return dst, err
	}
	return append(dst, v...), nil
}

func prepareTime(_ *Schema, dst, v []byte) ([]byte, error) { return appendTime(dst, v) }

func nameTime(_ *Schema, dst, v []byte) ([]byte, error) {
	dst, err := appendTime(dst, v)
	return append(dst, 'Z'), err
}

// An integer's key is drawn so that bytes sort as numbers do:
//
//	negative, n bytes of magnitude: 0x7f-n, magnitude with all bits inverted
//	zero:                           0x80
//	positive, n bytes of magnitude: 0x80+n, magnitude
//
// n is at most 0x6f; longer magnitudes have 0x0f or 0xf0 in front and n in two bytes, which are inverted as well for negative
// numbers.
const (
	integerZero     = 0x80
	integerShortMax = 0x6f
	integerLongNeg  = 0x0f
	integerLongPos  = 0xf0
)

func prepareInteger(_ *Schema, dst, v []byte) ([]byte, error) {
	if err := checkInteger(nil, v); err != nil {
		return dst, err
	}
	if len(v) > 18 {
		return appendBigInteger(dst, v), nil
	}
	negative := v[0] == '-'
	digits := v
	if negative {
		digits = v[1:]
	}
	n := uint64(number(digits))
	var magnitude [8]byte
	size := 0
	for x := n; x > 0; x >>= 8 {
		size++
	}
	for i := range size {
		magnitude[i] = byte(n >> (8 * (size - 1 - i)))
	}
	return appendInteger(dst, negative, magnitude[:size]), nil
}

func appendBigInteger(dst, v []byte) []byte {
	n, _ := new(big.Int).SetString(string(v), 10)
	return appendInteger(dst, n.Sign() < 0, n.Bytes())
}

func appendInteger(dst []byte, negative bool, magnitude []byte) []byte {
	n := len(magnitude)
	start := len(dst)
	switch {
	case n <= integerShortMax && negative:
		dst = append(dst, byte(integerZero-1-n))
	case n <= integerShortMax:
		dst = append(dst, byte(integerZero+n))
	case negative:
		dst = append(dst, integerLongNeg, ^byte(n>>8), ^byte(n))
		start += 3
	default:
		dst = append(dst, integerLongPos, byte(n>>8), byte(n))
	}
	if n <= integerShortMax {
		start++
	}
	dst = append(dst, magnitude...)
	if negative {
		for i := start; i < len(dst); i++ {
			dst[i] = ^dst[i]
		}
	}
	return dst
}

// prepareOID is RFC 4517 section 4.2.26. Names of object classes, attribute types and matching rules become their OIDs; an
// unknown name is compared without regard to case.
func prepareOID(s *Schema, dst, v []byte) ([]byte, error) {
	if err := checkOID(s, v); err != nil {
		return dst, err
	}
	name := stringOf(v)
	if c := s.ObjectClass(name); c != nil {
		return append(dst, c.OID...), nil
	}
	if t := s.TypeByName(name); t != nil {
		return append(dst, t.OID...), nil
	}
	if r := s.MatchingRule(name); r != nil {
		return append(dst, r.OID...), nil
	}
	for _, c := range v {
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		dst = append(dst, c)
	}
	return dst, nil
}

var errNoComponent = errors.New("no first component")

// firstComponent returns the first word of a definition in parentheses, and an assertion, which has none, as it is.
func firstComponent(v []byte) ([]byte, error) {
	v = bytes.TrimLeft(v, " ")
	if len(v) == 0 || v[0] != '(' {
		return v, nil
	}
	v = bytes.TrimLeft(v[1:], " ")
	if i := bytes.IndexAny(v, " )"); i > 0 {
		return v[:i], nil
	}
	return nil, errNoComponent
}

func prepareOIDFirst(s *Schema, dst, v []byte) ([]byte, error) {
	first, err := firstComponent(v)
	if err != nil {
		return dst, err
	}
	return prepareOID(s, dst, first)
}

func prepareIntegerFirst(s *Schema, dst, v []byte) ([]byte, error) {
	first, err := firstComponent(v)
	if err != nil {
		return dst, err
	}
	return prepareInteger(s, dst, first)
}

func prepareIgnoreFirst(s *Schema, dst, v []byte) ([]byte, error) {
	first, err := firstComponent(v)
	if err != nil {
		return dst, err
	}
	return prepareIgnore(s, dst, bytes.Trim(first, "'"))
}

// splitUID splits a NameAndOptionalUID (RFC 4517 section 3.3.21) at the '#' before its bit string. A '#' before anything
// else belongs to the name.
func splitUID(v []byte) (name string, bits []byte) {
	text := stringOf(v)
	if i := strings.LastIndexByte(text, '#'); i >= 0 && checkBitString(nil, v[i+1:]) == nil {
		return text[:i], v[i+1:]
	}
	return text, nil
}

func checkNameAndUID(s *Schema, v []byte) error {
	name, _ := splitUID(v)
	return checkDN(s, []byte(name))
}

func prepareNameAndUID(s *Schema, dst, v []byte) ([]byte, error) {
	name, bits := splitUID(v)
	dst, err := s.AppendNDN(dst, name)
	if err == nil && bits != nil {
		dst = append(append(dst, '#'), bits...)
	}
	return dst, err
}

func prepareDN(s *Schema, dst, v []byte) ([]byte, error) { return s.AppendNDN(dst, stringOf(v)) }
