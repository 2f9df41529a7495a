package dit_test

import (
	"strings"
	"testing"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/directory/ldif"
	"gatehouse/directory/schema"
)

// TestAccountStateHasManyForms: whichever form says that an account is disabled or ends, the others say it too.
func TestAccountStateHasManyForms(t *testing.T) {
	t.Parallel()
	const (
		disabled = "loginDisabled: TRUE|nsAccountLock: TRUE|pwdAccountLockedTime: 000001010000Z|shadowExpire: 1"
		enabled  = ""
		day      = "pwdEndTime: 20300101000000Z|shadowExpire: 21915"
	)
	forms := []string{"loginDisabled", "nsAccountLock", "pwdAccountLockedTime", "pwdEndTime", "shadowExpire", "userAccountControl"}
	for _, tt := range []struct {
		name  string
		has   []string // besides, from the beginning
		steps [][]string
		want  []string // after each step
	}{
		{"nsAccountLock", nil, [][]string{{"add nsAccountLock: TRUE"}, {"delete nsAccountLock"}}, []string{disabled, enabled}},
		{"nsAccountLock in small letters", nil, [][]string{{"replace nsAccountLock: true"}}, []string{strings.Replace(disabled, "Lock: TRUE", "Lock: true", 1)}},
		{"nsAccountLock false", nil, [][]string{{"replace nsAccountLock: true"}, {"replace nsAccountLock: false"}},
			[]string{strings.Replace(disabled, "Lock: TRUE", "Lock: true", 1), "nsAccountLock: false"}},
		{"pwdAccountLockedTime", nil, [][]string{{"add pwdAccountLockedTime: 000001010000Z"}, {"delete pwdAccountLockedTime"}}, []string{disabled, enabled}},
		{"loginDisabled", nil, [][]string{{"replace loginDisabled: TRUE"}, {"replace loginDisabled"}}, []string{disabled, enabled}},
		{"shadowExpire", nil, [][]string{{"replace shadowExpire: 1"}, {"delete shadowExpire"}}, []string{disabled, enabled}},
		{"in one form and out of another", nil, [][]string{{"add loginDisabled: TRUE"}, {"delete nsAccountLock"}}, []string{disabled, enabled}},
		{"out by shadowExpire", nil, [][]string{{"add nsAccountLock: TRUE"}, {"replace shadowExpire: -1"}}, []string{disabled, "shadowExpire: -1"}},
		{"an end", nil, [][]string{{"add shadowExpire: 21915"}, {"delete shadowExpire"}}, []string{day, enabled}},
		{"an end by pwdEndTime", nil, [][]string{{"add pwdEndTime: 20300101000000Z"}, {"delete pwdEndTime"}}, []string{day, enabled}},
		{"an end within a day", nil, [][]string{{"add pwdEndTime: 20300101120000Z"}}, []string{"pwdEndTime: 20300101120000Z|shadowExpire: 21916"}},
		{"an end outlives a lock", nil, [][]string{{"add shadowExpire: 21915"}, {"add nsAccountLock: TRUE"}, {"delete nsAccountLock"}},
			[]string{day, strings.Replace(disabled, "shadow", "pwdEndTime: 20300101000000Z|shadow", 1), day}},
		{"contradiction", nil, [][]string{{"replace nsAccountLock: FALSE", "replace loginDisabled: TRUE"}}, []string{disabled}},
		{"Active Directory", []string{"objectClass: extensibleObject", "userAccountControl: 512"}, [][]string{{"replace userAccountControl: 514"}, {"delete nsAccountLock"}, {"add nsAccountLock: TRUE"}},
			[]string{disabled + "|userAccountControl: 514", "userAccountControl: 512", disabled + "|userAccountControl: 514"}},
		{"no shadow account any more", nil, [][]string{{"add nsAccountLock: TRUE"}, {"delete objectClass: shadowAccount", "delete shadowExpire", "delete shadowLastChange"}},
			[]string{disabled, strings.TrimSuffix(disabled, "|shadowExpire: 1")}},
		{"Active Directory, later", nil, [][]string{{"add nsAccountLock: TRUE"}, {"add objectClass: extensibleObject", "add userAccountControl: 512"}, {"delete nsAccountLock"}},
			[]string{disabled, disabled + "|userAccountControl: 514", "userAccountControl: 512"}},
		{"a shadow account later", nil, [][]string{{"delete objectClass: shadowAccount", "delete shadowLastChange"}, {"add nsAccountLock: TRUE"}, {"add objectClass: shadowAccount"}},
			[]string{enabled, strings.TrimSuffix(disabled, "|shadowExpire: 1"), disabled}},
		{"nothing to do with it", nil, [][]string{{"add nsAccountLock: TRUE"}, {"replace title: King"}}, []string{disabled, disabled}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.person("carla", 10009, append([]string{"objectClass: shadowAccount"}, tt.has...)...)
			carla := "uid=carla," + people
			for i, step := range tt.steps {
				f.ok(f.modify(f.as(adminDN), carla, step...))
				if got := strings.Join(f.read(f.operator(), carla, forms...), "|"); got != tt.want[i] {
					t.Errorf("after %q:\ngot  %s\nwant %s", step, got, tt.want[i])
				}
				if got, want := f.canBind(carla, "secret-carla"), !strings.Contains(strings.ToUpper(tt.want[i]), "TRUE"); got != want {
					t.Errorf("after %q: may bind: %v", step, got)
				}
			}
		})
	}
}

