package dit

import (
	"bytes"
	"context"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/password"
	"gatehouse/storage"
)

// ModifyPassword sets a password (RFC 3062). It returns the new one where the client asked the server to make it.
//
// Three cases: one's own, for which the old password is needed unless this connection was authenticated with it; somebody else's,
// which is a reset; and on a connection that nobody is bound on, with the identity and the old password, which is judged like
// a bind, so that people whose password has expired can change it.
func (d *Directory) ModifyPassword(ctx context.Context, s *acl.Session, req *directory.PasswordModifyRequest) (generated []byte, err error) {
	if !d.Policy().MayBind(s) {
		return nil, errUnprotected
	}
	op := &passwordSet{old: req.OldPassword, fresh: req.NewPassword}
	if req.NewPassword == nil {
		made := password.Generate()
		defer made.Clear()
		generated = bytes.Clone(made.Bytes())
		op.fresh = generated
	}
	actor := s
	switch {
	case !s.IsAnonymous():
		op.who = d.target(s, req)
	case !req.HasUserIdentity || len(req.OldPassword) == 0:
		return nil, directory.Errorf(directory.UnwillingToPerform, "without a bind, the user and the old password are needed")
	default:
		a, err := d.authenticate(ctx, s, d.finder(req.UserIdentity), req.OldPassword, acl.MethodSimple)
		if err != nil {
			return nil, err
		}
		actor, op.verified = a.session, a.stored
		op.who = func(*storage.Snapshot) (directory.EntryID, error) { return a.id, nil }
	}
	result, err := d.write(ctx, actor, op)
	if err != nil {
		return nil, err
	}
	d.passwordChanged(actor, op.id, result.CSN)
	return generated, nil
}

// target returns whose password a bound client means: its own unless it names another.
func (d *Directory) target(s *acl.Session, req *directory.PasswordModifyRequest) finder {
	id := s.Identity()
	switch {
	case req.HasUserIdentity && req.UserIdentity != "":
		return d.finder(req.UserIdentity)
	case id.Kind == acl.KindEntry:
		return func(*storage.Snapshot) (directory.EntryID, error) { return id.ID, nil }
	default:
		return func(*storage.Snapshot) (directory.EntryID, error) { return 0, storage.ErrNotFound }
	}
}

type passwordSet struct {
	who      finder
	old      []byte   // nil: not given
	fresh    []byte   // in clear
	verified [][]byte // the stored values, if they were verified already
	id       directory.EntryID
}

func (op *passwordSet) isCheap() bool { return true }

func (op *passwordSet) plan(w *Write) error {
	w.Kind = KindModify
	c, err := op.find(w)
	if err != nil {
		return err
	}
	m := &modifying{Write: w, op: &modification{}, rights: c.rights}
	if err := m.startPassword(); err != nil {
		return hideMissing(c, err)
	}
	if err := op.prove(m); err != nil {
		return err
	}
	if err := w.checkPassword(op.fresh, false); err != nil {
		return err
	}
	if err := m.start(); err != nil {
		return err
	}
	m.Draft.Set(w.d.attr.userPassword, op.fresh)
	return m.finish(c)
}

// find returns the entry, which need not be discoverable for a reset.
func (op *passwordSet) find(w *Write) (*candidate, error) {
	missing := &directory.Error{Code: directory.NoSuchObject}
	id, err := op.who(w.Snapshot)
	switch {
	case isNotFound(err):
		return nil, missing
	case err != nil:
		return nil, err
	}
	if err := w.Reads.Position(id); isNotFound(err) {
		return nil, missing
	} else if err != nil {
		return nil, err
	}
	c := &candidate{d: w.d, s: w.Session, sn: w.Snapshot, id: id, reads: w.Reads}
	if c.entry, err = w.Reads.Entry(id); err != nil {
		return nil, err
	}
	if w.NDN, err = w.Snapshot.NDN(id); err != nil {
		return nil, err
	}
	c.rights = w.policy.Decide(w.Session, c)
	op.id, w.ID, w.Before = id, id, c.entry
	return c, nil
}

// hideMissing answers a refusal about an entry that the session may not discover like a missing entry.
func hideMissing(c *candidate, err error) error {
	if directory.CodeOf(err) == directory.InsufficientAccessRights && !c.rights.Discover() {
		return &directory.Error{Code: directory.NoSuchObject}
	}
	return err
}

// prove makes sure that whoever changes their own password knows the old one. A reset needs none.
func (op *passwordSet) prove(m *modifying) error {
	if m.cred.action != acl.ActionPasswordChange {
		return nil
	}
	var stored [][]byte
	for v := range m.Before.Get(m.d.attr.userPassword).Values() {
		stored = append(stored, v)
	}
	switch {
	case op.verified != nil:
		if !equalValues(op.verified, stored) { // it has changed since
			return errCredentials
		}
	case op.old != nil:
		at, err := m.verify(stored, op.old)
		if err != nil {
			return err
		}
		if at < 0 {
			return errOldPassword
		}
	case !m.cred.proved && len(stored) > 0:
		return directory.Errorf(directory.UnwillingToPerform, "the old password is needed")
	}
	return nil
}
