package storage

import (
	"errors"
	"fmt"
	"time"

	"gatehouse/storage/kv"
)

// commitBatches is the committer's goroutine.
func (q *sequencer) commitBatches() {
	for b := range q.commits {
		begun := time.Now()
		b.err = q.store.commit(b)
		q.finished = time.Now()
		q.syncTime += (q.finished.Sub(begun) - q.syncTime) / 8
		q.answered = len(b.answers)
		close(b.done)
		q.idle <- struct{}{}
		b.answerAll(b.err)
		b.answers, b.muts = nil, nil
	}
}

// commit makes a batch durable and visible.
func (s *Store) commit(b *batch) error {
	err := s.db.Commit(b.ts, b.muts)
	switch {
	case errors.Is(err, kv.ErrNoSpace):
		s.opt.Log.Error("a batch was refused", "first", b.first, "last", b.state.csn, "error", err)
		return unavailable(err)
	case err != nil:
		err = fmt.Errorf("commit of changes %d to %d: %w", b.first, b.state.csn, err)
		s.breakDown(err)
		return unavailable(err)
	}
	if err := s.side.acknowledge(b.state.csn, b.state.hash); err != nil {
		err = fmt.Errorf("mark of change %d: %w", b.state.csn, err)
		s.breakDown(err)
		return unavailable(err)
	}
	s.feed.add(fed{last: b.state.csn, touched: b.touched, wide: b.wide})
	s.publish(b.state, b.descs, b.ts, b.muts, b.derived)
	s.feed.tell()
	return nil
}

// breakDown ends all writing.
func (s *Store) breakDown(err error) {
	if s.broken.CompareAndSwap(nil, &err) {
		s.opt.Log.Error("the store stops writing", "error", err)
		s.failed <- err
		close(s.failed)
	}
}
