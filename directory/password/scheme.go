package password

import (
	"bytes"
	"errors"
)

// scheme is one way of storing a password. body is what follows the prefix "{NAME}".
type scheme struct {
	name string // as stored, without braces, upper case
	// fast says that match takes about a microsecond and no memory; inspect is then needed only by CheckStored.
	fast bool
	// inspect says whether body is well-formed and its parameters are within bounds, and how many bytes of memory match
	// will take.
	inspect func(body []byte) (memoryBytes int64, err error)
	// match reports whether body was made of cleartext; a malformed body never matches. It is called with a cleartext
	// of 1 to MaxPasswordBytes bytes. Where inspect bounds a cost, inspect has passed.
	match func(body, cleartext []byte) bool
}

// schemes lists every scheme that is verified, the likely ones first.
var schemes = []scheme{
	{"SSHA", true, salted(sha1Digest).inspect, salted(sha1Digest).match},
	{"ARGON2", false, inspectArgon2, matchArgon2},
	{"CRYPT", false, inspectCrypt, matchCrypt},
	{"SSHA512", true, salted(sha512Digest).inspect, salted(sha512Digest).match},
	{"SSHA256", true, salted(sha256Digest).inspect, salted(sha256Digest).match},
	{"PBKDF2-SHA512", false, pbkdf2SHA512.inspect, pbkdf2SHA512.match},
	{"PBKDF2-SHA256", false, pbkdf2SHA256.inspect, pbkdf2SHA256.match},
	{"PBKDF2-SHA1", false, pbkdf2SHA1.inspect, pbkdf2SHA1.match},
	{"PBKDF2", false, pbkdf2SHA1.inspect, pbkdf2SHA1.match},
	{"PBKDF2_SHA256", false, inspectPBKDF2Binary, matchPBKDF2Binary},
	{"SSHA384", true, salted(sha384Digest).inspect, salted(sha384Digest).match},
	{"SHA", true, unsalted(sha1Digest).inspect, unsalted(sha1Digest).match},
	{"SHA256", true, unsalted(sha256Digest).inspect, unsalted(sha256Digest).match},
	{"SHA384", true, unsalted(sha384Digest).inspect, unsalted(sha384Digest).match},
	{"SHA512", true, unsalted(sha512Digest).inspect, unsalted(sha512Digest).match},
	{"SMD5", true, salted(md5Digest).inspect, salted(md5Digest).match},
	{"MD5", true, unsalted(md5Digest).inspect, unsalted(md5Digest).match},
	{"CLEARTEXT", true, inspectClear, matchClear},
}

// noScheme stands for a value without a prefix: the password itself.
var noScheme = scheme{"", true, inspectClear, matchClear}

// split finds the scheme of value and the part after the prefix. It returns nil for a prefix that is well-formed but unknown:
// such a value is never taken for clear text, or whoever reads the hash could bind with it.
func split(value []byte) (s *scheme, body []byte) {
	name, body := cutPrefix(value)
	if name == nil {
		return &noScheme, value
	}
	for i := range schemes {
		if equalFold(name, schemes[i].name) {
			return &schemes[i], body
		}
	}
	return nil, body
}

// cutPrefix splits "{NAME}rest"; name is nil if value does not begin so.
func cutPrefix(value []byte) (name, body []byte) {
	if len(value) < 3 || value[0] != '{' {
		return nil, value
	}
	for i, c := range value[1:min(len(value), maxSchemeNameBytes+2)] {
		switch {
		case c == '}' && i > 0:
			return value[1 : i+1], value[i+2:]
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.', c == '/':
		default:
			return nil, value
		}
	}
	return nil, value
}

// equalFold compares name with upper, which is in upper case, without regard to the case of ASCII letters.
func equalFold(name []byte, upper string) bool {
	if len(name) != len(upper) {
		return false
	}
	for i, c := range name {
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		if c != upper[i] {
			return false
		}
	}
	return true
}

// Scheme returns the name in the prefix "{NAME}" of a userPassword value, in upper case, and whether it is one that this
// package verifies. A value without a prefix is clear text: it has the name "" and is known.
func Scheme(value []byte) (name string, known bool) {
	if s, _ := split(value); s != nil {
		return s.name, true
	}
	prefix, _ := cutPrefix(value)
	return string(bytes.ToUpper(prefix)), false
}

// Clear returns the password that value holds in clear, with the prefix {CLEARTEXT} or with none, and reports whether it
// does. An import hashes it.
func Clear(value []byte) (cleartext []byte, ok bool) {
	s, body := split(value)
	if s == nil || s.name != "" && s.name != "CLEARTEXT" {
		return nil, false
	}
	return body, true
}

// CheckStored reports, as a *StoredError, why value is not to be stored as it is: no prefix, an unknown scheme, a form that
// its scheme does not have, or a parameter out of bounds.
func CheckStored(value []byte) error {
	name, _ := Scheme(value)
	if len(value) > MaxStoredBytes {
		return &StoredError{name, "length", ErrOutOfBounds}
	}
	s, body := split(value)
	switch s {
	case nil:
		return &StoredError{name, "", ErrUnknownScheme}
	case &noScheme:
		return &StoredError{"", "", ErrNoScheme}
	}
	_, err := s.inspect(body)
	if se := (*StoredError)(nil); errors.As(err, &se) {
		se.Scheme = name
	}
	return err
}
