package dit_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/directory/schema"
	"gatehouse/storage"
	"gatehouse/storage/memkv"
)

// server is an allow on the server's own functions.
func server(name string, s acl.Subject, actions ...acl.Action) acl.Statement {
	return acl.Statement{
		Place: acl.Place{Name: name}, Effect: acl.Allow, Subject: s, Actions: acl.ActionsOf(actions...),
		Reach: acl.Reach{Bases: []directory.NDN{acl.ServerNDN}, Scope: directory.ScopeBase},
	}
}

var operatorWrites = server("operator", acl.Name{NDN: acl.OperatorDN}, acl.ActionPolicyRead, acl.ActionPolicyWrite)

// compile makes a policy, in which everybody may bind.
func (f *fixture) compile(version string, list ...acl.Statement) *acl.Policy {
	f.Helper()
	p, err := acl.Compile(&acl.Program{
		Version: version, Suffixes: []directory.NDN{base},
		Statements: append(list, statement("bind", acl.Anyone{}, acl.ActionsOf(acl.ActionBind))),
	}, schema.Standard())
	f.ok(err)
	return p
}

func (f *fixture) put(p *acl.Policy) dit.PolicyRevision {
	f.Helper()
	_, rev, err := f.d.StoredPolicy()
	if !errors.Is(err, storage.ErrNotFound) {
		f.ok(err)
	}
	rev, err = f.d.PutPolicy(f.Context(), f.operator(), []byte("text of "+p.Version()), p, dit.PutPolicyOptions{Base: rev.CSN})
	f.ok(err)
	return rev
}

func TestPutPolicy(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.d.SetPolicy(f.compile("first", operatorWrites))
	if _, _, err := f.d.StoredPolicy(); !errors.Is(err, storage.ErrNotFound) {
		t.Fatalf("without a policy: %v", err)
	}
	if list, err := f.d.PolicyHistory(); err != nil || len(list) != 0 {
		t.Fatalf("history %v, %v", list, err)
	}
	one := f.compile("one", operatorWrites)
	rev := f.put(one)
	if rev.CSN == 0 || rev.Version != "one" || rev.Author != acl.OperatorDN || !rev.Time.Equal(f.now()) {
		t.Errorf("revision %+v", rev)
	}
	if f.d.Policy() != one {
		t.Error("the policy is not in force")
	}
	f.clock.Add(60)
	f.put(f.compile("two", operatorWrites))
	f.clock.Add(60)
	last := f.put(one)
	packed, stored, err := f.d.StoredPolicy()
	f.ok(err)
	if string(packed) != "text of one" || stored != last {
		t.Errorf("stored %q %+v, applied %+v", packed, stored, last)
	}
	list, err := f.d.PolicyHistory()
	f.ok(err)
	var versions []string
	for i, r := range list {
		versions = append(versions, r.Version)
		if i > 0 && r.CSN >= list[i-1].CSN {
			t.Errorf("the history is not in order: %+v", list)
		}
	}
	f.compareLists(versions, "one", "two", "one")
	if text, err := f.d.PolicyText("two"); err != nil || string(text) != "text of two" {
		t.Errorf("text of two: %q, %v", text, err)
	}
	for _, version := range []string{"three", "", strings.Repeat("x", 1000)} {
		if _, err := f.d.PolicyText(version); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("%.10q: %v", version, err)
		}
	}
}

// TestPutPolicyForgets: 32 revisions are kept, and the texts that they name.
func TestPutPolicyForgets(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.d.SetPolicy(f.compile("0", operatorWrites))
	for i := range 40 {
		version := fmt.Sprint(i)
		if i == 20 {
			version = "1"
		}
		f.put(f.compile(version, operatorWrites))
	}
	list, err := f.d.PolicyHistory()
	f.ok(err)
	if len(list) != 32 || list[0].Version != "39" || list[31].Version != "8" {
		t.Errorf("%d revisions: %+v", len(list), list)
	}
	for i := range 40 {
		_, err := f.d.PolicyText(fmt.Sprint(i))
		kept := i >= 8 && i != 20 || i == 1
		if kept && err != nil || !kept && !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("text %d: %v", i, err)
		}
	}
}

