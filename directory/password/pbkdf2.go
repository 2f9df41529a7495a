package password

import (
	"bytes"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/binary"
	"hash"
)

// pbkdf2Family verifies "ITERATIONS$SALT$KEY" (RFC 8018 section 5.2), as OpenLDAP's pw-pbkdf2 and passlib write it (base64 with
// '.' for '+', no padding) and as 389-DS writes it (base64 with '+').
type pbkdf2Family struct {
	digest func() hash.Hash
	size   int // of a block, in bytes
}

var (
	pbkdf2SHA1   = pbkdf2Family{sha1.New, sha1.Size}
	pbkdf2SHA256 = pbkdf2Family{sha256.New, sha256.Size}
	pbkdf2SHA512 = pbkdf2Family{sha512.New, sha512.Size}
)

// pbkdf2Value is a parsed value.
type pbkdf2Value struct {
	iterations int
	salt, key  []byte
}

func (f pbkdf2Family) parse(body []byte) (v pbkdf2Value, err error) {
	head, rest, _ := bytes.Cut(body, []byte("$"))
	salt, key, found := bytes.Cut(rest, []byte("$"))
	if !found || bytes.IndexByte(key, '$') >= 0 {
		return v, malformed("number of fields")
	}
	var ok bool
	if v.iterations, ok = parseDecimal(head, 1<<30); !ok {
		return v, malformed("iterations")
	}
	if v.salt, ok = decodeAdaptedBase64(make([]byte, len(salt)), salt); !ok {
		return v, malformed("base64 of the salt")
	}
	if v.key, ok = decodeAdaptedBase64(make([]byte, len(key)), key); !ok {
		return v, malformed("base64 of the key")
	}
	return v, f.check(v)
}

func (f pbkdf2Family) check(v pbkdf2Value) error {
	blocks := (len(v.key) + f.size - 1) / f.size
	switch {
	case len(v.key) < minKeyBytes, len(v.key) > maxKeyBytes:
		return outOfBounds("length of the key")
	case len(v.salt) == 0, len(v.salt) > maxSaltBytes:
		return outOfBounds("length of the salt")
	case v.iterations < 1, v.iterations*blocks > MaxPBKDF2Blocks:
		return outOfBounds("iterations")
	}
	return nil
}

func (f pbkdf2Family) inspect(body []byte) (int64, error) {
	_, err := f.parse(body)
	return 0, err
}

func (f pbkdf2Family) match(body, cleartext []byte) bool {
	v, err := f.parse(body)
	return err == nil && f.matchValue(v, cleartext)
}

func (f pbkdf2Family) matchValue(v pbkdf2Value, cleartext []byte) bool {
	key, err := pbkdf2.Key(f.digest, string(cleartext), v.salt, v.iterations, len(v.key))
	return err == nil && subtle.ConstantTimeCompare(key, v.key) == 1
}

// The form of 389-DS's {PBKDF2_SHA256}: base64 of
//
//	0        4                  68                             324
//	+--------+------------------+------------------------------+
//	| rounds | salt             | key                          |
//	+--------+------------------+------------------------------+
//
// with the rounds in network order.
const (
	pbkdf2BinaryRounds = 4
	pbkdf2BinarySalt   = 64
	pbkdf2BinaryKey    = 256
	pbkdf2BinaryBytes  = pbkdf2BinaryRounds + pbkdf2BinarySalt + pbkdf2BinaryKey
)

func parsePBKDF2Binary(body []byte) (v pbkdf2Value, err error) {
	raw, ok := decodeBase64(make([]byte, pbkdf2BinaryBytes), body)
	if !ok || len(raw) != pbkdf2BinaryBytes {
		return v, malformed("base64 of 324 bytes")
	}
	v.iterations = int(min(binary.BigEndian.Uint32(raw), 1<<30))
	v.salt = raw[pbkdf2BinaryRounds:][:pbkdf2BinarySalt]
	v.key = raw[pbkdf2BinaryRounds+pbkdf2BinarySalt:]
	return v, pbkdf2SHA256.check(v)
}

func inspectPBKDF2Binary(body []byte) (int64, error) {
	_, err := parsePBKDF2Binary(body)
	return 0, err
}

func matchPBKDF2Binary(body, cleartext []byte) bool {
	v, err := parsePBKDF2Binary(body)
	return err == nil && pbkdf2SHA256.matchValue(v, cleartext)
}
