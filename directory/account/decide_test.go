package account

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/directory"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// after returns noon and so many seconds.
func after(s int) time.Time { return noon.Add(time.Duration(s) * time.Second) }

func policyOf(lines string) *Policy {
	values := map[string]string{}
	for _, line := range strings.Fields(lines) {
		name, value, _ := strings.Cut(line, "=")
		values[name] = value
	}
	return ParsePolicy("cn=default", func(name string) string { return values[name] })
}

func TestDecide(t *testing.T) {
	t.Parallel()
	const lock = "pwdLockout=TRUE pwdMaxFailure=3 pwdLockoutDuration=60 gatehousePwdLastSuccessInterval=0"
	const age = "pwdMaxAge=100 pwdExpireWarning=30 pwdGraceAuthNLimit=2 gatehousePwdLastSuccessInterval=0"
	failures := func(at ...int) (list []time.Time) {
		for _, s := range at {
			list = append(list, after(s))
		}
		return list
	}
	for _, tt := range []struct {
		name   string
		policy string
		state  State
		now    int
		event  Event
		reason Reason
		err    directory.PasswordError
		before int // seconds until expiry that are told
		grace  int // logins left that are told; -1 none
		write  bool
	}{
		{"nothing asked", "", State{}, 0, Right, Granted, 0, 0, -1, true},
		{"disabled", "", State{Disabled: true}, 0, Look, Disabled, directory.PasswordAccountLocked, 0, -1, false},
		{"not yet", "", State{Start: after(1)}, 0, Look, NotBefore, directory.PasswordAccountLocked, 0, -1, false},
		{"from now on", lock, State{Start: after(0)}, 0, Look, Granted, 0, 0, -1, false},
		{"ended", "", State{End: after(0)}, 0, Look, Ended, directory.PasswordAccountLocked, 0, -1, false},
		{"about to end", lock, State{End: after(1)}, 0, Look, Granted, 0, 0, -1, false},
		{"idle", "pwdMaxIdle=50", State{LastSuccess: after(-50)}, 0, Look, Idle, directory.PasswordAccountLocked, 0, -1, false},
		{"not idle", "pwdMaxIdle=50", State{LastSuccess: after(-49)}, 0, Look, Granted, 0, 0, -1, false},
		{"never seen is not idle", "pwdMaxIdle=50", State{}, 0, Look, Granted, 0, 0, -1, false},
		{"locked", lock, State{Locked: after(0)}, 59, Look, Locked, directory.PasswordAccountLocked, 0, -1, false},
		{"locked, whatever the password", lock, State{Locked: after(0)}, 59, Right, Locked, directory.PasswordAccountLocked, 0, -1, false},
		{"lock is over", lock, State{Locked: after(0)}, 60, Look, Granted, 0, 0, -1, false},
		{"lock is over, and removed", lock, State{Locked: after(0), Failures: failures(0)}, 60, Right, Granted, 0, 0, -1, true},
		{"locked until unlocked", "pwdLockout=TRUE pwdMaxFailure=1", State{Locked: after(0)}, 1 << 30, Look, Locked, directory.PasswordAccountLocked, 0, -1, false},
		{"lock that is yet to come", lock, State{Locked: after(10)}, 0, Look, Granted, 0, 0, -1, false},
		{"lock without lockout", "pwdMaxFailure=1", State{Locked: after(0)}, 1, Look, Granted, 0, 0, -1, false},
		{"delayed", "pwdMinDelay=2", State{DelayedTo: after(2)}, 1, Look, Delayed, directory.PasswordAccountLocked, 0, -1, false},
		{"delay is over", "pwdMinDelay=2", State{DelayedTo: after(2)}, 2, Look, Granted, 0, 0, -1, false},
		{"wrong, not counted", age, State{}, 0, Wrong, WrongPassword, 0, 0, -1, false},
		{"wrong", lock, State{}, 0, Wrong, WrongPassword, 0, 0, -1, true},
		{"success forgets", lock, State{Failures: failures(-1)}, 0, Right, Granted, 0, 0, -1, true},
		{"for a change, the change does", lock, State{Failures: failures(-1)}, 0, RightForChange, Granted, 0, 0, -1, false},
		{"expires late", age, State{Changed: after(0)}, 69, Right, Granted, 0, 0, -1, false},
		{"expires soon", age, State{Changed: after(0)}, 70, Right, Granted, 0, 30, -1, false},
		{"expires at once", age, State{Changed: after(0)}, 99, Right, Granted, 0, 1, -1, false},
		{"expired, first grace", age, State{Changed: after(0)}, 100, Right, Granted, 0, 0, 1, true},
		{"expired, last grace", age, State{Changed: after(0), Grace: failures(100)}, 101, Right, Granted, 0, 0, 0, true},
		{"expired, no grace left", age, State{Changed: after(0), Grace: failures(100, 101)}, 102, Right, Expired, directory.PasswordExpired, 0, -1, false},
		{"expired, to be changed", age, State{Changed: after(0), Grace: failures(100, 101)}, 102, RightForChange, Granted, 0, 0, -1, false},
		{"expired, wrong", lock + " " + age, State{Changed: after(0)}, 102, Wrong, WrongPassword, 0, 0, -1, true},
		{"grace has an end", age + " pwdGraceExpiry=10", State{Changed: after(0)}, 110, Right, Expired, directory.PasswordExpired, 0, -1, false},
		{"unknown age", age, State{}, 1 << 30, Right, Granted, 0, 0, -1, false},
		{"reset", lock, State{Reset: true}, 0, Right, Granted, directory.PasswordChangeAfterReset, 0, -1, false},
		{"first success", "", State{}, 0, Right, Granted, 0, 0, -1, true},
		{"a success soon after", "", State{LastSuccess: after(0)}, 899, Right, Granted, 0, 0, -1, false},
		{"and later", "", State{LastSuccess: after(0)}, 900, Right, Granted, 0, 0, -1, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := Decide(policyOf(tt.policy), tt.state, after(tt.now), tt.event)
			grace := -1
			if d.Told.Grace.Used {
				grace = d.Told.Grace.Left
			}
			if d.Reason != tt.reason || d.Told.Err != tt.err || int(d.Told.BeforeExpiration/time.Second) != tt.before || grace != tt.grace || d.Write != tt.write {
				t.Errorf("got %v (%+v), write %v", d.Reason, d.Told, d.Write)
			}
			if d.Told.Reason != tt.reason.String() {
				t.Errorf("the log says %q", d.Told.Reason)
			}
		})
	}
}

