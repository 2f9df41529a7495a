package dit_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/storage"
)

// interleaved runs another write between the plan of a write and its proposal.
type interleaved struct {
	done  atomic.Bool
	other func()
}

func (*interleaved) Name() string             { return "interleaved" }
func (*interleaved) Prepare(*dit.Write) error { return nil }
func (*interleaved) Verify(*dit.Stored) error { return nil }
func (h *interleaved) Follow(*dit.Write) error {
	if h.other != nil && h.done.CompareAndSwap(false, true) {
		h.other()
	}
	return nil
}

// TestGuards interleaves a write with another one that takes away what its plan relied on.
func TestGuards(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name        string
		do, between func(f *fixture) error
		code        directory.ResultCode
		dn          string
		read, want  []string
	}{
		{
			name:    "the author's rights are gone",
			do:      func(f *fixture) error { return f.modify(f.as(adminDN), alice, "add title: x") },
			between: renaming(acl.OperatorDN, adminDN, "cn=former", true),
			code:    directory.NoSuchObject, dn: alice, read: []string{"title"},
		},
		{
			name:    "the author is gone",
			do:      func(f *fixture) error { return f.modify(f.as(writer), alice, "add title: x") },
			between: deleting(acl.OperatorDN, writer),
			code:    directory.StrongerAuthRequired, dn: alice, read: []string{"title"},
		},
		{
			name:    "the entry is gone",
			do:      func(f *fixture) error { return f.modify(f.as(adminDN), alice, "add title: x") },
			between: deleting(acl.OperatorDN, alice),
			code:    directory.NoSuchObject,
		},
		{
			name:    "the entry has another name",
			do:      func(f *fixture) error { return f.modify(f.as(adminDN), alice, "add title: x") },
			between: renaming(acl.OperatorDN, alice, "uid=alicia", true),
			code:    directory.NoSuchObject, dn: "uid=alicia," + people, read: []string{"title"},
		},
		{
			name:    "an ancestor has another name",
			do:      func(f *fixture) error { return f.modify(f.as(adminDN), alice, "add title: x") },
			between: renaming(acl.OperatorDN, people, "ou=humans", true),
			code:    directory.NoSuchObject,
		},
		{
			name:    "the value is there",
			do:      func(f *fixture) error { return f.modify(f.as(adminDN), alice, "add title: x") },
			between: modifying(acl.OperatorDN, alice, "add title: X"),
			code:    directory.AttributeOrValueExists, dn: alice, read: []string{"title"}, want: []string{"title: X"},
		},
		{
			name:    "increments add up",
			do:      func(f *fixture) error { return f.modify(f.as(adminDN), alice, "increment uidNumber: 1") },
			between: modifying(acl.OperatorDN, alice, "increment uidNumber: 10"),
			dn:      alice, read: []string{"uidNumber"}, want: []string{"uidNumber: 10012"},
		},
		{
			name:    "the member is there",
			do:      func(f *fixture) error { return f.modify(f.as(adminDN), staff, "add member: "+adminDN) },
			between: modifying(acl.OperatorDN, staff, "add member: "+adminDN),
			code:    directory.AttributeOrValueExists,
		},
		{
			name:    "the member is gone",
			do:      func(f *fixture) error { return f.modify(f.as(adminDN), staff, "delete member: "+alice) },
			between: modifying(acl.OperatorDN, staff, "delete member: "+alice),
			code:    directory.NoSuchAttribute,
		},
		{
			name:    "the other member is gone",
			do:      func(f *fixture) error { return f.modify(f.as(adminDN), staff, "delete member: "+alice) },
			between: modifying(acl.OperatorDN, staff, "delete member: "+bob),
			code:    directory.ObjectClassViolation, dn: staff, read: []string{"member"}, want: []string{"member: " + alice},
		},
		{
			name:    "a member came before the replacement",
			do:      func(f *fixture) error { return f.modify(f.as(adminDN), staff, "replace member: "+bob) },
			between: modifying(acl.OperatorDN, staff, "add member: "+adminDN),
			dn:      staff, read: []string{"member"}, want: []string{"member: " + bob},
		},
		{
			name:    "the name is taken",
			do:      func(f *fixture) error { return f.addAs(f.as(adminDN), carol, carolLines...) },
			between: adding(acl.OperatorDN, carol, carolLines...),
			code:    directory.EntryAlreadyExists,
		},
		{
			name: "the parent is gone",
			do: func(f *fixture) error {
				return f.addAs(f.as(adminDN), "cn=x,"+alice, "objectClass: device", "cn: x")
			},
			between: deleting(acl.OperatorDN, alice),
			code:    directory.NoSuchObject,
		},
		{
			name: "a child came",
			do: func(f *fixture) error {
				return f.d.Delete(f.Context(), f.as(adminDN), &directory.DeleteRequest{DN: alice})
			},
			between: adding(acl.OperatorDN, "cn=x,"+alice, "objectClass: device", "cn: x"),
			code:    directory.NotAllowedOnNonLeaf,
		},
		{
			name:    "the new name is taken",
			do:      renaming(adminDN, alice, "uid=carol", true),
			between: adding(acl.OperatorDN, carol, carolLines...),
			code:    directory.EntryAlreadyExists,
		},
		{
			name:    "the superior moved below the entry",
			do:      renaming(adminDN, people, "ou=people", true, groups),
			between: renaming(acl.OperatorDN, groups, "ou=groups", true, people),
			code:    directory.NoSuchObject,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := &interleaved{}
			f := newFixture(t, func(o *dit.Options) { o.Hooks = append(o.Hooks, h) })
			h.other = func() { f.ok(tt.between(f)) }
			f.wants(tt.do(f), tt.code)
			if tt.dn != "" {
				f.compareLists(f.read(f.operator(), tt.dn, tt.read...), tt.want...)
			}
		})
	}
}

