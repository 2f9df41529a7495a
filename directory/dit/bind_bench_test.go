package dit_test

import (
	"testing"

	"gatehouse/acl"
)

// BenchmarkBind is a repeated bind, whose password the cache knows: what a bind costs besides its hash.
func BenchmarkBind(b *testing.B) {
	for _, bc := range []struct {
		name  string
		lines []string
	}{{"without a policy", nil}, {"lockout", []string{"pwdLockout: TRUE", "pwdMaxFailure: 5", "pwdMaxAge: 86400"}}} {
		b.Run(bc.name, func(b *testing.B) {
			f := newFixture(b)
			if bc.lines != nil {
				f.policy("default", bc.lines...)
			}
			f.as(alice)
			req, s := simple(alice, "secret-alice"), acl.NewSession(loopback)
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := f.d.Bind(b.Context(), s, req); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
