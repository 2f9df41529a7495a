package password

import "bytes"

// cryptMethod is one of the methods of crypt(3) that {CRYPT} stores; value is the whole crypt string.
type cryptMethod struct {
	prefix  string
	inspect func(value []byte) (memoryBytes int64, err error)
	match   func(value, cleartext []byte) bool // inspect has passed
}

var cryptMethods = []cryptMethod{
	{"$6$", sha512Crypt.inspect, sha512Crypt.match},
	{"$5$", sha256Crypt.inspect, sha256Crypt.match},
	{"$y$", inspectYescrypt, matchYescrypt},
	{"$2b$", inspectBcrypt, matchBcrypt},
	{"$2a$", inspectBcrypt, matchBcrypt},
	{"$2y$", inspectBcrypt, matchBcrypt},
	{"$1$", inspectMD5Crypt, matchMD5Crypt},
}

var desCryptMethod = cryptMethod{"", inspectDESCrypt, matchDESCrypt}

// cryptMethodOf returns nil for a method that is not verified, such as $2x$, which is bcrypt with a broken implementation.
func cryptMethodOf(value []byte) *cryptMethod {
	if len(value) == 0 || value[0] != '$' {
		return &desCryptMethod
	}
	for i := range cryptMethods {
		if bytes.HasPrefix(value, []byte(cryptMethods[i].prefix)) {
			return &cryptMethods[i]
		}
	}
	return nil
}

func inspectCrypt(value []byte) (int64, error) {
	m := cryptMethodOf(value)
	if m == nil {
		return 0, &StoredError{What: "crypt method", Err: ErrUnknownScheme}
	}
	return m.inspect(value)
}

// matchCrypt refuses what crypt(3) cannot take: a NUL byte, which ends a password there, and too many bytes.
func matchCrypt(value, cleartext []byte) bool {
	m := cryptMethodOf(value)
	if m == nil || len(cleartext) > MaxCryptPasswordBytes || bytes.IndexByte(cleartext, 0) >= 0 {
		return false
	}
	if _, err := m.inspect(value); err != nil {
		return false
	}
	return m.match(value, cleartext)
}

// cryptAlphabet is the base64 alphabet of crypt(3), in the order of the values 0 to 63.
const cryptAlphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// cryptDigit returns the value of c in cryptAlphabet, and false if it is not in there.
func cryptDigit(c byte) (uint32, bool) {
	switch {
	case c == '.' || c == '/' || c >= '0' && c <= '9':
		return uint32(c - '.'), true
	case c >= 'A' && c <= 'Z':
		return uint32(c-'A') + 12, true
	case c >= 'a' && c <= 'z':
		return uint32(c-'a') + 38, true
	}
	return 0, false
}

func isCryptAlphabet(s []byte) bool {
	for _, c := range s {
		if _, ok := cryptDigit(c); !ok {
			return false
		}
	}
	return true
}

// isCryptSalt reports whether s may be a salt of the methods that take nearly every character.
func isCryptSalt(s []byte) bool {
	for _, c := range s {
		if c <= ' ' || c > '~' || c == '$' || c == ':' {
			return false
		}
	}
	return true
}
