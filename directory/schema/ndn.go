package schema

import (
	"errors"
	"slices"
	"unicode/utf8"

	"gatehouse/directory"
)

// Normalized names ([directory.NDN]). A value is prepared by the EQUALITY rule of its type and then written so that the
// name parses to itself: the characters , + \ " ; < > # and those below space as \xx, bytes that are not UTF-8 as well,
// a space at either end as \20. Parts of an RDN are sorted by their bytes.

// nameNestingMax bounds names inside names ("seeAlso=cn=a,..."): each level is parsed again.
const nameNestingMax = 2

var errNesting = errors.New("names inside names inside names")

// AppendNDN appends the normalized form of a name as text. It does not allocate for names in the common forms: RDNs of one
// attribute, not quoted. Errors are those of [directory.ParseDN] and [Schema.NormalizeDN].
func (s *Schema) AppendNDN(dst []byte, dn string) ([]byte, error) {
	if out, ok := s.appendSimpleName(dst, dn); ok {
		return out, nil
	}
	return s.appendName(dst, dn, 0)
}

// NormalizeDN implements [directory.Normalizer].
func (s *Schema) NormalizeDN(dn directory.DN) (directory.NDN, error) {
	b, err := s.appendDN(nil, dn, 0)
	return directory.NDN(b), err
}

// NormalizeRDN implements [directory.Normalizer].
func (s *Schema) NormalizeRDN(rdn directory.RDN) (directory.NRDN, error) {
	b, err := s.appendRDN(nil, rdn, 0)
	return directory.NRDN(b), err
}

// ParseName parses and normalizes a name.
func (s *Schema) ParseName(dn string) (directory.DN, directory.NDN, error) {
	parsed, err := directory.ParseDN(dn)
	if err != nil {
		return directory.DN{}, "", err
	}
	ndn, err := s.NormalizeDN(parsed)
	return parsed, ndn, err
}

func (s *Schema) appendName(dst []byte, dn string, depth int) ([]byte, error) {
	parsed, err := directory.ParseDN(dn)
	if err != nil {
		return dst, err
	}
	return s.appendDN(dst, parsed, depth)
}

func (s *Schema) appendDN(dst []byte, dn directory.DN, depth int) ([]byte, error) {
	out := dst
	for i, rdn := range dn.RDNs() {
		if i > 0 {
			out = append(out, ',')
		}
		var err error
		if out, err = s.appendRDN(out, rdn, depth); err != nil {
			return dst, err
		}
	}
	return out, nil
}

func (s *Schema) appendRDN(dst []byte, rdn directory.RDN, depth int) ([]byte, error) {
	if len(rdn) == 1 {
		return s.appendAVA(dst, rdn[0], depth)
	}
	if len(rdn) == 0 {
		return dst, directory.Errorf(directory.InvalidDNSyntax, "an RDN without an attribute")
	}
	parts := make([]string, 0, len(rdn))
	types := make([]*AttributeType, 0, len(rdn))
	for _, ava := range rdn {
		part, err := s.appendAVA(nil, ava, depth)
		if err != nil {
			return dst, err
		}
		t := s.TypeByName(ava.Type)
		if slices.Contains(types, t) {
			return dst, directory.Errorf(directory.InvalidDNSyntax, "attribute %q stands twice in one RDN", t.Name())
		}
		parts, types = append(parts, string(part)), append(types, t)
	}
	slices.Sort(parts)
	for i, part := range parts {
		if i > 0 {
			dst = append(dst, '+')
		}
		dst = append(dst, part...)
	}
	return dst, nil
}

func (s *Schema) appendAVA(dst []byte, ava directory.AttributeTypeAndValue, depth int) ([]byte, error) {
	t := s.TypeByName(ava.Type)
	if t == nil {
		return dst, directory.Errorf(directory.InvalidDNSyntax, "invalid DN: attribute type %q is unknown", ava.Type)
	}
	sc := getScratch()
	defer sc.release()
	var err error
	if sc.keys, err = s.appendNamed(sc.keys[:0], t, ava.Value, depth); err != nil {
		return dst, directory.Errorf(directory.InvalidDNSyntax, "invalid DN: the value of %q is invalid: %s", t.Name(), reasonOf(err))
	}
	dst = append(append(dst, t.desc.Key...), '=')
	return appendNameValue(dst, sc.keys), nil
}

// appendNamed appends the text that stands for a value in a name, not yet escaped.
func (s *Schema) appendNamed(dst []byte, t *AttributeType, value []byte, depth int) ([]byte, error) {
	if t.Syntax.isName() {
		if depth+1 > nameNestingMax {
			return dst, errNesting
		}
		name, bits := stringOf(value), []byte(nil)
		if t.Syntax.impl.oid == oidNameAndUID {
			name, bits = splitUID(value)
		}
		dst, err := s.appendName(dst, name, depth+1)
		if bits != nil {
			dst = append(append(dst, '#'), bits...)
		}
		return dst, err
	}
	if err := t.Syntax.Validate(value); err != nil {
		return dst, err
	}
	switch {
	case t.Equality == nil:
		return append(dst, value...), nil
	case t.Equality.impl.named != nil:
		return t.Equality.impl.named(s, dst, value)
	}
	start := len(dst)
	dst, err := t.Equality.Prepare(dst, value)
	// Preparation takes spaces away that the syntax may ask for: a telephone number of a hyphen, a country of one letter.
	for range 2 {
		if err == nil && t.Syntax.Validate(dst[start:]) != nil {
			dst = append(dst, ' ')
		}
	}
	return dst, err
}

// appendNameValue escapes a prepared value.
func appendNameValue(dst, value []byte) []byte {
	for i := 0; i < len(value); {
		c := value[i]
		if c < utf8.RuneSelf {
			if simpleNameByte[c] && (c != ' ' || i > 0 && i < len(value)-1) {
				dst = append(dst, c)
			} else {
				dst = appendHexPair(dst, c)
			}
			i++
			continue
		}
		if r, n := utf8.DecodeRune(value[i:]); r != utf8.RuneError || n > 1 {
			dst = append(dst, value[i:i+n]...)
			i += n
			continue
		}
		dst = appendHexPair(dst, c)
		i++
	}
	return dst
}

func appendHexPair(dst []byte, c byte) []byte {
	const digits = "0123456789abcdef"
	return append(dst, '\\', digits[c>>4], digits[c&15])
}

func checkDN(s *Schema, v []byte) error {
	sc := getScratch()
	defer sc.release()
	var err error
	sc.text, err = s.AppendNDN(sc.text[:0], stringOf(v))
	return err
}
