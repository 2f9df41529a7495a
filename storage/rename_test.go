package storage

import (
	"testing"
)

// TestPrintedReferencesFollowRenames reads a group before and after its members, or what is above them, get other names: what
// was composed once must not outlive a name.
func TestPrintedReferencesFollowRenames(t *testing.T) {
	t.Parallel()
	f := memFixture(t)
	base := f.create(0, "dc=example,dc=com", attr("objectClass", "dcObject"), attr("dc", "example"))
	people := f.create(base, "ou=people", attr("ou", "people"))
	ann := f.create(people, "uid=ann", attr("uid", "ann"))
	group := f.create(base, "cn=staff", attr("cn", "staff"))
	f.must(AddReference{group, reference("member", "uid=ann,ou=people,dc=example,dc=com")})
	read := func(want string) {
		t.Helper()
		for range 2 { // made, and then from the cache
			sn := f.snapshot()
			a, err := sn.ReferenceAttribute(group, desc("member"))
			if err != nil || string(a.First()) != want {
				t.Fatalf("member = %q, %v, want %q", a.First(), err, want)
			}
		}
	}
	read("uid=ann,ou=people,dc=example,dc=com")
	before := f.snapshot()
	f.must(MoveEntry{ann, people, "uid=anna", "uid=anna"})
	read("uid=anna,ou=people,dc=example,dc=com")
	f.must(MoveEntry{people, base, "ou=staff", "ou=staff"})
	read("uid=anna,ou=staff,dc=example,dc=com")
	if a, err := before.ReferenceAttribute(group, desc("member")); err != nil || string(a.First()) != "uid=ann,ou=people,dc=example,dc=com" {
		t.Errorf("the older snapshot has %q, %v", a.First(), err)
	}
}
