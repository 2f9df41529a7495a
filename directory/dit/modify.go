package dit

import (
	"context"

	"gatehouse/acl"
	"gatehouse/directory"
)

// Modify changes the attributes of an entry (RFC 4511 section 4.6, RFC 4525): all of the changes in their order, or none.
func (d *Directory) Modify(ctx context.Context, s *acl.Session, req *directory.ModifyRequest) (*acl.ReadEntries, error) {
	n, err := d.parseName(req.DN)
	if err != nil {
		return nil, err
	}
	op := &modification{name: n, changes: req.Changes, conditions: conditionsOf(req.Controls)}
	result, err := d.write(ctx, s, op)
	if err != nil {
		return nil, err
	}
	if op.passwords {
		d.passwordChanged(s, op.id, result.CSN)
	}
	return op.answer(), nil
}

// modification is a modify. Its plan keeps in it what the caller needs afterwards.
type modification struct {
	conditions
	name    name
	changes []directory.Modification
	kept    bool // an import: server-owned attributes may be written

	id        directory.EntryID
	passwords bool // userPassword was touched
}

func (op *modification) isCheap() bool {
	n := 0
	for _, c := range op.changes {
		n += len(c.Values)
	}
	return n <= replanReferencesMax
}

// modifying is one plan of a modification.
type modifying struct {
	*Write
	op     *modification
	rights acl.Rights // on the entry before
	checks []check    // that must hold for the entry after the change as well
	refs   references
	cred   credentials
}

// check is one question to the policy.
type check struct {
	action acl.Action
	desc   *directory.AttributeDescription
	value  []byte
}

func (op *modification) plan(w *Write) error {
	w.Kind, w.Import, w.on = KindModify, op.kept, op.name.ndn
	if op.name.isVirtual() {
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
	m := &modifying{Write: w, op: op, rights: c.rights}
	if err := m.start(); err != nil {
		return err
	}
	for i := range op.changes {
		if err := m.change(&op.changes[i]); err != nil {
			return err
		}
	}
	return m.finish(c)
}

// start makes the draft: the stored attributes, and a mark for each reference attribute with links.
func (m *modifying) start() error {
	text, err := m.Snapshot.DN(m.ID)
	if err != nil {
		return err
	}
	dn, err := directory.ParseDN(text)
	if err != nil {
		return err
	}
	m.Draft = directory.DraftOf(dn, m.Before)
	m.refs = references{w: m.Write}
	return m.refs.mark()
}

func (m *modifying) change(c *directory.Modification) error {
	desc, err := m.Schema.Description(c.Attr)
	if err != nil {
		return err
	}
	switch {
	case m.isUnlock(c, desc):
		return m.unlock(c, desc)
	case isServerOwned(desc) && !m.manages(desc):
		return serverOwned(desc)
	case desc == m.d.attr.userPassword:
		if m.op.passwords = true; !m.op.kept {
			return m.changePassword(c)
		}
	}
	values := c.Values
	switch c.Op {
	case directory.ModifyAdd:
		if len(values) == 0 {
			return directory.Errorf(directory.ProtocolError, "no values for %s", desc)
		}
		return m.add(desc, values)
	case directory.ModifyDelete:
		if len(values) == 0 {
			return m.deleteAll(desc)
		}
		return m.delete(desc, values)
	case directory.ModifyReplace:
		return m.replace(desc, values)
	case directory.ModifyIncrement:
		return m.increment(desc, values)
	default:
		return directory.Errorf(directory.ProtocolError, "unknown modify operation %d", c.Op)
	}
}

// manages reports whether an attribute is written as it is, by the right to manage it: in an import, and the state of an account.
func (m *modifying) manages(desc *directory.AttributeDescription) bool {
	return (m.op.kept || m.d.attr.account.isState(desc)) && m.rights.Manage(desc)
}

// ask asks the policy whether a value may be written, and notes the question for the entry after the change.
func (m *modifying) ask(a acl.Action, desc *directory.AttributeDescription, value []byte) error {
	if m.manages(desc) {
		return nil
	}
	if !m.rights.Write(a, desc, value) {
		return m.denied(a, desc, value)
	}
	m.checks = append(m.checks, check{a, desc, value})
	return nil
}

// may is ask without consequences.
func (m *modifying) may(a acl.Action, desc *directory.AttributeDescription, value []byte) bool {
	return m.manages(desc) || m.rights.Write(a, desc, value)
}
