package password

import (
	"bytes"
	"fmt"

	"golang.org/x/crypto/bcrypt"
)

// A bcrypt value is "$2b$COST$" followed by 22 characters of salt and 31 of key, in the alphabet of crypt(3) in another order.
const (
	bcryptBytes    = 60
	bcryptHeadEnd  = 7 // the index after "$2b$10$"
	bcryptCostFrom = 4
)

// bcryptCost returns the cost in a value that inspectBcrypt accepts.
func bcryptCost(value []byte) (int, error) {
	if len(value) != bcryptBytes || value[bcryptHeadEnd-1] != '$' || !isCryptAlphabet(value[bcryptHeadEnd:]) {
		return 0, malformed("bcrypt")
	}
	tens, ones := value[bcryptCostFrom]-'0', value[bcryptCostFrom+1]-'0'
	if tens > 9 || ones > 9 {
		return 0, malformed("bcrypt cost")
	}
	cost := int(tens)*10 + int(ones)
	if cost < MinBcryptCost || cost > MaxBcryptCost {
		return 0, outOfBounds("bcrypt cost")
	}
	return cost, nil
}

func inspectBcrypt(value []byte) (int64, error) {
	_, err := bcryptCost(value)
	return 0, err
}

// matchBcrypt refuses a password that bcrypt would cut: whoever knows the first 72 bytes of a long password must not get in.
func matchBcrypt(value, cleartext []byte) bool {
	if len(cleartext) > MaxBcryptPasswordBytes {
		return false
	}
	return bcrypt.CompareHashAndPassword(value, cleartext) == nil
}

// hashBcrypt makes a new value, with a random salt. The library writes $2a$; for passwords within the limits $2b$ is the same
// function under the name that crypt(3) gives it today.
func hashBcrypt(cost int, cleartext []byte) ([]byte, error) {
	if err := checkBcryptPassword(cleartext); err != nil {
		return nil, err
	}
	value, err := bcrypt.GenerateFromPassword(cleartext, cost)
	if err != nil {
		return nil, fmt.Errorf("bcrypt of cost %d: %w", cost, err)
	}
	return append([]byte("{CRYPT}$2b$"), value[bcryptCostFrom:]...), nil
}

// checkBcryptPassword reports what bcrypt cannot take in: more than 72 bytes, or a NUL byte (bcrypt repeats the password with a
// NUL behind it, so that "a" and "a\0a" are one).
func checkBcryptPassword(cleartext []byte) error {
	if len(cleartext) > MaxBcryptPasswordBytes {
		return &TooLongError{"bcrypt", MaxBcryptPasswordBytes}
	}
	if bytes.IndexByte(cleartext, 0) >= 0 {
		return ErrNUL
	}
	return nil
}

// burnBcrypt computes one hash of the cost and forgets it.
func burnBcrypt(cost int, cleartext []byte) {
	value := fmt.Appendf(nil, "$2b$%02d$%s", cost, bytes.Repeat([]byte("."), bcryptBytes-bcryptHeadEnd))
	cleartext = cleartext[:min(len(cleartext), MaxBcryptPasswordBytes)]
	_ = bcrypt.CompareHashAndPassword(value, cleartext) // only the time is wanted
}

// bcryptCostOf returns the cost of a value of {CRYPT}, and false if it is none of bcrypt.
func bcryptCostOf(value []byte) (cost int, ok bool) {
	if len(value) < bcryptCostFrom || value[0] != '$' || value[1] != '2' {
		return 0, false
	}
	if m := cryptMethodOf(value); m == nil {
		return 0, false
	}
	cost, err := bcryptCost(value)
	return cost, err == nil
}
