package storage

import (
	"errors"

	"gatehouse/storage/kv"
)

// A view reads the tables in one state: a published one, through the cache, or an overlay of the sequencer.
//
// A Get of a published state is answered from the cache when it knows; the store's own snapshot is opened only by the first
// read that it does not know.
type view struct {
	store *Store
	descs *descriptions
	state *state
	epoch *epoch    // the published state; nil over an overlay
	r     kv.Reader // what is read; the epoch itself for a published state

	// Of a view over an overlay:
	base    *epoch // what lies below; keys that the overlay does not have are in the cache as of here
	scratch []byte
}

// Get implements kv.Reader.
func (v *view) Get(key []byte) ([]byte, error) {
	it, err := v.item(key)
	if err != nil {
		return nil, err
	}
	if !it.present {
		return nil, kv.ErrNotFound
	}
	return it.value(), nil
}

// Scan implements kv.Reader. It always reads the store.
func (v *view) Scan(opt kv.ScanOptions) kv.Iterator { return v.r.Scan(opt) }

var _ kv.Reader = (*view)(nil)

// item returns what a key has, or that it has nothing.
func (v *view) item(key []byte) (*item, error) {
	if v.epoch != nil {
		return v.epoch.item(key)
	}
	// The key is copied, so that the one of the caller may stay on its stack.
	v.scratch = append(v.scratch[:0], key...)
	value, err := v.r.Get(v.scratch)
	switch {
	case errors.Is(err, kv.ErrNotFound):
		return &absentItem, nil
	case err != nil:
		return nil, err
	}
	if v.base != nil && len(value) > 0 {
		// A value that came from below is the cache's own, whose decoded form spares the decoding.
		if it := v.store.cache.get(key, v.base.ts); it != nil && len(it.value()) > 0 && &it.value()[0] == &value[0] {
			return it, nil
		}
	}
	return &item{data: value, present: true}, nil
}

// absentItem is what an overlay has for a key that has nothing.
var absentItem item

// getOnce is Get for what is not worth a place in the cache.
func (v *view) getOnce(key []byte) ([]byte, error) {
	if v.epoch == nil {
		return v.r.Get(key)
	}
	r, err := v.epoch.reader()
	if err != nil {
		return nil, err
	}
	return r.Get(key)
}

// cached returns the derived item of key; nil when it has to be made. An overlay has none.
func (v *view) cached(key []byte) any {
	if v.epoch == nil {
		return nil
	}
	if it := v.store.cache.get(key, v.epoch.ts); it != nil {
		return it.decoded.Load()
	}
	return nil
}

// keep offers something derived from this state to the cache. bytes is what it takes on the heap.
func (v *view) keep(key []byte, derived any, bytes int) {
	if v.epoch != nil {
		v.store.cache.insert(derivedItem(key, derived, bytes), v.epoch.ts)
	}
}

// keepDecoded keeps what the value of an item means. bytes is what that takes on the heap.
func (v *view) keepDecoded(it *item, decoded any, bytes int) {
	if it.keyBytes == 0 { // no cache has it
		it.decoded.Store(decoded)
		return
	}
	v.store.cache.keepDecoded(it, decoded, bytes)
}