// TestManyClients: of many that add the same value, one succeeds; members that are added at once are all there.
func TestManyClients(t *testing.T) {
	t.Parallel()
	const clients = 16
	f := newFixture(t)
	for i := range clients {
		f.add(fmt.Sprintf("cn=d%d,%s", i, people), "objectClass: device", fmt.Sprintf("cn: d%d", i))
	}
	s := f.as(adminDN)
	var wg sync.WaitGroup
	results := make([]error, clients)
	for i := range clients {
		wg.Go(func() {
			if err := f.modify(s, staff, fmt.Sprintf("add member: cn=d%d,%s", i, people)); err != nil {
				t.Errorf("member %d: %v", i, err)
			}
			if err := f.modify(s, alice, "increment uidNumber: 1"); err != nil && directory.CodeOf(err) != directory.Busy {
				t.Errorf("increment %d: %v", i, err)
			}
			results[i] = f.modify(s, bob, "add title: King")
		})
	}
	wg.Wait()
	added := 0
	for _, err := range results {
		if err == nil {
			added++
		} else if directory.CodeOf(err) != directory.AttributeOrValueExists {
			t.Error(err)
		}
	}
	if added != 1 {
		t.Errorf("the value was added %d times", added)
	}
	if n := len(f.read(f.operator(), staff, "member")); n != clients+2 {
		t.Errorf("%d members", n)
	}
}

// flood is a hook that wants to touch too much.
type flood struct{ interleaved }

func (*flood) Follow(w *dit.Write) error {
	for range 2000 {
		if err := w.Add(storage.RemoveAllReferences{ID: w.ID}); err != nil {
			return err
		}
	}
	return nil
}

func TestFollowIsBounded(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	d, err := dit.New(dit.Options{
		Store: f.store, Schema: f.d.Schema(), Policy: f.d.Policy(), Hasher: f.hasher, Hooks: []dit.Hook{&flood{}},
	})
	f.ok(err)
	_, err = d.Modify(t.Context(), f.operator(), &directory.ModifyRequest{DN: alice, Changes: changes("add title: x")})
	f.wants(err, directory.AdminLimitExceeded)
}
