package storage

import (
	"context"
	"errors"
	"testing"

	"gatehouse/directory"
)

// TestGuards plans a change with one guard of each kind, lets another change come between, and proposes it then.
func TestGuards(t *testing.T) {
	t.Parallel()
	const ann, bob = "uid=ann,ou=people,dc=x", "uid=bob,ou=people,dc=x"
	type ids struct{ base, people, ann, group, outer directory.EntryID }
	member := desc("member")
	tests := []struct {
		name    string
		read    func(rs *ReadSet, i ids) error
		between []func(i ids) Effect // each on its own must make the guard fail
		beside  []func(i ids) Effect // each on its own must leave it
	}{
		{"Exists", func(rs *ReadSet, i ids) error { _, err := rs.Exists(i.ann); return err },
			[]func(ids) Effect{func(i ids) Effect { return DeleteEntry{i.ann} }},
			[]func(ids) Effect{func(i ids) Effect { return put(i.ann) }}},
		{"RecordAt", func(rs *ReadSet, i ids) error { _, err := rs.Entry(i.ann); return err },
			[]func(ids) Effect{
				func(i ids) Effect { return put(i.ann) },
				func(i ids) Effect { return move(i.ann, i.people, "uid=anna") },
				func(i ids) Effect { return DeleteEntry{i.ann} },
			},
			[]func(ids) Effect{
				func(i ids) Effect { return AddReference{i.group, reference("member", ann)} },
				func(i ids) Effect { return AddReference{i.ann, reference("manager", bob)} },
			}},
		{"RecordAt of a group", func(rs *ReadSet, i ids) error { _, err := rs.Entry(i.group); return err },
			[]func(ids) Effect{func(i ids) Effect { return put(i.group) }},
			[]func(ids) Effect{func(i ids) Effect { return AddReference{i.group, reference("member", ann)} }}},
		{"NameFree", func(rs *ReadSet, i ids) error {
			_, err := rs.Child(i.people, "uid=new")
			return ignore(err, ErrNotFound)
		},
			[]func(ids) Effect{
				func(i ids) Effect { return create(i.people, "uid=new") },
				func(i ids) Effect { return move(i.group, i.people, "uid=new") },
			},
			[]func(ids) Effect{func(i ids) Effect { return create(i.base, "uid=new") }}},
		{"NameIs", func(rs *ReadSet, i ids) error { _, err := rs.Child(i.people, "uid=ann"); return err },
			[]func(ids) Effect{
				func(i ids) Effect { return DeleteEntry{i.ann} },
				func(i ids) Effect { return move(i.ann, i.base, "uid=ann") },
			},
			[]func(ids) Effect{func(i ids) Effect { return move(i.people, i.base, "ou=persons") }}},
		{"Ancestors", func(rs *ReadSet, i ids) error { _, err := rs.Lookup(ann); return err },
			[]func(ids) Effect{
				func(i ids) Effect { return move(i.ann, i.base, "uid=ann") },
				func(i ids) Effect { return move(i.people, i.base, "ou=persons") },
				func(i ids) Effect { return move(i.people, i.group, "ou=people") },
				func(i ids) Effect { return DeleteEntry{i.ann} },
			},
			[]func(ids) Effect{func(i ids) Effect { return put(i.people) }}},
		{"NoChildren", func(rs *ReadSet, i ids) error { _, err := rs.HasChildren(i.ann); return err },
			[]func(ids) Effect{
				func(i ids) Effect { return create(i.ann, "cn=phone") },
				func(i ids) Effect { return move(i.group, i.ann, "cn=staff") },
			},
			[]func(ids) Effect{func(i ids) Effect { return create(i.people, "cn=phone") }}},
		{"ChildCount", func(rs *ReadSet, i ids) error { _, err := rs.ChildCount(i.people); return err },
			[]func(ids) Effect{
				func(i ids) Effect { return create(i.people, "cn=phone") },
				func(i ids) Effect { return DeleteEntry{i.ann} },
				func(i ids) Effect { return move(i.ann, i.base, "uid=ann") },
			},
			[]func(ids) Effect{func(i ids) Effect { return create(i.ann, "cn=phone") }}},
		{"ReferencePresent", func(rs *ReadSet, i ids) error { _, err := rs.HasReference(i.group, member, bob); return err },
			[]func(ids) Effect{
				func(i ids) Effect { return RemoveReference{i.group, member, bob} },
				func(i ids) Effect { return RemoveAllReferences{i.group, member} },
			},
			[]func(ids) Effect{func(i ids) Effect { return AddReference{i.group, reference("member", ann)} }}},
		{"ReferenceAbsent", func(rs *ReadSet, i ids) error { _, err := rs.HasReference(i.group, member, ann); return err },
			[]func(ids) Effect{func(i ids) Effect { return AddReference{i.group, reference("member", ann)} }},
			[]func(ids) Effect{
				func(i ids) Effect { return RemoveReference{i.group, member, bob} },
				func(i ids) Effect { return AddReference{i.group, reference("uniqueMember", ann)} },
			}},
		{"ReferenceAbsent of a name", func(rs *ReadSet, i ids) error {
			_, err := rs.HasReference(i.group, member, "uid=later,dc=x")
			return err
		},
			[]func(ids) Effect{func(i ids) Effect { return AddReference{i.group, reference("member", "uid=later,dc=x")} }},
			nil},
		{"Authority", func(rs *ReadSet, i ids) error { _, err := rs.Authority(i.ann); return err },
			[]func(ids) Effect{
				func(i ids) Effect { return put(i.ann) },
				func(i ids) Effect { return AddReference{i.group, reference("member", ann)} },
				func(i ids) Effect { return AddReference{i.ann, reference("manager", bob)} },
				func(i ids) Effect { return AddReference{i.outer, reference("member", "cn=staff,dc=x")} },
				func(i ids) Effect { return DeleteEntry{i.ann} },
				func(i ids) Effect { return move(i.group, i.base, "cn=other") },
				func(i ids) Effect { return DeleteEntry{i.outer} },
			},
			[]func(ids) Effect{
				func(i ids) Effect { return AddReference{i.outer, reference("member", bob)} },
				func(i ids) Effect { return put(i.group) },
			}},
		{"Authority of a member", func(rs *ReadSet, _ ids) error {
			bob, err := rs.Snapshot().Lookup(bob)
			if err == nil {
				_, err = rs.Authority(bob)
			}
			return err
		},
			[]func(ids) Effect{
				func(i ids) Effect { return RemoveReference{i.group, member, bob} },
				func(i ids) Effect { return RemoveAllReferences{i.group, member} },
				func(i ids) Effect { return DeleteEntry{i.group} },
				func(i ids) Effect { return RemoveReference{i.outer, member, "cn=inner,dc=x"} },
			}, nil},
		{"ValueFree", func(rs *ReadSet, _ ids) error { _, err := rs.HasValue(desc("uidNumber"), []byte("7")); return err },
			[]func(ids) Effect{
				func(i ids) Effect { return numbered(i.ann, "7") },
				func(i ids) Effect { return create(i.people, "uid=new", attr("uidNumber", "7")) },
			},
			[]func(ids) Effect{func(i ids) Effect { return numbered(i.ann, "77") }}},
		{"Revision", func(rs *ReadSet, _ ids) error { _, err := rs.Meta("policy"); return err },
			[]func(ids) Effect{
				func(ids) Effect { return PutMeta{Key: "policy", Value: []byte("2")} },
				func(ids) Effect { return PutMeta{Key: "policy"} },
			},
			[]func(ids) Effect{func(ids) Effect { return PutMeta{Key: "other", Value: []byte("2")} }}},
		{"Revision of nothing", func(rs *ReadSet, _ ids) error { _, err := rs.Meta("other"); return ignore(err, ErrNotFound) },
			[]func(ids) Effect{func(ids) Effect { return PutMeta{Key: "other", Value: []byte("2")} }}, nil},
	}
	prepare := func(t *testing.T) (*fixture, ids) {
		f := memFixture(t)
		var i ids
		i.base = f.create(0, "dc=x")
		i.people = f.create(i.base, "ou=people")
		i.ann = f.create(i.people, "uid=ann")
		f.create(i.people, "uid=bob")
		i.group = f.create(i.base, "cn=staff")
		i.outer = f.create(i.base, "cn=outer")
		f.create(i.base, "cn=inner")
		f.must(AddReference{i.group, reference("member", bob)},
			AddReference{f.lookup("cn=inner,dc=x"), reference("member", bob)},
			AddReference{i.outer, reference("member", "cn=inner,dc=x")},
			PutMeta{Key: "policy", Value: []byte("1")})
		return f, i
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			run := func(between Effect) error {
				f, i := prepare(t)
				sn := f.snapshot()
				rs := sn.ReadSet()
				if err := test.read(rs, i); err != nil {
					t.Fatalf("read: %v", err)
				}
				c := f.change(put(i.base))
				c.Guards = rs.Guards()
				if len(c.Guards) == 0 {
					t.Fatal("the read left no guard")
				}
				if between != nil {
					f.must(between)
				}
				_, err := f.Propose(context.Background(), Proposal{Change: c})
				return err
			}
			if err := run(nil); err != nil {
				t.Errorf("nothing between: %v", err)
			}
			_, i := prepare(t) // IDs are the same in every fixture
			for n, between := range test.between {
				if err := run(between(i)); !errors.Is(err, ErrGuard) {
					t.Errorf("after %d (%T): %v, want ErrGuard", n, between(i), err)
				}
			}
			for n, beside := range test.beside {
				if err := run(beside(i)); err != nil {
					t.Errorf("beside %d (%T): %v", n, beside(i), err)
				}
			}
		})
	}
}

