package password

import "crypto/rand"

const (
	generatedBytes = 20
	// generatedAlphabet has no characters that look alike (0 O 1 l I) and none that a shell or LDIF treats specially.
	generatedAlphabet = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
)

// Generate returns a random password of 20 characters, about 116 bits, with a small letter, a capital and a digit, for a
// Password Modify request without a new password (RFC 3062 section 2).
func Generate() Cleartext {
	password := make([]byte, generatedBytes)
	for {
		var lower, upper, digit bool
		for i := range password {
			c := randomCharacter()
			password[i] = c
			lower = lower || c >= 'a' && c <= 'z'
			upper = upper || c >= 'A' && c <= 'Z'
			digit = digit || c >= '0' && c <= '9'
		}
		if lower && upper && digit {
			return holdCleartext(password)
		}
	}
}

// randomCharacter draws from generatedAlphabet evenly: a byte beyond the last whole multiple of its length is thrown away.
func randomCharacter() byte {
	const even = 256 / len(generatedAlphabet) * len(generatedAlphabet)
	for {
		var b [1]byte
		rand.Read(b[:])
		if int(b[0]) < even {
			return generatedAlphabet[int(b[0])%len(generatedAlphabet)]
		}
	}
}
