package account

import (
	"slices"
	"time"
)

// State is what an entry says about its account and password. A zero time is "not there".
type State struct {
	Disabled bool // by an administrator, in whatever form

	Start, End  time.Time   // the account may not be used before the one, nor from the other on
	Changed     time.Time   // when the password was set
	Reset       bool        // it was set by somebody else and has to be changed
	Locked      time.Time   // since when the account is locked for wrong passwords
	DelayedTo   time.Time   // until when no password is tried
	Failures    []time.Time // oldest first
	Grace       []time.Time // binds with an expired password
	LastSuccess time.Time
	History     []Former // oldest first
}

// failures returns those that still count.
func (s *State) failures(p *Policy, now time.Time) []time.Time {
	if p.FailureInterval == 0 {
		return s.Failures
	}
	return slices.DeleteFunc(slices.Clone(s.Failures), func(at time.Time) bool { return !now.Before(at.Add(p.FailureInterval)) })
}

// isLocked reports whether the account is locked for wrong passwords. A time that is yet to come locks nothing.
func (s *State) isLocked(p *Policy, now time.Time) bool {
	return p.Lockout && !s.Locked.IsZero() && !now.Before(s.Locked) &&
		(p.LockoutDuration == 0 || now.Before(s.Locked.Add(p.LockoutDuration)))
}

// expiry returns when the password expires; zero for never.
func (s *State) expiry(p *Policy) time.Time {
	if p.MaxAge == 0 || s.Changed.IsZero() {
		return time.Time{}
	}
	return s.Changed.Add(p.MaxAge)
}

// Usable reports why an account may not be used at all at a time, whatever its password; Granted if it may.
func (s *State) Usable(now time.Time) Reason {
	switch {
	case s.Disabled:
		return Disabled
	case !s.Start.IsZero() && now.Before(s.Start):
		return NotBefore
	case !s.End.IsZero() && !now.Before(s.End):
		return Ended
	}
	return Granted
}

// blocked is Usable, and what the policy says besides about trying a password.
func (s *State) blocked(p *Policy, now time.Time) Reason {
	if r := s.Usable(now); r != Granted {
		return r
	}
	switch {
	case p.MaxIdle > 0 && !s.LastSuccess.IsZero() && !now.Before(s.LastSuccess.Add(p.MaxIdle)):
		return Idle
	case s.isLocked(p, now):
		return Locked
	case p.MinDelay > 0 && now.Before(s.DelayedTo):
		return Delayed
	}
	return Granted
}
