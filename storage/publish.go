package storage

import (
	"slices"
	"time"

	"gatehouse/storage/kv"
)

// publish makes a committed state the one that readers get. The caches are told first, so that no reader of the new state
// finds an old item.
func (s *Store) publish(st state, descs *descriptions, ts kv.Timestamp, muts []kv.Mutation, derived [][]byte) {
	for i := range muts {
		m := &muts[i]
		s.cache.replace(m.Key, ts, m.Value, !m.Delete)
	}
	for _, key := range derived {
		s.cache.close(key, ts)
	}
	e := &epoch{store: s, ts: ts, state: st, descs: descs}
	e.refs.Store(1)
	old := s.current.Swap(e)
	old.release()
	if old.refs.Load() > 0 {
		s.hold(old)
	}
}

// A heldEpoch is a superseded epoch that still has snapshots.
type heldEpoch struct {
	*epoch
	since time.Time
}

// hold keeps the horizon below an epoch while it has snapshots.
func (s *Store) hold(e *epoch) {
	s.heldMu.Lock()
	defer s.heldMu.Unlock()
	if len(s.held) >= s.heldPrune {
		s.pruneHeld()
		s.heldPrune = max(64, 2*len(s.held))
	}
	s.held = append(s.held, heldEpoch{e, s.opt.Now()})
}

// pruneHeld forgets epochs without snapshots. The lock is held.
func (s *Store) pruneHeld() {
	s.held = slices.DeleteFunc(s.held, func(h heldEpoch) bool { return h.refs.Load() == 0 })
}