func TestWithoutPolicyNothingIsWritten(t *testing.T) {
	t.Parallel()
	s := State{Failures: []time.Time{noon}, Locked: noon, DelayedTo: after(10)}
	for _, e := range []Event{Look, Wrong, Right, RightForChange} {
		if d := Decide(nil, s, noon, e); d.Write || e != Wrong && d.Reason != Granted {
			t.Errorf("%d: %v, write %v", e, d.Reason, d.Write)
		}
	}
}

// TestGuessesOfALockout: however failures come, no more passwords than the policy allows are tried until the account is locked.
func TestGuessesOfALockout(t *testing.T) {
	t.Parallel()
	p := policyOf("pwdLockout=TRUE pwdMaxFailure=5 pwdLockoutDuration=60 pwdFailureCountInterval=30")
	var s State
	tried := 0
	for second := range 20 {
		look := Decide(p, s, after(second), Look)
		if look.Reason != Granted {
			break
		}
		if look.Guesses != 5-tried {
			t.Fatalf("%d guesses left after %d", look.Guesses, tried)
		}
		s = Decide(p, s, after(second), Wrong).Next
		tried++
	}
	if tried != 5 || !s.Locked.Equal(after(4)) {
		t.Errorf("%d tried, locked at %v", tried, s.Locked)
	}
	// The failures are forgotten after their interval, the lock is not.
	if d := Decide(p, s, after(50), Look); d.Reason != Locked {
		t.Errorf("after 50 s: %v", d.Reason)
	}
	if d := Decide(p, s, after(64), Look); d.Reason != Granted || d.Guesses != 5 {
		t.Errorf("after the lock: %v, %d guesses", d.Reason, d.Guesses)
	}
	// Without an interval they stay, and the next failure locks again.
	p.FailureInterval = 0
	d := Decide(p, s, after(64), Look)
	if d.Guesses != 1 {
		t.Errorf("after the lock, without an interval: %d guesses", d.Guesses)
	}
	if again := Decide(p, s, after(64), Wrong).Next; !again.Locked.Equal(after(64)) {
		t.Errorf("locked at %v", again.Locked)
	}
}

