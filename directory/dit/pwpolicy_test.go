package dit_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/directory/password/quality"
)

const (
	policies = "ou=policies," + base
	standard = "cn=default," + policies
)

// policy adds a policy entry; the first one brings the container.
func (f *fixture) policy(cn string, lines ...string) {
	f.Helper()
	if err := f.addAs(f.operator(), policies, "objectClass: organizationalUnit", "ou: policies"); err != nil {
		f.wants(err, directory.EntryAlreadyExists)
	}
	f.add("cn="+cn+","+policies, append([]string{
		"objectClass: applicationProcess", "objectClass: pwdPolicy", "objectClass: gatehousePwdPolicy", "cn: " + cn, "pwdAttribute: userPassword",
	}, lines...)...)
}

// tries binds and returns the error and what the password policy says.
func (f *fixture) tries(dn, pw string) (*acl.Session, directory.PasswordState, error) {
	s, told, err := f.d.Bind(f.Context(), acl.NewSession(loopback), simple(dn, pw))
	if err != nil {
		f.wants(err, directory.InvalidCredentials)
		told = directory.PasswordStateOf(err)
	}
	return s, told, err
}

// evaluated returns how many passwords were held against a stored hash while do ran.
func (f *fixture) evaluated(do func()) uint64 {
	before := f.hasher.Stats()
	do()
	after := f.hasher.Stats()
	return after.Hashes - after.Dummies - (before.Hashes - before.Dummies)
}

func (f *fixture) passwd(s *acl.Session, user, old, fresh string) error {
	req := &directory.PasswordModifyRequest{UserIdentity: user, HasUserIdentity: user != "", NewPassword: []byte(fresh)}
	if old != "" {
		req.OldPassword = []byte(old)
	}
	_, err := f.d.ModifyPassword(f.Context(), s, req)
	return err
}

// together runs do n times at the same time.
func together(n int, do func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { do(i) })
	}
	wg.Wait()
}

const lockout = "pwdLockout: TRUE"

// TestGuessesAtTheSameTime: however many passwords come at the same time, and in whatever way, no more are tried than the policy allows.
func TestGuessesAtTheSameTime(t *testing.T) {
	t.Parallel()
	wrong := func(i int) string { return fmt.Sprintf("wrong-%d", i) }
	for _, tt := range []struct {
		name  string
		lines []string
		max   uint64
		guess func(f *fixture) func(i int)
	}{
		{"binds", []string{lockout, "pwdMaxFailure: 5"}, 5, func(f *fixture) func(int) {
			return func(i int) { f.tries(alice, wrong(i)) }
		}},
		{"SASL PLAIN", []string{lockout, "pwdMaxFailure: 5"}, 5, func(f *fixture) func(int) {
			return func(i int) { _, _, _ = f.d.Bind(f.Context(), acl.NewSession(loopback), plain("|alice|"+wrong(i))) }
		}},
		{"anonymous changes", []string{lockout, "pwdMaxFailure: 5"}, 5, func(f *fixture) func(int) {
			return func(i int) { _ = f.passwd(acl.NewSession(loopback), alice, wrong(i), "fresh") }
		}},
		{"own changes", []string{lockout, "pwdMaxFailure: 5"}, 5, func(f *fixture) func(int) {
			s := f.as(alice)
			return func(i int) { _ = f.passwd(s, "", wrong(i), "fresh") }
		}},
		{"own modifies", []string{lockout, "pwdMaxFailure: 5"}, 5, func(f *fixture) func(int) {
			s := f.as(alice)
			return func(i int) {
				_ = f.modify(s, alice, "delete userPassword: "+wrong(i), "add userPassword: fresh")
			}
		}},
		{"deletes by whoever may reset", []string{lockout, "pwdMaxFailure: 5"}, 5, func(f *fixture) func(int) {
			s := f.as(writer)
			return func(i int) { _ = f.modify(s, alice, "delete userPassword: "+wrong(i)) }
		}},
		{"all of them", []string{lockout, "pwdMaxFailure: 3"}, 3, func(f *fixture) func(int) {
			s := f.as(alice)
			return func(i int) {
				switch i % 3 {
				case 0:
					f.tries(alice, wrong(i))
				case 1:
					_ = f.passwd(acl.NewSession(loopback), "u:alice", wrong(i), "fresh")
				default:
					_ = f.passwd(s, alice, wrong(i), "fresh")
				}
			}
		}},
		{"a delay", []string{"pwdMinDelay: 5"}, 1, func(f *fixture) func(int) {
			return func(i int) { f.tries(alice, wrong(i)) }
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.policy("default", tt.lines...)
			guess := tt.guess(f)
			if got := f.evaluated(func() { together(64, guess) }); got != tt.max {
				t.Errorf("%d passwords were tried, want %d", got, tt.max)
			}
			if f.canBind(alice, "secret-alice") {
				t.Error("the account is not locked")
			}
		})
	}
}

