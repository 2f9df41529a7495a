package storage

import (
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	"gatehouse/directory"
	"gatehouse/storage/kv"
)

// timestampsPerCSN is how many Timestamps of the database one CSN has: the first is the batch that ends with it, the others
// are maintenance between it and the next batch.
const timestampsPerCSN = 256

func timestampOf(csn directory.CSN) kv.Timestamp { return kv.Timestamp(csn) * timestampsPerCSN }

func csnOf(ts kv.Timestamp) directory.CSN { return directory.CSN(ts / timestampsPerCSN) }

// Bounds of a batch.
const (
	batchChangesMax = 1024
	// batchReserve is kept of what the database takes in one transaction, for the state and what the log adds.
	batchReserveBytes = 8 << 10
	batchReserveKeys  = 64
)

// A batch is a run of changes that becomes one transaction.
type batch struct {
	first directory.CSN
	base  *epoch      // what it is built on, beside a batch under way
	below *batch      // that batch; nil when there is none
	o     *kv.Overlay // what it writes
	body  []byte      // of its log record
	state state       // after it
	descs *descriptions

	answers   []answer
	ids       [][16]byte // of its changes
	derived   [][]byte
	touched   []directory.EntryID
	wide      bool
	followUps []directory.EntryID
	full      bool
	early     bool // begun while the one before was being committed

	muts []kv.Mutation // once it is sealed
	ts   kv.Timestamp
	done chan struct{} // closed when it was committed, or failed with err
	err  error
}

type answer struct {
	p      *pending
	result Result
}

// begin makes the next batch: over the newest published state, or over the batch that is being synced.
func (q *sequencer) begin() *batch {
	if last := q.last; last != nil && last.isDone() { // before the epoch is taken, which then has that batch
		if last.err != nil {
			q.forget(last)
		}
		q.last = nil
	}
	e := q.store.acquire()
	b := &batch{base: e, done: make(chan struct{})}
	var under kv.Reader = e
	q.state, q.descs = e.state, e.descs
	if last := q.last; last != nil && e.state.csn < last.state.csn {
		b.below, under = last, last.o.Over(e)
		q.state, q.descs = last.state, last.descs
	}
	b.o = kv.NewOverlay(under)
	b.first = q.state.csn + 1
	q.base, q.r = e, b.o
	q.derived, q.followUps, q.touched, q.wide = nil, nil, nil, false
	return b
}

func (b *batch) isDone() bool {
	select {
	case <-b.done:
		return true
	default:
		return false
	}
}

// add puts a proposal into the batch, or answers it. It returns false when the batch is full and the proposal has to wait for
// the next one.
func (q *sequencer) add(b *batch, p *pending) bool {
	if known, ok := q.window.results[p.change.ID]; ok {
		b.answers = append(b.answers, answer{p, known})
		return true
	}
	mark := q.mark()
	result, err := q.try(b, p)
	if err == nil {
		b.answers = append(b.answers, answer{p, result})
		b.ids = append(b.ids, p.change.ID)
		q.window.add(p.change.ID, result)
		return true
	}
	q.undo(mark)
	if errors.Is(err, errBatchFull) {
		b.full = true
		return false
	}
	p.answer(Result{}, err)
	return true
}

// errBatchFull says that a change does not fit beside the others of its batch.
var errBatchFull = errors.New("the batch is full")

// An applierMark is what undo puts back.
type applierMark struct {
	state                       state
	descs                       *descriptions
	derived, followUps, touched int
	wide                        bool
}

func (q *sequencer) mark() applierMark {
	return applierMark{q.state, q.descs, len(q.derived), len(q.followUps), len(q.touched), q.wide}
}

func (q *sequencer) undo(m applierMark) {
	q.state, q.descs = m.state, m.descs
	q.derived, q.followUps = q.derived[:m.derived], q.followUps[:m.followUps]
	q.touched, q.wide = q.touched[:m.touched], m.wide
}

