package storage

import (
	"hash/maphash"
	"sync"
	"sync/atomic"

	"gatehouse/storage/kv"
)

// A cache holds immutable items by key: the value that a key has, that it has none, or something derived from several
// keys under a name of its own. It is how a search for a known name costs no read of the store.
//
//  1. An item in the map is open: it is what a reader at any Timestamp >= item.from sees, up to the newest published one.
//  2. Before a batch is published, the sequencer closes every item that the batch touches (removes it, or puts the new value
//     in its place) and notes the batch's Timestamp in the slot of the key's hash, both under the shard lock.
//  3. A fill that was read at Timestamp S is taken only if the slot is not above S, under the same lock. So a slow reader
//     never brings back what a later batch has changed. Its item is valid from the slot's Timestamp on: nothing with
//     that hash has changed between it and S.
//  4. The newest published Timestamp is where every slot starts.
//
// Bytes are bounded per shard with a second-chance clock. Safe for concurrent use.
type cache struct {
	seed   maphash.Seed
	shards [cacheShards]cacheShard
}

const (
	cacheShards       = 64 // power of two
	cacheSlots        = 1024
	itemOverheadBytes = 160 // an item, its place in map and ring
)

type cacheShard struct {
	mu              sync.Mutex
	items           map[uint64]*item
	ring            []*item
	hand            int
	bytes, bytesMax int64
	slots           [cacheSlots]kv.Timestamp
	_               [64]byte
}

// An item is what a key has at and after a Timestamp. All but used and place is immutable once it is in a cache.
type item struct {
	key     string
	hash    uint64
	value   []byte
	present bool
	decoded atomic.Value // what the value means, made on demand
	from    kv.Timestamp
	bytes   int64

	place int  // in the ring
	used  bool // since the hand passed
}

func newCache(bytesMax int64, published kv.Timestamp) *cache {
	c := &cache{seed: maphash.MakeSeed()}
	for i := range c.shards {
		sh := &c.shards[i]
		sh.items = make(map[uint64]*item)
		sh.bytesMax = bytesMax / cacheShards
		for j := range sh.slots {
			sh.slots[j] = published
		}
	}
	return c
}

func (c *cache) locate(key []byte) (*cacheShard, uint64) {
	h := maphash.Bytes(c.seed, key)
	return &c.shards[h%cacheShards], h
}

func slotOf(h uint64) uint64 { return h / cacheShards % cacheSlots }

// get returns the item that a reader at ts sees; nil when the cache does not know.
func (c *cache) get(key []byte, ts kv.Timestamp) *item {
	sh, h := c.locate(key)
	sh.mu.Lock()
	it := sh.items[h]
	if it == nil || it.from > ts || it.key != string(key) {
		sh.mu.Unlock()
		return nil
	}
	it.used = true
	sh.mu.Unlock()
	return it
}

// insert offers an item that was read at ts.
func (c *cache) insert(key []byte, it *item, ts kv.Timestamp) {
	sh, h := c.locate(key)
	it.bytes += itemOverheadBytes + int64(len(key)+len(it.value))
	if it.bytes > sh.bytesMax/2 {
		return
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	slot := sh.slots[slotOf(h)]
	if slot > ts {
		return
	}
	it.key, it.hash, it.from = string(key), h, slot
	sh.put(it)
}

// close ends the item of a key that a batch at ts touches. When there is one, replace makes what the key has from ts on;
// a nil replace or result leaves it out.
func (c *cache) close(key []byte, ts kv.Timestamp, replace func() *item) {
	sh, h := c.locate(key)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.slots[slotOf(h)] = ts
	old := sh.items[h]
	if old == nil || old.key != string(key) {
		return
	}
	if replace != nil {
		if it := replace(); it != nil {
			it.key, it.hash, it.from, it.used = old.key, h, ts, old.used
			it.bytes += itemOverheadBytes + int64(len(key)+len(it.value))
			sh.put(it)
			return
		}
	}
	sh.drop(old)
}

// put makes it the item of its hash and evicts what no longer fits.
func (sh *cacheShard) put(it *item) {
	if old := sh.items[it.hash]; old != nil {
		sh.drop(old)
	}
	it.place = len(sh.ring)
	sh.ring = append(sh.ring, it)
	sh.items[it.hash] = it
	sh.bytes += it.bytes
	for sh.bytes > sh.bytesMax && len(sh.ring) > 1 {
		sh.hand %= len(sh.ring)
		victim := sh.ring[sh.hand]
		if victim.used || victim == it {
			victim.used = false
			sh.hand++
			continue
		}
		sh.drop(victim)
	}
}

// drop takes it out; readers that hold it may go on.
func (sh *cacheShard) drop(it *item) {
	last := len(sh.ring) - 1
	moved := sh.ring[last]
	moved.place = it.place
	sh.ring[it.place] = moved
	sh.ring[last] = nil
	sh.ring = sh.ring[:last]
	delete(sh.items, it.hash)
	sh.bytes -= it.bytes
}