// TestRightPasswordAmongMany: whoever has the right password is let in, however many of them come at the same time.
func TestRightPasswordAmongMany(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.policy("default", lockout, "pwdMaxFailure: 2")
	var mu sync.Mutex
	refused := 0
	together(64, func(int) {
		if _, _, err := f.tries(alice, "secret-alice"); err != nil {
			mu.Lock()
			refused++
			mu.Unlock()
		}
	})
	if refused > 0 {
		t.Errorf("%d were refused", refused)
	}
}

// TestGraceLoginsAtTheSameTime: each is used once.
func TestGraceLoginsAtTheSameTime(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.policy("default", "pwdMaxAge: 100", "pwdGraceAuthNLimit: 3")
	f.clock.Add(200)
	var mu sync.Mutex
	left := map[int]int{}
	together(20, func(int) {
		_, told, err := f.tries(alice, "secret-alice")
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err == nil:
			left[told.Grace.Left]++
		case told.Err != directory.PasswordExpired:
			t.Errorf("told %+v", told)
		}
	})
	if len(left) != 3 || left[0] != 1 || left[1] != 1 || left[2] != 1 {
		t.Errorf("grace logins left: %v", left)
	}
}

func TestLockAndUnlock(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.policy("default", lockout, "pwdMaxFailure: 2", "pwdLockoutDuration: 60")
	lock := func() {
		t.Helper()
		f.tries(alice, "wrong")
		f.tries(alice, "wrong")
		if _, told, err := f.tries(alice, "secret-alice"); err == nil || told.Err != directory.PasswordAccountLocked {
			t.Fatalf("not locked: %+v, %v", told, err)
		}
	}
	stamp := f.one(alice, "modifyTimestamp")
	f.clock.Add(10)
	lock()
	if got := f.one(alice, "modifyTimestamp"); got != stamp {
		t.Errorf("a failed bind counts as a modification: %s, %s", stamp, got)
	}
	f.compareLists(f.read(f.operator(), alice, "pwdAccountLockedTime"), "pwdAccountLockedTime: 20260301120010Z")
	if got := f.read(f.operator(), alice, "pwdFailureTime"); len(got) != 2 {
		t.Errorf("failures: %q", got)
	}
	f.clock.Add(59)
	if f.canBind(alice, "secret-alice") {
		t.Error("unlocked too early")
	}
	f.clock.Add(1)
	if !f.canBind(alice, "secret-alice") {
		t.Error("locked for too long")
	}
	if got := f.read(f.operator(), alice, "pwdFailureTime", "pwdAccountLockedTime"); len(got) != 0 {
		t.Errorf("after a success: %q", got)
	}
	lock()
	f.wants(f.modify(f.as(reader), alice, "delete pwdAccountLockedTime"), directory.InsufficientAccessRights)
	f.wants(f.modify(f.as(bob), bob, "delete pwdFailureTime"), directory.InsufficientAccessRights)
	f.ok(f.modify(f.as(adminDN), alice, "delete pwdAccountLockedTime"))
	if got := f.read(f.operator(), alice, "pwdFailureTime", "pwdAccountLockedTime"); len(got) != 0 {
		t.Errorf("after an unlock: %q", got)
	}
	if !f.canBind(alice, "secret-alice") {
		t.Error("still locked")
	}
	lock()
	f.ok(f.modify(f.as(adminDN), alice, "delete pwdAccountLockedTime", "delete pwdFailureTime"))
	lock()
	f.ok(f.modify(f.as(adminDN), alice, "replace pwdFailureTime", "replace pwdAccountLockedTime"))
	lock()
	f.ok(f.passwd(f.as(adminDN), alice, "", "fresh"))
	if !f.canBind(alice, "fresh") {
		t.Error("a reset does not unlock")
	}
	f.wants(f.modify(f.as(writer), alice, "replace pwdFailureTime: 20260101000000Z"), directory.ConstraintViolation)
	f.ok(f.modify(f.as(adminDN), alice, "replace pwdFailureTime: 20260101000000Z")) // who manages it
}

