package password

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

func b64(n int) string { return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{'k'}, n)) }

const (
	someArgon2 = "$c2FsdDQ2MTQyMzk5NDcxNA$ymCN9r3jLymeNbOUfHELDN59B2NLlOWYbXp7485kR8I"
	someSHA256 = "VdUeOSpZwbFMRAIexAj9cjaivHuZxr4vElrIdrhPTx7"
)

func TestCheckStoredRefuses(t *testing.T) {
	t.Parallel()
	sixth := "." + strings.Repeat("a", 85)
	bcryptTail := strings.Repeat("a", 53)
	tests := []struct {
		name, stored string
		want         error
	}{
		{"no prefix", "secret", ErrNoScheme},
		{"empty", "", ErrNoScheme},
		{"prefix without end", "{SSHA", ErrNoScheme},
		{"empty prefix", "{}secret", ErrNoScheme},
		{"space in prefix", "{SS HA}x", ErrNoScheme},
		{"unknown scheme", "{SASL}user@EXAMPLE.COM", ErrUnknownScheme},
		{"prefix of a scheme", "{SSH}" + b64(28), ErrUnknownScheme},
		{"too long", "{CLEARTEXT}" + strings.Repeat("x", MaxStoredBytes), ErrOutOfBounds},
		{"clear text, empty", "{CLEARTEXT}", ErrOutOfBounds},
		{"clear text, too long", "{CLEARTEXT}" + strings.Repeat("x", MaxPasswordBytes+1), ErrOutOfBounds},

		{"digest, not base64", "{SSHA}!!!!", ErrMalformed},
		{"digest, line end", "{SHA}" + b64(20)[:4] + "\n" + b64(20)[4:], ErrMalformed},
		{"digest, short", "{SHA}" + b64(19), ErrMalformed},
		{"digest, long", "{SHA}" + b64(21), ErrMalformed},
		{"digest, empty", "{SSHA}", ErrMalformed},
		{"digest, no salt", "{SSHA}" + b64(20), ErrMalformed},
		{"digest, long salt", "{SSHA}" + b64(20+maxSaltBytes+1), ErrOutOfBounds},
		{"longest digest, long salt", "{SSHA512}" + b64(64+maxSaltBytes+1), ErrOutOfBounds},
		{"digest, wrong padding", "{SHA}" + b64(20) + "=", ErrMalformed},
		{"digest, three pads", "{SHA}" + b64(20) + "==", ErrMalformed},
		{"digest, stray bits", "{SHA}" + strings.Repeat("A", 26) + "B=", ErrMalformed},

		{"pbkdf2, one field", "{PBKDF2}1000", ErrMalformed},
		{"pbkdf2, two fields", "{PBKDF2}1000$aaaa", ErrMalformed},
		{"pbkdf2, four fields", "{PBKDF2}1000$aaaa$" + b64(18) + "$", ErrMalformed},
		{"pbkdf2, no number", "{PBKDF2}x$aaaa$" + b64(18), ErrMalformed},
		{"pbkdf2, sign", "{PBKDF2}+10$aaaa$" + b64(18), ErrMalformed},
		{"pbkdf2, leading zero", "{PBKDF2}010$aaaa$" + b64(18), ErrMalformed},
		{"pbkdf2, overflow", "{PBKDF2}99999999999999999999999$aaaa$" + b64(18), ErrMalformed},
		{"pbkdf2, salt", "{PBKDF2}10$a$" + b64(18), ErrMalformed},
		{"pbkdf2, key", "{PBKDF2}10$aaaa$a", ErrMalformed},
		{"pbkdf2, zero iterations", "{PBKDF2}0$aaaa$" + b64(18), ErrOutOfBounds},
		{"pbkdf2, iterations", "{PBKDF2-SHA512}4000001$aaaa$" + b64(64), ErrOutOfBounds},
		{"pbkdf2, iterations times blocks", "{PBKDF2-SHA512}2000001$aaaa$" + b64(65), ErrOutOfBounds},
		{"pbkdf2, no salt", "{PBKDF2}10$$" + b64(18), ErrOutOfBounds},
		{"pbkdf2, short key", "{PBKDF2}10$aaaa$" + b64(minKeyBytes-1), ErrOutOfBounds},
		{"pbkdf2, no key", "{PBKDF2}10$aaaa$", ErrOutOfBounds},
		{"pbkdf2, long key", "{PBKDF2}10$aaaa$" + b64(maxKeyBytes+1), ErrOutOfBounds},
		{"pbkdf2 binary, short", "{PBKDF2_SHA256}" + b64(323), ErrMalformed},
		{"pbkdf2 binary, long", "{PBKDF2_SHA256}" + b64(325), ErrMalformed},
		{"pbkdf2 binary, iterations", "{PBKDF2_SHA256}" + b64(324), ErrOutOfBounds}, // "kkkk" is 1,802,201,963

		{"argon2, empty", "{ARGON2}", ErrMalformed},
		{"argon2, too few fields", "{ARGON2}$argon2id$v=19$m=4096,t=3,p=1", ErrMalformed},
		{"argon2, too many fields", "{ARGON2}$argon2id$v=19$m=4096,t=3,p=1" + someArgon2 + "$", ErrMalformed},
		{"argon2, text before", "{ARGON2}x$argon2id$v=19$m=4096,t=3,p=1" + someArgon2, ErrMalformed},
		{"argon2d", "{ARGON2}$argon2d$v=19$m=4096,t=3,p=1" + someArgon2, ErrUnknownScheme},
		{"argon2, old version", "{ARGON2}$argon2id$v=16$m=4096,t=3,p=1" + someArgon2, ErrUnknownScheme},
		{"argon2, order", "{ARGON2}$argon2id$v=19$t=3,m=4096,p=1" + someArgon2, ErrMalformed},
		{"argon2, missing parameter", "{ARGON2}$argon2id$v=19$m=4096,t=3" + someArgon2, ErrMalformed},
		{"argon2, more parameters", "{ARGON2}$argon2id$v=19$m=4096,t=3,p=1,x=1" + someArgon2, ErrMalformed},
		{"argon2, memory", "{ARGON2}$argon2id$v=19$m=262145,t=1,p=1" + someArgon2, ErrOutOfBounds},
		{"argon2, little memory", "{ARGON2}$argon2id$v=19$m=31,t=1,p=4" + someArgon2, ErrOutOfBounds},
		{"argon2, time", "{ARGON2}$argon2id$v=19$m=4096,t=21,p=1" + someArgon2, ErrOutOfBounds},
		{"argon2, no time", "{ARGON2}$argon2id$v=19$m=4096,t=0,p=1" + someArgon2, ErrOutOfBounds},
		{"argon2, threads", "{ARGON2}$argon2id$v=19$m=4096,t=1,p=17" + someArgon2, ErrOutOfBounds},
		{"argon2, threads wrap", "{ARGON2}$argon2id$v=19$m=4096,t=1,p=257" + someArgon2, ErrOutOfBounds},
		{"argon2, no threads", "{ARGON2}$argon2id$v=19$m=4096,t=1,p=0" + someArgon2, ErrOutOfBounds},
		{"argon2, short salt", "{ARGON2}$argon2id$v=19$m=4096,t=1,p=1$c2FsdA$" + strings.TrimRight(b64(32), "="), ErrOutOfBounds},
		{"argon2, short key", "{ARGON2}$argon2id$v=19$m=4096,t=1,p=1$c2FsdHNhbHQ$c2FsdHNhbHQ", ErrOutOfBounds},

		{"crypt, empty", "{CRYPT}", ErrMalformed},
		{"crypt, locked", "{CRYPT}*", ErrMalformed},
		{"crypt, locked hash", "{CRYPT}!$6$salt$" + sixth, ErrMalformed},
		{"crypt, x", "{CRYPT}x", ErrMalformed},
		{"crypt, 12 characters", "{CRYPT}ab1iBa.N.U2C", ErrMalformed},
		{"crypt, bad salt", "{CRYPT}a:1iBa.N.U2C6", ErrMalformed},
		{"crypt, failure token", "{CRYPT}*0", ErrMalformed},
		{"crypt, unknown method", "{CRYPT}$7$abc", ErrUnknownScheme},
		{"crypt, bcrypt x", "{CRYPT}$2x$10$" + bcryptTail, ErrUnknownScheme},
		{"crypt, bcrypt without letter", "{CRYPT}$2$10$" + bcryptTail, ErrUnknownScheme},
		{"bcrypt, short", "{CRYPT}$2b$10$" + bcryptTail[1:], ErrMalformed},
		{"bcrypt, cost of letters", "{CRYPT}$2b$1x$" + bcryptTail, ErrMalformed},
		{"bcrypt, cost", "{CRYPT}$2b$17$" + bcryptTail, ErrOutOfBounds},
		{"bcrypt, low cost", "{CRYPT}$2b$03$" + bcryptTail, ErrOutOfBounds},
		{"bcrypt, alphabet", "{CRYPT}$2b$10$" + bcryptTail[1:] + "+", ErrMalformed},
		{"sha-crypt, no key", "{CRYPT}$6$salt", ErrMalformed},
		{"sha-crypt, short key", "{CRYPT}$6$salt$" + sixth[1:], ErrMalformed},
		{"sha-crypt, long salt", "{CRYPT}$6$saltsaltsaltsalt1$" + sixth, ErrMalformed},
		{"sha-crypt, colon in salt", "{CRYPT}$6$s:t$" + sixth, ErrMalformed},
		{"sha-crypt, rounds", "{CRYPT}$5$rounds=1000001$salt$" + someSHA256, ErrOutOfBounds},
		{"sha-crypt, few rounds", "{CRYPT}$5$rounds=999$salt$" + someSHA256, ErrOutOfBounds},
		{"sha-crypt, no rounds", "{CRYPT}$5$rounds=$salt$" + someSHA256, ErrMalformed},
		{"sha-crypt, rounds alone", "{CRYPT}$5$rounds=5000", ErrMalformed},
		{"md5-crypt, long salt", "{CRYPT}$1$123456789$" + someSHA256[:22], ErrMalformed},
		{"md5-crypt, long key", "{CRYPT}$1$1234$" + someSHA256[:23], ErrMalformed},
		{"yescrypt, other flags", "{CRYPT}$y$k9T$F5Jx5fExrKuPp53xLKQ..1$" + someSHA256, ErrUnknownScheme},
		{"yescrypt, cut", "{CRYPT}$y$j9", ErrMalformed},
		{"yescrypt, more parameters", "{CRYPT}$y$j9T2$F5Jx5fExrKuPp53xLKQ..1$" + someSHA256, ErrMalformed},
		{"yescrypt, salt", "{CRYPT}$y$j9T$!$" + someSHA256, ErrMalformed},
		{"yescrypt, no key", "{CRYPT}$y$j9T$F5Jx5fExrKuPp53xLKQ..1", ErrMalformed},
		{"yescrypt, N", "{CRYPT}$y$jGT$F5Jx5fExrKuPp53xLKQ..1$" + someSHA256, ErrOutOfBounds},
		{"yescrypt, small N", "{CRYPT}$y$j6T$F5Jx5fExrKuPp53xLKQ..1$" + someSHA256, ErrOutOfBounds},
		{"yescrypt, r", "{CRYPT}$y$j9U$F5Jx5fExrKuPp53xLKQ..1$" + someSHA256, ErrOutOfBounds},
		{"yescrypt, memory", "{CRYPT}$y$jET$F5Jx5fExrKuPp53xLKQ..1$" + someSHA256, ErrOutOfBounds},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := CheckStored([]byte(tt.stored))
			if !errors.Is(err, tt.want) {
				t.Errorf("CheckStored(%.80q) = %v, want %v", tt.stored, err, tt.want)
			}
			if se := (*StoredError)(nil); errors.As(err, &se) && tt.want != ErrNoScheme {
				if want, _ := Scheme([]byte(tt.stored)); se.Scheme != want {
					t.Errorf("CheckStored(%.80q) names scheme %q, want %q", tt.stored, se.Scheme, want)
				}
			}
			if _, body, _ := strings.Cut(tt.stored, "}"); len(body) > 8 && strings.Contains(err.Error(), body[:8]) {
				t.Errorf("CheckStored(%.80q) shows the value: %v", tt.stored, err)
			}
		})
	}
}

