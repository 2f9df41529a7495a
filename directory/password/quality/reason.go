package quality

import (
	"slices"
)

// charactersFew is the length below which a password without any pattern is called short.
const charactersFew = 11

// reasonBreached stands alone: nothing else matters then.
const reasonBreached = "This password has appeared in a data breach, so it is among the first that are tried."

const (
	reasonShort = "The password is short; each further character makes it ten times harder to guess."
	reasonWeak  = "The password is made of few parts that are easy to guess; add more words that have nothing to do with each other."
)

// reasonsOf holds the sentence for what a piece is, in the order in which they are told.
var reasonsOf = []struct {
	why    why
	reason string
}{
	{whyOwn, "The password contains a name or another word that stands in your own account or belongs to your organization."},
	{whyPassword, "The password contains one that very many people use."},
	{whyWord, "The password contains a common word."},
	{whyName, "The password contains a common name."},
	{whyLookAlike, "Writing a common word with look-alikes, such as 0 for o or @ for a, does not make it harder to guess."},
	{whyReversed, "Writing a common word backwards does not make it harder to guess."},
	{whyKeyboard, "Keys that lie beside each other on the keyboard are easy to guess."},
	{whySequence, "Sequences such as abc or 6543 are easy to guess."},
	{whyRepeat, "Repeating characters or words hardly makes a password harder to guess."},
	{whyDate, "Dates and years are easy to guess."},
}

// reasons says why the estimate is what it is. Each sentence comes once.
func (e *estimate) reasons() []string {
	var list []string
	for _, r := range reasonsOf {
		if slices.ContainsFunc(e.cut, func(p piece) bool { return p.why == r.why }) {
			list = append(list, r.reason)
		}
	}
	if e.length < charactersFew {
		list = append(list, reasonShort)
	}
	if len(list) == 0 {
		list = append(list, reasonWeak)
	}
	return list
}
