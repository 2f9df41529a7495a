package dit_test

import (
	"testing"

	"gatehouse/acl"
)

// BenchmarkCheck is what every operation pays before it begins.
func BenchmarkCheck(b *testing.B) {
	f := newFixture(b)
	f.add(helpers, "objectClass: groupOfNames", "cn: helpers", "member: "+alice)
	all := statement("all", acl.Any{acl.Group{NDN: f.ndn(helpers)}, acl.Name{NDN: acl.OperatorDN}}, acl.ActionsView|acl.ActionsWrite)
	all.Reach.Protected, all.Reach.Privileged = true, true
	f.enforce(all)
	s := f.as(alice)
	b.Run("nothing-happened", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f.ok(f.d.Check(s))
		}
	})
	b.Run("unrelated-commit", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			b.StopTimer()
			f.ok(f.modify(f.operator(), bob, "replace description: x"))
			b.StartTimer()
			f.ok(f.d.Check(s))
		}
	})
}
