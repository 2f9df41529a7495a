package storage

import (
	"slices"
	"testing"

	"gatehouse/directory"
)

func TestStore(t *testing.T) {
	t.Parallel()
	f := memFixture(t)
	base := f.create(0, "dc=example,dc=com", attr("objectClass", "dcObject"), attr("dc", "example"))
	people := f.create(base, "ou=people", attr("ou", "people"))
	r := f.must(create(people, "uid=ann", attr("uid", "ann"), attr("cn", "Ann")))
	ann := r.IDs[0]
	group := f.must(CreateEntry{
		Parent: base, RDN: "cn=Staff", NRDN: "cn=staff",
		Entry: directory.StoredEntry([]directory.Attribute{attr("cn", "Staff")}),
		References: []Reference{
			reference("member", "uid=ann,ou=people,dc=example,dc=com"),
			{Desc: desc("member"), Target: "uid=bob,ou=people,dc=example,dc=com", Text: "UID=Bob,ou=people,dc=example,dc=com"},
		},
	}).IDs[0]

	sn := f.snapshot()
	if id, err := sn.Lookup("uid=ann,ou=people,dc=example,dc=com"); id != ann || err != nil {
		t.Errorf("Lookup = %d, %v, want %d", id, err, ann)
	}
	_, err := sn.Lookup("uid=bob,ou=people,dc=example,dc=com")
	wantErr(t, "Lookup of nobody", err, ErrNotFound)
	if id, ndn, err := sn.Deepest("uid=x,uid=bob,ou=people,dc=example,dc=com"); id != people || ndn != "ou=people,dc=example,dc=com" || err != nil {
		t.Errorf("Deepest = %d %q %v", id, ndn, err)
	}
	_, err = sn.Lookup("dc=com")
	wantErr(t, "Lookup above the context", err, ErrNotFound)
	if dn, err := sn.DN(group); dn != "cn=Staff,dc=example,dc=com" || err != nil {
		t.Errorf("DN = %q, %v", dn, err)
	}
	e, err := sn.Entry(ann)
	if err != nil || string(e.Get(desc("cn")).First()) != "Ann" {
		t.Errorf("Entry = %v, %v", e, err)
	}
	st, err := sn.Stamp(ann)
	if err != nil || st.CSN != r.CSN || !st.ModifyTime.Equal(r.Time) || st.Modifier != "cn=author,dc=example,dc=com" {
		t.Errorf("Stamp = %+v, %v", st, err)
	}
	members, err := sn.ReferenceAttribute(group, desc("member"))
	want := attr("member", "uid=ann,ou=people,dc=example,dc=com", "UID=Bob,ou=people,dc=example,dc=com")
	if string(members.Set()) != string(want.Set()) || members.Len() != 2 || err != nil {
		t.Errorf("ReferenceAttribute = %q, %d, %v, want %q", members.Set(), members.Len(), err, want.Set())
	}
	var referrers []directory.EntryID
	for id, err := range sn.Referrers(ann, desc("member").TypeNo) {
		if err != nil {
			t.Fatal(err)
		}
		referrers = append(referrers, id)
	}
	if !slices.Equal(referrers, []directory.EntryID{group}) {
		t.Errorf("Referrers = %v, want %d", referrers, group)
	}
	if sn.EntryCount() != 4 {
		t.Errorf("EntryCount = %d, want 4", sn.EntryCount())
	}

	// A snapshot never changes.
	f.must(DeleteEntry{ann})
	if _, err := sn.Entry(ann); err != nil {
		t.Errorf("Entry of a deleted entry in an older snapshot: %v", err)
	}
	now := f.snapshot()
	_, err = now.Entry(ann)
	wantErr(t, "Entry of a deleted entry", err, ErrNotFound)
	if a, err := now.ReferenceAttribute(group, desc("member")); a.Len() != 1 || err != nil {
		t.Errorf("members after the delete = %d, %v, want 1", a.Len(), err)
	}
}
