package storage

import (
	"context"
	"errors"

	"gatehouse/storage/kv"
)

// A maintenance writes between two batches what is no change of the directory.
type maintenance struct {
	change func(o *kv.Overlay) error
	done   chan error
}

// maintainBetween runs change on an overlay of the newest state and commits what it wrote, between two batches. It waits for the
// batch under way.
func (s *Store) maintainBetween(ctx context.Context, change func(o *kv.Overlay) error) error {
	m := &maintenance{change: change, done: make(chan error, 1)}
	select {
	case s.maintenance <- m:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.stop:
		return ErrClosed
	}
	select {
	case err := <-m.done:
		return err
	case <-s.stopped:
		return ErrClosed
	}
}

// maintain is maintainBetween in the sequencer's goroutine.
func (s *Store) maintain(change func(o *kv.Overlay) error) error {
	if reason := s.broken.Load(); reason != nil {
		return unavailable(*reason)
	}
	e := s.acquire()
	defer e.release()
	ts := e.ts + 1
	if ts >= timestampOf(e.state.csn+1) {
		return errMaintenanceFull
	}
	o := kv.NewOverlay(e)
	if err := change(o); err != nil || o.Len() == 0 {
		return err
	}
	muts := o.Freeze().Mutations()
	err := s.db.Commit(ts, muts)
	if err != nil {
		if !errors.Is(err, kv.ErrNoSpace) && !errors.Is(err, kv.ErrTooBig) {
			s.breakDown(err)
		}
		return err
	}
	s.publish(e.state, e.descs, ts, muts, nil)
	s.feed.tell() // who follows gives up the state before
	return nil
}

// errMaintenanceFull says that no Timestamp is left before the next batch.
var errMaintenanceFull = errors.New("storage: no room for maintenance before the next change")
