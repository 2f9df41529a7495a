package dit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/schema"
	"gatehouse/storage"
)

// operation is one request to write. plan may be called several times, each time on a newer state; what it decides must
// follow from the Write that it is given.
type operation interface {
	plan(w *Write) error
	// isCheap reports whether the sequencer may plan it again itself.
	isCheap() bool
}

// Write is one write that is being planned. Hooks get it. It is made anew for every plan.
type Write struct {
	Kind     Kind
	Session  *acl.Session
	Schema   *schema.Schema
	Snapshot *storage.Snapshot
	Reads    *storage.ReadSet  // through which a plan reads what it relies on
	ID       directory.EntryID // zero for an add
	NDN      directory.NDN     // after the write
	Before   *directory.Entry  // nil for an add
	Draft    *directory.Draft  // nil for a delete
	Now      time.Time
	UUID     [16]byte // random, for the entry that an add makes
	Import   bool     // operational attributes that are there stay

	d       *Directory
	policy  *acl.Policy
	secrets *secrets
	effects []storage.Effect
	follow  int
	on      directory.NDN // the entry that the client named
	after   *proposed     // what was judged last, if the change was judged as a whole
}

// Author returns the name that becomes creatorsName and modifiersName.
func (w *Write) Author() string { return w.Session.Identity().DN }

// Add adds an effect of a hook. A write has room for a bounded number of them.
func (w *Write) Add(effects ...storage.Effect) error {
	if w.follow += len(effects); w.follow > followEffectsMax {
		return directory.Errorf(directory.AdminLimitExceeded, "the change would touch more than %d other values", followEffectsMax)
	}
	w.effects = append(w.effects, effects...)
	return nil
}

// decided is what an operation draws once, whatever happens to its plans.
type decided struct {
	changeID [16]byte
	uuid     [16]byte
	now      time.Time
	secrets  secrets
}

func (d *Directory) decide() (*decided, error) {
	o := &decided{now: d.now()}
	for _, id := range []*[16]byte{&o.changeID, &o.uuid} {
		if _, err := io.ReadFull(d.rand, id[:]); err != nil {
			return nil, fmt.Errorf("random bytes: %w", err)
		}
	}
	o.uuid[6] = o.uuid[6]&0x0f | 0x40 // version 4, RFC 9562 section 5.4
	o.uuid[8] = o.uuid[8]&0x3f | 0x80
	return o, nil
}

// errPending says that a plan waits for a password to be hashed or verified, which is not done while planning.
var errPending = errors.New("dit: a password waits for its hash")

// errUnchanged says that there is nothing to do.
var errUnchanged = errors.New("dit: nothing changes")

// write is the one way to change the directory: plan on a snapshot, compute the hashes that the plan asks for, propose, and
// plan again where something that the plan relied on has changed. It returns after the change is durable.
func (d *Directory) write(ctx context.Context, s *acl.Session, op operation) (storage.Result, error) {
	result, err := d.writeOnce(ctx, s, op)
	if err != nil {
		d.auditRefusal(ctx, err)
	}
	return result, err
}

func (d *Directory) writeOnce(ctx context.Context, s *acl.Session, op operation) (storage.Result, error) {
	decided, err := d.decide()
	if err != nil {
		return storage.Result{}, err
	}
	replan := func(sn *storage.Snapshot) (storage.Change, error) { return d.plan(s, op, sn, decided) }
	for range planTriesMax {
		change, err := d.planNow(replan)
		if err == nil {
			var result storage.Result
			if result, err = d.propose(ctx, s, op, storage.Proposal{Change: change, Replan: replan}); err == nil {
				return result, nil
			}
		}
		switch {
		case errors.Is(err, errUnchanged):
			return storage.Result{}, nil
		case errors.Is(err, errPending):
			err = d.settle(ctx, &decided.secrets)
		case errors.Is(err, storage.ErrGuard):
			err = ctx.Err()
		}
		if err != nil {
			return storage.Result{}, err
		}
	}
	return storage.Result{}, directory.Errorf(directory.Busy, "the entry is being changed by many at once")
}

