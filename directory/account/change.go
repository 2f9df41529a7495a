package account

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"gatehouse/directory"
)

// By says who sets a password. The zero By is the user, who is bound by every rule.
type By uint8

// Who sets a password.
const (
	ByUser          By = iota // their own
	ByAdministrator           // somebody else's: age and history of changes are not theirs
	ByOperator                // on the machine itself: no rule binds
)

// Change is a password that is about to be set.
type Change struct {
	By      By
	OldSent bool     // the old password came with the new one
	Fresh   [][]byte // new passwords in the clear
	Hashed  bool     // one came as a hash, which cannot be looked at
	Values  int      // how many passwords the account has afterwards
	Before  [][]byte // the values of userPassword
	Gone    [][]byte // those of them that it replaces
	// Score returns what package quality says of a new password, and which score is needed at least. It is asked where the policy
	// looks at quality.
	Score func(fresh []byte, least int) (good bool, reasons []string, err error)
	// Used reports whether a new password is one of those stored before. It is asked last, since it costs hashes.
	Used func(fresh []byte, stored [][]byte) (bool, error)
}

// DecideChange returns the state after a password was set or taken away, or the [*directory.Error] that says which rule refuses it.
func DecideChange(p *Policy, s State, now time.Time, c *Change) (State, error) {
	if p == nil {
		p = &Policy{}
	} else if err := c.number(); err != nil {
		return s, err
	}
	if c.By != ByOperator {
		if err := c.check(p, &s, now); err != nil {
			return s, err
		}
	}
	keep := p.InHistory
	if keep > 0 {
		for _, stored := range c.Gone {
			s.History = append(slices.Clone(s.History), Former{At: now.Truncate(time.Second), Stored: stored})
		}
	}
	if n := len(s.History); n > keep {
		s.History = s.History[n-keep:]
	}
	if !c.sets() {
		return s, nil // one went and none came: that lifts no lock, and meets no duty to change it
	}
	s.Changed, s.Failures, s.Grace = now, nil, nil
	s.Locked, s.DelayedTo = time.Time{}, time.Time{}
	s.Reset = c.By == ByAdministrator && p.MustChange
	return s, nil
}

// sets reports whether there is a new password.
func (c *Change) sets() bool { return len(c.Fresh) > 0 || c.Hashed }

// number decides about how many passwords there are afterwards.
func (c *Change) number() error {
	switch {
	case c.By == ByOperator:
	case c.Values > 1: // the old one would live on beside the new one
		return refused(directory.ConstraintViolation, directory.PasswordFine, "under a password policy an account has one password")
	case !c.sets() && c.Values == 0 && c.By == ByUser:
		return refused(directory.ConstraintViolation, directory.PasswordFine, "under a password policy users replace their password, and do not remove it")
	}
	return nil
}

func (c *Change) check(p *Policy, s *State, now time.Time) error {
	if c.By == ByUser {
		if err := c.mayUser(p, s, now); err != nil {
			return err
		}
	}
	if err := c.quality(p); err != nil {
		return err
	}
	if p.InHistory == 0 || c.By != ByUser {
		return nil // or whoever may set a password could find out by this which one it is
	}
	stored := slices.Clone(c.Before)
	for i := range s.History {
		if former := s.History[len(s.History)-1-i]; i < p.InHistory {
			stored = append(stored, former.Stored)
		}
	}
	for _, fresh := range c.Fresh {
		used, err := c.Used(fresh, stored)
		if err != nil {
			return err
		}
		if used {
			return refused(directory.ConstraintViolation, directory.PasswordInHistory,
				"the password was used before: the present one and the last %d may not be used again", p.InHistory)
		}
	}
	return nil
}

// mayUser decides about users and their own passwords.
func (c *Change) mayUser(p *Policy, s *State, now time.Time) error {
	switch {
	case p.NoUserChange:
		return refused(directory.InsufficientAccessRights, directory.PasswordModNotAllowed,
			"the password policy does not let users change their password")
	case p.SafeModify && !c.OldSent:
		return refused(directory.InsufficientAccessRights, directory.PasswordMustSupplyOld,
			"the password policy wants the old password together with the new one")
	case p.MinAge > 0 && !s.Changed.IsZero() && !s.Reset && now.Before(s.Changed.Add(p.MinAge)):
		return refused(directory.ConstraintViolation, directory.PasswordTooYoung,
			"the password was changed only recently; it can be changed again from %s on", s.Changed.Add(p.MinAge).UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	return nil
}

// quality decides about length and strength.
func (c *Change) quality(p *Policy) error {
	if p.CheckQuality == 0 && p.MinScore == 0 {
		return nil
	}
	if c.Hashed && p.CheckQuality == 2 {
		return refused(directory.ConstraintViolation, directory.PasswordInsufficientQuality,
			"the password came as a hash, whose quality cannot be checked")
	}
	for _, fresh := range c.Fresh {
		n := utf8.RuneCount(fresh)
		switch {
		case p.CheckQuality > 0 && n < p.MinLength:
			return refused(directory.ConstraintViolation, directory.PasswordTooShort,
				"the password is too short: it needs at least %d characters", p.MinLength)
		case p.CheckQuality > 0 && p.MaxLength > 0 && n > p.MaxLength:
			return refused(directory.ConstraintViolation, directory.PasswordInsufficientQuality,
				"the password is too long: it may have at most %d characters", p.MaxLength)
		}
		good, reasons, err := c.Score(fresh, p.MinScore)
		if err != nil {
			return err
		}
		if !good {
			text := "the password is too easy to guess"
			if len(reasons) > 0 {
				text += ". " + strings.Join(reasons, " ")
			}
			return refused(directory.ConstraintViolation, directory.PasswordInsufficientQuality, "%s", text)
		}
	}
	return nil
}

func refused(code directory.ResultCode, e directory.PasswordError, format string, args ...any) error {
	err := directory.Errorf(code, format, args...)
	err.Password = &directory.PasswordState{Err: e, Reason: err.Diagnostic}
	return err
}
