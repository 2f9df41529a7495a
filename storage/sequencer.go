package storage

import (
	"runtime"
	"time"

	"gatehouse/directory"
)

// A sequencer orders changes. One goroutine takes proposals, checks guards and applies changes to the overlay of the batch
// that is being built; another commits the batch before it. So the next batch is built while one is synced:
//
//  1. At most one batch is being committed. Its overlay is frozen and stays readable below the one being built.
//  2. A batch is sent to the committer only when the one before it is committed and published, or failed. One that was
//     built over a failed batch fails with it: what it was built on never was.
//  3. The committer syncs, marks the side file, closes cache items, publishes and then answers.
//  4. After a failed sync nothing more is written. Whether the batch is there shows after reopening.
type sequencer struct {
	applier
	window            *window
	bytesMax, keysMax int64

	idle    chan struct{} // has a token while the committer waits
	commits chan *batch
	last    *batch // the batch sent last

	// Written by the committer before it is idle, read by the sequencer when it is.
	syncTime time.Duration // of a commit, on average
	finished time.Time     // when the last one was
	answered int           // how many proposers it answered

	over    *pending // did not fit the batch before
	resolve []directory.EntryID
}

// queueMax is how many proposals wait without a place in a batch.
const queueMax = 4096

func newSequencer(s *Store, w *window) *sequencer {
	q := &sequencer{window: w, idle: make(chan struct{}, 1), commits: make(chan *batch, 1)}
	q.applier.index = s.indexes.updater()
	q.view.store = s
	q.bytesMax, q.keysMax = s.db.MaxBatch()
	q.idle <- struct{}{}
	return q
}

// run is the sequencer's goroutine. It ends when the store is closed, with everything answered.
func (q *sequencer) run() {
	defer close(q.commits)
	s := q.store
	var b *batch
	for {
		b = q.fill(b)
		if b == nil && len(q.resolve) == 0 {
			select {
			case p := <-s.queue:
				b = q.take(b, p)
			case m := <-s.maintenance:
				<-q.idle
				m.done <- s.maintain(m.change)
				q.idle <- struct{}{}
			case <-s.stop:
				q.drain()
				return
			}
			continue
		}
		queue := s.queue
		if b.full {
			queue = nil
		}
		select {
		case <-q.idle:
			q.send(q.gather(b))
			b = nil
		case p := <-queue:
			b = q.take(b, p)
		}
	}
}

// gatherPart is the part of a sync for which a batch waits for more. It costs at most that much more of a writer's time,
// and spares up to half of all syncs.
const gatherPart = 8

// gather waits a moment for the proposers that were just answered, who mostly come back at once: clients that wait for
// answers would otherwise fall into two groups that take turns, each paying for the other's sync. The committer is idle.
func (q *sequencer) gather(b *batch) *batch {
	want := q.answered
	if b.early {
		want += len(b.answers) // others: they came while those waited
	}
	for !b.full && len(b.answers) < want && time.Since(q.finished) < q.syncTime/gatherPart {
		runtime.Gosched()
		b = q.fill(b)
	}
	return b
}

// fill takes all that waits, as far as the batch has room.
func (q *sequencer) fill(b *batch) *batch {
	if p := q.over; p != nil && b == nil {
		q.over = nil
		b = q.place(b, p)
	}
	for len(q.resolve) > 0 && (b == nil || !b.full) {
		id := q.resolve[0]
		q.resolve = q.resolve[1:]
		b = q.place(b, q.follow(id))
	}
	for b == nil || !b.full {
		select {
		case p := <-q.store.queue:
			b = q.take(b, p)
		default:
			return b
		}
	}
	return b
}

// take puts a proposal from the queue into the batch, unless its proposer left.
func (q *sequencer) take(b *batch, p *pending) *batch {
	if !p.state.CompareAndSwap(pendingWaits, pendingTaken) {
		return b
	}
	return q.place(b, p)
}

func (q *sequencer) place(b *batch, p *pending) *batch {
	if reason := q.store.broken.Load(); reason != nil {
		p.answer(Result{}, unavailable(*reason))
		return b
	}
	if b == nil {
		b = q.begin()
		b.early = len(q.idle) == 0
	}
	if !q.add(b, p) {
		q.over = p
	}
	b.full = b.full || len(b.answers) >= batchChangesMax
	return b
}

// follow makes the change that goes on resolving references. Nobody waits for its answer.
func (q *sequencer) follow(id directory.EntryID) *pending {
	p := &pending{change: Change{Effects: []Effect{resolveWaiting{ID: id}}}, done: make(chan outcome, 1)}
	copy(p.change.ID[:], "follow up")
	appendID(p.change.ID[:8], id)
	appendID(p.change.ID[:0], directory.EntryID(q.state.csn+1))
	p.encoded = appendChange(nil, &p.change)
	return p
}

// send gives a batch to the committer, which is idle.
func (q *sequencer) send(b *batch) {
	if b.below != nil && b.below.err != nil {
		q.fail(b, b.below.err)
		q.idle <- struct{}{}
		return
	}
	if len(b.body) == 0 { // refused changes and ones that were done before
		b.leave()
		b.answerAll(nil)
		q.idle <- struct{}{}
		return
	}
	q.seal(b)
	q.resolve = append(q.resolve, b.followUps...)
	q.last = b
	q.commits <- b
}

// fail gives up a batch that was not sent.
func (q *sequencer) fail(b *batch, err error) {
	b.leave()
	q.forget(b)
	b.answerAll(err)
}

func (q *sequencer) forget(b *batch) {
	for _, id := range b.ids {
		q.window.forget(id)
	}
}

func (b *batch) answerAll(err error) {
	for _, a := range b.answers {
		if err != nil {
			a.result = Result{}
		}
		a.p.answer(a.result, err)
	}
}

// drain waits for the committer and answers what is still in the queue.
func (q *sequencer) drain() {
	<-q.idle
	for {
		select {
		case p := <-q.store.queue:
			if p.state.CompareAndSwap(pendingWaits, pendingTaken) {
				p.answer(Result{}, ErrClosed)
			}
		case m := <-q.store.maintenance:
			m.done <- ErrClosed
		default:
			return
		}
	}
}