// TestShadowLastChangeFollowsThePassword unless the client writes it itself.
func TestShadowLastChangeFollowsThePassword(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const carla = "uid=carla," + people
	f.person("carla", 10009, "objectClass: shadowAccount", "shadowLastChange: 15000")
	if got := f.one(carla, "shadowLastChange"); got != "15000" {
		t.Errorf("added: %s", got)
	}
	f.ok(f.passwd(f.as(carla), "", "", "fresh"))
	if got := f.one(carla, "shadowLastChange"); got != "20513" {
		t.Errorf("changed: %s", got)
	}
	f.ok(f.modify(f.as(adminDN), carla, "replace userPassword: another", "replace shadowLastChange: 0"))
	if got := f.one(carla, "shadowLastChange"); got != "0" {
		t.Errorf("changed and written: %s", got)
	}
}

// TestSessionOfADisabledAccountEnds whichever form disables it.
func TestSessionOfADisabledAccountEnds(t *testing.T) {
	t.Parallel()
	for _, change := range []string{"add nsAccountLock: TRUE", "add loginDisabled: TRUE", "add pwdEndTime: 20200101000000Z", "add pwdStartTime: 20300101000000Z"} {
		f := newFixture(t)
		s := f.as(alice)
		f.ok(f.d.Check(s))
		f.ok(f.modify(f.as(adminDN), alice, change))
		f.wants(f.d.Check(s), directory.StrongerAuthRequired)
	}
}

// TestSessionEndsWithItsAccount: nothing is written when the time has come.
func TestSessionEndsWithItsAccount(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.ok(f.modify(f.as(adminDN), alice, "add pwdEndTime: 20260301121000Z"))
	s := f.as(alice)
	f.ok(f.d.Check(s))
	f.clock.Add(599)
	f.ok(f.d.Check(s))
	f.clock.Add(1)
	f.wants(f.d.Check(s), directory.StrongerAuthRequired)
	_, err := f.search(s, query{base: base})
	f.wants(err, directory.StrongerAuthRequired)
}