func TestPutPolicyRefuses(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	old := f.compile("old", operatorWrites, server("alice", acl.Name{NDN: f.ndn(alice)}, acl.ActionPolicyRead))
	f.d.SetPolicy(old)
	fresh := f.compile("new", operatorWrites)
	put := func(s *acl.Session, p *acl.Policy, text string, o dit.PutPolicyOptions) error {
		_, err := f.d.PutPolicy(t.Context(), s, []byte(text), p, o)
		return err
	}
	f.wants(put(f.as(alice), fresh, "x", dit.PutPolicyOptions{}), directory.InsufficientAccessRights)
	f.wants(put(f.as(""), fresh, "x", dit.PutPolicyOptions{}), directory.InsufficientAccessRights)
	for name, err := range map[string]error{
		"another base":        put(f.operator(), fresh, "x", dit.PutPolicyOptions{Base: 3}),
		"without text":        put(f.operator(), fresh, "", dit.PutPolicyOptions{}),
		"too long":            put(f.operator(), fresh, strings.Repeat("x", 449<<10), dit.PutPolicyOptions{}),
		"without a version":   put(f.operator(), f.compile("", operatorWrites), "x", dit.PutPolicyOptions{}),
		"a lock-out":          put(f.operator(), f.compile("bad"), "x", dit.PutPolicyOptions{}),
		"a lock-out recovery": put(f.operator(), f.compile("bad"), "x", dit.PutPolicyOptions{Recovery: true}),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if err := put(f.operator(), fresh, "x", dit.PutPolicyOptions{Base: 3}); !errors.Is(err, storage.ErrGuard) {
		t.Errorf("another base: %v", err)
	}
	if err := put(f.operator(), f.compile("bad"), "x", dit.PutPolicyOptions{}); !errors.Is(err, dit.ErrLockOut) {
		t.Errorf("a lock-out: %v", err)
	}
	if f.d.Policy() != old {
		t.Error("a policy that was refused is in force")
	}
	if list, err := f.d.PolicyHistory(); err != nil || len(list) != 0 {
		t.Errorf("history %v, %v", list, err)
	}
	f.ok(put(f.as(alice), fresh, "x", dit.PutPolicyOptions{Recovery: true}))
}

// TestPutPolicyAtOnce: of several that start from the same revision, one is applied.
func TestPutPolicyAtOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.d.SetPolicy(f.compile("0", operatorWrites))
	var group sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		group.Go(func() {
			_, errs[i] = f.d.PutPolicy(t.Context(), f.operator(), []byte("x"), f.compile(fmt.Sprint(i+1), operatorWrites), dit.PutPolicyOptions{})
		})
	}
	group.Wait()
	applied := 0
	for i, err := range errs {
		switch {
		case err == nil:
			applied++
			if got := f.d.Policy().Version(); got != fmt.Sprint(i+1) {
				t.Errorf("%d was applied, %s is in force", i+1, got)
			}
		case !errors.Is(err, storage.ErrGuard):
			t.Errorf("%d: %v", i+1, err)
		}
	}
	if applied != 1 {
		t.Errorf("%d were applied", applied)
	}
}