func TestDelayDoubles(t *testing.T) {
	t.Parallel()
	p := policyOf("pwdMinDelay=1 pwdMaxDelay=5")
	var s State
	now := noon
	for i, want := range []time.Duration{1, 2, 4, 5, 5} {
		s = Decide(p, s, now, Wrong).Next
		if got := s.DelayedTo.Sub(now); got != want*time.Second {
			t.Errorf("failure %d: %v", i+1, got)
		}
		if d := Decide(p, s, now, Look); d.Reason != Delayed {
			t.Errorf("failure %d: %v", i+1, d.Reason)
		}
		now = s.DelayedTo
	}
}

func TestFailuresOfOneMomentDiffer(t *testing.T) {
	t.Parallel()
	p := policyOf("pwdLockout=TRUE pwdMaxFailure=4")
	var s State
	for range 4 {
		s = Decide(p, s, noon, Wrong).Next
	}
	if len(slices.CompactFunc(slices.Clone(s.Failures), time.Time.Equal)) != 4 {
		t.Errorf("%v", s.Failures)
	}
}

func TestDecideChange(t *testing.T) {
	t.Parallel()
	fresh := [][]byte{[]byte("correct horse")}
	old := [][]byte{[]byte("{SSHA}old")}
	strong := func([]byte, int) (bool, []string, error) { return true, nil, nil }
	weak := func([]byte, int) (bool, []string, error) { return false, []string{"It is a word."}, nil }
	never := func([]byte, [][]byte) (bool, error) { return false, nil }
	for _, tt := range []struct {
		name   string
		policy string
		state  State
		change Change
		code   directory.ResultCode
		err    directory.PasswordError
		text   string
	}{
		{"no policy", "", State{}, Change{}, 0, 0, ""},
		{"not allowed", "pwdAllowUserChange=FALSE", State{}, Change{}, directory.InsufficientAccessRights, directory.PasswordModNotAllowed, "let users change"},
		{"by an administrator", "pwdAllowUserChange=FALSE", State{}, Change{By: ByAdministrator}, 0, 0, ""},
		{"without the old one", "pwdSafeModify=TRUE", State{}, Change{}, directory.InsufficientAccessRights, directory.PasswordMustSupplyOld, "old password"},
		{"with it", "pwdSafeModify=TRUE", State{}, Change{OldSent: true}, 0, 0, ""},
		{"too young", "pwdMinAge=100", State{Changed: after(-99)}, Change{}, directory.ConstraintViolation, directory.PasswordTooYoung, "2026-03-01 12:00:01 UTC"},
		{"old enough", "pwdMinAge=100", State{Changed: after(-100)}, Change{}, 0, 0, ""},
		{"young, but reset", "pwdMinAge=100", State{Changed: after(-1), Reset: true}, Change{}, 0, 0, ""},
		{"young, by an administrator", "pwdMinAge=100", State{Changed: after(-1)}, Change{By: ByAdministrator}, 0, 0, ""},
		{"short", "pwdCheckQuality=1 pwdMinLength=14", State{}, Change{}, directory.ConstraintViolation, directory.PasswordTooShort, "14 characters"},
		{"short, by an administrator", "pwdCheckQuality=1 pwdMinLength=14", State{}, Change{By: ByAdministrator}, directory.ConstraintViolation, directory.PasswordTooShort, "14"},
		{"short, by the operator", "pwdCheckQuality=1 pwdMinLength=14", State{}, Change{By: ByOperator}, 0, 0, ""},
		{"short, unchecked", "pwdMinLength=14", State{}, Change{}, 0, 0, ""},
		{"long", "pwdCheckQuality=1 pwdMaxLength=12", State{}, Change{}, directory.ConstraintViolation, directory.PasswordInsufficientQuality, "12 characters"},
		{"weak", "gatehousePwdMinScore=3", State{}, Change{Score: weak}, directory.ConstraintViolation, directory.PasswordInsufficientQuality, "It is a word."},
		{"a hash", "pwdCheckQuality=2", State{}, Change{Hashed: true}, directory.ConstraintViolation, directory.PasswordInsufficientQuality, "hash"},
		{"a hash, where possible", "pwdCheckQuality=1", State{}, Change{Hashed: true}, 0, 0, ""},
		{"a second one", "", State{}, Change{Values: 2}, directory.ConstraintViolation, 0, "one password"},
		{"used", "pwdInHistory=2", State{}, Change{Before: old, Used: func([]byte, [][]byte) (bool, error) { return true, nil }}, directory.ConstraintViolation, directory.PasswordInHistory, "used before"},
		{"used, by an administrator", "pwdInHistory=2", State{}, Change{By: ByAdministrator, Before: old, Used: func([]byte, [][]byte) (bool, error) { return true, nil }}, 0, 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := tt.change
			c.Fresh = fresh
			if c.Hashed {
				c.Fresh = nil
			}
			if c.Score == nil {
				c.Score = strong
			}
			if c.Used == nil {
				c.Used = never
			}
			next, err := DecideChange(policyOf(tt.policy), tt.state, noon, &c)
			if directory.CodeOf(err) != tt.code || directory.PasswordStateOf(err).Err != tt.err {
				t.Fatalf("got %v, %+v", err, directory.PasswordStateOf(err))
			}
			e, _ := errors.AsType[*directory.Error](err)
			if err != nil && !strings.Contains(e.Diagnostic, tt.text) {
				t.Errorf("says %q", e.Diagnostic)
			}
			if err == nil && !next.Changed.Equal(noon) {
				t.Errorf("changed at %v", next.Changed)
			}
		})
	}
}

func TestChangeEndsLocksAndKeepsHistory(t *testing.T) {
	t.Parallel()
	p := policyOf("pwdInHistory=2 pwdMustChange=TRUE")
	s := State{Failures: []time.Time{noon}, Locked: noon, DelayedTo: noon, Grace: []time.Time{noon}, Disabled: true}
	for i, stored := range []string{"one", "two", "three"} {
		value := [][]byte{[]byte(stored)}
		c := &Change{By: ByAdministrator, Hashed: true, Before: value, Gone: value, Values: 1}
		var err error
		if s, err = DecideChange(p, s, after(i), c); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.Failures)+len(s.Grace) != 0 || !s.Locked.IsZero() || !s.DelayedTo.IsZero() || !s.Disabled || !s.Reset {
		t.Errorf("%+v", s)
	}
	if len(s.History) != 2 || string(s.History[0].Stored) != "two" || string(s.History[1].Stored) != "three" {
		t.Errorf("history %q", s.History)
	}
	if s, _ = DecideChange(p, s, after(9), &Change{Hashed: true, Values: 1, Used: func([]byte, [][]byte) (bool, error) { return false, nil }}); s.Reset {
		t.Error("a change of one's own leaves pwdReset")
	}
}
