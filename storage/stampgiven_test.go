package storage

import (
	"testing"
	"time"

	"gatehouse/directory"
)

// TestImportedStampsStay: an entry may bring when and by whom it was changed, and a reference that was waiting for its target and
// becomes a link moves neither.
func TestImportedStampsStay(t *testing.T) {
	t.Parallel()
	f := memFixture(t)
	base := f.create(0, "dc=example,dc=com", attr("objectClass", "dcObject"), attr("dc", "example"))
	then := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	group := f.must(CreateEntry{
		Parent: base, RDN: "cn=staff", NRDN: "cn=staff", ModifyTime: then, Modifier: "cn=old",
		Entry:      directory.StoredEntry([]directory.Attribute{attr("cn", "staff")}),
		References: []Reference{reference("member", "uid=ann,dc=example,dc=com"), reference("member", "dc=example,dc=com")},
	}).IDs[0]
	check := func(what string) Stamp {
		t.Helper()
		st, err := f.snapshot().Stamp(group)
		if err != nil || !st.ModifyTime.Equal(then) || st.Modifier != "cn=old" {
			t.Errorf("%s: the stamp is %v by %q, %v", what, st.ModifyTime, st.Modifier, err)
		}
		return st
	}
	before := check("created")
	ann := f.create(base, "uid=ann", attr("uid", "ann"))
	after := check("resolved")
	if after.CSN <= before.CSN {
		t.Errorf("entryCSN did not move when the member came: %d, then %d", before.CSN, after.CSN)
	}
	if has, err := f.snapshot().HasReference(group, desc("member"), ann); !has || err != nil {
		t.Errorf("HasReference = %v, %v", has, err)
	}
	f.must(RemoveReference{group, desc("member"), "uid=ann,dc=example,dc=com"})
	if st, err := f.snapshot().Stamp(group); err != nil || st.ModifyTime.Equal(then) {
		t.Errorf("a real change left modifyTimestamp at %v, %v", st.ModifyTime, err)
	}
}
