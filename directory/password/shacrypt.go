package password

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"hash"

	"github.com/go-crypt/x/crypt"
)

// shaCrypt verifies "$6$SALT$KEY" and "$6$rounds=N$SALT$KEY" (Ulrich Drepper's SHA-crypt), and $5$ likewise.
type shaCrypt struct {
	digest   func() hash.Hash
	keyBytes int // characters
}

var (
	sha256Crypt = shaCrypt{sha256.New, 43}
	sha512Crypt = shaCrypt{sha512.New, 86}
)

const (
	shaCryptDefaultRounds = 5000
	shaCryptMaxSaltBytes  = 16
)

// shaCryptValue is a parsed value.
type shaCryptValue struct {
	rounds    int
	salt, key []byte
}

func (s shaCrypt) parse(value []byte) (v shaCryptValue, err error) {
	v.rounds = shaCryptDefaultRounds
	rest := value[len("$6$"):]
	if digits, ok := bytes.CutPrefix(rest, []byte("rounds=")); ok {
		var found bool
		digits, rest, found = bytes.Cut(digits, []byte("$"))
		if v.rounds, ok = parseDecimal(digits, 1<<30); !ok || !found {
			return v, malformed("rounds")
		}
	}
	salt, key, found := bytes.Cut(rest, []byte("$"))
	switch {
	case !found, len(salt) > shaCryptMaxSaltBytes, !isCryptSalt(salt):
		return v, malformed("salt")
	case len(key) != s.keyBytes, !isCryptAlphabet(key):
		return v, malformed("key")
	case v.rounds < MinSHACryptRounds, v.rounds > MaxSHACryptRounds:
		return v, outOfBounds("rounds")
	}
	v.salt, v.key = salt, key
	return v, nil
}

func (s shaCrypt) inspect(value []byte) (int64, error) {
	_, err := s.parse(value)
	return 0, err
}

func (s shaCrypt) match(value, cleartext []byte) bool {
	v, err := s.parse(value)
	return err == nil && subtle.ConstantTimeCompare(crypt.KeySHACrypt(s.digest, cleartext, v.salt, v.rounds), v.key) == 1
}
