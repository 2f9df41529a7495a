package account

import (
	"bytes"
	"testing"
	"time"
)

func TestParseTime(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		want time.Time // zero: malformed
	}{
		{"20260301120000Z", noon},
		{"202603011200Z", noon},
		{"2026030112Z", noon},
		{"20260301120000.5Z", noon.Add(time.Second / 2)},
		{"20260301120000,123456Z", noon.Add(123456 * time.Microsecond)},
		{"2026030112.5Z", noon.Add(30 * time.Minute)},
		{"20260301140000+0200", noon},
		{"20260301070000.0-0500", noon},
		{"2026030114+02", noon},
		{"20260301120000", time.Time{}},
		{"20261301120000Z", time.Time{}},
		{"2026Z", time.Time{}},
		{"", time.Time{}},
		{"20260301120000.Z", time.Time{}},
		{"x", time.Time{}},
	} {
		got, ok := ParseTime([]byte(tt.text))
		if ok != !tt.want.IsZero() || ok && !got.Equal(tt.want) {
			t.Errorf("%q: %v, %v", tt.text, got, ok)
		}
	}
}

// TestFormer reads what slapd writes, and what this package does.
func TestFormer(t *testing.T) {
	t.Parallel()
	const slapd = "20260301120000Z#1.3.6.1.4.1.1466.115.121.1.40#38#{SSHA}HkU7SmWG0V9fv7Hmyz2KLO9cq0u0MpnY"
	f, ok := ParseFormer([]byte(slapd))
	if !ok || !f.At.Equal(noon) || string(f.Stored) != "{SSHA}HkU7SmWG0V9fv7Hmyz2KLO9cq0u0MpnY" {
		t.Fatalf("%v, %v, %q", ok, f.At, f.Stored)
	}
	if got := f.Append(nil); string(got) != slapd {
		t.Errorf("written as %q", got)
	}
	for _, bad := range []string{"", "#", "20260301120000Z#1.2.3#1#x", "20260301120000Z#1.3.6.1.4.1.1466.115.121.1.40#2#x", "x#1.3.6.1.4.1.1466.115.121.1.40#1#x"} {
		if _, ok := ParseFormer([]byte(bad)); ok {
			t.Errorf("%q is read", bad)
		}
	}
}

func FuzzFormer(f *testing.F) {
	f.Add([]byte("20260301120000Z#1.3.6.1.4.1.1466.115.121.1.40#3#a#b"))
	f.Fuzz(func(t *testing.T, value []byte) {
		first, ok := ParseFormer(value)
		if !ok {
			return
		}
		again, ok := ParseFormer(first.Append(nil))
		if !ok || !bytes.Equal(again.Stored, first.Stored) || !again.At.Equal(first.At.Truncate(time.Second)) {
			t.Errorf("%q: %v, then %v", value, first, again)
		}
	})
}

// TestNumbersOutOfBounds: what a policy asks for is not taken for nothing because it is too much.
func TestNumbersOutOfBounds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		value string
		want  int
	}{{"8", 8}, {"1024", 1024}, {"1025", 1024}, {"99999999999999999999999", 1024}, {"-99999999999999999999999", 0}, {"-1", 0}, {"x", 0}, {"", 0}} {
		p := ParsePolicy("cn=p", func(attribute string) string {
			if attribute == "pwdMinLength" {
				return tt.value
			}
			return ""
		})
		if p.MinLength != tt.want {
			t.Errorf("pwdMinLength %s: %d, want %d", tt.value, p.MinLength, tt.want)
		}
	}
}
