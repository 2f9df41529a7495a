package account

import (
	"bytes"
	"time"
)

// The forms in which the server writes times (RFC 4517 section 3.3.13).
const (
	seconds      = "20060102150405Z"
	microseconds = "20060102150405.000000Z"
)

// ForGood is the pwdAccountLockedTime of an account that an administrator has locked (draft-behera-ldap-password-policy-10 section
// 5.3.3).
const ForGood = "000001010000Z"

// FormatTime prints a time in seconds.
func FormatTime(t time.Time) string { return t.UTC().Format(seconds) }

// FormatMoment prints a time in microseconds: failures follow each other faster than seconds.
func FormatMoment(t time.Time) string { return t.UTC().Format(microseconds) }

// IsForGood reports whether a pwdAccountLockedTime is that of an administrator: in the year 0, in whatever form.
func IsForGood(value []byte) bool { return bytes.HasPrefix(value, []byte("00000101")) }

// ParseTime reads a generalized time in any of its forms, with minutes, seconds and a fraction or without.
func ParseTime(value []byte) (t time.Time, ok bool) {
	digits := 0
	for digits < len(value) && value[digits] >= '0' && value[digits] <= '9' {
		digits++
	}
	var layout string
	var unit time.Duration
	switch digits {
	case 10:
		layout, unit = "2006010215", time.Hour
	case 12:
		layout, unit = "200601021504", time.Minute
	case 14:
		layout, unit = "20060102150405", time.Second
	default:
		return t, false
	}
	rest := value[digits:]
	var fraction time.Duration
	if len(rest) > 1 && (rest[0] == '.' || rest[0] == ',') && rest[1] >= '0' && rest[1] <= '9' {
		scale := unit
		rest = rest[1:]
		for len(rest) > 0 && rest[0] >= '0' && rest[0] <= '9' {
			scale /= 10
			fraction += time.Duration(rest[0]-'0') * scale
			rest = rest[1:]
		}
	}
	zone := "Z0700"
	if len(rest) == 3 { // hours alone
		zone = "-07"
	}
	t, err := time.Parse(layout+zone, string(value[:digits])+string(rest))
	return t.Add(fraction).UTC(), err == nil
}
