package schema

import (
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// NormalizationTable numbers the tables behind string preparation. Keys on disk depend on them, so a store records the
// number, and another number means that its keys are made anew.
//
// Table 1 is the mapping of RFC 4518 section 2.2, full case folding and NFKC as golang.org/x/text has them. RFC 4518 asks
// for Unicode 3.2. The stability policies of Unicode promise that the folding and the normalization of a character never
// change once it is assigned, so table 1 agrees with 3.2 on its characters and also knows those that came later. What a
// newer library can change is the characters that are unassigned today; a test compares the digest of the whole
// table, so that such an update is noticed and gets a number of its own.
const NormalizationTable = 1

// foldTable returns the full case folding of every character beyond ASCII that has one. No character above U+1FFFF does.
var foldTable = sync.OnceValue(func() map[rune]string {
	table := make(map[rune]string, 2048)
	caser := cases.Fold()
	for r := rune(utf8.RuneSelf); r <= 0x1ffff; r++ {
		if r == utf8.RuneError || 0xd800 <= r && r <= 0xdfff {
			continue
		}
		if folded := caser.String(string(r)); folded != string(r) {
			table[r] = folded
		}
	}
	// Cherokee folds to its capitals, which were there first; the library folds them to small letters and back again.
	for r := rune(0x13a0); r <= 0x13f5; r++ {
		delete(table, r)
	}
	return table
})

// foldRoundsMax bounds the rounds of folding and normalization until nothing changes; two are enough for all
// characters known, the third sees that nothing changed.
const foldRoundsMax = 4

// appendFolded appends text, which must be UTF-8, mapped, folded if fold, and normalized.
func appendFolded(dst, text []byte, fold bool) []byte {
	start := len(dst)
	dst = appendMapped(dst, text)
	if !fold {
		return normalizeTail(dst, start)
	}
	s := getScratch()
	defer s.release()
	for range foldRoundsMax {
		dst = normalizeTail(dst, start)
		s.round = appendCaseFolded(s.round[:0], dst[start:])
		if string(s.round) == string(dst[start:]) {
			break
		}
		dst = append(dst[:start], s.round...)
	}
	return dst
}

func normalizeTail(dst []byte, start int) []byte {
	if norm.NFKC.IsNormal(dst[start:]) {
		return dst
	}
	s := getScratch()
	defer s.release()
	s.round = norm.NFKC.Append(s.round[:0], dst[start:]...)
	// Compatibility forms may decompose into spaces and other mapped characters.
	return appendMapped(dst[:start], s.round)
}

func appendCaseFolded(dst, text []byte) []byte {
	table := foldTable()
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c |= 0x20
			}
			dst = append(dst, c)
			i++
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		if folded, ok := table[r]; ok {
			dst = append(dst, folded...)
		} else {
			dst = append(dst, text[i:i+n]...)
		}
		i += n
	}
	return dst
}

// appendMapped does the mapping of RFC 4518 section 2.2.
func appendMapped(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		c := text[i]
		if ' ' <= c && c <= '~' {
			dst = append(dst, c)
			i++
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		switch {
		case isMappedToSpace(r):
			dst = append(dst, ' ')
		case !isMappedToNothing(r):
			dst = append(dst, text[i:i+n]...)
		}
		i += n
	}
	return dst
}

func isMappedToSpace(r rune) bool {
	return '\t' <= r && r <= '\r' || r == 0x85 || unicode.In(r, unicode.Zs, unicode.Zl, unicode.Zp)
}

func isMappedToNothing(r rune) bool {
	switch {
	case r < 0x20, 0x7f <= r && r <= 0x9f:
		return true // controls; those that are spaces were asked for before
	case r < 0xad:
		return false
	case r == 0xad, r == 0x34f, r == 0x6dd, r == 0x70f, r == 0x1806,
		0x180b <= r && r <= 0x180e,
		0x200b <= r && r <= 0x200f,
		0x202a <= r && r <= 0x202e,
		0x2060 <= r && r <= 0x2063,
		0x206a <= r && r <= 0x206f,
		0xfe00 <= r && r <= 0xfe0f,
		r == 0xfeff,
		0xfff9 <= r && r <= 0xfffc,
		0x1d173 <= r && r <= 0x1d17a,
		r == 0xe0001,
		0xe0020 <= r && r <= 0xe007f:
		return true
	}
	return false
}