// TestImportedStateKeepsItsMeaning: what slapd writes is what decides here.
func TestImportedStateKeepsItsMeaning(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.policy("default", lockout, "pwdMaxFailure: 3", "pwdLockoutDuration: 600", "pwdMaxAge: 1000", "pwdGraceAuthNLimit: 2", "pwdInHistory: 3", "pwdMustChange: TRUE")
	take := func(uid string, lines ...string) string {
		t.Helper()
		dn := "uid=" + uid + "," + people
		text := "dn: " + dn + "\nobjectClass: account\nobjectClass: simpleSecurityObject\nuid: " + uid +
			"\n" + strings.Join(lines, "\n") + "\n"
		if !strings.Contains(text, "userPassword: ") {
			text += "userPassword: secret-" + uid + "\n"
		}
		rec, err := ldif.NewReader(strings.NewReader(text), ldif.Options{}).Next()
		f.ok(err)
		_, err = f.d.Import(t.Context(), f.operator(), rec, dit.ConflictFail)
		f.ok(err)
		return dn
	}
	told := func(dn, pw string) directory.PasswordState {
		t.Helper()
		_, told, _ := f.tries(dn, pw)
		return told
	}
	locked := take("locked", "pwdAccountLockedTime: 20260301115500Z", "pwdFailureTime: 20260301115500.000001Z")
	if got := told(locked, "secret-locked"); got.Err != directory.PasswordAccountLocked {
		t.Errorf("locked: %+v", got)
	}
	if got := told(take("unlocked", "pwdAccountLockedTime: 20260301114000Z"), "secret-unlocked"); got.Err != 0 {
		t.Errorf("a lock that is over: %+v", got)
	}
	failing := take("failing", "pwdFailureTime: 20260301115500.000001Z", "pwdFailureTime: 20260301115501.000002Z")
	told(failing, "wrong")
	if got := told(failing, "secret-failing"); got.Err != directory.PasswordAccountLocked {
		t.Errorf("failures: %+v", got)
	}
	grace := take("grace", "pwdChangedTime: 20260101000000Z", "pwdGraceUseTime: 20260301115500.000001Z")
	if got := told(grace, "secret-grace"); got.Grace != (directory.GraceLogins{Used: true}) {
		t.Errorf("grace: %+v", got)
	}
	if got := told(take("reset", "pwdReset: TRUE"), "secret-reset"); got.Err != directory.PasswordChangeAfterReset {
		t.Errorf("reset: %+v", got)
	}
	if got := told(take("disabled", "nsAccountLock: true"), "secret-disabled"); got.Err != directory.PasswordAccountLocked {
		t.Errorf("disabled: %+v", got)
	}
	f.compareLists(f.read(f.operator(), "uid=disabled,"+people, "pwdAccountLockedTime"), "pwdAccountLockedTime: 000001010000Z")
	former := take("former", "pwdHistory: 20260101000000Z#1.3.6.1.4.1.1466.115.121.1.40#38#{SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3")
	err := f.passwd(acl.NewSession(loopback), former, "secret-former", "secret")
	if directory.PasswordStateOf(err).Err != directory.PasswordInHistory {
		t.Errorf("history: %v", err)
	}
	bare := take("bare", "pwdHistory: 20260101000000Z#1.3.6.1.4.1.1466.115.121.1.40#12#in the clear")
	if err := f.passwd(acl.NewSession(loopback), bare, "secret-bare", "in the clear"); directory.PasswordStateOf(err).Err != directory.PasswordInHistory {
		t.Errorf("history in the clear: %v", err)
	}
	if kept := f.history(directory.NDN(bare)); len(kept) != 1 || strings.Contains(kept[0], "in the clear") || !strings.Contains(kept[0], "#{SSHA512}") {
		t.Errorf("history in the clear is kept as %q", kept)
	}
	day := take("day", "objectClass: shadowAccount", "shadowLastChange: 20000", "userPassword: {SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3")
	f.compareLists(f.read(f.operator(), day, "pwdChangedTime"), "pwdChangedTime: 20241004000000Z")
	f.compareLists(f.read(f.operator(), "uid=reset,"+people, "pwdChangedTime"), "pwdChangedTime: 20260301120000Z") // in the clear: set now
	take("seen", "pwdLastSuccess: 20260301115900Z")
	told("uid=seen,"+people, "secret-seen")
	f.compareLists(f.read(f.operator(), "uid=seen,"+people, "pwdLastSuccess"), "pwdLastSuccess: 20260301115900Z")
}

// history returns what is stored as pwdHistory, which nobody may read.
func (f *fixture) history(dn directory.NDN) (list []string) {
	f.Helper()
	sn := f.store.Snapshot()
	defer sn.Close()
	id, err := sn.Lookup(dn)
	f.ok(err)
	entry, err := sn.Entry(id)
	f.ok(err)
	for v := range entry.Get(schema.Standard().TypeByName("pwdHistory").Description()).Values() {
		list = append(list, string(v))
	}
	return list
}
