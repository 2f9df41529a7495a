package password

import (
	"bytes"
	"crypto/subtle"

	"github.com/go-crypt/x/yescrypt"
)

// A yescrypt value is "$y$jNR$SALT$KEY": j stands for the default flags, N and R are one digit each (log2 of the blocks, less one,
// and the block size, less one). libxcrypt, which Linux distributions use, makes no others.
const (
	yescryptPrefix       = "$y$j"
	yescryptHeadEnd      = 6  // the index of the '$' after "$y$j9T"
	yescryptKeyBytes     = 43 // characters of 32 bytes
	yescryptMaxSaltBytes = 86 // characters of 64 bytes
	yescryptMinLog2N     = 10
	yescryptMaxLog2N     = 18
	yescryptMaxR         = 32
)

func inspectYescrypt(value []byte) (memoryBytes int64, err error) {
	if !bytes.HasPrefix(value, []byte(yescryptPrefix)) {
		return 0, &StoredError{What: "yescrypt flags", Err: ErrUnknownScheme}
	}
	if len(value) <= yescryptHeadEnd || value[yescryptHeadEnd] != '$' {
		return 0, malformed("yescrypt parameters")
	}
	log2N, okN := cryptDigit(value[4])
	r, okR := cryptDigit(value[5])
	if log2N, r = log2N+1, r+1; !okN || !okR {
		return 0, malformed("yescrypt parameters")
	}
	salt, key, found := bytes.Cut(value[yescryptHeadEnd+1:], []byte("$"))
	switch {
	case !found, len(salt) > yescryptMaxSaltBytes, yescrypt.Decode64(salt) == nil:
		return 0, malformed("salt")
	case len(key) != yescryptKeyBytes, !isCryptAlphabet(key):
		return 0, malformed("key")
	case log2N < yescryptMinLog2N, log2N > yescryptMaxLog2N, r > yescryptMaxR:
		return 0, outOfBounds("yescrypt cost")
	}
	memoryBytes = 128 * int64(r) << log2N
	if memoryBytes > MaxYescryptMemoryBytes {
		return 0, outOfBounds("yescrypt memory")
	}
	return memoryBytes, nil
}

func matchYescrypt(value, cleartext []byte) bool {
	got, err := yescrypt.Hash(cleartext, value)
	return err == nil && subtle.ConstantTimeCompare(got, value) == 1
}
