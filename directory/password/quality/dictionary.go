package quality

import (
	"slices"
	"sort"
	"strings"
	"sync"
	"unicode"

	"github.com/trustelem/zxcvbn/frequency"
)

// source says where a word comes from, and so which reason it gives.
type source uint8

const (
	sourceOwn source = iota + 1
	sourcePasswords
	sourceWords
	sourceNames
)

// A dictionary is a list of words in order. rank is the place of a word in order of its frequency, from 1.
type dictionary struct {
	entries []word
}

type word struct {
	text   string
	rank   uint32
	source source
}

// vocabulary is what one password is held against.
type vocabulary struct {
	frequent, own dictionary
}

// frequent holds the words that everybody's guesser knows. It is built at the first check: most commands never need it.
var frequent = sync.OnceValue(func() dictionary {
	var d dictionary
	for _, list := range []struct {
		name   string
		source source
	}{
		{"passwords", sourcePasswords},
		{"english_wikipedia", sourceWords},
		{"us_tv_and_film", sourceWords},
		{"female_names", sourceNames},
		{"male_names", sourceNames},
		{"surnames", sourceNames},
	} {
		for i, text := range frequency.FrequencyLists[list.name] {
			d.entries = append(d.entries, word{text, uint32(i + 1), list.source})
		}
	}
	d.sort()
	return d
})

func (c *Checker) vocabulary(own []string) vocabulary {
	words := split(nil, own, wordsMax)
	return vocabulary{frequent(), newDictionary(split(words, c.words, 2*wordsMax), sourceOwn)}
}

func newDictionary(words []string, from source) dictionary {
	d := dictionary{entries: make([]word, 0, len(words))}
	for i, text := range words {
		d.entries = append(d.entries, word{text, uint32(i + 1), from})
	}
	d.sort()
	return d
}

// sort orders the words; of one that is there twice the better rank stays.
func (d *dictionary) sort() {
	slices.SortFunc(d.entries, func(a, b word) int {
		if c := strings.Compare(a.text, b.text); c != 0 {
			return c
		}
		return int(a.rank) - int(b.rank)
	})
	d.entries = slices.CompactFunc(d.entries, func(a, b word) bool { return a.text == b.text })
}

// narrow returns the words among those in [from, to), which share their first depth bytes, whose next byte is b.
func (d *dictionary) narrow(from, to, depth int, b byte) (int, int) {
	at := func(i int) int {
		if text := d.entries[i].text; len(text) > depth {
			return int(text[depth])
		}
		return -1
	}
	lo := from + sort.Search(to-from, func(i int) bool { return at(from+i) >= int(b) })
	hi := lo + sort.Search(to-lo, func(i int) bool { return at(lo+i) > int(b) })
	return lo, hi
}

// split appends the words of attribute values: each value as a whole, up to an @ and without what is no letter or digit, and its
// parts. At most most words are in the answer.
func split(dst []string, values []string, most int) []string {
	add := func(text string) {
		if len(text) >= wordBytesMin && len(dst) < most && !slices.Contains(dst, text) {
			dst = append(dst, text)
		}
	}
	for _, value := range values {
		value = lower(strings.ToValidUTF8(value[:min(len(value), wordBytesMax)], ""))
		parts := strings.FieldsFunc(value, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		local, _, _ := strings.Cut(value, "@")
		add(value)
		add(local)
		add(strings.Join(parts, ""))
		for _, part := range parts {
			add(part)
		}
	}
	return dst
}

// lower maps to lower case what keeps its length in bytes.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if l := unicode.ToLower(r); len(string(l)) == len(string(r)) {
			return l
		}
		return r
	}, s)
}
