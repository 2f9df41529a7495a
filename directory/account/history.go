package account

import (
	"bytes"
	"strconv"
	"time"
)

// Former is a password that was replaced: a value of pwdHistory (draft-behera-ldap-password-policy-10 section 5.3.6).
type Former struct {
	At     time.Time // when it was replaced
	Stored []byte    // as userPassword had it
}

// octetString is the syntax of userPassword, which values of pwdHistory name.
const octetString = "1.3.6.1.4.1.1466.115.121.1.40"

// Append appends the value: time "#" syntax "#" length "#" data.
func (f Former) Append(dst []byte) []byte {
	dst = append(dst, FormatTime(f.At)...)
	dst = append(append(append(dst, '#'), octetString...), '#')
	dst = strconv.AppendInt(dst, int64(len(f.Stored)), 10)
	return append(append(dst, '#'), f.Stored...)
}

// ParseFormer reads a value of pwdHistory; ok is false for one of another form, or another syntax.
func ParseFormer(value []byte) (f Former, ok bool) {
	parts := bytes.SplitN(value, []byte("#"), 4)
	if len(parts) != 4 || string(parts[1]) != octetString {
		return f, false
	}
	n, err := strconv.Atoi(string(parts[2]))
	if err != nil || n != len(parts[3]) {
		return f, false
	}
	if f.At, ok = ParseTime(parts[0]); !ok {
		return f, false
	}
	f.Stored = parts[3]
	return f, true
}
