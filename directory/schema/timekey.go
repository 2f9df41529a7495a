package schema

import (
	"errors"
	"time"
)

var errNotTime = errors.New("no generalized time")

// checkGeneralizedTime is RFC 4517 section 3.3.13, with a zone.
func checkGeneralizedTime(_ *Schema, v []byte) error {
	var buf [64]byte
	_, err := appendTime(buf[:0], v)
	return err
}

// ParseTime reads a generalized time.
func ParseTime(value string) (time.Time, error) {
	key, err := appendTime(nil, []byte(value))
	if err != nil {
		return time.Time{}, err
	}
	return time.Parse("20060102150405", string(key)) // a fraction of a second is taken as it comes
}

// appendTime appends a generalized time as YYYYMMDDHHMMSS in UTC, with the fraction behind a point if there is one and
// without zeros at its end: text whose byte order is the order of time.
func appendTime(dst, v []byte) ([]byte, error) {
	var t timeParts
	if !t.parse(v) {
		return dst, errNotTime
	}
	if t.utc && !t.shifted {
		dst = append(dst, v[:14]...)
	} else {
		at := time.Date(t.year, time.Month(t.month), t.day, t.hour, t.minute-t.zoneMinutes, t.second, t.nanos, time.UTC)
		if at.Year() < 0 || at.Year() > 9999 {
			return dst, errNotTime
		}
		dst = at.AppendFormat(dst, "20060102150405")
		if at.Nanosecond() > 0 {
			dst = at.AppendFormat(dst, ".000000000")
			return trimZeros(dst), nil
		}
	}
	if len(t.fraction) > 0 {
		dst = append(append(dst, '.'), t.fraction...)
	}
	return dst, nil
}

func trimZeros(b []byte) []byte {
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	return b
}

// timeParts is a generalized time taken apart.
type timeParts struct {
	year, month, day, hour, minute, second int
	nanos                                  int    // of a fraction of an hour or minute
	fraction                               []byte // digits of a fraction of a second, without zeros at the end
	zoneMinutes                            int
	utc                                    bool // written as Z
	shifted                                bool // not in the form of 14 digits, or a leap second
}

// parse reports whether v is YYYYMMDDHH[MM[SS]][(.|,)digits](Z|(+|-)HH[MM]).
func (t *timeParts) parse(v []byte) bool {
	n := 0
	for n < len(v) && n < 14 && isDigit(v[n]) {
		n++
	}
	if n != 10 && n != 12 && n != 14 {
		return false
	}
	digits, rest := v[:n], v[n:]
	t.year, t.month, t.day, t.hour = number(digits[:4]), number(digits[4:6]), number(digits[6:8]), number(digits[8:10])
	if n >= 12 {
		t.minute = number(digits[10:12])
	}
	if n == 14 {
		t.second = number(digits[12:14])
	}
	t.shifted = n < 14 || t.second == 60
	if t.month < 1 || t.month > 12 || t.day < 1 || t.day > daysOf(t.year, t.month) ||
		t.hour > 23 || t.minute > 59 || t.second > 60 {
		return false
	}
	if len(rest) > 0 && (rest[0] == '.' || rest[0] == ',') {
		f := 1
		for f < len(rest) && isDigit(rest[f]) {
			f++
		}
		if f == 1 {
			return false
		}
		t.takeFraction(rest[1:f], n)
		rest = rest[f:]
	}
	return t.parseZone(rest)
}

// takeFraction takes a fraction of the last unit written: n digits say which.
func (t *timeParts) takeFraction(f []byte, n int) {
	for len(f) > 0 && f[len(f)-1] == '0' {
		f = f[:len(f)-1]
	}
	if n == 14 {
		t.fraction = f
		return
	}
	unit := int(time.Minute)
	if n == 10 {
		unit = int(time.Hour)
	}
	for _, c := range f[:min(len(f), 12)] {
		// Exact to a nanosecond for twelve digits of an hour; the units are divisible by enough tens for the first ones.
		t.nanos += int(c-'0') * unit / 10
		unit /= 10
	}
}

func (t *timeParts) parseZone(z []byte) bool {
	if len(z) == 1 && z[0] == 'Z' {
		t.utc = true
		return true
	}
	if len(z) != 3 && len(z) != 5 || z[0] != '+' && z[0] != '-' {
		return false
	}
	for _, c := range z[1:] {
		if !isDigit(c) {
			return false
		}
	}
	hours, minutes := number(z[1:3]), 0
	if len(z) == 5 {
		minutes = number(z[3:5])
	}
	t.zoneMinutes = hours*60 + minutes
	if z[0] == '-' {
		t.zoneMinutes = -t.zoneMinutes
	}
	return hours <= 23 && minutes <= 59
}

// checkUTCTime is RFC 4517 section 3.3.34: a year of two digits, no fraction; without a zone it is local time, which old
// entries have.
func checkUTCTime(_ *Schema, v []byte) error {
	if len(v) < 10 || len(v) > 17 {
		return errNotTime
	}
	var buf [20]byte
	full := append(append(buf[:0], "20"...), v...)
	if isDigit(full[len(full)-1]) && len(v) <= 12 {
		full = append(full, 'Z')
	}
	var t timeParts
	if !t.parse(full) || len(t.fraction) > 0 || t.nanos > 0 || len(full) < 13 || !isDigit(full[11]) {
		return errNotTime
	}
	return nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func number(digits []byte) int {
	n := 0
	for _, c := range digits {
		n = n*10 + int(c-'0')
	}
	return n
}

func daysOf(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}
