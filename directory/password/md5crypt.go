package password

import (
	"bytes"
	"crypto/subtle"

	"github.com/go-crypt/x/crypt"
)

const (
	md5CryptMaxSaltBytes = 8
	md5CryptKeyBytes     = 22 // characters
)

// parseMD5Crypt splits "$1$SALT$KEY" (Poul-Henning Kamp's MD5-crypt).
func parseMD5Crypt(value []byte) (salt, key []byte, err error) {
	salt, key, found := bytes.Cut(value[len("$1$"):], []byte("$"))
	if !found || len(salt) > md5CryptMaxSaltBytes || !isCryptSalt(salt) {
		return nil, nil, malformed("salt")
	}
	if len(key) != md5CryptKeyBytes || !isCryptAlphabet(key) {
		return nil, nil, malformed("key")
	}
	return salt, key, nil
}

func inspectMD5Crypt(value []byte) (int64, error) {
	_, _, err := parseMD5Crypt(value)
	return 0, err
}

func matchMD5Crypt(value, cleartext []byte) bool {
	salt, key, err := parseMD5Crypt(value)
	return err == nil && subtle.ConstantTimeCompare(crypt.KeyMD5Crypt(cleartext, salt), key) == 1
}
