package dit

import (
	"bytes"

	"gatehouse/directory"
	"gatehouse/directory/account"
	"gatehouse/directory/password"
	"gatehouse/directory/password/quality"
)

// judged is what package quality says of one new password.
type judged struct {
	clear   []byte
	own     []string
	done    bool
	score   int
	reasons []string
	known   bool // it stands in the list of breached passwords
}

// ownWordsMax and ownWordBytesMax bound what is taken from an entry to hold a password against.
const (
	ownWordsMax     = 64
	ownWordBytesMax = 256
)

// score says whether a new password is good enough; errPending in a first plan. It is held against what may be read of the entry.
func (w *Write) score(readable valueTest, fresh []byte, least int) (good bool, reasons []string, err error) {
	for _, j := range w.secrets.judged {
		if j.done && bytes.Equal(j.clear, fresh) {
			return j.score >= least && !j.known, j.reasons, nil
		}
	}
	if len(w.secrets.judged) >= secretsMax {
		return false, nil, errManyPasswords
	}
	w.secrets.judged = append(w.secrets.judged, judged{clear: bytes.Clone(fresh), own: w.ownWords(readable)})
	return false, nil, errPending
}

// valueTest answers a question about one value of an attribute.
type valueTest func(desc *directory.AttributeDescription, value []byte) bool

// ownWords returns what stands in the entry about its owner, as far as whoever sets the password may read it: the refusal tells what
// was found in it.
func (w *Write) ownWords(readable valueTest) []string {
	var words []string
	for _, a := range w.Draft.Attributes() {
		if isServerOwned(a.Desc) || a.Desc.Is(directory.FlagConfidential) || a.Desc == w.d.attr.objectClass {
			continue
		}
		for _, v := range a.Values {
			if len(v) <= ownWordBytesMax && len(words) < ownWordsMax && readable(a.Desc, v) {
				words = append(words, string(v))
			}
		}
	}
	return words
}

func (j *judged) settle(c *quality.Checker) {
	if j.done {
		return
	}
	j.score, j.reasons = c.Check(j.clear, j.own)
	j.known, _ = c.Breached(j.clear) // a list that cannot be read any more counts for nothing
	j.done = true
}

// former asks whether a new password is one of those that were there.
type former struct {
	clear  []byte
	stored [][]byte
	done   bool
	is     bool
}

// used reports whether a new password is one of those stored; errPending in a first plan. It is no guess: whoever asks has shown to
// know the present one.
func (w *Write) used(fresh []byte, stored [][]byte) (bool, error) {
	for _, f := range w.secrets.former {
		if f.done && bytes.Equal(f.clear, fresh) && equalValues(f.stored, stored) {
			return f.is, nil
		}
	}
	if len(w.secrets.former) >= secretsMax {
		return false, errManyPasswords
	}
	f := former{clear: bytes.Clone(fresh)}
	for _, v := range stored {
		f.stored = append(f.stored, bytes.Clone(v))
	}
	w.secrets.former = append(w.secrets.former, f)
	return false, errPending
}

func (f *former) settle(slot password.Slot) {
	if f.done {
		return
	}
	for at := 0; at < len(f.stored) && !f.is; at += password.MaxStoredValues {
		f.is = slot.Verify(f.stored[at:min(len(f.stored), at+password.MaxStoredValues)], f.clear).OK
	}
	f.done = true
}

// policyForNew is policyFor for an entry that is about to be made: it is in no group yet.
func (d *Directory) policyForNew(w *Write) (*account.Policy, error) {
	set, err := d.passwordPolicies(w.Snapshot)
	if err != nil || len(set.byName) == 0 {
		return nil, err
	}
	if desc := d.attr.account.policySubentry; desc != nil && w.Draft.Has(desc) {
		if _, named, err := d.schema.ParseName(string(w.Draft.Get(desc)[0])); err == nil && set.byName[named] != nil {
			return set.byName[named], nil
		}
	}
	return set.below(w.NDN), nil
}

// hasClassIn reports whether a class is among the values of objectClass.
func hasClassIn(classes [][]byte, class string) bool {
	for _, v := range classes {
		if bytes.EqualFold(v, []byte(class)) {
			return true
		}
	}
	return false
}