func TestCheckStoredAcceptsTheBounds(t *testing.T) {
	t.Parallel()
	for _, stored := range []string{
		"{CLEARTEXT}" + strings.Repeat("x", MaxPasswordBytes),
		"{SSHA}" + b64(21),
		"{SSHA}" + b64(20+64),
		"{PBKDF2-SHA512}4000000$aaaa$" + b64(64),
		"{PBKDF2-SHA512}2000000$aaaa$" + b64(65),
		"{ARGON2}$argon2id$v=19$m=262144,t=20,p=16" + someArgon2,
		"{CRYPT}$2b$16$" + strings.Repeat("a", 53),
		"{CRYPT}$5$rounds=1000000$salt$" + someSHA256,
		"{CRYPT}$5$rounds=1000$$" + someSHA256,
		"{CRYPT}$y$jDT$F5Jx5fExrKuPp53xLKQ..1$" + someSHA256,
	} {
		if err := CheckStored([]byte(stored)); err != nil {
			t.Errorf("CheckStored(%.80q) = %v, want nil", stored, err)
		}
	}
}

func TestScheme(t *testing.T) {
	t.Parallel()
	tests := []struct {
		value, name    string
		known, isClear bool
	}{
		{"secret", "", true, true},
		{"", "", true, true},
		{"{SSHA}x", "SSHA", true, false},
		{"{ssha}x", "SSHA", true, false},
		{"{Pbkdf2_Sha256}x", "PBKDF2_SHA256", true, false},
		{"{CLEARTEXT}x", "CLEARTEXT", true, true},
		{"{cleartext}", "CLEARTEXT", true, true},
		{"{sasl}x", "SASL", false, false},
		{"{x", "", true, true},
		{"{}x", "", true, true},
		{"{a b}x", "", true, true},
		{"{" + strings.Repeat("a", 32) + "}", strings.Repeat("A", 32), false, false},
		{"{" + strings.Repeat("a", 33) + "}", "", true, true},
	}
	for _, tt := range tests {
		if name, known := Scheme([]byte(tt.value)); name != tt.name || known != tt.known {
			t.Errorf("Scheme(%q) = %q, %v, want %q, %v", tt.value, name, known, tt.name, tt.known)
		}
		if _, got := Clear([]byte(tt.value)); got != tt.isClear {
			t.Errorf("Clear(%q) says %v, want %v", tt.value, got, tt.isClear)
		}
	}
}

func TestAnUnknownSchemeIsNotClearText(t *testing.T) {
	t.Parallel()
	stored := []byte("{SASL}user@EXAMPLE.COM")
	if match(stored, stored) {
		t.Errorf("%s verifies itself: whoever reads it can bind with it", stored)
	}
}
