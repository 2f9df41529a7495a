package quality

import (
	"fmt"
	"io"
	"slices"
)

const (
	// passwordBytesMax is how much of a password is looked at, in bytes; more does not make it weaker.
	passwordBytesMax = 1024
	// windowBytesMax is how much is estimated at a time, in bytes: the work grows with its square. Of a longer password the
	// better of its first and its last window counts.
	windowBytesMax = 72
	// wordsMax is how many words of the user's own are looked for, after they have been cut into parts.
	wordsMax = 256
	// wordBytesMin is the length from which a part of an attribute is a word, in bytes.
	wordBytesMin = 3
	// wordBytesMax is the length to which an attribute is looked at, in bytes.
	wordBytesMax = 128
)

// ScoreMax is the best score.
const ScoreMax = 4

// Options configures a [Checker]. The zero value has no list of breached passwords.
type Options struct {
	// BreachedFile is the path of a list of breached passwords, "" for none: SHA-1 sums as hexadecimal digits in ascending
	// order, one a line, with or without ":COUNT"; or passwords themselves, one a line, in any order.
	BreachedFile string
	// Words are known to a guesser whoever the user is: names of the organization, its products, its town.
	Words []string
}

// Checker estimates passwords. It is safe for concurrent use.
type Checker struct {
	breached breachedList
	words    []string
	file     io.Closer
}

// breachedList answers whether a password stands in a list.
type breachedList interface {
	has(password []byte) (bool, error)
}

// New returns a checker. It fails if the list of breached passwords cannot be read or is not in order. Close gives the file back.
func New(o Options) (*Checker, error) {
	c := &Checker{words: slices.Clone(o.Words)}
	if o.BreachedFile == "" {
		return c, nil
	}
	var err error
	if c.breached, c.file, err = openBreached(o.BreachedFile); err != nil {
		return nil, fmt.Errorf("list of breached passwords: %w", err)
	}
	return c, nil
}

// Close closes the list of breached passwords; the checker must not be used after it.
func (c *Checker) Close() error {
	if c.file == nil {
		return nil
	}
	return c.file.Close()
}

// Check returns the score of a password, 0 to [ScoreMax], and why it is not better; no reasons for the best. own is what
// stands in the user's entry: names, uid, mail addresses, the organization. A list of breached passwords that cannot be read
// any more counts for nothing; [Checker.Breached] tells.
func (c *Checker) Check(password []byte, own []string) (score int, reasons []string) {
	password = password[:min(len(password), passwordBytesMax)]
	if is, err := c.Breached(password); is && err == nil {
		return 0, []string{reasonBreached}
	}
	best := estimateWindow(password[:min(len(password), windowBytesMax)], c.vocabulary(own))
	if len(password) > windowBytesMax {
		if last := estimateWindow(password[len(password)-windowBytesMax:], c.vocabulary(own)); last.guesses > best.guesses {
			best = last
		}
	}
	score = scoreOf(best.guesses)
	if score == ScoreMax {
		return score, nil
	}
	return score, best.reasons()
}

// Breached reports whether the password stands in the list of breached ones.
func (c *Checker) Breached(password []byte) (bool, error) {
	if c.breached == nil {
		return false, nil
	}
	return c.breached.has(password)
}

// Contains reports whether a password holds one of the user's own words, whatever its score: forward or reversed, in any case, with
// look-alikes or without.
func (c *Checker) Contains(password []byte, own []string) bool {
	v := vocabulary{own: newDictionary(split(nil, own, wordsMax), sourceOwn)}
	for from := 0; from < min(len(password), passwordBytesMax); from += windowBytesMax / 2 {
		window := password[from:min(len(password), from+windowBytesMax)]
		if len(newText(window).words(v, nil)) > 0 {
			return true
		}
	}
	return false
}

// scoreOf returns the score of a number of guesses.
func scoreOf(guesses float64) int {
	for score, below := range [...]float64{1e3, 1e6, 1e8, 1e10} {
		if guesses < below+5 {
			return score
		}
	}
	return ScoreMax
}
