package account

import (
	"slices"
	"time"

	"gatehouse/directory"
)

// Event is what happens with the password of an account.
type Event uint8

// The events.
const (
	Look           Event = iota // a password is about to be tried
	Wrong                       // it was tried, and is wrong
	Right                       // it was tried in a bind, and is right
	RightForChange              // it was tried so that it can be changed, and is right
)

// Reason says why a bind was refused. It is for the log; whoever binds is told as much as [Decision.Told] says.
type Reason uint8

// The reasons. The zero Reason is no refusal.
const (
	Granted Reason = iota
	WrongPassword
	Disabled
	NotBefore
	Ended
	Idle
	Locked
	Delayed
	Expired
	NoAccount
	NoPassword
)

var reasons = [...]string{
	"", "wrong password", "the account is disabled", "the account is not valid yet", "the account has ended",
	"the account was not used for too long", "the account is locked after too many wrong passwords",
	"too soon after a wrong password", "the password has expired", "there is no such account, or nobody may bind as it",
	"the account has no password",
}

// String returns the words of the log.
func (r Reason) String() string { return reasons[r] }

// Refuse returns the decision for an account of which nothing but the reason is known.
func Refuse(r Reason) Decision {
	return Decision{Reason: r, Told: directory.PasswordState{Reason: r.String()}}
}

// Decision is what follows from an event.
type Decision struct {
	Reason Reason // Granted, or why not
	Told   directory.PasswordState
	Next   State // what the account's state becomes
	Write  bool  // Next differs from the state before
	// Guesses is, for [Look], how many passwords may be tried at the same time; negative for any number.
	Guesses int
}

// Decide is the one place where it is decided what becomes of a bind. p is nil where no policy applies.
func Decide(p *Policy, s State, now time.Time, e Event) Decision {
	if p == nil {
		p = &Policy{}
	}
	d := Decision{Next: s}
	d.Reason = s.blocked(p, now)
	switch {
	case e == Wrong:
		d.Reason = WrongPassword
		d.fail(p, now)
	case d.Reason != Granted:
		d.Told.Err = directory.PasswordAccountLocked
	case e == Look:
		d.Guesses = s.guesses(p, now)
	default:
		d.succeed(p, now, e)
	}
	d.Told.Reason = d.Reason.String()
	return d
}

// guesses is how many passwords may be tried at the same time, so that no more than the policy allows are tried however they come.
// An account that is not locked has one at least: after a lock has passed, one more failure locks it again.
func (s *State) guesses(p *Policy, now time.Time) int {
	switch {
	case p.MinDelay > 0:
		return 1
	case p.Lockout && p.MaxFailure > 0:
		return max(1, p.MaxFailure-len(s.failures(p, now)))
	}
	return -1
}

// fail counts a wrong password.
func (d *Decision) fail(p *Policy, now time.Time) {
	if !p.Counts() {
		return
	}
	s := &d.Next
	list := slices.Clone(s.failures(p, now))
	at := now.Truncate(time.Microsecond)
	for slices.ContainsFunc(list, at.Equal) { // values of one attribute differ
		at = at.Add(time.Microsecond)
	}
	list = append(list, at)
	n := len(list)
	if most := p.recorded(); n > most {
		list = list[n-most:]
	}
	s.Failures, d.Write = list, true
	if p.MinDelay > 0 {
		s.DelayedTo = now.Add(p.delay(n))
	}
	if p.Lockout && p.MaxFailure > 0 && n >= p.MaxFailure && !s.isLocked(p, now) {
		s.Locked = now
	}
}

// succeed is what follows from the right password.
func (d *Decision) succeed(p *Policy, now time.Time, e Event) {
	s := &d.Next
	expiry := s.expiry(p)
	expired := !expiry.IsZero() && !now.Before(expiry)
	if expired && e == Right && !d.grace(p, now, expiry) {
		d.Reason, d.Told.Err = Expired, directory.PasswordExpired
		return
	}
	if s.Reset {
		d.Told.Err = directory.PasswordChangeAfterReset
	}
	if left := expiry.Sub(now); !expiry.IsZero() && !expired && left <= p.ExpireWarning {
		d.Told.BeforeExpiration = max(left, time.Second)
	}
	if e == RightForChange {
		return // the change itself is what is written, if it is made
	}
	if p.Counts() && (len(s.Failures) > 0 || !s.Locked.IsZero() || !s.DelayedTo.IsZero()) {
		s.Failures, s.Locked, s.DelayedTo, d.Write = nil, time.Time{}, time.Time{}, true
	}
	if p.LastSuccessEvery > 0 && (s.LastSuccess.IsZero() || now.Sub(s.LastSuccess) >= p.LastSuccessEvery) {
		s.LastSuccess, d.Write = now, true
	}
}

// grace uses up one bind with an expired password, if there is one left.
func (d *Decision) grace(p *Policy, now, expiry time.Time) bool {
	s := &d.Next
	left := p.GraceLogins - len(s.Grace)
	if left <= 0 || p.GraceExpiry > 0 && !now.Before(expiry.Add(p.GraceExpiry)) {
		return false
	}
	at := now.Truncate(time.Microsecond)
	for slices.ContainsFunc(s.Grace, at.Equal) {
		at = at.Add(time.Microsecond)
	}
	s.Grace = append(slices.Clone(s.Grace), at)
	d.Write = true
	d.Told.Grace = directory.GraceLogins{Used: true, Left: left - 1}
	return true
}