// try checks the guards of a proposal and applies it, planning it again when a guard failed.
func (q *sequencer) try(b *batch, p *pending) (Result, error) {
	q.view.r, q.view.state = b.o, &q.applier.state
	failed, err := q.firstFailed(p.change.Guards)
	if err != nil {
		return Result{}, err
	}
	if failed != nil {
		if p.replan == nil {
			return Result{}, &GuardError{failed}
		}
		if err := q.planAgain(p); err != nil {
			return Result{}, err
		}
		if failed, err = q.firstFailed(p.change.Guards); err != nil {
			return Result{}, err
		} else if failed != nil {
			return Result{}, &GuardError{failed}
		}
	}
	child := b.o.Child()
	ids, err := q.apply(child, q.state.csn+1, &p.change)
	if err == nil {
		err = q.fits(b, child, len(p.encoded))
	}
	q.view.r = b.o
	if err != nil {
		child.Drop()
		return Result{}, err
	}
	child.Merge()
	logged := loggedChange{time: q.time, encoded: p.encoded}
	if len(ids) > 0 {
		logged.firstID = ids[0]
	}
	b.body = appendLogged(b.body, &logged)
	result := Result{CSN: q.csn, IDs: slices.Clone(ids), Time: microTime(q.time)}
	if p.applied != nil {
		q.show(p, result)
	}
	return result, nil
}

// overlaid returns the state that is being built as a snapshot, for one call.
func (q *sequencer) overlaid() *Snapshot {
	return &Snapshot{view{store: q.store, descs: q.descs, state: &q.applier.state, base: q.base, r: q.view.r}}
}

// show calls the proposer's Applied.
func (q *sequencer) show(p *pending, result Result) {
	defer func() {
		if r := recover(); r != nil {
			q.store.opt.Log.Error("looking at a change", "panic", r, "stack", string(debug.Stack()))
		}
	}()
	p.applied(q.overlaid(), result)
}

func (q *sequencer) firstFailed(guards []Guard) (Guard, error) {
	for _, g := range guards {
		if ok, err := q.holds(g); err != nil || !ok {
			return g, err
		}
	}
	return nil, nil
}

// planAgain replaces the change of a proposal by what its planner makes of the state before it.
func (q *sequencer) planAgain(p *pending) (err error) {
	defer func() {
		if r := recover(); r != nil {
			q.store.opt.Log.Error("planning a change again", "panic", r, "stack", string(debug.Stack()))
			err = fmt.Errorf("planning a change again: panic: %v", r)
		}
	}()
	c, err := p.replan(q.overlaid())
	if err != nil {
		return err
	}
	c.ID = p.change.ID
	p.change = c
	return p.prepare(q.store.changeBytesMax)
}

// fits reports whether the batch, with the child on top, is still one transaction.
func (q *sequencer) fits(b *batch, child *kv.Overlay, encoded int) error {
	bytes := int64(len(b.body)+encoded) + b.o.Bytes() + child.Bytes() + batchReserveBytes
	keys := int64(b.o.Len()+child.Len()) + batchReserveKeys
	switch {
	case bytes <= q.bytesMax && keys <= q.keysMax:
		return nil
	case len(b.body) > 0:
		return errBatchFull
	}
	return directory.Errorf(directory.AdminLimitExceeded, "the change is too large: %d keys, %d bytes", keys, bytes)
}

// seal ends the building of a batch: its log record, its state, its list of mutations.
func (q *sequencer) seal(b *batch) {
	rec := logRecord{first: b.first, last: q.state.csn, prev: q.state.hash, body: b.body}
	q.state.hash = putLogRecord(&rec, b.o.Put)
	q.state.logBytes += rec.bytes
	b.o.Put(stateKey, q.state.append(nil))
	b.state, b.descs = q.state, q.descs
	b.derived, b.followUps, b.touched, b.wide = q.derived, q.followUps, q.touched, q.wide
	b.ts = timestampOf(b.state.csn)
	b.muts = b.o.Freeze().Mutations()
	b.leave()
}

// leave gives up what a batch was built on.
func (b *batch) leave() {
	b.base.release()
	b.base, b.below = nil, nil
}
