package dit

import (
	"context"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/storage"
)

// Delete removes a leaf (RFC 4511 section 4.8). Links to it go with it.
func (d *Directory) Delete(ctx context.Context, s *acl.Session, req *directory.DeleteRequest) (*acl.ReadEntries, error) {
	n, err := d.parseName(req.DN)
	if err != nil {
		return nil, err
	}
	op := &deletion{name: n, conditions: conditionsOf(req.Controls)}
	if _, err := d.write(ctx, s, op); err != nil {
		return nil, err
	}
	d.hasher.Cache().Drop(uint64(op.id))
	return op.answer(), nil
}

type deletion struct {
	conditions
	name name
	id   directory.EntryID
	wide bool // there are entries below, which are looked at as well
}

func (op *deletion) isCheap() bool { return !op.wide }

func (op *deletion) plan(w *Write) error {
	w.Kind, w.on = KindDelete, op.name.ndn
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
	if op.wide, err = w.Reads.HasChildren(c.id); err != nil {
		return err
	}
	if !w.policy.DecideChange(w.Session, c, nil).Allows(acl.ActionDeleteEntry) {
		return w.denied(acl.ActionDeleteEntry, nil, nil)
	}
	if op.wide {
		return directory.Errorf(directory.NotAllowedOnNonLeaf, "the entry has entries below it")
	}
	w.effects = append(w.effects, storage.DeleteEntry{ID: c.id})
	return w.followUp()
}

var errServerMade = directory.Errorf(directory.UnwillingToPerform, "the server makes this entry; it cannot be changed")