func put(id directory.EntryID) Effect {
	return PutAttributes{ID: id, Set: []directory.Attribute{attr("description", "changed")}}
}

func numbered(id directory.EntryID, number string) Effect {
	return PutAttributes{ID: id, Set: []directory.Attribute{attr("uidNumber", number)}}
}

func move(id, parent directory.EntryID, rdn string) Effect {
	return MoveEntry{ID: id, Parent: parent, RDN: rdn, NRDN: directory.NRDN(rdn)}
}

func ignore(err, expected error) error {
	if errors.Is(err, expected) {
		return nil
	}
	return err
}

func (f *fixture) lookup(name directory.NDN) directory.EntryID {
	f.t.Helper()
	id, err := f.snapshot().Lookup(name)
	if err != nil {
		f.t.Fatalf("Lookup(%q): %v", name, err)
	}
	return id
}

// TestReplan lets a guard fail and looks at what the second plan sees and may do.
func TestReplan(t *testing.T) {
	t.Parallel()
	f := memFixture(t)
	base := f.create(0, "dc=x", attr("description", "0"))
	stale := []Guard{RecordAt{ID: base, CSN: 1}}
	propose := func(replan func(*Snapshot) (Change, error)) (Result, error) {
		c := f.change(put(base))
		c.Guards = stale
		return f.Propose(context.Background(), Proposal{Change: c, Replan: replan})
	}
	want := errors.New("refused")
	_, err := propose(func(*Snapshot) (Change, error) { return Change{}, want })
	wantErr(t, "a plan that refuses", err, want)
	_, err = propose(func(*Snapshot) (Change, error) { return Change{Guards: stale, Effects: []Effect{put(base)}}, nil })
	wantErr(t, "a plan with a stale guard", err, ErrGuard)
	_, err = propose(func(*Snapshot) (Change, error) { return Change{}, nil })
	wantErr(t, "a plan without effects", err, ErrChange)
	if _, err = propose(func(*Snapshot) (Change, error) { panic("oh") }); err == nil {
		t.Error("a plan that panics was accepted")
	}
	r, err := propose(func(sn *Snapshot) (Change, error) {
		rs := sn.ReadSet()
		if _, err := rs.Entry(base); err != nil {
			return Change{}, err
		}
		if sn.CSN() != f.Published() {
			t.Errorf("the second plan sees change %d, want %d", sn.CSN(), f.Published())
		}
		return Change{Guards: rs.Guards(), Effects: []Effect{put(base)}}, nil
	})
	if err != nil || r.CSN != f.Published() {
		t.Errorf("a plan that holds: %+v, %v", r, err)
	}
}
