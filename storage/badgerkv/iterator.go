package badgerkv

import (
	"bytes"

	"github.com/dgraph-io/badger/v4"

	"gatehouse/storage/kv"
)

// seekSteps is how many keys Seek walks before it jumps: a step costs a fraction of a jump.
const seekSteps = 3

// Scan implements kv.Reader.
func (s *snapshot) Scan(opt kv.ScanOptions) kv.Iterator { return s.scan(opt) }

func (s *snapshot) scan(opt kv.ScanOptions) *iterator {
	it := &iterator{snapshot: s, reverse: opt.Reverse}
	var ok bool
	it.lo, it.hi, ok = opt.Bounds()
	if s.closed.Load() {
		it.err, ok = kv.ErrClosed, false
	}
	if !ok {
		it.done = true
		return it
	}
	it.badger = s.takeIterator(opt.Reverse)
	return it
}

// An iterator bounds an iterator of Badger to a range. Badger's own prefix option is not used: it
// would tie the iterator to one scan, and ends a descending walk at a key that it should skip.
type iterator struct {
	snapshot *snapshot
	badger   *badger.Iterator // nil when there is none
	item     *badger.Item     // the current one; nil when there is none
	lo, hi   []byte
	reverse  bool
	started  bool
	done     bool
	sink     *sink
	err      error
}

// Next implements kv.Iterator.
func (it *iterator) Next() bool {
	switch {
	case it.done:
		return false
	case it.started:
		it.badger.Next()
	default:
		it.jump(nil)
	}
	return it.show()
}

// Seek implements kv.Iterator.
func (it *iterator) Seek(key []byte) bool {
	if it.done {
		return false
	}
	if it.started {
		for range seekSteps {
			if it.reached(key) {
				return true
			}
			if !it.Next() {
				return false
			}
		}
		if it.reached(key) {
			return true
		}
	}
	if it.reverse && len(key) == 0 {
		return it.end() // Badger would take it for the end of all keys
	}
	it.jump(key)
	return it.show()
}

// reached reports whether the current key is at or beyond key.
func (it *iterator) reached(key []byte) bool {
	c := bytes.Compare(it.item.Key(), key)
	return c == 0 || (c > 0) != it.reverse
}

// jump moves to the first key of the range at or beyond key; nil is the start of the range.
func (it *iterator) jump(key []byte) {
	it.started = true
	if !it.reverse {
		if bytes.Compare(key, it.lo) < 0 {
			key = it.lo
		}
		it.badger.Seek(key)
		return
	}
	if it.hi == nil || (key != nil && bytes.Compare(key, it.hi) < 0) {
		it.badger.Seek(key)
		return
	}
	it.badger.Seek(it.hi)
	if it.badger.Valid() && bytes.Equal(it.badger.Item().Key(), it.hi) {
		it.badger.Next()
	}
}

// show makes the item of Badger current when it is in the range.
func (it *iterator) show() bool {
	if it.snapshot.lease.IsCut() {
		it.err = kv.ErrSnapshotGone
		return it.end()
	}
	if !it.badger.Valid() {
		return it.end()
	}
	it.item = it.badger.Item()
	key := it.item.Key()
	if (it.reverse && bytes.Compare(key, it.lo) < 0) ||
		(!it.reverse && it.hi != nil && bytes.Compare(key, it.hi) >= 0) {
		return it.end()
	}
	return true
}

func (it *iterator) end() bool {
	it.done, it.item = true, nil
	return false
}

// Key implements kv.Iterator.
func (it *iterator) Key() []byte {
	if it.item == nil {
		return nil
	}
	return it.item.Key()
}

// Value implements kv.Iterator.
func (it *iterator) Value() ([]byte, error) {
	if it.item == nil {
		return nil, kv.ErrNotFound
	}
	if it.sink == nil {
		it.sink = newSink()
	}
	err := it.item.Value(it.sink.set)
	return it.sink.value, err
}

// Err implements kv.Iterator.
func (it *iterator) Err() error { return it.err }

// Close implements kv.Iterator.
func (it *iterator) Close() error {
	it.end()
	if it.badger != nil {
		it.snapshot.giveIterator(it.badger, it.reverse)
		it.badger = nil
	}
	return it.err
}
