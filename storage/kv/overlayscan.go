package kv

import "bytes"

// Scan walks the merged keys of o and its base as Reader.Scan does.
func (o *Overlay) Scan(opt ScanOptions) Iterator {
	lo, hi, ok := opt.Bounds()
	it := &overlayIterator{layer: o.layer, lo: lo, hi: hi, reverse: opt.Reverse, done: !ok}
	if ok && o.base != nil {
		it.base = o.base.Scan(opt)
	}
	return it
}

// An overlayIterator merges the mutations of one layer with a scan of the base.
//
//  1. own is the place of the first mutation beyond cur that was not shown or skipped yet.
//  2. When headBase is set, base stands on a key that was not shown yet, or, when shownBase is
//     set too, on cur.
//  3. When the layer grew since own was set (gen differs), own is looked up again from cur.
type overlayIterator struct {
	layer   *layer
	base    Iterator // nil when there is none
	lo, hi  []byte
	reverse bool

	own       pos
	gen       uint64
	headBase  bool
	shownBase bool

	started, done bool
	cur           []byte // the key shown; nil before the first
	value         []byte // its value, unless shownBase
	err           error
}

// Next implements Iterator.
func (it *overlayIterator) Next() bool {
	switch {
	case it.done:
		return false
	case !it.started:
		it.started = true
		it.placeOwn(nil, false)
		it.headBase = it.base != nil && it.base.Next()
	default:
		if it.gen != it.layer.gen {
			it.placeOwn(it.cur, true)
		}
		if it.shownBase {
			it.shownBase = false
			it.headBase = it.base.Next()
		}
	}
	return it.show()
}

// Seek implements Iterator.
func (it *overlayIterator) Seek(key []byte) bool {
	if it.done {
		return false
	}
	if it.cur != nil && !it.before(it.cur, key) {
		return true
	}
	if it.reverse && len(key) == 0 {
		return it.end() // nothing is at or below the empty key
	}
	it.placeOwn(key, false)
	if it.base != nil && (it.headBase || !it.started) {
		it.headBase = it.base.Seek(key)
	}
	it.started, it.shownBase = true, false
	return it.show()
}

// placeOwn sets own to the first mutation at or beyond key, or only beyond it when after is set,
// and inside the range. A nil key is the start of the range.
func (it *overlayIterator) placeOwn(key []byte, after bool) {
	it.gen = it.layer.gen
	if !it.reverse {
		if key == nil || bytes.Compare(key, it.lo) < 0 {
			key, after = it.lo, false
		}
		p, equal := it.layer.lowerBound(key)
		if equal && after {
			p = it.layer.next(p)
		}
		it.own = p
		return
	}
	if it.hi != nil && (key == nil || bytes.Compare(key, it.hi) >= 0) {
		key, after = it.hi, true
	}
	if key == nil {
		it.own = it.layer.prev(pos{chunk: len(it.layer.chunks)})
		return
	}
	p, equal := it.layer.lowerBound(key)
	if !equal || after {
		p = it.layer.prev(p)
	}
	it.own = p
}

// show makes the nearest key of both sources current.
func (it *overlayIterator) show() bool {
	for {
		m := it.ownHead()
		if it.base != nil && !it.headBase {
			if it.err = it.base.Err(); it.err != nil {
				return it.end()
			}
		}
		if m == nil && !it.headBase {
			return it.end()
		}
		if m == nil || (it.headBase && it.before(it.base.Key(), m.Key)) {
			it.cur, it.shownBase = it.base.Key(), true
			return true
		}
		if it.headBase && bytes.Equal(it.base.Key(), m.Key) {
			it.headBase = it.base.Next()
		}
		if it.reverse {
			it.own = it.layer.prev(it.own)
		} else {
			it.own = it.layer.next(it.own)
		}
		if !m.Delete {
			it.cur, it.value = m.Key, m.Value
			return true
		}
	}
}

// ownHead returns the mutation at own when it is inside the range.
func (it *overlayIterator) ownHead() *Mutation {
	m := it.layer.at(it.own)
	if m == nil || (it.reverse && bytes.Compare(m.Key, it.lo) < 0) ||
		(!it.reverse && it.hi != nil && bytes.Compare(m.Key, it.hi) >= 0) {
		return nil
	}
	return m
}

// before reports whether a comes before b in the direction of the scan.
func (it *overlayIterator) before(a, b []byte) bool {
	if it.reverse {
		a, b = b, a
	}
	return bytes.Compare(a, b) < 0
}

func (it *overlayIterator) end() bool {
	it.done, it.cur, it.value, it.shownBase = true, nil, nil, false
	return false
}

// Key implements Iterator.
func (it *overlayIterator) Key() []byte { return it.cur }

// Value implements Iterator.
func (it *overlayIterator) Value() ([]byte, error) {
	if it.shownBase {
		return it.base.Value()
	}
	return it.value, nil
}

// Err implements Iterator.
func (it *overlayIterator) Err() error { return it.err }

// Close implements Iterator.
func (it *overlayIterator) Close() error {
	it.end()
	if it.base != nil {
		if err := it.base.Close(); it.err == nil {
			it.err = err
		}
		it.base = nil
	}
	return it.err
}
