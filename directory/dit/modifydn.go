package dit

import (
	"context"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/storage"
)

// ModifyDN gives an entry another RDN, another superior, or both (RFC 4511 section 4.9). The entries below move with it; links to
// any of them stay.
func (d *Directory) ModifyDN(ctx context.Context, s *acl.Session, req *directory.ModifyDNRequest) (*acl.ReadEntries, error) {
	op := &renaming{deleteOld: req.DeleteOldRDN, conditions: conditionsOf(req.Controls)}
	var err error
	if op.name, err = d.parseName(req.DN); err != nil {
		return nil, err
	}
	if op.rdn, err = directory.ParseRDN(req.NewRDN); err != nil {
		return nil, err
	}
	if op.nrdn, err = d.schema.NormalizeRDN(op.rdn); err != nil {
		return nil, err
	}
	if req.HasNewSuperior {
		superior, err := d.parseName(req.NewSuperior)
		if err != nil {
			return nil, err
		}
		op.superior = &superior
	}
	if _, err := d.write(ctx, s, op); err != nil {
		return nil, err
	}
	return op.answer(), nil
}

type renaming struct {
	conditions
	name      name
	rdn       directory.RDN
	nrdn      directory.NRDN
	superior  *name // nil: the same
	deleteOld bool
	id        directory.EntryID
	wide      bool // there are entries below, which are looked at as well
	plans     int  // that were made
}

// isCheap: what has entries below is planned outside of the sequencer. A plan that other writes keep overtaking is made inside all the
// same, so that it comes to an end.
func (op *renaming) isCheap() bool { return !op.wide || op.plans > planTriesMax/2 }

func (op *renaming) plan(w *Write) error {
	w.Kind, w.on = KindModifyDN, op.name.ndn
	op.plans++
	if op.name.isVirtual() || op.superior != nil && op.superior.isVirtual() {
		return errServerMade
	}
	c, err := w.target(op.name.ndn)
	if err != nil {
		return err
	}
	op.id = c.id
	if err := op.look(w, c); err != nil {
		return err
	}
	from, err := w.Snapshot.Parent(c.id)
	if err != nil {
		return err
	}
	if from == 0 {
		return directory.Errorf(directory.UnwillingToPerform, "the entry of a naming context cannot be renamed")
	}
	n, err := w.Snapshot.ChildCount(c.id)
	if err != nil {
		return err
	}
	op.wide = n > 0
	m := &modifying{Write: w, op: &modification{}, rights: c.rights}
	if err := m.start(); err != nil {
		return err
	}
	to, superior, err := op.destination(w, from, m.Draft.DN.Parent())
	if err != nil {
		return err
	}
	below, err := w.Snapshot.IsUnder(to, c.id)
	if err != nil {
		return err
	}
	if below {
		return directory.Errorf(directory.UnwillingToPerform, "an entry cannot be moved below itself")
	}
	old := m.Draft.DN.RDNs()[0]
	m.Draft.DN = superior.dn.Child(op.rdn)
	w.NDN = superior.ndn.Child(op.nrdn)
	if err := op.rename(m, old); err != nil {
		return err
	}
	return op.finish(m, c, from, to)
}

// destination returns the parent that the entry will have. A new superior that may not be known is answered like the parent of an add.
func (op *renaming) destination(w *Write, from directory.EntryID, parent directory.DN) (directory.EntryID, name, error) {
	if op.superior == nil {
		return from, name{parent, op.name.ndn.Parent()}, nil
	}
	to, err := w.superior(op.superior.ndn, op.superior.ndn.Child(op.nrdn))
	if err != nil {
		return 0, name{}, err
	}
	text, err := w.Snapshot.DN(to)
	if err != nil {
		return 0, name{}, err
	}
	dn, err := directory.ParseDN(text)
	return to, name{dn, op.superior.ndn}, err
}

// rename adds the values of the new RDN to the draft and takes away those of the old one, if the client wants that.
func (op *renaming) rename(m *modifying, old directory.RDN) error {
	if op.deleteOld {
		for _, part := range old {
			desc, err := m.Schema.Description(part.Type)
			if err != nil {
				return err
			}
			if stays, err := isIn(m, op.rdn, desc, part.Value); err != nil || stays {
				if err != nil {
					return err
				}
				continue
			}
			at, ok := m.places(desc, m.Draft.Get(desc))[m.keyOf(desc, part.Value)]
			if !ok {
				continue
			}
			if err := m.ask(acl.ActionWriteDelete, desc, part.Value); err != nil {
				return err
			}
			have := m.Draft.Get(desc)
			rest := make([][]byte, 0, len(have)-1)
			m.Draft.Set(desc, append(append(rest, have[:at]...), have[at+1:]...)...)
		}
	}
	for _, part := range op.rdn {
		desc, err := m.Schema.Description(part.Type)
		if err != nil {
			return err
		}
		if isServerOwned(desc) {
			return serverOwned(desc)
		}
		_, has := m.places(desc, m.Draft.Get(desc))[m.keyOf(desc, part.Value)]
		if has {
			// A value that is there must not be told from one that is not, unless it is in the old name or may be read.
			known, err := isIn(m, old, desc, part.Value)
			if err != nil {
				return err
			}
			if known || m.rights.Read(desc) {
				continue
			}
		}
		if err := m.ask(acl.ActionWriteAdd, desc, part.Value); err != nil {
			return err
		}
		if !has {
			m.Draft.Add(desc, part.Value)
		}
	}
	return nil
}

// isIn reports whether an RDN has the value.
func isIn(m *modifying, rdn directory.RDN, desc *directory.AttributeDescription, value []byte) (bool, error) {
	for _, part := range rdn {
		d, err := m.Schema.Description(part.Type)
		if err != nil {
			return false, err
		}
		if d == desc && sameValue(m.Schema, desc, part.Value, value) {
			return true, nil
		}
	}
	return false, nil
}

// finish judges the entry where it will stand, claims the name and moves the entry.
func (op *renaming) finish(m *modifying, before *candidate, from, to directory.EntryID) error {
	if err := m.refs.check(false); err != nil {
		return err
	}
	entry, err := m.seal()
	if err != nil {
		return err
	}
	after := m.judge(before, &proposed{w: m.Write, id: m.ID, ndn: m.NDN, entry: entry, refs: &m.refs, now: before})
	needed := []acl.Action{acl.ActionRename}
	if from != to {
		needed = []acl.Action{acl.ActionMoveOut, acl.ActionMoveIn}
	}
	for _, a := range needed {
		if !after.Allows(a) {
			return m.denied(a, nil, nil)
		}
	}
	for _, c := range m.checks {
		if !after.Write(c.action, c.desc, c.value) {
			return m.denied(c.action, c.desc, c.value)
		}
	}
	if err := m.claim(to, op.nrdn, m.ID); err != nil {
		return err
	}
	if put := difference(m.ID, m.Before, entry); put != nil {
		m.effects = append(m.effects, put)
	}
	m.effects = append(m.effects, storage.MoveEntry{ID: m.ID, Parent: to, RDN: op.rdn.String(), NRDN: op.nrdn})
	return m.followUp()
}
