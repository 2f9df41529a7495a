package dit

import (
	"bytes"
	"context"
	"errors"

	"gatehouse/directory"
	"gatehouse/directory/account"
	"gatehouse/directory/password"
)

// secrets holds the hashes and verifications of one operation, so that no plan computes one: a plan asks, is given a placeholder
// or sent back, and runs again when the answers are there. By then its rights have been checked, so nobody makes the server
// hash who may not set the password.
type secrets struct {
	hashed   []hashed
	verified []verified
	judged   []judged
	former   []former
	asked    bool // of the present plan
}

type hashed struct{ clear, stored []byte }

type verified struct {
	id     directory.EntryID
	stored [][]byte
	clear  []byte
	done   bool
	index  int                     // of the value that matched, -1 for none
	told   directory.PasswordState // why not
}

// secretsMax bounds the passwords of one operation.
const secretsMax = 8

var errManyPasswords = directory.Errorf(directory.AdminLimitExceeded, "too many passwords in one request")

// restart begins a plan: what was asked for and not settled is forgotten.
func (s *secrets) restart() {
	s.asked = false
	keep := s.hashed[:0]
	for _, h := range s.hashed {
		if h.stored != nil {
			keep = append(keep, h)
		}
	}
	s.hashed = keep
}

func (s *secrets) pending() bool { return s.asked }

// placeholder stands for a hash in a plan that is not proposed.
var placeholder = []byte("{ARGON2}pending")

// Hash returns the value to store for a clear password. In a first plan it is a placeholder.
func (w *Write) Hash(clear []byte) ([]byte, error) {
	for _, h := range w.secrets.hashed {
		if bytes.Equal(h.clear, clear) {
			if h.stored == nil {
				return placeholder, nil
			}
			return h.stored, nil
		}
	}
	if len(w.secrets.hashed)+len(w.secrets.verified) >= secretsMax {
		return nil, errManyPasswords
	}
	w.secrets.hashed = append(w.secrets.hashed, hashed{clear: bytes.Clone(clear)})
	w.secrets.asked = true
	return placeholder, nil
}

// verify returns which stored value the clear password belongs to, -1 for none, and why; errPending in a first plan. It is a guess at
// the account, and counts like one at a bind.
func (w *Write) verify(stored [][]byte, clear []byte) (int, directory.PasswordState, error) {
	for _, v := range w.secrets.verified {
		if v.id == w.ID && v.done && bytes.Equal(v.clear, clear) && (v.index < 0 || equalValues(v.stored, stored)) {
			return v.index, v.told, nil
		}
	}
	if len(w.secrets.hashed)+len(w.secrets.verified) >= secretsMax {
		return -1, directory.PasswordState{}, errManyPasswords
	}
	w.secrets.verified = append(w.secrets.verified, verified{id: w.ID, clear: bytes.Clone(clear)})
	return -1, directory.PasswordState{}, errPending
}

func equalValues(a, b [][]byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// settle computes what the last plan asked for.
func (d *Directory) settle(ctx context.Context, s *secrets) error {
	for i := range s.verified {
		if v := &s.verified[i]; !v.done {
			if err := d.settleGuess(ctx, v); err != nil {
				return err
			}
		}
	}
	slot, err := d.acquire(ctx)
	if err != nil {
		return err
	}
	defer slot.Release()
	for i := range s.judged {
		s.judged[i].settle(d.passwords.quality)
	}
	for i := range s.former {
		s.former[i].settle(slot)
	}
	for i := range s.hashed {
		if h := &s.hashed[i]; h.stored == nil {
			if h.stored, err = slot.Hash(h.clear); err != nil {
				return refusedPassword(err)
			}
		}
	}
	return nil
}

// settleGuess tries a password at an account.
func (d *Directory) settleGuess(ctx context.Context, v *verified) error {
	a, err := d.attemptAt(v.id)
	if err != nil {
		return err
	}
	decided, err := d.try(ctx, a, v.clear, account.RightForChange)
	if err != nil {
		return err
	}
	v.done, v.index, v.told = true, -1, decided.Told
	if decided.Reason == account.Granted {
		v.index, v.stored = a.verdict.Index, a.stored
	}
	return nil
}

// acquire takes a place at the hashing workers. Too many waiting is busy, whoever asks.
func (d *Directory) acquire(ctx context.Context) (password.Slot, error) {
	slot, err := d.hasher.Acquire(ctx)
	if errors.Is(err, password.ErrBusy) {
		err = directory.Errorf(directory.Busy, "too many password operations are waiting")
	}
	return slot, err
}

// refusedPassword is the answer for a password that cannot be stored; the text says why, not what.
func refusedPassword(err error) error {
	return directory.Errorf(directory.ConstraintViolation, "the password is refused: %v", err)
}

// checkPasswords makes sure that no clear password reaches the store. The hook that hashes them runs before.
func (w *Write) checkPasswords() error {
	for _, v := range w.Draft.Get(w.d.attr.userPassword) {
		if _, clear := password.Clear(v); clear && !w.had(w.d.attr.userPassword, v) {
			return errors.New("dit: a clear password was to be stored; the hook that hashes it is missing")
		}
	}
	return nil
}

// had reports whether the entry had exactly this value before.
func (w *Write) had(desc *directory.AttributeDescription, value []byte) bool {
	if w.Before == nil {
		return false
	}
	for v := range w.Before.Get(desc).Values() {
		if bytes.Equal(v, value) {
			return true
		}
	}
	return false
}