// TestWhoHasWhichPolicy: the entry's own, its groups', its subtree's, the settings', the default.
func TestWhoHasWhichPolicy(t *testing.T) {
	t.Parallel()
	const fallback = "cn=settings," + policies
	f := newFixture(t, func(o *dit.Options) { o.PasswordPolicy = fallback })
	length := func(n int) []string { return []string{"pwdCheckQuality: 1", fmt.Sprintf("pwdMinLength: %d", n)} }
	needs := func(dn string) string {
		t.Helper()
		err := f.passwd(f.as(adminDN), dn, "", "1")
		if err == nil {
			return "nothing"
		}
		_, text, _ := strings.Cut(diagnostic(err), "at least ")
		n, _, _ := strings.Cut(text, " ")
		return n
	}
	for _, step := range []struct {
		what       string
		do         func()
		alice, bob string
	}{
		{"no policy", func() {}, "nothing", "nothing"},
		{"the default", func() { f.policy("default", length(10)...) }, "10", "10"},
		{"the settings'", func() { f.policy("settings", length(11)...) }, "11", "11"},
		{"of the suffix", func() { f.policy("suffix", append(length(12), "gatehousePwdSubtree: "+base)...) }, "12", "12"},
		{"of the subtree", func() { f.policy("people", append(length(13), "gatehousePwdSubtree: "+people)...) }, "13", "13"},
		{"of a group", func() { f.policy("group", append(length(14), "gatehousePwdGroup: cn=some,"+groups)...) }, "13", "13"},
		{"the group is made", func() { f.add("cn=some,"+groups, "objectClass: groupOfNames", "cn: some", "member: "+bob) }, "13", "14"},
		{"of an outer group, more important", func() {
			f.policy("outer", append(length(15), "gatehousePwdGroup: "+nested, "gatehousePwdPriority: 5")...)
		}, "15", "15"},
		{"one's own", func() {
			f.policy("own", length(16)...)
			f.ok(f.modify(f.as(adminDN), alice, "add pwdPolicySubentry: cn=own,"+policies))
		}, "16", "15"},
		{"one's own is gone", func() {
			f.ok(f.d.Delete(t.Context(), f.operator(), &directory.DeleteRequest{DN: "cn=own," + policies}))
		}, "15", "15"},
		{"the others change", func() { f.ok(f.modify(f.as(adminDN), "cn=outer,"+policies, "replace pwdMinLength: 17")) }, "17", "17"},
	} {
		step.do()
		if a, b := needs(alice), needs(bob); a != step.alice || b != step.bob {
			t.Errorf("%s: alice needs %s, bob %s; want %s, %s", step.what, a, b, step.alice, step.bob)
		}
	}
	// A policy that is not below ou=policies says for nobody that it is for them.
	f.add("cn=elsewhere,"+people, "objectClass: applicationProcess", "objectClass: pwdPolicy", "objectClass: gatehousePwdPolicy", "cn: elsewhere",
		"pwdAttribute: userPassword", "gatehousePwdSubtree: uid=alice,"+people, "gatehousePwdGroup: "+staff, "gatehousePwdPriority: 9")
	if got := needs(alice); got != "17" {
		t.Errorf("a policy elsewhere: %s", got)
	}
}