func TestPolicyWriters(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const disabled = "uid=gone," + people
	f.person("gone", 10009, "pwdAccountLockedTime: 000001010000Z")
	f.add("cn=nopassword,"+base, "objectClass: organizationalRole", "cn: nopassword")
	f.add("cn=empty,"+groups, "objectClass: groupOfURLs", "cn: empty")
	f.add(dynamic, "objectClass: groupOfURLs", "cn: dynamic", "memberURL: ldap:///"+people+"??sub?(uid=bob)")
	name := func(dn string) acl.Subject { return acl.Name{NDN: f.ndn(dn)} }
	limited := func(c acl.Conditions) acl.Statement {
		st := server("limited", name(alice), acl.ActionPolicyWrite)
		st.When = []acl.Conditions{c}
		return st
	}
	noBind := statement("no-bind", acl.Anyone{}, acl.ActionsOf(acl.ActionBind))
	noBind.Effect, noBind.Attributes = acl.Deny, acl.Attributes{}
	over := server("over", name(alice), acl.ActionPolicyWrite)
	over.Expires = f.now()
	all := func(subjects ...acl.Subject) acl.Statement {
		return server("all", acl.All(subjects), acl.ActionPolicyWrite)
	}
	broad := server("broad", acl.Authenticated{}, acl.ActionPolicyWrite)
	broad.Broad = "test"
	for _, tt := range []struct {
		name string
		list []acl.Statement
		want []string
	}{
		{"nobody", nil, nil},
		{"a name", []acl.Statement{server("a", name(alice), acl.ActionPolicyWrite)}, []string{alice}},
		{"a name that nobody has", []acl.Statement{server("a", name("uid=x,"+people), acl.ActionPolicyWrite)}, nil},
		{"a disabled entry", []acl.Statement{server("a", name(disabled), acl.ActionPolicyWrite)}, nil},
		{"an entry without a password", []acl.Statement{server("a", name("cn=nopassword,"+base), acl.ActionPolicyWrite)}, nil},
		{"an entry that may not bind", []acl.Statement{server("a", name(alice), acl.ActionPolicyWrite), noBind}, nil},
		{"reading alone", []acl.Statement{server("a", name(alice), acl.ActionPolicyRead)}, nil},
		{"a nested group", []acl.Statement{server("a", acl.Group{NDN: f.ndn(nested)}, acl.ActionPolicyWrite)}, []string{alice, bob}},
		{"a dynamic group", []acl.Statement{server("a", acl.Group{NDN: f.ndn(dynamic)}, acl.ActionPolicyWrite)}, []string{bob}},
		{"an empty group", []acl.Statement{server("a", acl.Group{NDN: f.ndn("cn=empty," + groups)}, acl.ActionPolicyWrite)}, nil},
		{"a filter", []acl.Statement{server("a", acl.Matching{Filter: &directory.EqualityMatch{Attr: "uid", Value: []byte("bob")}}, acl.ActionPolicyWrite)}, []string{bob}},
		{"all of several", []acl.Statement{all(acl.Authenticated{}, acl.Group{NDN: f.ndn(staff)}, acl.Subtree{Base: people})}, []string{alice, bob}},
		{"any but one", []acl.Statement{server("a", acl.Unless{Subject: acl.Group{NDN: f.ndn(staff)}, Except: name(bob)}, acl.ActionPolicyWrite)}, []string{alice}},
		{"all who bind", []acl.Statement{broad}, []string{alice, bob, adminDN, reader, writer}},
		{"from a network", []acl.Statement{limited(acl.Conditions{Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})}, []string{alice}},
		{"over TLS", []acl.Statement{limited(acl.Conditions{TLS: acl.TLSRequired, TLSBits: 128})}, []string{alice}},
		{"only in the clear", []acl.Statement{limited(acl.Conditions{TLS: acl.TLSNone})}, nil},
		{"with a second factor", []acl.Statement{limited(acl.Conditions{Level: 2})}, nil},
		{"over", []acl.Statement{over}, nil},
	} {
		got, operator, err := f.d.PolicyWriters(f.compile("x", tt.list...))
		if err != nil || operator != (tt.name == "all who bind") {
			t.Errorf("%s: operator %v, %v", tt.name, operator, err)
		}
		slices.Sort(got)
		slices.Sort(tt.want)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
	if got, operator, err := f.d.PolicyWriters(f.compile("x", operatorWrites)); err != nil || !operator || len(got) != 0 {
		t.Errorf("the operator: %q, %v, %v", got, operator, err)
	}
	if got, operator, err := f.d.PolicyWriters(nil); err != nil || operator || len(got) != 0 {
		t.Errorf("no policy: %q, %v, %v", got, operator, err)
	}
	f.ok(f.d.SetIdentityRules([]dit.IdentityRule{{Name: "cn=token", To: alice}}))
	if got, _, err := f.d.PolicyWriters(f.compile("x", limited(acl.Conditions{Level: 2}))); err != nil || !slices.Equal(got, []string{alice}) {
		t.Errorf("by a certificate: %q, %v", got, err)
	}
}

// TestPolicyInBackup: a backup brings the policy and its history along.
func TestPolicyInBackup(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.d.SetPolicy(f.compile("0", operatorWrites))
	f.put(f.compile("one", operatorWrites))
	want := f.put(f.compile("two", operatorWrites))
	var backup bytes.Buffer
	sn := f.store.Snapshot()
	_, err := sn.Backup(t.Context(), &backup)
	sn.Close()
	f.ok(err)
	db := memkv.Open(memkv.Options{})
	_, err = storage.RestoreInto(t.Context(), db, &backup, storage.Options{Schema: schema.Standard()})
	f.ok(err)
	store, err := storage.Open(db, storage.Options{Schema: schema.Standard()})
	f.ok(err)
	defer store.Close()
	d, err := dit.New(dit.Options{Store: store, Schema: schema.Standard(), Policy: f.d.Policy(), Hasher: f.hasher})
	f.ok(err)
	packed, rev, err := d.StoredPolicy()
	f.ok(err)
	if string(packed) != "text of two" || rev != want {
		t.Errorf("%q %+v, want %+v", packed, rev, want)
	}
	if text, err := d.PolicyText("one"); err != nil || string(text) != "text of one" {
		t.Errorf("%q, %v", text, err)
	}
}
