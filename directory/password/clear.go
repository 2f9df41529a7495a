package password

import (
	"crypto/sha256"
	"crypto/subtle"
)

// inspectClear wants a password that could be used in a bind.
func inspectClear(body []byte) (int64, error) {
	if len(body) == 0 || len(body) > MaxPasswordBytes {
		return 0, outOfBounds("length of the password")
	}
	return 0, nil
}

// matchClear compares digests, so that the time tells nothing about the place of the difference or the length.
func matchClear(body, cleartext []byte) bool {
	want, got := sha256.Sum256(body), sha256.Sum256(cleartext)
	return subtle.ConstantTimeCompare(want[:], got[:]) == 1
}
