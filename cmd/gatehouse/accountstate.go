package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// accountState is what an entry says about whether its account can log in (draft-behera-ldap-password-policy-10), as far as the caller
// may read it.
type accountState struct {
	Status          string     `json:"status"` // active, disabled, locked, expired, not-yet or must-change
	MustChange      bool       `json:"mustChange"`
	FailedLogins    int        `json:"failedLogins"`
	LockedSince     *time.Time `json:"lockedSince,omitempty"`
	NotBefore       *time.Time `json:"notBefore,omitempty"`
	Expires         *time.Time `json:"expires,omitempty"`
	PasswordChanged *time.Time `json:"passwordChanged,omitempty"`
	PasswordPolicy  string     `json:"passwordPolicy,omitempty"` // DN, where the entry names one
	LastLogin       *time.Time `json:"lastLogin,omitempty"`
}

// The words of Status.
const (
	statusActive     = "active"
	statusDisabled   = "disabled"
	statusLocked     = "locked"
	statusExpired    = "expired"
	statusNotYet     = "not-yet"
	statusMustChange = "must-change"
)

// lockedForGood is the value of pwdAccountLockedTime that only an administrator ends (section 5.3.3).
const lockedForGood = "000001010000Z"

// stateAttributes are the attributes that a state is read from.
var stateAttributes = []string{"nsAccountLock", "loginDisabled", "pwdAccountLockedTime", "pwdAccountTmpLockoutEnd", "pwdReset", "pwdFailureTime",
	"pwdStartTime", "pwdEndTime", "pwdChangedTime", "pwdLastSuccess", "pwdPolicySubentry"}

func stateOf(e *ldap.Entry, now time.Time) accountState {
	value := func(attr string) string { return e.GetEqualFoldAttributeValue(attr) }
	s := accountState{
		Status: statusActive, MustChange: strings.EqualFold(value("pwdReset"), "TRUE"),
		FailedLogins: len(e.GetEqualFoldAttributeValues("pwdFailureTime")),
		NotBefore:    timeOf(value("pwdStartTime")), Expires: timeOf(value("pwdEndTime")),
		PasswordChanged: timeOf(value("pwdChangedTime")), PasswordPolicy: value("pwdPolicySubentry"),
		LastLogin: timeOf(value("pwdLastSuccess")),
	}
	locked := value("pwdAccountLockedTime")
	if locked != "" && locked != lockedForGood {
		s.LockedSince = timeOf(locked)
	}
	switch {
	case strings.EqualFold(value("loginDisabled"), "TRUE"), strings.EqualFold(value("nsAccountLock"), "TRUE") && (locked == "" || locked == lockedForGood), locked == lockedForGood:
		s.Status = statusDisabled
	case s.Expires != nil && !now.Before(*s.Expires):
		s.Status = statusExpired
	case s.NotBefore != nil && now.Before(*s.NotBefore):
		s.Status = statusNotYet
	case locked != "":
		s.Status = statusLocked
	case s.MustChange:
		s.Status = statusMustChange
	}
	return s
}

// timeOf reads a GeneralizedTime (RFC 4517 section 3.3.13) as the server prints it; nil if it is none.
func timeOf(text string) *time.Time {
	for _, layout := range []string{"20060102150405Z", "20060102150405.999999Z", "200601021504Z"} {
		if t, err := time.Parse(layout, text); err == nil {
			return &t
		}
	}
	return nil
}

// generalized writes a GeneralizedTime.
func generalized(t time.Time) string { return t.UTC().Format("20060102150405Z") }

// readTime reads a time that somebody gave: a date, whose end is meant if last is set, otherwise its beginning; or an RFC 3339 time.
func readTime(flag, text string, last bool) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, text, time.Local)
	if err != nil {
		return day, usagef("--%s %q: a date such as 2027-01-31 is needed, or a time such as 2027-01-31T18:00:00Z", flag, text)
	}
	if last {
		return day.AddDate(0, 0, 1), nil
	}
	return day, nil
}

// lines puts the state into words.
func (s *accountState) lines() [][2]string {
	words := map[string]string{
		statusActive: "active", statusDisabled: "disabled", statusLocked: "locked after wrong passwords", statusExpired: "expired",
		statusNotYet: "not valid yet", statusMustChange: "active, and must change the password",
	}[s.Status]
	if s.LockedSince != nil {
		words += ", since " + readable(s.LockedSince)
	}
	list := [][2]string{{"account", words}}
	add := func(label string, t *time.Time) {
		if t != nil {
			list = append(list, [2]string{label, readable(t)})
		}
	}
	if s.FailedLogins > 0 {
		list = append(list, [2]string{"wrong passwords", fmt.Sprint(s.FailedLogins)})
	}
	add("valid from", s.NotBefore)
	add("valid until", s.Expires)
	add("password set", s.PasswordChanged)
	add("last login", s.LastLogin)
	if s.PasswordPolicy != "" {
		list = append(list, [2]string{"password policy", firstValue(s.PasswordPolicy)})
	}
	return list
}

func readable(t *time.Time) string { return t.Local().Format("2006-01-02 15:04 MST") }
