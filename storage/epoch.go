package storage

import (
	"bytes"
	"errors"
	"sync"
	"sync/atomic"

	"gatehouse/storage/kv"
)

// An epoch is one published state. All snapshots of it share one snapshot of the database, which the first read that the
// cache cannot answer opens.
//
//  1. refs counts the snapshots, and one for being the current epoch. At zero the database snapshot is closed.
//  2. acquire counts first and then looks whether the epoch is still current: publishing moves the pointer before it gives
//     up its own count, so one of the two sees the other.
//  3. An epoch that is no longer current and still has snapshots is in Store.held, so that the horizon stays below it.
type epoch struct {
	store *Store
	ts    kv.Timestamp
	state state
	descs *descriptions

	refs atomic.Int64
	cut  atomic.Bool // reads answer ErrSnapshotGone

	mu   sync.Mutex
	snap kv.Snapshot
	open atomic.Pointer[kv.Snapshot] // snap once it is open
}

// acquire returns the current epoch with one more count.
func (s *Store) acquire() *epoch {
	for {
		e := s.current.Load()
		e.refs.Add(1)
		if s.current.Load() == e {
			return e
		}
		e.release()
	}
}

func (e *epoch) release() {
	if e.refs.Add(-1) > 0 {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.snap != nil {
		e.snap.Close()
		e.snap = nil
	}
}

// reader returns the database at this state.
func (e *epoch) reader() (kv.Snapshot, error) {
	if r := e.open.Load(); r != nil {
		return *r, nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.snap == nil {
		if e.cut.Load() {
			return nil, ErrSnapshotGone
		}
		snap, err := e.store.db.SnapshotAt(e.ts)
		if err != nil {
			return nil, err
		}
		e.snap = snap
		e.open.Store(&snap)
	}
	return e.snap, nil
}

// item returns what a key has in this state.
func (e *epoch) item(key []byte) (*item, error) {
	if it := e.store.cache.get(key, e.ts); it != nil {
		return it, nil
	}
	r, err := e.reader()
	if err != nil {
		return nil, err
	}
	own := bytes.Clone(key)
	value, err := r.Get(own)
	if err != nil && !errors.Is(err, kv.ErrNotFound) {
		return nil, err
	}
	it := newItem(own, value, err == nil)
	e.store.cache.insert(it, e.ts)
	return it, nil
}

// Get implements kv.Reader.
func (e *epoch) Get(key []byte) ([]byte, error) {
	it, err := e.item(key)
	if err != nil {
		return nil, err
	}
	if !it.present {
		return nil, kv.ErrNotFound
	}
	return it.value(), nil
}

// Scan implements kv.Reader.
func (e *epoch) Scan(opt kv.ScanOptions) kv.Iterator {
	r, err := e.reader()
	if err != nil {
		return failedScan{err}
	}
	return r.Scan(opt)
}

// A failedScan is the iterator of a scan that could not start.
type failedScan struct{ err error }

func (failedScan) Next() bool               { return false }
func (failedScan) Seek([]byte) bool         { return false }
func (failedScan) Key() []byte              { return nil }
func (f failedScan) Value() ([]byte, error) { return nil, f.err }
func (f failedScan) Err() error             { return f.err }
func (f failedScan) Close() error           { return f.err }

// A closedReader is what a closed snapshot reads.
type closedReader struct{}

func (closedReader) Get([]byte) ([]byte, error)      { return nil, ErrClosed }
func (closedReader) Scan(kv.ScanOptions) kv.Iterator { return failedScan{ErrClosed} }
