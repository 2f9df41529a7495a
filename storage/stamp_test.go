package storage

import (
	"strings"
	"testing"
	"time"

	"gatehouse/directory"
	"gatehouse/directory/schema"
)

func TestStamps(t *testing.T) {
	t.Parallel()
	f := memFixture(t)
	base := f.create(0, "dc=x")
	ann := f.create(base, "uid=ann")
	group := f.create(base, "cn=staff")
	stamp := func(id directory.EntryID) Stamp {
		t.Helper()
		st, err := f.snapshot().Stamp(id)
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	propose := func(author string, at time.Time, effects ...Effect) Result {
		t.Helper()
		c := f.change(effects...)
		c.Author, c.Time = author, at
		r, err := f.Propose(t.Context(), Proposal{Change: c})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	later := testTime.Add(time.Hour)
	before := stamp(ann)
	r := propose("cn=second", later, AddReference{group, reference("member", "uid=ann,dc=x")})
	if st := stamp(group); st.CSN != r.CSN || !st.ModifyTime.Equal(later) || st.Modifier != "cn=second" {
		t.Errorf("the group after a membership change: %+v", st)
	}
	if st := stamp(ann); st.CSN != before.CSN || st.ModifyTime != before.ModifyTime || st.Modifier != before.Modifier {
		t.Errorf("the member after a membership change: %+v, want %+v", st, before)
	}

	quiet := PutAttributes{ID: ann, Set: []directory.Attribute{attr("description", "x")}, Quiet: true}
	r = propose("cn=third", later.Add(time.Minute), quiet)
	if st := stamp(ann); st.CSN != r.CSN || st.ModifyTime != before.ModifyTime || st.Modifier != before.Modifier {
		t.Errorf("after a quiet change: %+v, want CSN %d and the rest of %+v", st, r.CSN, before)
	}

	r = propose("cn=fourth", testTime, put(ann)) // its clock is behind
	if want := later.Add(time.Minute); !r.Time.Equal(want) || !stamp(ann).ModifyTime.Equal(want) {
		t.Errorf("time ran backwards: %v, want %v", r.Time, want)
	}

	members := stamp(group)
	r = propose("cn=fifth", later, move(ann, base, "uid=anna"))
	if st := stamp(group); st.CSN != members.CSN {
		t.Errorf("a rename moved the stamp of a referrer to %d", st.CSN)
	}
	if st := stamp(ann); st.CSN != r.CSN {
		t.Errorf("the renamed entry has CSN %d, want %d", st.CSN, r.CSN)
	}
	r = propose("cn=sixth", later, DeleteEntry{ann})
	if st := stamp(group); st.CSN != r.CSN || st.Modifier != "cn=sixth" {
		t.Errorf("the group after its member was deleted: %+v, want CSN %d", st, r.CSN)
	}
}

// TestAdoptSchema opens a store with another schema.
func TestAdoptSchema(t *testing.T) {
	t.Parallel()
	f := memFixture(t)
	f.create(0, "dc=x")
	if changed, err := f.AdoptSchema(t.Context()); changed || err != nil {
		t.Errorf("the same schema: %v, %v", changed, err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	b := schema.NewBuilder()
	if err := b.AddFile("more.schema", strings.NewReader("attributetype ( 1.3.6.1.4.1.99999.1 NAME 'shoeSize' SUP name )\n")); err != nil {
		t.Fatal(err)
	}
	larger, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	o := testOptions()
	o.Schema = larger
	s, err := Open(f.db, o)
	if err != nil {
		t.Fatal(err)
	}
	again := fixtureOf(t, s)
	if changed, err := again.AdoptSchema(t.Context()); !changed || err != nil {
		t.Errorf("another schema: %v, %v", changed, err)
	}
	shoe, err := larger.Description("shoeSize")
	if err != nil {
		t.Fatal(err)
	}
	id := again.lookup("dc=x")
	again.changes = 100
	again.must(PutAttributes{ID: id, Set: []directory.Attribute{directory.NewAttribute(shoe, []byte("44"))}})
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	// What entries use, the schema cannot lose.
	if _, err := Open(f.db, testOptions()); err == nil || !strings.Contains(err.Error(), "shoesize") {
		t.Errorf("Open without the attribute: %v", err)
	}
}

// TestReadAllocations keeps the price of reading what the cache knows.
func TestReadAllocations(t *testing.T) {
	f := memFixture(t)
	group, ids := f.fill(200)
	f.must(addMembers(group, ids, 0)...)
	name := directory.NDN("uid=user000077,ou=people,dc=example,dc=com")
	sn := f.snapshot()
	buf := make([]byte, 0, 64<<10)
	for what, read := range map[string]func() error{
		"Lookup": func() error { _, err := sn.Lookup(name); return err },
		"Entry":  func() error { _, err := sn.Entry(ids[7]); return err },
		"Stamp":  func() error { _, err := sn.Stamp(ids[7]); return err },
		"DN":     func() (err error) { buf, err = sn.AppendDN(buf[:0], ids[7]); return err },
		"under":  func() error { _, err := sn.IsUnder(ids[7], 1); return err },
		"counts": func() error { _, err := sn.ChildCount(ids[7]); return err },
		"member": func() error { _, err := sn.HasReference(group, desc("member"), ids[7]); return err },
		"rights": func() error { _, err := sn.Authority(ids[7]); return err },
	} {
		allocs := testing.AllocsPerRun(100, func() {
			if err := read(); err != nil {
				t.Fatal(err)
			}
		})
		if allocs > 0 {
			t.Errorf("%s: %v allocations, want none", what, allocs)
		}
	}
	allocs := testing.AllocsPerRun(100, func() {
		if a, err := sn.ReferenceAttribute(group, desc("member")); err != nil || a.Len() != 200 {
			t.Fatal(a.Len(), err)
		}
	})
	if allocs > 0 {
		t.Errorf("ReferenceAttribute of 200 members read again: %v allocations, want none", allocs)
	}
}

// TestGroupsAboveMove: a group shows the members of the groups in it, so its entryCSN moves with theirs, through circles too and to a bound.
// What it says of its own changes stays.
func TestGroupsAboveMove(t *testing.T) {
	t.Parallel()
	f := memFixture(t)
	base := f.create(0, "dc=x")
	ann := f.create(base, "uid=ann")
	inner, middle, outer, other := f.create(base, "cn=inner"), f.create(base, "cn=middle"), f.create(base, "cn=outer"), f.create(base, "cn=other")
	f.must(AddReference{inner, reference("member", "uid=ann,dc=x")}, AddReference{middle, reference("uniqueMember", "cn=inner,dc=x")},
		AddReference{outer, reference("member", "cn=middle,dc=x")}, AddReference{inner, reference("member", "cn=outer,dc=x")},
		AddReference{other, reference("member", "uid=ann,dc=x")}, AddReference{other, reference("owner", "cn=outer,dc=x")})
	stamp := func(id directory.EntryID) Stamp {
		t.Helper()
		st, err := f.snapshot().Stamp(id)
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	was := stamp(outer)
	still := stamp(other)
	for name, effect := range map[string]Effect{
		"a member less": RemoveReference{inner, desc("member"), "uid=ann,dc=x"},
		"a name more":   PutAttributes{ID: inner, Set: []directory.Attribute{attr("memberUid", "ann")}},
	} {
		r := f.must(effect)
		for _, id := range []directory.EntryID{inner, middle, outer} {
			if st := stamp(id); st.CSN != r.CSN {
				t.Errorf("%s: entry %d has CSN %d, want %d", name, id, st.CSN, r.CSN)
			}
		}
		if st := stamp(outer); st.ModifyTime != was.ModifyTime || st.Modifier != was.Modifier || st.authority != was.authority {
			t.Errorf("%s: the outer group was modified: %+v, was %+v", name, st, was)
		}
		if st := stamp(other); st.CSN != still.CSN {
			t.Errorf("%s: a group that has nothing to do with it moved", name)
		}
	}
	if r := f.must(put(ann)); stamp(inner).CSN == r.CSN {
		t.Error("a group moved with an account")
	}
	if r := f.must(put(inner)); stamp(outer).CSN == r.CSN {
		t.Error("a group moved with a value that it does not show")
	}
}
