package hook

import (
	"bytes"
	"errors"
	"slices"

	"gatehouse/directory"
	"gatehouse/directory/account"
	"gatehouse/directory/dit"
	"gatehouse/directory/password"
)

// Password keeps clear passwords out of the store: new values of userPassword are hashed with the configured scheme, former ones that
// an import brings in the clear with the cheap one. Who may set one, and who may bring a hash of their own, is decided before.
type Password struct{}

// NewPassword returns the hook.
func NewPassword() Password { return Password{} }

// Name implements [dit.Hook].
func (Password) Name() string { return "password" }

// Prepare implements [dit.Hook].
func (Password) Prepare(w *dit.Write) error {
	desc := attribute(w.Schema, "userPassword")
	if desc == nil {
		return nil
	}
	for _, a := range w.Draft.Attributes() {
		if a.Desc.TypeNo == desc.TypeNo && a.Desc != desc {
			return directory.Errorf(directory.ConstraintViolation, "%s: a password takes no options; it would not be hashed", a.Desc)
		}
	}
	hashFormer(w, attribute(w.Schema, "pwdHistory"))
	if !w.Draft.Has(desc) {
		return nil
	}
	var old [][]byte
	if w.Before != nil {
		old = values(w.Before.Get(desc))
	}
	drafted := w.Draft.Get(desc)
	hashed := make([][]byte, len(drafted))
	for i, v := range drafted {
		hashed[i] = v
		clear, ok := password.Clear(v)
		if !ok || contains(old, v) {
			continue
		}
		stored, err := w.Hash(clear)
		if err != nil {
			return err
		}
		hashed[i] = stored
	}
	w.Draft.Set(desc, hashed...)
	return nil
}

// hashFormer hashes the clear passwords of pwdHistory. What cannot be hashed could not be anybody's new password either, and goes.
func hashFormer(w *dit.Write, desc *directory.AttributeDescription) {
	if desc == nil || !slices.ContainsFunc(w.Draft.Get(desc), isClearFormer) {
		return
	}
	var kept [][]byte
	for _, v := range w.Draft.Get(desc) {
		if isClearFormer(v) {
			f, _ := account.ParseFormer(v)
			clear, _ := password.Clear(f.Stored)
			var err error
			if f.Stored, err = password.HashCheap(clear); err != nil {
				continue
			}
			v = f.Append(nil)
		}
		kept = append(kept, v)
	}
	w.Draft.Set(desc, kept...)
}

// isClearFormer reports whether a value of pwdHistory holds a clear password.
func isClearFormer(value []byte) bool {
	f, ok := account.ParseFormer(value)
	if ok {
		_, ok = password.Clear(f.Stored)
	}
	return ok
}

func contains(list [][]byte, value []byte) bool {
	for _, v := range list {
		if bytes.Equal(v, value) {
			return true
		}
	}
	return false
}

// Follow implements [dit.Hook].
func (Password) Follow(*dit.Write) error { return nil }

// Verify implements [dit.Hook].
func (Password) Verify(v *dit.Stored) error {
	if desc := attribute(v.Schema, "pwdHistory"); desc != nil && slices.ContainsFunc(values(v.Entry.Get(desc)), isClearFormer) {
		return errors.New("pwdHistory holds a password in clear text")
	}
	desc := attribute(v.Schema, "userPassword")
	if desc == nil {
		return nil
	}
	for _, a := range v.Entry.Attributes() {
		if a.Desc.TypeNo != desc.TypeNo {
			continue
		}
		for value := range a.Values() {
			if _, ok := password.Clear(value); ok {
				return errors.New("userPassword holds a password in clear text")
			}
		}
	}
	return nil
}
