package kv

import (
	"sync"
	"sync/atomic"
)

// A Registry knows the open snapshots of a DB and its horizon. Both change under one lock, so that
// no snapshot opens below a horizon that is about to move. The zero Registry is ready to use.
type Registry struct {
	mu      sync.Mutex
	horizon Timestamp
	open    map[Timestamp]*Lease
}

// A Lease keeps the state at its Timestamp readable for the snapshots that share it.
type Lease struct {
	registry *Registry
	ts       Timestamp
	holders  int
	cut      atomic.Bool
}

// Restore sets the horizon found at open.
func (r *Registry) Restore(horizon Timestamp) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.horizon = max(r.horizon, horizon)
}

// Acquire registers a snapshot at ts, or returns ErrSnapshotGone when ts is below the horizon. Each
// Acquire needs one Release.
func (r *Registry) Acquire(ts Timestamp) (*Lease, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if ts < r.horizon {
		return nil, ErrSnapshotGone
	}
	l := r.open[ts]
	if l == nil {
		if r.open == nil {
			r.open = make(map[Timestamp]*Lease)
		}
		l = &Lease{registry: r, ts: ts}
		r.open[ts] = l
	}
	l.holders++
	return l, nil
}

// Release gives up one Acquire.
func (l *Lease) Release() {
	r := l.registry
	r.mu.Lock()
	defer r.mu.Unlock()
	if l.holders--; l.holders == 0 && r.open[l.ts] == l {
		delete(r.open, l.ts)
	}
}

// IsCut reports whether the state may be gone. A reader asks after it has read.
func (l *Lease) IsCut() bool { return l.cut.Load() }

// Advance moves the horizon to the least of ts, the oldest open snapshot and last, never back, and
// returns it. The caller makes it durable before it lets old versions go.
func (r *Registry) Advance(ts, last Timestamp) Timestamp {
	r.mu.Lock()
	defer r.mu.Unlock()
	ts = min(ts, last)
	for open := range r.open {
		ts = min(ts, open)
	}
	r.horizon = max(r.horizon, ts)
	return r.horizon
}

// Horizon returns the oldest Timestamp that Acquire accepts.
func (r *Registry) Horizon() Timestamp {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.horizon
}

// Oldest returns the least Timestamp held; false when none is.
func (r *Registry) Oldest() (oldest Timestamp, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for ts := range r.open {
		if !ok || ts < oldest {
			oldest, ok = ts, true
		}
	}
	return oldest, ok
}

// Cut cuts off all leases below ts and returns how many snapshots held them.
func (r *Registry) Cut(ts Timestamp) (snapshots int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for open, l := range r.open {
		if open < ts {
			snapshots += l.holders
			l.cut.Store(true)
			delete(r.open, open)
		}
	}
	return snapshots
}
