package password

import (
	"strings"
	"testing"
)

// quick are options whose hashes take little time.
func quick(scheme Algorithm) Options {
	return Options{
		Scheme: scheme, Argon2: Argon2{MemoryKiB: 64, Time: 2, Threads: 1}, BcryptCost: MinBcryptCost + 1,
		Workers: 2, Upgrade: true,
	}
}

func newHasher(t testing.TB, o Options) *Hasher {
	t.Helper()
	h, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func acquire(t testing.TB, h *Hasher) Slot {
	t.Helper()
	s, err := h.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Release)
	return s
}

func mustHash(t testing.TB, o Options, cleartext string) []byte {
	t.Helper()
	stored, err := acquire(t, newHasher(t, o)).Hash([]byte(cleartext))
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

func values(stored ...string) (out [][]byte) {
	for _, s := range stored {
		out = append(out, []byte(s))
	}
	return out
}

// TestAFailureCostsOneConfiguredHash counts hashes of the configured cost; it does not look at the clock.
func TestAFailureCostsOneConfiguredHash(t *testing.T) {
	t.Parallel()
	cheaper, dearer := quick(Argon2id), quick(Argon2id)
	cheaper.Argon2.Time, dearer.Argon2.Time = 1, 3
	lowCost := quick(Bcrypt)
	lowCost.BcryptCost = MinBcryptCost
	argon, crypt := string(mustHash(t, quick(Argon2id), "secret")), string(mustHash(t, quick(Bcrypt), "secret"))
	const ssha = "{SSHA}HkU7SmWG0V9fv7Hmyz2KLO9cq0u0MpnY"
	tests := []struct {
		name                           string
		stored                         [][]byte
		cleartext                      string
		argon2Dummies, bcryptDummies   uint64
		argon2Unusable, bcryptUnusable int
	}{
		{"no entry", nil, "wrong", 1, 1, 0, 0},
		{"empty password", values(argon, crypt, ssha), "", 1, 1, 0, 0},
		{"password too long", values(argon, crypt, ssha), strings.Repeat("x", MaxPasswordBytes+1), 1, 1, 0, 0},
		{"digest", values(ssha), "wrong", 1, 1, 0, 0},
		{"clear text", values("secret"), "wrong", 1, 1, 0, 0},
		{"md5-crypt", values("{CRYPT}$1$abc$iCQ2D3nhptRYi27fDYv2s1"), "wrong", 1, 1, 0, 0},
		{"argon2 as configured", values(argon), "wrong", 0, 1, 0, 0},
		{"bcrypt as configured", values(crypt), "wrong", 1, 0, 0, 0},
		{"argon2, cheaper", values(string(mustHash(t, cheaper, "secret"))), "wrong", 1, 1, 0, 0},
		{"argon2, dearer", values(string(mustHash(t, dearer, "secret"))), "wrong", 1, 1, 0, 0},
		{"bcrypt, cheaper", values(string(mustHash(t, lowCost, "secret"))), "wrong", 1, 1, 0, 0},
		{"bcrypt, password that it refuses", values(crypt), strings.Repeat("x", 73), 1, 1, 0, 0},
		{"digest and the configured one", values(ssha, argon, crypt), "wrong", 0, 0, 0, 0},
		{"malformed", values("{ARGON2}$argon2id$", "{CRYPT}*", "{SSHA}"), "wrong", 1, 1, 3, 3},
		{"unknown scheme", values("{SASL}x"), "{SASL}x", 1, 1, 1, 1},
		{"out of bounds", values("{ARGON2}$argon2id$v=19$m=262145,t=1,p=1" + someArgon2), "wrong", 1, 1, 1, 1},
		{"the right one beyond the limit", append(values(strings.Fields(strings.Repeat("x ", MaxStoredValues))...), []byte("secret")), "secret", 1, 1, 1, 1},
	}
	for _, scheme := range []Algorithm{Argon2id, Bcrypt} {
		for _, tt := range tests {
			t.Run(string(scheme)+"/"+tt.name, func(t *testing.T) {
				wantDummies, wantUnusable := tt.argon2Dummies, tt.argon2Unusable
				if scheme == Bcrypt {
					wantDummies, wantUnusable = tt.bcryptDummies, tt.bcryptUnusable
				}
				h := newHasher(t, quick(scheme))
				v := acquire(t, h).Verify(tt.stored, []byte(tt.cleartext))
				if v.Extra = 0; v != (Verdict{Unusable: wantUnusable}) {
					t.Errorf("Verify(%q, %.20q) = %+v, want a failure with %d unusable", tt.stored, tt.cleartext, v, wantUnusable)
				}
				if st := h.Stats(); st.Hashes != 1 || st.Dummies != wantDummies {
					t.Errorf("%d hashes, %d of them dummies; want 1, %d", st.Hashes, st.Dummies, wantDummies)
				}
			})
		}
	}
}

// TestExtra: what other stored values take beside the one configured hash is told, and of that hash nothing.
func TestExtra(t *testing.T) {
	t.Parallel()
	cheaper, dearer := quick(Argon2id), quick(Argon2id)
	cheaper.Argon2.Time, dearer.Argon2.Time = 1, 3
	argon := string(mustHash(t, quick(Argon2id), "secret"))
	for _, tt := range []struct {
		name   string
		stored [][]byte
		extra  bool
	}{
		{"no entry", nil, false},
		{"digest", values("{SSHA}HkU7SmWG0V9fv7Hmyz2KLO9cq0u0MpnY"), false},
		{"as configured", values(argon), false},
		{"twice as configured", values(argon, argon), true},
		{"cheaper", values(string(mustHash(t, cheaper, "secret"))), true},
		{"dearer", values(string(mustHash(t, dearer, "secret"))), true},
		{"another function", values(string(mustHash(t, quick(Bcrypt), "secret"))), true},
		{"malformed", values("{CRYPT}*"), false},
	} {
		h := newHasher(t, quick(Argon2id))
		if v := acquire(t, h).Verify(tt.stored, []byte("wrong")); v.OK || (v.Extra > 0) != tt.extra {
			t.Errorf("%s: %+v, want a failure, with more than the hash: %v", tt.name, v, tt.extra)
		}
	}
}

func TestASuccessCostsNoMoreThanItsOwnHash(t *testing.T) {
	t.Parallel()
	h := newHasher(t, quick(Argon2id))
	s := acquire(t, h)
	if v := s.Verify(values("{SSHA}HkU7SmWG0V9fv7Hmyz2KLO9cq0u0MpnY"), []byte("secret")); !v.OK {
		t.Errorf("Verify = %+v", v)
	}
	if st := h.Stats(); st.Hashes != 0 {
		t.Errorf("%d hashes for a digest, want 0", st.Hashes)
	}
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	other := quick(Argon2id)
	other.Argon2.MemoryKiB++
	otherCost := quick(Bcrypt)
	otherCost.BcryptCost++
	argon, crypt := string(mustHash(t, quick(Argon2id), "secret")), string(mustHash(t, quick(Bcrypt), "secret"))
	const ssha = "{SSHA}HkU7SmWG0V9fv7Hmyz2KLO9cq0u0MpnY"
	off := quick(Argon2id)
	off.Upgrade = false
	tests := []struct {
		name    string
		options Options
		stored  [][]byte
		want    Verdict
	}{
		{"digest", quick(Argon2id), values(ssha), Verdict{OK: true, NeedsUpgrade: true}},
		{"digest, upgrades off", off, values(ssha), Verdict{OK: true}},
		{"clear text", quick(Argon2id), values("secret"), Verdict{OK: true, NeedsUpgrade: true}},
		{"configured", quick(Argon2id), values(argon), Verdict{OK: true}},
		{"other memory", quick(Argon2id), values(string(mustHash(t, other, "secret"))), Verdict{OK: true, NeedsUpgrade: true}},
		{"other scheme", quick(Argon2id), values(crypt), Verdict{OK: true, NeedsUpgrade: true}},
		{"bcrypt configured", quick(Bcrypt), values(crypt), Verdict{OK: true}},
		{"bcrypt, other letter", quick(Bcrypt), values(strings.Replace(crypt, "$2b$", "$2y$", 1)), Verdict{OK: true}},
		{"bcrypt, other cost", quick(Bcrypt), values(string(mustHash(t, otherCost, "secret"))), Verdict{OK: true, NeedsUpgrade: true}},
		{"bcrypt configured, argon2 stored", quick(Bcrypt), values(argon), Verdict{OK: true, NeedsUpgrade: true}},
		{"second value", quick(Argon2id), values(crypt, argon, argon), Verdict{OK: true, NeedsUpgrade: true}},
		{"digest before the hash", quick(Argon2id), values(argon, ssha), Verdict{OK: true, Index: 1, NeedsUpgrade: true}},
		{"behind malformed ones", quick(Argon2id), values("{SSHA}", "{FOO}x", argon), Verdict{OK: true, Index: 2}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := acquire(t, newHasher(t, tt.options)).Verify(tt.stored, []byte("secret"))
			if got.Extra = 0; got != tt.want {
				t.Errorf("Verify(%q) = %+v, want %+v", tt.stored, got, tt.want)
			}
		})
	}
}

func TestNoUpgradeForAPasswordThatTheNewSchemeRefuses(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 73)
	stored, err := HashCheap([]byte(long))
	if err != nil {
		t.Fatal(err)
	}
	if v := acquire(t, newHasher(t, quick(Bcrypt))).Verify([][]byte{stored}, []byte(long)); !v.OK || v.NeedsUpgrade {
		t.Errorf("Verify = %+v, want OK without an upgrade", v)
	}
}
