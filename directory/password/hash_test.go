package password

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"testing"
)

func TestHashVerifies(t *testing.T) {
	t.Parallel()
	for scheme, prefix := range map[Algorithm]string{Argon2id: "{ARGON2}$argon2id$v=19$m=64,t=2,p=1$", Bcrypt: "{CRYPT}$2b$05$"} {
		h := newHasher(t, quick(scheme))
		s := acquire(t, h)
		first, err := s.Hash([]byte("secret"))
		if err != nil {
			t.Fatal(err)
		}
		second, _ := s.Hash([]byte("secret"))
		if !bytes.HasPrefix(first, []byte(prefix)) || bytes.Equal(first, second) {
			t.Errorf("%s: Hash gives %s and %s, want the prefix %s and two salts", scheme, first, second, prefix)
		}
		if err := CheckStored(first); err != nil {
			t.Errorf("%s: CheckStored(%s) = %v", scheme, first, err)
		}
		if v := s.Verify([][]byte{first}, []byte("secret")); !v.OK || v.NeedsUpgrade {
			t.Errorf("%s: Verify of a new value = %+v, want OK without upgrade", scheme, v)
		}
		if v := s.Verify([][]byte{first}, []byte("Secret")); v.OK {
			t.Errorf("%s: a wrong password verifies", scheme)
		}
	}
}

func TestOtherProgramsTakeOurBcrypt(t *testing.T) {
	t.Parallel()
	perl, err := exec.LookPath("perl")
	if err != nil {
		t.Skip("perl is not installed")
	}
	stored := bytes.TrimPrefix(mustHash(t, quick(Bcrypt), "pässwörd"), []byte("{CRYPT}"))
	got, err := exec.Command(perl, "-e", "print crypt($ARGV[0], $ARGV[1])", "pässwörd", string(stored)).Output()
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(string(got), "*") || len(got) == 0 {
		t.Skip("crypt(3) has no bcrypt here")
	}
	if !bytes.Equal(got, stored) {
		t.Errorf("crypt(3) makes %s, want %s", got, stored)
	}
}

func TestHashRefuses(t *testing.T) {
	t.Parallel()
	tooLong := new(*TooLongError)
	tests := []struct {
		name      string
		scheme    Algorithm
		cleartext string
		want      error
		maxBytes  int
	}{
		{"argon2, empty", Argon2id, "", ErrEmpty, 0},
		{"argon2, longest", Argon2id, strings.Repeat("x", MaxPasswordBytes), nil, 0},
		{"argon2, too long", Argon2id, strings.Repeat("x", MaxPasswordBytes+1), nil, MaxPasswordBytes},
		{"argon2, NUL", Argon2id, "a\x00b", nil, 0},
		{"bcrypt, empty", Bcrypt, "", ErrEmpty, 0},
		{"bcrypt, longest", Bcrypt, strings.Repeat("x", 72), nil, 0},
		{"bcrypt, too long", Bcrypt, strings.Repeat("x", 73), nil, 72},
		{"bcrypt, NUL", Bcrypt, "a\x00b", ErrNUL, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHasher(t, quick(tt.scheme))
			stored, err := acquire(t, h).Hash([]byte(tt.cleartext))
			if tt.maxBytes > 0 {
				if !errors.As(err, tooLong) || (*tooLong).MaxBytes != tt.maxBytes {
					t.Errorf("Hash = %v, want a TooLongError of %d", err, tt.maxBytes)
				}
			} else if !errors.Is(err, tt.want) {
				t.Errorf("Hash = %v, want %v", err, tt.want)
			}
			if (stored == nil) != (err != nil) || h.CheckNew([]byte(tt.cleartext)) == nil != (err == nil) {
				t.Errorf("Hash gives %q with %v, CheckNew says %v", stored, err, h.CheckNew([]byte(tt.cleartext)))
			}
		})
	}
}

func TestBcryptDoesNotCutWhenVerifying(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 72)
	stored := mustHash(t, quick(Bcrypt), long)
	if !match(stored, []byte(long)) {
		t.Error("72 bytes do not verify")
	}
	if match(stored, []byte(long+"y")) {
		t.Error("a password of 73 bytes verifies against the hash of its first 72")
	}
	if repeated := mustHash(t, quick(Bcrypt), "a"); match(repeated, []byte("a\x00a")) {
		t.Error(`"a\0a" verifies against the bcrypt of "a"`)
	}
}

func TestHashCheap(t *testing.T) {
	t.Parallel()
	stored, err := HashCheap([]byte("secret"))
	if name, _ := Scheme(stored); err != nil || name != "SSHA512" || CheckStored(stored) != nil || !match(stored, []byte("secret")) {
		t.Errorf("HashCheap = %s, %v", stored, err)
	}
	if _, err := HashCheap(nil); !errors.Is(err, ErrEmpty) {
		t.Errorf("HashCheap(nil) = %v, want ErrEmpty", err)
	}
	if _, err := HashCheap(make([]byte, MaxPasswordBytes+1)); !errors.As(err, new(*TooLongError)) {
		t.Errorf("HashCheap(too long) = %v, want a TooLongError", err)
	}
}
