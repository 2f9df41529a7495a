package schema

import (
	"bytes"
	"errors"
)

var (
	errNotInteger = errors.New("no integer")
	errNotBoolean = errors.New("neither TRUE nor FALSE")
	errNotBits    = errors.New("no bit string")
	errNotUUID    = errors.New("no UUID")
	errNotOID     = errors.New("neither a name nor an OID")
	errNotCSN     = errors.New("no CSN")
)

// integerDigitsMax bounds integers: 1,000 digits are more than any attribute holds, and the cost of an ordering key is
// quadratic in them.
const integerDigitsMax = 1000

// checkInteger is RFC 4517 section 3.3.16: no leading zeros, no "-0", no plus.
func checkInteger(_ *Schema, v []byte) error {
	digits := v
	if len(v) > 0 && v[0] == '-' {
		digits = v[1:]
	}
	if len(digits) == 0 || len(digits) > integerDigitsMax || digits[0] == '0' && len(v) > 1 {
		return errNotInteger
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return errNotInteger
		}
	}
	return nil
}

func checkBoolean(_ *Schema, v []byte) error {
	if string(v) != "TRUE" && string(v) != "FALSE" {
		return errNotBoolean
	}
	return nil
}

// checkBitString is RFC 4517 section 3.3.2: '0101'B.
func checkBitString(_ *Schema, v []byte) error {
	if len(v) < 3 || v[0] != '\'' || v[len(v)-1] != 'B' || v[len(v)-2] != '\'' {
		return errNotBits
	}
	for _, c := range v[1 : len(v)-2] {
		if c != '0' && c != '1' {
			return errNotBits
		}
	}
	return nil
}

// checkUUID is RFC 4530 section 2.1.
func checkUUID(_ *Schema, v []byte) error {
	if len(v) != 36 {
		return errNotUUID
	}
	for i, c := range v {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return errNotUUID
			}
		} else if !isHexDigit(c) {
			return errNotUUID
		}
	}
	return nil
}

func isHexDigit(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }

// checkOID is RFC 4517 section 3.3.26: a name or an OID, known or not.
func checkOID(_ *Schema, v []byte) error {
	if len(v) == 0 {
		return errEmpty
	}
	if name := stringOf(v); !isDescr(name) && !isNumericOID(name) {
		return errNotOID
	}
	return nil
}

// checkCSN takes the change sequence numbers of OpenLDAP: time#count#replica#modification.
func checkCSN(_ *Schema, v []byte) error {
	if len(v) > 64 || bytes.Count(v, []byte{'#'}) != 3 {
		return errNotCSN
	}
	time, rest, _ := bytes.Cut(v, []byte{'#'})
	for _, c := range rest {
		if c != '#' && !isHexDigit(c) {
			return errNotCSN
		}
	}
	_, err := appendTime(nil, time)
	return err
}

// checkAuthPassword is RFC 3112 section 3.1: scheme $ authInfo $ authValue.
func checkAuthPassword(s *Schema, v []byte) error {
	parts := bytes.Split(v, []byte{'$'})
	if len(parts) != 3 {
		return errors.New("not scheme$info$value")
	}
	if len(bytes.Trim(parts[0], " ")) == 0 {
		return errors.New("no scheme")
	}
	return checkIA5(s, v)
}

// definitionCheck makes the check of a syntax of schema definitions.
func definitionCheck[D any](parse func(string) (D, error)) func(*Schema, []byte) error {
	return func(_ *Schema, v []byte) error {
		_, err := parse(string(v))
		return err
	}
}
