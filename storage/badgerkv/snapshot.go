package badgerkv

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"

	"gatehouse/storage/kv"
)

// SnapshotAt implements kv.DB.
func (db *DB) SnapshotAt(ts kv.Timestamp) (kv.Snapshot, error) {
	if err := db.usable(); err != nil {
		return nil, err
	}
	if ts > db.LastTimestamp() {
		return nil, kv.ErrFuture
	}
	lease, err := db.registry.Acquire(ts)
	if err != nil {
		return nil, err
	}
	return &snapshot{ts: ts, lease: lease, txn: db.db.NewTransactionAt(uint64(ts), false)}, nil
}

// A snapshot is a read transaction of Badger. All that it may see was written before it was opened,
// so that an iterator made once may serve several scans.
type snapshot struct {
	ts     kv.Timestamp
	lease  *kv.Lease
	txn    *badger.Txn
	closed atomic.Bool

	mu   sync.Mutex
	idle [2]*badger.Iterator // ascending and descending, over all keys; nil while in use
}

// Timestamp implements kv.Snapshot.
func (s *snapshot) Timestamp() kv.Timestamp { return s.ts }

// Get implements kv.Reader.
func (s *snapshot) Get(key []byte) ([]byte, error) {
	if s.closed.Load() {
		return nil, kv.ErrClosed
	}
	item, err := s.txn.Get(key)
	switch {
	case s.lease.IsCut():
		return nil, kv.ErrSnapshotGone // whatever was found
	case errors.Is(err, badger.ErrKeyNotFound), errors.Is(err, badger.ErrEmptyKey):
		return nil, kv.ErrNotFound
	case err != nil:
		return nil, err
	}
	// The item has its own copy of the value, which nobody reuses.
	sink := sinks.Get().(*sink)
	err = item.Value(sink.set)
	value := sink.value
	sink.value = nil
	sinks.Put(sink)
	return value, err
}

// A sink takes the value out of an item, without a closure for each.
type sink struct {
	value []byte
	set   func([]byte) error
}

func newSink() *sink {
	s := new(sink)
	s.set = func(v []byte) error {
		if v == nil {
			v = []byte{}
		}
		s.value = v
		return nil
	}
	return s
}

var sinks = sync.Pool{New: func() any { return newSink() }}

// Export implements kv.Snapshot.
func (s *snapshot) Export(ctx context.Context, yield func(kv.Record) error) error {
	it := s.scan(kv.ScanOptions{})
	defer it.Close()
	for it.Next() {
		if err := ctx.Err(); err != nil {
			return err
		}
		value, err := it.Value()
		if err != nil {
			return err
		}
		r := kv.Record{Key: it.Key(), Value: value, Version: kv.Timestamp(it.item.Version())}
		if err := yield(r); err != nil {
			return err
		}
	}
	return it.err
}

// Close implements kv.Snapshot.
func (s *snapshot) Close() {
	if s.closed.Swap(true) {
		return
	}
	s.mu.Lock()
	for i, it := range s.idle {
		if it != nil {
			it.Close()
			s.idle[i] = nil
		}
	}
	s.mu.Unlock()
	s.txn.Discard()
	s.lease.Release()
}

// takeIterator returns an iterator of Badger over all keys. Making one costs as much as two reads;
// the lists of tables and memtables that it holds do not matter to a fixed state.
func (s *snapshot) takeIterator(reverse bool) *badger.Iterator {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := direction(reverse)
	if it := s.idle[i]; it != nil {
		s.idle[i] = nil
		return it
	}
	// Values are not prefetched: Badger would start a goroutine for each, and none is in the
	// value log.
	return s.txn.NewIterator(badger.IteratorOptions{Reverse: reverse})
}

// giveIterator takes back what takeIterator gave.
func (s *snapshot) giveIterator(it *badger.Iterator, reverse bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := direction(reverse)
	if s.idle[i] != nil || s.closed.Load() {
		it.Close()
		return
	}
	s.idle[i] = it
}

func direction(reverse bool) int {
	if reverse {
		return 1
	}
	return 0
}
