package kv

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestPrefixEnd(t *testing.T) {
	t.Parallel()
	tests := []struct{ prefix, want string }{
		{"", "none"},
		{"a", "b"},
		{"a\xff", "b"},
		{"a\xff\xff", "b"},
		{"a\x00", "a\x01"},
		{"\xff\xff", "none"},
		{"\xfe\xff", "\xff"},
	}
	for _, tc := range tests {
		prefix := []byte(tc.prefix)
		end := PrefixEnd(prefix)
		got := string(end)
		if end == nil {
			got = "none"
		}
		if got != tc.want || string(prefix) != tc.prefix {
			t.Errorf("PrefixEnd(%q) = %q, want %q", tc.prefix, got, tc.want)
		}
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		opt    ScanOptions
		lo, hi string // "none" is nil
		ok     bool
	}{
		{"all", ScanOptions{}, "", "none", true},
		{"prefix", ScanOptions{Prefix: []byte("ab")}, "ab", "ac", true},
		{"prefix of 0xff", ScanOptions{Prefix: []byte("\xff")}, "\xff", "none", true},
		{"prefix of 0xff with hi", ScanOptions{Prefix: []byte("\xff"), Hi: []byte("\xff\x01")}, "\xff", "\xff\x01", true},
		{"inside the prefix", ScanOptions{Prefix: []byte("a"), Lo: []byte("ab"), Hi: []byte("ad")}, "ab", "ad", true},
		{"outside the prefix", ScanOptions{Prefix: []byte("b"), Lo: []byte("a"), Hi: []byte("d")}, "b", "c", true},
		{"beside the prefix", ScanOptions{Prefix: []byte("b"), Lo: []byte("c")}, "c", "c", false},
		{"empty hi", ScanOptions{Hi: []byte{}}, "", "", false},
		{"lo is hi", ScanOptions{Lo: []byte("a"), Hi: []byte("a")}, "a", "a", false},
	}
	for _, tc := range tests {
		lo, hi, ok := tc.opt.Bounds()
		got := string(hi)
		if hi == nil {
			got = "none"
		}
		if string(lo) != tc.lo || got != tc.hi || ok != tc.ok {
			t.Errorf("%s: [%q, %q) %v, want [%q, %q) %v", tc.name, lo, got, ok, tc.lo, tc.hi, tc.ok)
		}
	}
}

func TestCheckPair(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		key, value string
		want       error
	}{
		{"longest", strings.Repeat("k", KeyBytesMax), strings.Repeat("v", ValueBytesMax), nil},
		{"empty key", "", "v", ErrKey},
		{"long key", strings.Repeat("k", KeyBytesMax+1), "v", ErrKey},
		{"long value", "k", strings.Repeat("v", ValueBytesMax+1), ErrTooBig},
		{"reserved", ReservedPrefix, "v", ErrKey},
		{"nearly reserved", ReservedPrefix[:7], "v", nil},
	}
	for _, tc := range tests {
		if err := CheckPair([]byte(tc.key), []byte(tc.value)); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, err, tc.want)
		}
	}
}

// FuzzBounds holds the range of a scan against the definition of its options.
func FuzzBounds(f *testing.F) {
	f.Add([]byte("a"), []byte("ab"), []byte("b"), true, []byte("abc"))
	f.Add([]byte("\xff\xff"), []byte(""), []byte(""), false, []byte("\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, prefix, lo, hi []byte, bounded bool, key []byte) {
		opt := ScanOptions{Prefix: prefix, Lo: lo}
		if bounded {
			opt.Hi = append([]byte{}, hi...)
		}
		want := bytes.HasPrefix(key, prefix) && bytes.Compare(key, lo) >= 0 &&
			(!bounded || bytes.Compare(key, hi) < 0)
		from, to, ok := opt.Bounds()
		got := ok && bytes.Compare(key, from) >= 0 && (to == nil || bytes.Compare(key, to) < 0)
		if got != want {
			t.Errorf("prefix %q [%q, %q) bounded %v: key %q in range %v, want %v", prefix, lo, hi, bounded, key, got, want)
		}
	})
}