func TestExpiryAndReset(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.policy("default", "pwdMaxAge: 100", "pwdExpireWarning: 40", "pwdMustChange: TRUE")
	admin := f.as(adminDN)
	if _, told, err := f.tries(alice, "secret-alice"); err != nil || told.Says() {
		t.Errorf("fresh: %+v, %v", told, err)
	}
	f.clock.Add(70)
	if _, told, err := f.tries(alice, "secret-alice"); err != nil || told.BeforeExpiration != 30*time.Second {
		t.Errorf("soon: %+v, %v", told, err)
	}
	f.clock.Add(30)
	if _, told, err := f.tries(alice, "secret-alice"); err == nil || told.Err != directory.PasswordExpired {
		t.Errorf("expired: %+v, %v", told, err)
	}
	if _, told, err := f.tries(alice, "wrong"); err == nil || told.Says() {
		t.Errorf("expired, wrong: %+v, %v", told, err)
	}
	f.wants(f.passwd(acl.NewSession(loopback), alice, "wrong", "fresh"), directory.InvalidCredentials)
	f.ok(f.passwd(acl.NewSession(loopback), alice, "secret-alice", "fresh"))
	if _, told, err := f.tries(alice, "fresh"); err != nil || told.Says() {
		t.Errorf("changed: %+v, %v", told, err)
	}
	f.ok(f.passwd(admin, bob, "", "set by admin"))
	s, told, err := f.tries(bob, "set by admin")
	if err != nil || told.Err != directory.PasswordChangeAfterReset {
		t.Fatalf("reset: %+v, %v", told, err)
	}
	restricted := func(what string, err error) {
		t.Helper()
		f.wants(err, directory.InsufficientAccessRights)
		if directory.PasswordStateOf(err).Err != directory.PasswordChangeAfterReset {
			t.Errorf("%s: %+v", what, directory.PasswordStateOf(err))
		}
	}
	_, err = f.search(s, query{base: bob})
	restricted("search", err)
	_, err = f.d.Compare(t.Context(), s, &directory.CompareRequest{DN: bob, Attr: "uid", Value: []byte("bob")})
	restricted("compare", err)
	restricted("modify", f.modify(s, bob, "replace title: x"))
	restricted("modify of the password and more", f.modify(s, bob, "replace userPassword: fresh", "replace title: x"))
	restricted("add", f.addAs(s, "uid=x,"+people, "objectClass: account", "uid: x"))
	f.ok(f.d.Check(s))
	f.ok(f.passwd(s, "", "", "of my own"))
	if _, err := f.search(s, query{base: base}); directory.PasswordStateOf(err).Says() {
		t.Errorf("still restricted: %v", err)
	}
	if got := f.read(f.operator(), bob, "pwdReset"); len(got) != 0 {
		t.Errorf("%q", got)
	}
}

// TestHistory: the present password and the former ones are refused; those of slapd count as well as our own.
func TestHistory(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.policy("default", "pwdInHistory: 2")
	change := func(old, fresh string) error { return f.passwd(acl.NewSession(loopback), alice, old, fresh) }
	inHistory := func(err error) {
		t.Helper()
		f.wants(err, directory.ConstraintViolation)
		if directory.PasswordStateOf(err).Err != directory.PasswordInHistory {
			t.Errorf("%v", err)
		}
	}
	inHistory(change("secret-alice", "secret-alice"))
	f.ok(change("secret-alice", "second"))
	inHistory(change("second", "secret-alice"))
	f.clock.Add(1)
	f.ok(change("second", "third"))
	inHistory(change("third", "secret-alice"))
	inHistory(change("third", "second"))
	f.clock.Add(1)
	f.ok(change("third", "fourth"))
	f.ok(change("fourth", "secret-alice"))
	if got := f.read(f.as(adminDN), alice, "+", "*", "pwdHistory"); strings.Contains(strings.Join(got, "\n"), "pwdHistory") {
		t.Error("pwdHistory is shown")
	}
}

