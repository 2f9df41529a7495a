package storage

import (
	"time"

	"gatehouse/storage/kv"
)

// How often the side file is synced, and the horizon and the log are looked at.
const (
	sideSyncEvery = 200 * time.Millisecond
	retainEvery   = 10 * time.Second
)

// A retainMark says which state was the newest at a time.
type retainMark struct {
	ts kv.Timestamp
	at time.Time
}

// keepUp syncs the side file, moves the horizon and trims the log until the store is closed.
func (s *Store) keepUp() {
	ticker := time.NewTicker(sideSyncEvery)
	defer ticker.Stop()
	for n := 1; ; n++ {
		select {
		case <-s.stop:
			return
		case <-ticker.C:
		}
		if err := s.side.sync(s.db.FlushedTimestamp()); err != nil {
			s.breakDown(err)
			return
		}
		if n%int(retainEvery/sideSyncEvery) == 0 {
			s.retain()
			s.trim()
		}
	}
}

// retain gives up states that are older than the retention and that no snapshot needs, and cuts off snapshots that are
// too old.
func (s *Store) retain() {
	now := s.opt.Now()
	newest := s.current.Load().ts
	s.heldMu.Lock()
	if n := len(s.marks); n == 0 || s.marks[n-1].ts != newest {
		s.marks = append(s.marks, retainMark{newest, now})
	}
	var horizon, cut kv.Timestamp
	keep := 0
	for i, m := range s.marks {
		if now.Sub(m.at) >= s.opt.Retention {
			horizon, keep = m.ts, i // all states below were superseded before the window began
		}
	}
	s.marks = append(s.marks[:0], s.marks[keep:]...)
	s.pruneHeld()
	for _, h := range s.held {
		if now.Sub(h.since) > s.opt.SnapshotAgeMax {
			h.cut.Store(true)
			cut = max(cut, h.ts+1)
			continue
		}
		horizon = min(horizon, h.ts)
	}
	s.heldMu.Unlock()

	if cut > 0 {
		if n := s.db.Cut(cut); n > 0 {
			s.opt.Log.Warn("snapshots were open for too long", "cut", n)
		}
	}
	if horizon > s.db.Horizon() {
		if _, err := s.db.SetHorizon(horizon); err != nil {
			s.opt.Log.Error("the horizon did not move", "error", err)
		}
	}
}
