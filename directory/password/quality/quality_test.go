package quality

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

var ownOfAlice = []string{"alice", "Alice Müller-Smith", "alice.smith@example.com", "Contoso AG"}

func TestCheck(t *testing.T) {
	t.Parallel()
	c, err := New(Options{Words: []string{"Gatehouse"}})
	if err != nil {
		t.Fatal(err)
	}
	reason := func(w why) string {
		for _, r := range reasonsOf {
			if r.why == w {
				return r.reason
			}
		}
		return ""
	}
	for _, test := range []struct {
		password string
		least    int
		most     int
		reason   string // one of them; "" if nothing is asked about them
	}{
		{"", 0, 0, reasonShort},
		{"a", 0, 0, reasonShort},
		{"password", 0, 0, reason(whyPassword)},
		{"Password1", 0, 1, reason(whyPassword)},
		{"p4$$w0rd", 0, 1, reason(whyLookAlike)},
		{"drowssap99", 0, 1, ""},
		{"alice", 0, 0, reason(whyOwn)},
		{"alice2024", 0, 1, reason(whyOwn)},
		{"Alice.Smith", 0, 1, reason(whyOwn)},
		{"4l1c35m17h", 0, 1, reason(whyOwn)},
		{"htims.ecila", 0, 1, reason(whyOwn)},
		{"Müller1!", 0, 1, reason(whyOwn)},
		{"contoso2026", 0, 1, reason(whyOwn)},
		{"gatehouse1", 0, 1, reason(whyOwn)},
		{"qwertyuiop", 0, 1, ""},
		{"zaq12wsxcde3", 0, 3, ""},
		{"abcdefghijk", 0, 0, ""},
		{"98765432", 0, 0, ""},
		{"aaaaaaaaaaaaaaaaaaaa", 0, 0, reason(whyRepeat)},
		{"foofoofoofoofoo", 0, 1, reason(whyRepeat)},
		{"24.12.1987", 0, 1, reason(whyDate)},
		{"19871224", 0, 1, reason(whyDate)},
		{"dkgit ldig", 3, 4, ""},
		{"x9#Vq2!mB7zT", 4, 4, ""},
		{"correct horse battery staple", 4, 4, ""},
		{"\xff\xfe\xfd\x00\x01", 0, 1, reasonShort},
		{strings.Repeat("x", 4000), 0, 0, reason(whyRepeat)},
		{strings.Repeat("x", 200) + "k2#Vq2!mB7zT", 4, 4, ""},
	} {
		score, reasons := c.Check([]byte(test.password), ownOfAlice)
		if score < test.least || score > test.most {
			t.Errorf("%q: score %d, want %d to %d; reasons %q", test.password, score, test.least, test.most, reasons)
		}
		if (score == ScoreMax) != (len(reasons) == 0) {
			t.Errorf("%q: score %d with reasons %q", test.password, score, reasons)
		}
		if test.reason != "" && !slices.Contains(reasons, test.reason) {
			t.Errorf("%q: reasons %q lack %q", test.password, reasons, test.reason)
		}
		for _, r := range reasons {
			if len(test.password) > 8 && strings.Contains(r, test.password) {
				t.Errorf("a reason holds the password: %q", r)
			}
		}
	}
}

// A word that belongs to the user makes a password weaker and never stronger; neither does the same question asked again change
// anything.
func TestOwnWordsWeaken(t *testing.T) {
	t.Parallel()
	c, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(4, 4))
	letters := "abcdefgiks0134$@XY9 .-"
	for range 300 {
		password := make([]byte, 4+r.IntN(12))
		for i := range password {
			password[i] = letters[r.IntN(len(letters))]
		}
		part := string(password[1:min(len(password), 5)])
		without, _ := c.Check(password, nil)
		with, reasons := c.Check(password, []string{part})
		if with > without {
			t.Errorf("%q: %d without and %d with %q as a word of the user's", password, without, with, part)
		}
		if again, same := c.Check(password, []string{part}); again != with || !slices.Equal(same, reasons) {
			t.Errorf("%q: %d %q, then %d %q", password, with, reasons, again, same)
		}
	}
}

func TestContains(t *testing.T) {
	t.Parallel()
	c, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		password string
		want     bool
	}{
		{"xx-Alice-yy-zz-0815-kk", true},
		{"Gr8Contoso!pf2", true},
		{"k0tnoc-ht1m5", true}, // "smith" backwards with look-alikes
		{strings.Repeat("k2#Vq", 14) + "smith", true},
		{"correct horse battery staple", false},
		{"al-ice", false},
		{"", false},
	} {
		if got := c.Contains([]byte(test.password), ownOfAlice); got != test.want {
			t.Errorf("%q: %v, want %v", test.password, got, test.want)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, s := range []string{"", "password", "4@8({[<369!1|0$5+7%2", "\xff\x00é", "24-12-1987", "aabbaabbaabb"} {
		f.Add([]byte(s), s)
	}
	c, err := New(Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, password []byte, own string) {
		score, reasons := c.Check(password, []string{own})
		if score < 0 || score > ScoreMax || (score == ScoreMax) != (len(reasons) == 0) {
			t.Errorf("%q: score %d, reasons %q", password, score, reasons)
		}
		for _, r := range reasons {
			if !utf8.ValidString(r) {
				t.Errorf("reason %q", r)
			}
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	c, err := New(Options{})
	if err != nil {
		b.Fatal(err)
	}
	for _, test := range []struct{ name, password string }{
		{"12-random", "kX9#vQ2!mB7z"},
		{"28-words", "correct horse battery staple"},
		{"72-look-alikes", strings.Repeat("4@8({[<369!1|0$5+7%2", 4)[:72]},
		{"1024-look-alikes", strings.Repeat("4@8({[<369!1|0$5+7%2", 52)[:1024]},
		{"1024-repeats", strings.Repeat("p4$5w0rd", 128)},
		{"1024-same", strings.Repeat("1", 1024)},
	} {
		b.Run(test.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Check([]byte(test.password), ownOfAlice)
			}
		})
	}
}
