package dit_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/directory/ldif"
	"gatehouse/directory/password"
	"gatehouse/directory/schema"
)

// TestQualityTellsNothingHidden: whoever may reset a password finds out nothing by it of the attributes that they may not read.
func TestQualityTellsNothingHidden(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(o *dit.Options) {
		policy, err := roles{
			writers: []directory.NDN{writer},
			more: []acl.Statement{{
				Place: acl.Place{Name: "hidden"}, Effect: acl.Deny, Subject: acl.Name{NDN: writer}, Actions: acl.ActionsOf(acl.ActionRead, acl.ActionSearch, acl.ActionCompare),
				Reach:      acl.Reach{Bases: []directory.NDN{people}, Scope: directory.ScopeChildren},
				Attributes: acl.Attributes{Types: []*schema.AttributeType{schema.Standard().TypeByName("roomNumber")}},
			}},
		}.policy()
		if err != nil {
			t.Fatal(err)
		}
		o.Policy = policy
	})
	f.policy("default", "gatehousePwdMinScore: 4")
	f.person("carla", 10009, "roomNumber: wkxqzvjph", "title: matterhorn")
	const carla = "uid=carla," + people
	reasons := func(s *acl.Session, user, fresh string) string {
		err := f.passwd(s, user, "", fresh)
		f.wants(err, directory.ConstraintViolation)
		return diagnostic(err)
	}
	found := reasons(f.as(writer), carla, "matterhorn")
	if !strings.Contains(found, "own account") {
		t.Fatalf("what may be read: %s", found)
	}
	if got, want := reasons(f.as(writer), carla, "wkxqzvjph"), reasons(f.as(writer), carla, "wkxqzvjpk"); got != want {
		t.Errorf("hidden: %s\nanother: %s", got, want)
	}
	if got := reasons(f.as(carla), "", "wkxqzvjph"); got != found {
		t.Errorf("one's own: %s", got)
	}
}

// TestRemovedPasswordIsNotForgotten: nobody gets around the history, or a duty to change the password, by taking it away and giving
// the same one again.
func TestRemovedPasswordIsNotForgotten(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.policy("default", "pwdInHistory: 5", "pwdMustChange: TRUE")
	f.ok(f.passwd(f.as(adminDN), alice, "", "first-of-alice"))
	s, told, err := f.tries(alice, "first-of-alice")
	f.ok(err)
	if told.Err != directory.PasswordChangeAfterReset {
		t.Fatalf("told %+v", told)
	}
	for _, change := range []string{"delete userPassword", "delete userPassword: first-of-alice", "replace userPassword"} {
		f.wants(f.modify(s, alice, change), directory.ConstraintViolation)
	}
	f.ok(f.modify(f.as(adminDN), bob, "delete userPassword"))
	f.ok(f.modify(f.as(adminDN), bob, "add userPassword: second-of-bob"))
	s, _, err = f.tries(bob, "second-of-bob")
	f.ok(err)
	f.wants(f.passwd(s, "", "", "secret-bob"), directory.ConstraintViolation)
	f.ok(f.passwd(s, "", "", "third-of-bob"))
}

// TestRemovedPasswordLiftsNoLock: neither a lock nor a reset goes with the password alone.
func TestRemovedPasswordLiftsNoLock(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.policy("default", lockout, "pwdMaxFailure: 1")
	f.tries(alice, "wrong")
	f.ok(f.modify(f.as(adminDN), alice, "delete userPassword"))
	if got := f.read(f.operator(), alice, "pwdAccountLockedTime"); len(got) != 1 {
		t.Errorf("locked: %q", got)
	}
}

// TestMustChangeHoldsForWhoActsAsAnother: whoever has to change a password does nothing else as somebody else, either.
func TestMustChangeHoldsForWhoActsAsAnother(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.policy("default", "pwdMustChange: TRUE")
	f.ok(f.passwd(f.as(writer), adminDN, "", "first-of-admin"))
	s, _, err := f.tries(adminDN, "first-of-admin")
	f.ok(err)
	acting := f.as(bob).Proxy(s)
	_, err = f.d.Compare(f.Context(), acting, &directory.CompareRequest{DN: bob, Attr: "uid", Value: []byte("bob")})
	f.wants(err, directory.InsufficientAccessRights)
	f.wants(f.modify(acting, bob, "replace mail: x@example.com"), directory.InsufficientAccessRights)
	f.ok(f.passwd(s, "", "", "second-of-admin"))
	_, err = f.d.Compare(f.Context(), acting, &directory.CompareRequest{DN: bob, Attr: "uid", Value: []byte("bob")})
	f.ok(err)
}

// TestClockSetBackUnlocksNothing: a lock, a delay and an expiry hold although the clock goes back and others write meanwhile.
func TestClockSetBackUnlocksNothing(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.policy("default", lockout, "pwdMaxFailure: 1", "pwdLockoutDuration: 600", "pwdMaxAge: 5000")
	f.clock.Store(6000)
	f.person("carla", 10009)
	f.tries("uid=carla,"+people, "wrong")
	f.clock.Store(0)
	for i := range 3 {
		if f.canBind("uid=carla,"+people, "secret-carla") {
			t.Fatalf("%d writes after the clock went back, the account is unlocked", i)
		}
		if f.canBind(alice, "secret-alice") {
			t.Fatalf("%d writes after the clock went back, the password is fresh again", i)
		}
		f.ok(f.modify(f.operator(), bob, fmt.Sprintf("replace mail: %d@example.com", i)))
	}
}

// TestUnverifiablePasswordIsSaid to the log, in the one place whose lines are bounded.
func TestUnverifiablePasswordIsSaid(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	f := newFixture(t, func(o *dit.Options) { o.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	many := ""
	for i := range password.MaxStoredValues + 1 {
		many += fmt.Sprintf("userPassword: secret-%d\n", i)
	}
	rec, err := ldif.NewReader(strings.NewReader("dn: uid=old,"+people+"\nobjectClass: account\nobjectClass: simpleSecurityObject\nuid: old\n"+many), ldif.Options{}).Next()
	f.ok(err)
	_, err = f.d.Import(f.Context(), f.operator(), rec, dit.ConflictFail)
	f.ok(err)
	_, told, err := f.tries("uid=old,"+people, "any")
	f.wants(err, directory.InvalidCredentials)
	if !strings.Contains(told.Reason, "cannot be verified") || directory.ResultOf(err).DiagnosticMessage != "" {
		t.Errorf("told %q, %v", told.Reason, err)
	}
	if _, told, _ = f.tries(alice, "wrong"); strings.Contains(told.Reason, "verified") {
		t.Errorf("of a wrong password: %q", told.Reason)
	}
	if log.Len() > 0 {
		t.Errorf("a line without a bound: %s", log.String())
	}
}
