package memkv

import (
	"bytes"
	"context"
	"sync/atomic"

	"github.com/tidwall/btree"

	"gatehouse/storage/kv"
)

// SnapshotAt implements kv.DB.
func (db *DB) SnapshotAt(ts kv.Timestamp) (kv.Snapshot, error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	switch {
	case db.failed != nil:
		return nil, db.failed
	case ts > db.highest:
		return nil, kv.ErrFuture
	}
	lease, err := db.registry.Acquire(ts)
	if err != nil {
		return nil, err
	}
	return &snapshot{lease: lease, ts: ts, tree: db.states[db.stateAt(ts)].tree}, nil
}

type snapshot struct {
	lease  *kv.Lease
	ts     kv.Timestamp
	tree   *tree
	closed atomic.Bool
}

// Timestamp implements kv.Snapshot.
func (s *snapshot) Timestamp() kv.Timestamp { return s.ts }

// Get implements kv.Reader.
func (s *snapshot) Get(key []byte) ([]byte, error) {
	if err := s.err(); err != nil {
		return nil, err
	}
	r, ok := s.tree.Get(kv.Record{Key: key})
	if !ok {
		return nil, kv.ErrNotFound
	}
	return r.Value, nil
}

func (s *snapshot) err() error {
	switch {
	case s.closed.Load():
		return kv.ErrClosed
	case s.lease.IsCut():
		return kv.ErrSnapshotGone
	}
	return nil
}

// Export implements kv.Snapshot.
func (s *snapshot) Export(ctx context.Context, yield func(kv.Record) error) (err error) {
	s.tree.Scan(func(r kv.Record) bool {
		if err = ctx.Err(); err == nil {
			err = s.err()
		}
		if err == nil {
			err = yield(r)
		}
		return err == nil
	})
	return err
}

// Close implements kv.Snapshot.
func (s *snapshot) Close() {
	if s.closed.CompareAndSwap(false, true) {
		s.lease.Release()
	}
}

// Scan implements kv.Reader.
func (s *snapshot) Scan(opt kv.ScanOptions) kv.Iterator {
	it := &iterator{snapshot: s, reverse: opt.Reverse}
	var ok bool
	it.lo, it.hi, ok = opt.Bounds()
	it.done = !ok
	if it.err = s.err(); it.err != nil {
		it.done = true
		return it
	}
	it.iter = s.tree.Iter()
	return it
}

type iterator struct {
	snapshot *snapshot
	iter     btree.IterG[kv.Record]
	lo, hi   []byte
	reverse  bool
	started  bool
	done     bool
	cur      kv.Record
	err      error
}

// Next implements kv.Iterator.
func (it *iterator) Next() bool {
	switch {
	case it.done:
		return false
	case !it.started && it.reverse:
		return it.show(it.seekBelow(it.hi, false))
	case !it.started:
		return it.show(it.iter.Seek(kv.Record{Key: it.lo}))
	case it.reverse:
		return it.show(it.iter.Prev())
	}
	return it.show(it.iter.Next())
}

// Seek implements kv.Iterator.
func (it *iterator) Seek(key []byte) bool {
	if it.done {
		return false
	}
	if it.reverse {
		if it.started && bytes.Compare(it.cur.Key, key) <= 0 {
			return true
		}
		if len(key) == 0 {
			return it.show(false)
		}
		if it.hi != nil && bytes.Compare(key, it.hi) >= 0 {
			return it.show(it.seekBelow(it.hi, false))
		}
		return it.show(it.seekBelow(key, true))
	}
	if it.started && bytes.Compare(it.cur.Key, key) >= 0 {
		return true
	}
	if bytes.Compare(key, it.lo) < 0 {
		key = it.lo
	}
	return it.show(it.iter.Seek(kv.Record{Key: key}))
}

// seekBelow moves to the last key below key, or at it when equal is set; nil is the last of all.
func (it *iterator) seekBelow(key []byte, equal bool) bool {
	if key == nil || !it.iter.Seek(kv.Record{Key: key}) {
		return it.iter.Last()
	}
	if equal && bytes.Equal(it.iter.Item().Key, key) {
		return true
	}
	return it.iter.Prev()
}

// show makes the item of iter current when there is one in the range.
func (it *iterator) show(ok bool) bool {
	it.started = true
	if it.err = it.snapshot.err(); it.err != nil {
		ok = false
	}
	if ok {
		it.cur = it.iter.Item()
		if it.reverse {
			ok = bytes.Compare(it.cur.Key, it.lo) >= 0
		} else {
			ok = it.hi == nil || bytes.Compare(it.cur.Key, it.hi) < 0
		}
	}
	if !ok {
		it.done, it.cur = true, kv.Record{}
	}
	return ok
}

// Key implements kv.Iterator.
func (it *iterator) Key() []byte { return it.cur.Key }

// Value implements kv.Iterator.
func (it *iterator) Value() ([]byte, error) { return it.cur.Value, nil }

// Err implements kv.Iterator.
func (it *iterator) Err() error { return it.err }

// Close implements kv.Iterator.
func (it *iterator) Close() error {
	it.done = true
	return it.err
}