func TestRulesOfChange(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		lines []string
		do    func(f *fixture) error
		code  directory.ResultCode
		err   directory.PasswordError
	}{
		{"not allowed", []string{"pwdAllowUserChange: FALSE"}, func(f *fixture) error { return f.passwd(f.as(alice), "", "", "fresh") },
			directory.InsufficientAccessRights, directory.PasswordModNotAllowed},
		{"not allowed, anonymous", []string{"pwdAllowUserChange: FALSE"}, func(f *fixture) error {
			return f.passwd(acl.NewSession(loopback), alice, "secret-alice", "fresh")
		}, directory.InsufficientAccessRights, directory.PasswordModNotAllowed},
		{"not allowed, by an administrator", []string{"pwdAllowUserChange: FALSE"}, func(f *fixture) error { return f.passwd(f.as(adminDN), alice, "", "fresh") }, 0, 0},
		{"old one missing", []string{"pwdSafeModify: TRUE"}, func(f *fixture) error { return f.passwd(f.as(alice), "", "", "fresh") },
			directory.InsufficientAccessRights, directory.PasswordMustSupplyOld},
		{"old one missing in a modify", []string{"pwdSafeModify: TRUE"}, func(f *fixture) error { return f.modify(f.as(alice), alice, "replace userPassword: fresh") },
			directory.InsufficientAccessRights, directory.PasswordMustSupplyOld},
		{"old one in a modify", []string{"pwdSafeModify: TRUE"}, func(f *fixture) error {
			return f.modify(f.as(alice), alice, "delete userPassword: secret-alice", "add userPassword: fresh")
		}, 0, 0},
		{"a second password", []string{"pwdMinAge: 0"}, func(f *fixture) error { return f.modify(f.as(alice), alice, "add userPassword: fresh") },
			directory.ConstraintViolation, 0},
		{"old one sent", []string{"pwdSafeModify: TRUE"}, func(f *fixture) error { return f.passwd(f.as(alice), "", "secret-alice", "fresh") }, 0, 0},
		{"too young", []string{"pwdMinAge: 1000"}, func(f *fixture) error { return f.passwd(f.as(alice), "", "", "fresh") },
			directory.ConstraintViolation, directory.PasswordTooYoung},
		{"too short", []string{"pwdCheckQuality: 2", "pwdMinLength: 8"}, func(f *fixture) error { return f.passwd(f.as(alice), "", "", "fresh") },
			directory.ConstraintViolation, directory.PasswordTooShort},
		{"too short in a modify", []string{"pwdCheckQuality: 2", "pwdMinLength: 8"}, func(f *fixture) error { return f.modify(f.as(alice), alice, "replace userPassword: fresh") },
			directory.ConstraintViolation, directory.PasswordTooShort},
		{"too short in an add", []string{"pwdCheckQuality: 2", "pwdMinLength: 8"}, func(f *fixture) error {
			return f.addAs(f.as(adminDN), "uid=x,"+people, "objectClass: account", "objectClass: simpleSecurityObject", "uid: x", "userPassword: fresh")
		}, directory.ConstraintViolation, directory.PasswordTooShort},
		{"too weak", []string{"gatehousePwdMinScore: 3"}, func(f *fixture) error { return f.passwd(f.as(alice), "", "", "password1") },
			directory.ConstraintViolation, directory.PasswordInsufficientQuality},
		{"one's own name", []string{"gatehousePwdMinScore: 3"}, func(f *fixture) error { return f.passwd(f.as(alice), "", "", "AliceTester2026") },
			directory.ConstraintViolation, directory.PasswordInsufficientQuality},
		{"strong", []string{"gatehousePwdMinScore: 3"}, func(f *fixture) error { return f.passwd(f.as(alice), "", "", "viaduct-Obelisk-37-marmalade") }, 0, 0},
		{"generated", []string{"gatehousePwdMinScore: 4", "pwdCheckQuality: 2", "pwdMinLength: 16"}, func(f *fixture) error {
			_, err := f.d.ModifyPassword(context.Background(), f.as(alice), &directory.PasswordModifyRequest{})
			return err
		}, 0, 0},
		{"a hash where all is checked", []string{"pwdCheckQuality: 2"}, func(f *fixture) error {
			return f.modify(f.as(adminDN), alice, "replace userPassword: {SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3")
		}, directory.ConstraintViolation, directory.PasswordInsufficientQuality},
		{"the operator", []string{"pwdCheckQuality: 2", "pwdMinLength: 8"}, func(f *fixture) error { return f.passwd(f.operator(), alice, "", "fresh") }, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.policy("default", tt.lines...)
			err := tt.do(f)
			f.wants(err, tt.code)
			if got := directory.PasswordStateOf(err).Err; got != tt.err {
				t.Errorf("told %d, want %d", got, tt.err)
			}
			if err != nil && diagnostic(err) == "" {
				t.Error("nobody is told which rule it was")
			}
		})
	}
}