// propose hands over a plan, and reads the entry as the change has made it if the client wants that.
func (d *Directory) propose(ctx context.Context, s *acl.Session, op operation, p storage.Proposal) (storage.Result, error) {
	q := conditionsIn(op)
	if !op.isCheap() || q != nil && q.long {
		p.Replan = nil
	}
	if q != nil && q.post == nil {
		q = nil
	}
	late := q != nil && p.Replan == nil
	if q != nil && !late {
		p.Applied = func(sn *storage.Snapshot, r storage.Result) { q.after(d, s, sn, written(op, r)) }
	}
	result, err := d.store.Propose(ctx, p)
	if err == nil && late {
		sn := d.store.Snapshot()
		defer sn.Close()
		q.after(d, s, sn, written(op, result))
	}
	return result, err
}

// written returns the entry that an operation has written.
func written(op operation, r storage.Result) directory.EntryID {
	switch op := op.(type) {
	case *addition:
		if len(r.IDs) > 0 {
			return r.IDs[0]
		}
	case *modification:
		return op.id
	case *renaming:
		return op.id
	}
	return 0
}

func (d *Directory) planNow(plan func(*storage.Snapshot) (storage.Change, error)) (storage.Change, error) {
	sn := d.store.Snapshot()
	defer sn.Close()
	return plan(sn)
}

// plan turns an operation into a change, on one state.
func (d *Directory) plan(s *acl.Session, op operation, sn *storage.Snapshot, o *decided) (storage.Change, error) {
	policy := d.Policy()
	if err := d.checkWith(policy, s, sn); err != nil {
		return storage.Change{}, err
	}
	if s.MayOnlySetPassword() && !d.setsPasswordAlone(op) {
		return storage.Change{}, errMustChange
	}
	w := &Write{
		Session: s, Schema: d.schema, Snapshot: sn, Reads: sn.ReadSet(), Now: o.now, UUID: o.uuid,
		d: d, policy: policy, secrets: &o.secrets,
	}
	o.secrets.restart()
	id := s.Identity()
	for _, who := range []*acl.Session{s, s.Real()} {
		if who == nil || who.Identity().Kind != acl.KindEntry {
			continue
		}
		if _, err := w.Reads.Authority(who.Identity().ID); err != nil {
			return storage.Change{}, err
		}
	}
	if err := op.plan(w); err != nil {
		return storage.Change{}, err
	}
	if o.secrets.pending() {
		return storage.Change{}, errPending
	}
	if len(w.effects) == 0 {
		if q := conditionsIn(op); q != nil && q.post != nil {
			q.after(d, s, sn, w.ID)
		}
		return storage.Change{}, errUnchanged
	}
	return storage.Change{
		ID: o.changeID, Time: o.now, Author: id.DN, AuthorID: id.ID, Guards: w.Reads.Guards(), Effects: w.effects,
	}, nil
}

// seal runs the hooks on the draft and has the schema accept it.
func (w *Write) seal() (*directory.Entry, error) {
	for _, h := range w.d.hooks {
		if err := h.Prepare(w); err != nil {
			return nil, err
		}
	}
	if err := w.checkPasswords(); err != nil {
		return nil, err
	}
	return w.Draft.Seal(w.Schema)
}

// followUp lets the hooks add their effects, after everything was asked that the client may be told.
func (w *Write) followUp() error {
	if err := w.checkMemberURLs(); err != nil {
		return err
	}
	for _, h := range w.d.hooks {
		if err := h.Follow(w); err != nil {
			return err
		}
	}
	return nil
}

// denied is the answer to whoever may know the entry but not do this to it. It says no more than that.
func (w *Write) denied(a acl.Action, desc *directory.AttributeDescription, value []byte) error {
	return w.refuse(directory.InsufficientAccessRights, question{action: a, desc: desc, value: value, on: w.on, change: w.after})
}

func (w *Write) refuse(code directory.ResultCode, q question) error {
	return w.d.refuse(w.Session, w.policy, w.Snapshot.CSN(), code, q)
}

// judge asks the policy about the change as a whole. before is nil for an add.
func (w *Write) judge(before *candidate, after *proposed) acl.Rights {
	w.after = after
	if before == nil {
		return w.policy.DecideChange(w.Session, nil, after)
	}
	return w.policy.DecideChange(w.Session, before, after)
}
