package dit

import (
	"bytes"
	"context"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/account"
	"gatehouse/directory/password"
	"gatehouse/storage"
)

// ModifyPassword sets a password (RFC 3062). It returns the new one where the client asked the server to make it.
//
// Three cases: one's own, for which the old password is needed unless this connection was authenticated with it; somebody else's,
// which is a reset; and on a connection that nobody is bound on, with the identity and the old password, which is judged like
// a bind, so that people whose password has expired can change it.
func (d *Directory) ModifyPassword(ctx context.Context, s *acl.Session, req *directory.PasswordModifyRequest) (generated []byte, err error) {
	if !mayCarryPassword(d.Policy(), s) {
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
		op.who, op.named = d.target(s, req)
	case !req.HasUserIdentity || len(req.OldPassword) == 0:
		return nil, directory.Errorf(directory.UnwillingToPerform, "without a bind, the user and the old password are needed")
	default:
		who, _ := d.finder(req.UserIdentity)
		a, err := d.authenticate(ctx, s, who, req.OldPassword, acl.MethodSimple, account.RightForChange)
		if err != nil {
			return nil, err
		}
		actor, op.verified = a.session, a.stored
		op.who = func(*storage.Snapshot) (directory.EntryID, error) { return a.id, nil }
	}
	result, err := d.write(ctx, actor, op)
	switch {
	case err == nil:
	case s.IsAnonymous() && directory.CodeOf(err) == directory.InsufficientAccessRights && !directory.PasswordStateOf(err).Says():
		return nil, errCredentials // like a bind that is denied
	default:
		return nil, err
	}
	d.passwordChanged(actor, op.id, result.CSN)
	return generated, nil
}

// mayCarryPassword reports whether a password may travel over the session's connection, as far as its transport decides.
func mayCarryPassword(p *acl.Policy, s *acl.Session) bool { return p.MayBind(s.Anonymous()) }

// target returns whose password a bound client means: its own unless it names another, with the name if it is a DN.
func (d *Directory) target(s *acl.Session, req *directory.PasswordModifyRequest) (finder, directory.NDN) {
	id := s.Identity()
	switch {
	case req.HasUserIdentity && req.UserIdentity != "":
		return d.finder(req.UserIdentity)
	case id.Kind == acl.KindEntry:
		return func(*storage.Snapshot) (directory.EntryID, error) { return id.ID, nil }, id.NDN
	default:
		return func(*storage.Snapshot) (directory.EntryID, error) { return 0, storage.ErrNotFound }, id.NDN
	}
}

type passwordSet struct {
	who      finder
	old      []byte        // nil: not given
	fresh    []byte        // in clear
	verified [][]byte      // the stored values, if they were verified already
	named    directory.NDN // as the client named the entry; empty for a user name
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
		if directory.CodeOf(err) == directory.InsufficientAccessRights && !m.isOwn() && !c.rights.Discover() {
			return op.missing(w)
		}
		return err
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
	id, err := op.who(w.Snapshot)
	switch {
	case isNotFound(err):
		return nil, op.missing(w)
	case err != nil:
		return nil, err
	}
	if err := w.Reads.Position(id); isNotFound(err) {
		return nil, op.missing(w)
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
	op.id, w.ID, w.Before, w.on = id, id, c.entry, w.NDN
	return c, nil
}

// missing answers for an entry that does not exist, and for one that is hidden from whoever may not set its password. One that was
// meant by a user name has no matchedDN.
func (op *passwordSet) missing(w *Write) error {
	q := question{action: acl.ActionPasswordReset, on: w.on}
	if q.on == "" {
		q.on = op.named
	}
	if op.named == "" {
		return w.refuse(directory.NoSuchObject, q)
	}
	return w.noSuchObject(op.named, q)
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
		m.cred.sent = true
	case op.old != nil:
		at, told, err := m.verify(stored, op.old)
		if err != nil {
			return err
		}
		if at < 0 {
			return refusedOld(told)
		}
		m.cred.sent = true
	case !m.cred.proved:
		return directory.Errorf(directory.UnwillingToPerform, "the old password is needed")
	}
	return nil
}
