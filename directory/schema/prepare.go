package schema

import (
	"errors"
	"unicode/utf8"
)

// String preparation (RFC 4518) turns the text that a person wrote into the text that is compared:
//
//  1. Map: control and formatting characters vanish, every kind of space becomes SPACE (section 2.2).
//  2. Fold, for rules that ignore case (RFC 3454 table B.2), and normalize to NFKC (section 2.3); see fold.go.
//  3. Insignificant spaces (section 2.6.1): none outside, one inside for equality; the form with two inside for
//     substrings, so that a part that begins or ends in a run of spaces is found there and only there.
//
// Steps of the RFC that are left out: nothing is prohibited (2.4), since a name with a character that is younger than
// Unicode 3.2, or of a private use area, is somebody's name all the same and compares as itself.
//
// Text in ASCII, which nearly all is, takes one pass and none of the tables.

// spaces says which form of insignificant space handling is wanted.
type spaces uint8

const (
	spacesTrim  spaces = iota // for equality and order
	spacesWhole               // an attribute value in which parts are searched
	spacesInitial
	spacesAny
	spacesFinal
)

var spacesOf = [...]spaces{Whole: spacesWhole, Initial: spacesInitial, Any: spacesAny, Final: spacesFinal}

var (
	errNotUTF8 = errors.New("not UTF-8")
	errNotIA5  = errors.New("not IA5")
)

// appendText appends text prepared for comparison.
func appendText(dst, text []byte, fold bool, sp spaces) ([]byte, error) {
	if isPlainASCII(text) {
		return appendSpaced(dst, text, fold, sp), nil
	}
	if !utf8.Valid(text) {
		return dst, errNotUTF8
	}
	s := getScratch()
	defer s.release()
	s.text = appendFolded(s.text[:0], text, fold)
	return appendSpaced(dst, s.text, false, sp), nil
}

// isPlainASCII reports whether text holds printable ASCII and spaces only.
func isPlainASCII(text []byte) bool {
	for _, c := range text {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

// appendSpaced does step 3, and the folding of ASCII on the way.
func appendSpaced(dst, text []byte, fold bool, sp spaces) []byte {
	start := len(dst)
	pending := false // a run of spaces was read that has not been written
	for _, c := range text {
		if c == ' ' {
			pending = true
			continue
		}
		switch {
		case len(dst) == start:
			if sp == spacesWhole || sp == spacesInitial || sp != spacesTrim && pending {
				dst = append(dst, ' ')
			}
		case pending && sp == spacesTrim:
			dst = append(dst, ' ')
		case pending:
			dst = append(dst, ' ', ' ')
		}
		pending = false
		if fold && 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		dst = append(dst, c)
	}
	switch {
	case len(dst) == start:
		if dst = append(dst, ' '); sp == spacesWhole {
			dst = append(dst, ' ')
		}
	case sp == spacesWhole, sp == spacesFinal, pending && sp != spacesTrim:
		dst = append(dst, ' ')
	}
	return dst
}

// appendWithout appends ASCII text without spaces and, for telephone numbers, without hyphens, folded (RFC 4518 sections
// 2.6.2 and 2.6.3).
func appendWithout(dst, text []byte, hyphens bool) []byte {
	for _, c := range text {
		switch {
		case c == ' ', hyphens && c == '-':
			continue
		case 'A' <= c && c <= 'Z':
			c |= 0x20
		}
		dst = append(dst, c)
	}
	return dst
}
