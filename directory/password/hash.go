package password

import (
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
)

// Hash makes the value to store for a new password, with the configured scheme and a random salt. It returns ErrEmpty, ErrNUL
// or a *TooLongError for a password that the scheme cannot take in whole.
func (s Slot) Hash(cleartext []byte) ([]byte, error) {
	h := s.hasher()
	if err := h.CheckNew(cleartext); err != nil {
		return nil, err
	}
	h.hashes.Add(1)
	if h.options.Scheme == Bcrypt {
		return hashBcrypt(h.options.BcryptCost, cleartext)
	}
	return hashArgon2(h.options.Argon2, cleartext), nil
}

// CheckNew reports what Hash would refuse, without hashing. It needs no Slot.
func (h *Hasher) CheckNew(cleartext []byte) error {
	if err := checkLength(cleartext); err != nil {
		return err
	}
	if h.options.Scheme == Bcrypt {
		return checkBcryptPassword(cleartext)
	}
	return nil
}

func checkLength(cleartext []byte) error {
	switch {
	case len(cleartext) == 0:
		return ErrEmpty
	case len(cleartext) > MaxPasswordBytes:
		return &TooLongError{"this server", MaxPasswordBytes}
	}
	return nil
}

const cheapSaltBytes = 16

// HashCheap makes a {SSHA512} value for a password that a bulk import brings in clear text: a million slow hashes would take
// hours. It is due for an upgrade at the first bind. It returns ErrEmpty or a *TooLongError.
func HashCheap(cleartext []byte) ([]byte, error) {
	if err := checkLength(cleartext); err != nil {
		return nil, err
	}
	input := make([]byte, len(cleartext)+cheapSaltBytes)
	copy(input, cleartext)
	salt := input[len(cleartext):]
	rand.Read(salt)
	digest := sha512.Sum512(input)
	clear(input[:len(cleartext)])
	return base64.StdEncoding.AppendEncode([]byte("{SSHA512}"), append(digest[:], salt...)), nil
}
