package quality

import (
	"crypto/sha1"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func writeList(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "breached")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// sums prints the sorted sums of n passwords, each with an ending.
func sums(n int, ending func(i int) string) (text string, passwords []string) {
	lines := make([]string, n)
	for i := range lines {
		password := fmt.Sprintf("password %d", i)
		passwords = append(passwords, password)
		lines[i] = fmt.Sprintf("%X", sha1.Sum([]byte(password))) + ending(i)
	}
	slices.Sort(lines)
	return strings.Join(lines, ""), passwords
}

func TestBreachedSums(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		ending func(i int) string
		cut    string // of the end of the file
	}{
		{"as published", func(i int) string { return fmt.Sprintf(":%d\r\n", 7*i*i*i) }, ""},
		{"no count", func(int) string { return "\n" }, ""},
		{"no newline at the end", func(int) string { return ":3\n" }, "\n"},
	} {
		for _, n := range []int{1, 2, 3, 1000} {
			text, passwords := sums(n, test.ending)
			c, err := New(Options{BreachedFile: writeList(t, strings.TrimSuffix(text, test.cut))})
			if err != nil {
				t.Fatalf("%s, %d lines: %v", test.name, n, err)
			}
			for _, password := range passwords {
				if score, reasons := c.Check([]byte(password), nil); score != 0 || !slices.Equal(reasons, []string{reasonBreached}) {
					t.Fatalf("%s, %d lines: %q: score %d, reasons %q", test.name, n, password, score, reasons)
				}
			}
			for i := range 1000 {
				if is, err := c.Breached(fmt.Appendf(nil, "other %d", i)); is || err != nil {
					t.Fatalf("%s, %d lines: a password that is not there: %v, %v", test.name, n, is, err)
				}
			}
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Breached([]byte("password 0")); err == nil {
				t.Errorf("%s: a closed list answers", test.name)
			}
		}
	}
}

func TestBreachedPlain(t *testing.T) {
	t.Parallel()
	c, err := New(Options{BreachedFile: writeList(t, "hunter2\r\n\nTr0ub4dor&3\nletmein")})
	if err != nil {
		t.Fatal(err)
	}
	for password, want := range map[string]bool{
		"hunter2": true, "Hunter2": true, "Tr0ub4dor&3": true, "letmein": true, "": false, "tr0ub4dor&3": false, "letme": false,
	} {
		if is, err := c.Breached([]byte(password)); is != want || err != nil {
			t.Errorf("%q: %v, %v; want %v", password, is, err, want)
		}
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

// A list that cannot be searched must not answer "not there" without a word.
func TestBreachedRefused(t *testing.T) {
	t.Parallel()
	text, _ := sums(100, func(int) string { return ":1\n" })
	lines := strings.SplitAfter(text, "\n")
	slices.Reverse(lines)
	for _, test := range []struct {
		name, path string
		want       error
	}{
		{"backwards", writeList(t, strings.Join(lines, "")), errOrder},
		{"another line in between", writeList(t, text[:44*50]+strings.Repeat("garbage\n", 200)+text[44*50:]), errLine},
		{"a folder", t.TempDir(), nil},
		{"missing", filepath.Join(t.TempDir(), "none"), os.ErrNotExist},
		{"a line without an end", writeList(t, strings.Repeat("x", 1<<20)), nil},
	} {
		c, err := New(Options{BreachedFile: test.path})
		if err == nil || test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("%s: %v, %v; want %v", test.name, c, err, test.want)
		}
	}
}