// TestBreachedPasswordIsRefused wherever quality is checked, whatever its score.
func TestBreachedPasswordIsRefused(t *testing.T) {
	t.Parallel()
	const breached = "viaduct-Obelisk-37-marmalade"
	list := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(list, []byte(breached+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	checker, err := quality.New(quality.Options{BreachedFile: list})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = checker.Close() })
	f := newFixture(t, func(o *dit.Options) { o.Quality = checker })
	f.ok(f.passwd(f.as(bob), "", "", breached)) // no policy asks
	f.policy("default", "pwdCheckQuality: 1")
	err = f.passwd(f.as(alice), "", "", breached)
	f.wants(err, directory.ConstraintViolation)
	if directory.PasswordStateOf(err).Err != directory.PasswordInsufficientQuality || !strings.Contains(diagnostic(err), "data breach") {
		t.Errorf("%v", err)
	}
	f.ok(f.passwd(f.as(alice), "", "", breached+"!"))
}

// TestRefusedBindsAreAlike: whatever is wrong, the answer and the number of hashes are the same.
func TestRefusedBindsAreAlike(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.policy("default", lockout, "pwdMaxFailure: 1", "pwdMaxAge: 1000")
	f.person("disabled", 10003, "nsAccountLock: TRUE")
	f.person("later", 10004, "pwdStartTime: 20300101000000Z")
	f.person("ended", 10005, "pwdEndTime: 20200101000000Z")
	f.person("expired", 10006)
	f.person("locked", 10007)
	f.tries("uid=locked,"+people, "wrong")
	f.clock.Add(2000)
	f.person("wrong", 10008)
	for _, tt := range []struct{ uid, pw string }{
		{"disabled", "secret-disabled"}, {"later", "secret-later"}, {"ended", "secret-ended"}, {"expired", "secret-expired"},
		{"locked", "secret-locked"}, {"wrong", "x"}, {"nobody", "x"},
	} {
		before := f.hasher.Stats().Hashes
		_, _, err := f.tries("uid="+tt.uid+","+people, tt.pw)
		if n := f.hasher.Stats().Hashes - before; err == nil || n != 1 || directory.ResultOf(err).DiagnosticMessage != "" || directory.ResultOf(err).MatchedDN != "" {
			t.Errorf("%s: %d hashes, %v", tt.uid, n, err)
		}
	}
}

// TestLastSuccessIsCoalesced: logins that follow each other closely are one write.
func TestLastSuccessIsCoalesced(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.as(alice)
	if got := f.read(f.operator(), alice, "pwdLastSuccess"); len(got) != 0 {
		t.Errorf("without a policy: %q", got)
	}
	f.policy("default")
	csn := f.store.Published()
	together(20, func(int) { f.tries(alice, "secret-alice") })
	if got := f.store.Published() - csn; got != 1 {
		t.Errorf("%d writes for 20 logins", got)
	}
	f.compareLists(f.read(f.operator(), alice, "pwdLastSuccess"), "pwdLastSuccess: 20260301120000Z")
	f.clock.Add(901)
	f.as(alice)
	f.compareLists(f.read(f.operator(), alice, "pwdLastSuccess"), "pwdLastSuccess: 20260301121501Z")
}
