package password

import (
	"testing"
	"time"
)

func benchmarkValues(b *testing.B) map[string]string {
	cheap, err := HashCheap([]byte("secret"))
	if err != nil {
		b.Fatal(err)
	}
	return map[string]string{
		"ssha":          "{SSHA}HkU7SmWG0V9fv7Hmyz2KLO9cq0u0MpnY",
		"ssha512":       string(cheap),
		"cleartext":     "secret",
		"md5-crypt":     "{CRYPT}$1$abc$iCQ2D3nhptRYi27fDYv2s1",
		"des-crypt":     "{CRYPT}abNANd1rDfiNc",
		"sha512-crypt":  "{CRYPT}$6$rounds=1000$abc$MqEcPZUYRGGcOeq7PhMpfjfu/F0HrVEI0OlZBijWvO8mSG77iNUDP5MqFceKpJTBc8iITVtNyLiNTRNCxv6oh0",
		"yescrypt":      "{CRYPT}$y$j9T$F5Jx5fExrKuPp53xLKQ..1$GmcwIgvdUC9qLWcKCi6gklUa1dM3ziD43YxYNURLKy0",
		"bcrypt-10":     string(mustHash(b, Options{Scheme: Bcrypt}, "secret")),
		"argon2-19-MiB": string(mustHash(b, Options{}, "secret")),
	}
}

func BenchmarkVerify(b *testing.B) {
	s := acquire(b, newHasher(b, Options{}))
	for name, value := range benchmarkValues(b) {
		stored, cleartext := values(value), []byte("secret")
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if v := s.Verify(stored, cleartext); !v.OK {
					b.Fatal(v)
				}
			}
		})
	}
}

func BenchmarkVerifyEntry(b *testing.B) {
	s := acquire(b, newHasher(b, Options{CacheTTL: time.Minute}))
	stored, cleartext := values(benchmarkValues(b)["argon2-19-MiB"]), []byte("secret")
	s.VerifyEntry(1, stored, cleartext)
	b.Run("cached", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if v := s.VerifyEntry(1, stored, cleartext); !v.OK {
				b.Fatal(v)
			}
		}
	})
}

func BenchmarkAcquire(b *testing.B) {
	h := newHasher(b, Options{})
	b.ReportAllocs()
	for b.Loop() {
		s, err := h.Acquire(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		s.Release()
	}
}

func TestAFastVerifyDoesNotAllocate(t *testing.T) {
	h := newHasher(t, Options{CacheTTL: time.Minute})
	stored, cleartext := values("{SSHA}HkU7SmWG0V9fv7Hmyz2KLO9cq0u0MpnY"), []byte("secret")
	allocs := testing.AllocsPerRun(100, func() {
		s, err := h.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if v := s.VerifyEntry(1, stored, cleartext); !v.OK {
			t.Fatal(v)
		}
		s.Release()
	})
	if allocs != 0 {
		t.Errorf("%v allocations, want 0", allocs)
	}
}
