package quality

import (
	"strings"
)

// lookAlikes holds the letters that a character is written for.
var lookAlikes = [256]string{
	'4': "a", '@': "a", '8': "b", '(': "c", '{': "c", '[': "c", '<': "c", '3': "e", '6': "g", '9': "g", '1': "il", '!': "i",
	'|': "il", '7': "lt", '0': "o", '$': "s", '5': "s", '+': "t", '%': "x", '2': "z",
}

// words appends the words that stand in the text, forward and backward.
func (t *text) words(v vocabulary, list []piece) []piece {
	backward := t.reversed()
	n := len(t.lower)
	for _, d := range []*dictionary{&v.own, &v.frequent} {
		if len(d.entries) == 0 {
			continue
		}
		w := wordSearch{t: t, d: d}
		for i := range n {
			w.from = i
			w.look(0, len(d.entries), 0, 0)
		}
		list = append(list, w.found...)
		w = wordSearch{t: backward, d: d}
		for i := range n {
			w.from = i
			w.look(0, len(d.entries), 0, 0)
		}
		for _, p := range w.found {
			p.from, p.to = n-p.to, n-p.from
			p.guesses *= 2
			if p.why != whyOwn {
				p.why = whyReversed
			}
			list = append(list, p)
		}
	}
	return list
}

// wordSearch finds the words of a dictionary that begin at one place. It goes through the dictionary as through a tree, so that a
// look-alike costs a branch and not another pass over the password.
type wordSearch struct {
	t     *text
	d     *dictionary
	from  int
	found []piece
}

// look takes the words [lo, hi), which share what stands at the place so far, depth bytes of which replaced are look-alikes.
func (w *wordSearch) look(lo, hi, depth, replaced int) {
	if first := w.d.entries[lo]; depth >= wordBytesMin && len(first.text) == depth {
		w.add(first, replaced)
	}
	if w.from+depth == len(w.t.lower) {
		return
	}
	b := w.t.lower[w.from+depth]
	if from, to := w.d.narrow(lo, hi, depth, b); from < to {
		w.look(from, to, depth+1, replaced)
	}
	for _, letter := range []byte(lookAlikes[b]) {
		if from, to := w.d.narrow(lo, hi, depth, letter); from < to {
			w.look(from, to, depth+1, replaced+1)
		}
	}
}

func (w *wordSearch) add(found word, replaced int) {
	p := piece{from: w.from, to: w.from + len(found.text)}
	p.guesses = float64(found.rank) * cases(w.t.raw[p.from:p.to])
	for range replaced {
		p.guesses *= 2
	}
	switch {
	case found.source == sourceOwn:
		p.why = whyOwn
	case replaced > 0:
		p.why = whyLookAlike
	case found.source == sourcePasswords:
		p.why = whyPassword
	case found.source == sourceNames:
		p.why = whyName
	default:
		p.why = whyWord
	}
	w.found = append(w.found, p)
}

// cases returns in how many ways a guesser has to try upper and lower case: few, if it is the first letter, the last or all.
func cases(s string) float64 {
	upper, small := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'A' && c <= 'Z':
			upper++
		case c >= 'a' && c <= 'z':
			small++
		}
	}
	isUpper := func(c byte) bool { return c >= 'A' && c <= 'Z' }
	switch {
	case upper == 0:
		return 1
	case small == 0, upper == 1 && (isUpper(s[0]) || isUpper(s[len(s)-1])):
		return 2
	}
	ways := 0.0
	for i := 1; i <= min(upper, small); i++ {
		ways += choose(upper+small, i)
	}
	return ways
}

// choose returns n over k.
func choose(n, k int) float64 {
	if k > n {
		return 0
	}
	r := 1.0
	for i := 1; i <= k; i++ {
		r = r * float64(n-k+i) / float64(i)
	}
	return r
}

// isDigits reports whether a string is of digits only.
func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
