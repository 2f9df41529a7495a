package quality

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// A text is a password as the search for pieces sees it.
type text struct {
	raw   string
	lower string // as long as raw, in bytes
	runes []int  // runes[i] is the number of characters before byte i
}

// newText takes bytes that are no UTF-8 one by one.
func newText(password []byte) *text {
	raw := string(password)
	if !utf8.ValidString(raw) {
		raw = strings.Map(func(r rune) rune {
			if r >= utf8.RuneSelf {
				return '\x7f'
			}
			return r
		}, latin1(password))
	}
	t := &text{raw: raw, lower: lower(raw), runes: make([]int, len(raw)+1)}
	for i := range len(raw) {
		t.runes[i+1] = t.runes[i]
		if utf8.RuneStart(raw[i]) {
			t.runes[i+1]++
		}
	}
	return t
}

func latin1(password []byte) string {
	runes := make([]rune, len(password))
	for i, b := range password {
		runes[i] = rune(b)
	}
	return string(runes)
}

// reversed returns the same characters backwards.
func (t *text) reversed() *text {
	runes := []rune(t.raw)
	slices.Reverse(runes)
	return newText([]byte(string(runes)))
}

// A piece is a part of a password that a guesser knows: bytes [from, to), found after so many guesses.
type piece struct {
	from, to int
	guesses  float64
	why      why
}

// why says what a piece is, and so which reason it gives.
type why uint8

const (
	whyNothing why = iota // characters without a pattern
	whyOwn
	whyPassword
	whyWord
	whyName
	whyLookAlike
	whyReversed
	whySequence
	whyRepeat
	whyKeyboard
	whyDate
)

// pieces returns everything that is known in the text; those of repeats only if they are asked for.
func (t *text) pieces(v vocabulary, repeats bool) []piece {
	list := t.words(v, nil)
	list = t.sequences(list)
	list = t.walks(list)
	list = t.dates(list)
	if repeats {
		list = t.repeats(v, list)
	}
	return list
}
