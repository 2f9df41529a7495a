package password

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"reflect"
	"strings"
	"testing"
)

// affordable reports whether a value that CheckStored accepts is cheap enough for a fuzzer to verify.
func affordable(stored []byte) bool {
	s, body := split(stored)
	switch {
	case s.fast:
		return true
	case s.name == "ARGON2":
		v, _ := parseArgon2(body)
		return uint64(v.MemoryKiB)*uint64(v.Time) <= 4096
	case strings.HasPrefix(s.name, "PBKDF2"):
		v, err := pbkdf2SHA512.parse(body)
		if s.name == "PBKDF2_SHA256" {
			v, err = parsePBKDF2Binary(body)
		}
		return err == nil && v.iterations <= 2000
	case bytes.HasPrefix(body, []byte("$2")):
		cost, _ := bcryptCostOf(body)
		return cost <= MinBcryptCost
	case bytes.HasPrefix(body, []byte("$y$")):
		memory, _ := inspectYescrypt(body)
		return memory <= 1<<20
	case bytes.HasPrefix(body, []byte("$5$rounds=")), bytes.HasPrefix(body, []byte("$6$rounds=")):
		v, _ := sha256Crypt.parse(body)
		return v.rounds <= 2000
	}
	return true
}

// FuzzVerify sees that what CheckStored refuses never verifies, that a failure costs one configured hash, and that what it
// accepts is within the memory of the Hasher.
func FuzzVerify(f *testing.F) {
	for _, v := range readVectors(f) {
		f.Add(v.stored, v.cleartext)
		f.Add(v.stored[:len(v.stored)-1], v.cleartext)
	}
	f.Add([]byte("{SASL}x"), []byte("{SASL}x"))
	f.Add([]byte("{CRYPT}*"), []byte("*"))
	f.Fuzz(func(t *testing.T, stored, cleartext []byte) {
		o := quick(Argon2id)
		o.Argon2.MemoryKiB = 8
		h := newHasher(t, o)
		err := CheckStored(stored)
		name, known := Scheme(stored)
		if err == nil && !affordable(stored) {
			return
		}
		before := bytes.Clone(stored)
		v := acquire(t, h).Verify([][]byte{stored}, cleartext)
		if !bytes.Equal(stored, before) {
			t.Errorf("Verify changed %q to %q", before, stored)
		}
		clear := known && name == "" && bytes.Equal(stored, cleartext) && len(cleartext) > 0 && len(cleartext) <= MaxPasswordBytes
		if v.OK && err != nil && !clear {
			t.Errorf("%q verifies %q, although CheckStored says %v", stored, cleartext, err)
		}
		if st := h.Stats(); !v.OK && st.Hashes != 1 {
			t.Errorf("a failure cost %d configured hashes, want 1", st.Hashes)
		}
		if err == nil && !v.OK && v.Unusable != 0 {
			t.Errorf("%q passes CheckStored and is unusable", stored)
		}
		if (err == nil) != (known && name != "" && h.usable(stored)) {
			t.Errorf("%q: CheckStored says %v, known %v, usable %v", stored, err, known, h.usable(stored))
		}
	})
}

// FuzzSSHA compares with a second, simpler implementation.
func FuzzSSHA(f *testing.F) {
	f.Add([]byte("HkU7SmWG0V9fv7Hmyz2KLO9cq0u0MpnY"), []byte("secret"))
	f.Add([]byte("HkU7SmWG0V9fv7Hmyz2KLO9cq0u0Mg=="), []byte("secret"))
	f.Fuzz(func(t *testing.T, body, cleartext []byte) {
		if len(cleartext) > MaxPasswordBytes {
			return
		}
		want := false
		for _, e := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding} {
			raw, err := e.Strict().DecodeString(string(body))
			if err == nil && !bytes.ContainsAny(body, "\r\n") && len(raw) > sha1.Size && len(raw) <= sha1.Size+maxSaltBytes {
				sum := sha1.Sum(append(bytes.Clone(cleartext), raw[sha1.Size:]...))
				want = want || bytes.Equal(sum[:], raw[:sha1.Size])
				made := sha1.Sum(append(bytes.Clone(cleartext), raw...))
				if value := e.AppendEncode(nil, append(made[:], raw...)); len(raw) <= maxSaltBytes && !salted(sha1Digest).match(value, cleartext) {
					t.Errorf("%s does not match %q, of which it was made", value, cleartext)
				}
			}
		}
		if got := salted(sha1Digest).match(body, cleartext); got != want {
			t.Errorf("match(%q, %q) = %v, want %v", body, cleartext, got, want)
		}
	})
}

// FuzzArgon2Value parses, prints and parses again.
func FuzzArgon2Value(f *testing.F) {
	f.Add([]byte("$argon2id$v=19$m=4096,t=3,p=1" + someArgon2))
	f.Add([]byte("$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ=$c2FsdHNhbHRzYWx0c2FsdA=="))
	f.Fuzz(func(t *testing.T, body []byte) {
		first, err := parseArgon2(body)
		if err != nil {
			return
		}
		printed := first.append(nil)
		second, err := parseArgon2(printed)
		if err != nil || !reflect.DeepEqual(first, second) {
			t.Errorf("%q is printed as %q, which is read as %+v, %v; want %+v", body, printed, second, err, first)
		}
		if stripped := bytes.ReplaceAll(body, []byte("=$"), []byte("$")); !bytes.Equal(bytes.TrimRight(bytes.ReplaceAll(stripped, []byte("=$"), []byte("$")), "="), printed) {
			t.Errorf("%q is printed as %q", body, printed)
		}
	})
}
