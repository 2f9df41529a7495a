package schema

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"unicode"
	"unicode/utf8"
)

// tableDigests are the digests of the preparation of every character, by the number of the table. A new library that
// changes one means that keys on disk no longer fit: give the tables a new NormalizationTable and its digest a line here.
var tableDigests = map[int]string{
	1: "a4fb540ad46f32939e5eacd397754eb636c87db27d3692af0298726aca70d935",
}

func TestNormalizationTableIsFrozen(t *testing.T) {
	t.Parallel()
	h := sha256.New()
	var exact, folded []byte
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		text := utf8.AppendRune(nil, r)
		exact, folded = appendFolded(exact[:0], text, false), appendFolded(folded[:0], text, true)
		if !bytes.Equal(exact, text) || !bytes.Equal(folded, text) {
			h.Write(text)
			h.Write([]byte{0})
			h.Write(exact)
			h.Write([]byte{0})
			h.Write(folded)
			h.Write([]byte{'\n'})
		}
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != tableDigests[NormalizationTable] {
		t.Errorf("the tables of string preparation have changed: digest %s, want %s for table %d",
			got, tableDigests[NormalizationTable], NormalizationTable)
	}
}

func TestFoldIsStableAndComplete(t *testing.T) {
	t.Parallel()
	var a, b []byte
	for r := rune(0); r <= 0x1ffff; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		a = appendFolded(a[:0], utf8.AppendRune(nil, r), true)
		if b = appendFolded(b[:0], a, true); !bytes.Equal(a, b) {
			t.Errorf("%U folds to %q, and that to %q", r, a, b)
		}
		for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
			if b = appendFolded(b[:0], utf8.AppendRune(nil, o), true); !bytes.Equal(a, b) {
				t.Errorf("%U folds to %q, %U to %q", r, a, o, b)
			}
		}
	}
}

func TestMapping(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"\x00\x08\x0e\x1f\x7f\u0080\u009f": "", "\t\n\v\f\r\u0085": "      ", "\u00a0\u1680\u2000\u2028\u2029\u202f\u205f\u3000": "        ",
		"\u00ad\u1806\u034f\u180b\ufe00\ufffc\u200b\u200c\u200d\ufeff\u2060\U000e0041": "", "ab\u0301": "ab\u0301", "\ufffd\ue000": "\ufffd\ue000",
	} {
		if got := string(appendMapped(nil, []byte(in))); got != want {
			t.Errorf("%+q maps to %+q, want %+q", in, got, want)
		}
	}
}

func TestSpaces(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][5]string{ // trim, whole, initial, any, final
		"":       {" ", "  ", " ", " ", " "},
		"   ":    {" ", "  ", " ", " ", " "},
		"a":      {"a", " a ", " a", "a", "a "},
		" a  b ": {"a b", " a  b ", " a  b ", " a  b ", " a  b "},
		"a b":    {"a b", " a  b ", " a  b", "a  b", "a  b "},
	} {
		for sp, w := range want {
			if got := string(appendSpaced(nil, []byte(in), false, spaces(sp))); got != w {
				t.Errorf("%q in form %d is %q, want %q", in, sp, got, w)
			}
		}
	}
}
