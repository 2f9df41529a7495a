package storage

import (
	"hash/maphash"
	"sync"

	"gatehouse/storage/kv"
)

// A cache holds immutable items by key: the value that a key has, that it has none, or something derived from several
// keys under a name of its own. It is how a search for a known name costs no read of the store.
//
//  1. An item in the table is open: it is what a reader at any Timestamp >= item.from sees, up to the newest published one.
//  2. Before a batch is published, the sequencer closes every item that the batch touches (removes it, or puts the new value
//     in its place) and notes the batch's Timestamp in the slot of the key's hash, both under the shard lock.
//  3. A fill that was read at Timestamp S is taken only if the slot is not above S, under the same lock. So a slow reader
//     never brings back what a later batch has changed. Its item is valid from the slot's Timestamp on: nothing with
//     that hash has changed between it and S.
//  4. The newest published Timestamp is where every slot starts.
//  5. The bytes of an item are what it takes on the heap, its decoded form and its place included; those of all items are
//     bounded per shard with a second-chance clock. Garbage is not counted: between two collections the process may
//     have as much again.
//
// Safe for concurrent use.
type cache struct {
	seed   maphash.Seed
	shards [cacheShards]cacheShard
}

const (
	cacheShards = 64 // power of two
	cacheSlots  = 1024
)

type cacheShard struct {
	mu              sync.Mutex
	table           itemTable
	bytes, bytesMax int64
	slots           [cacheSlots]kv.Timestamp
	_               [64]byte
}

func newCache(bytesMax int64, published kv.Timestamp) *cache {
	c := &cache{seed: maphash.MakeSeed()}
	for i := range c.shards {
		sh := &c.shards[i]
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
	it := sh.table.find(h, key)
	if it == nil || it.from > ts {
		sh.mu.Unlock()
		return nil
	}
	it.used = true
	sh.mu.Unlock()
	return it
}

// insert offers an item that was made with newItem and read at ts.
func (c *cache) insert(it *item, ts kv.Timestamp) {
	sh, h := c.locate(it.key())
	sh.mu.Lock()
	defer sh.mu.Unlock()
	slot := sh.slots[slotOf(h)]
	if slot > ts || int64(it.bytes) > sh.bytesMax/2 {
		return
	}
	it.hash, it.from = h, slot
	sh.put(it)
}

// keepDecoded keeps what the value of an item means, which takes bytes on the heap.
func (c *cache) keepDecoded(it *item, decoded any, bytes int) {
	if !it.decoded.CompareAndSwap(nil, decoded) {
		return // by another reader
	}
	sh := &c.shards[it.hash%cacheShards]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.table.find(it.hash, it.key()) != it {
		return // it is not, or no longer, in the cache
	}
	it.bytes += uint32(bytes)
	sh.bytes += int64(bytes)
	sh.evict(it)
}

// close ends the item of a key that a batch at ts touches.
func (c *cache) close(key []byte, ts kv.Timestamp) {
	sh, h := c.locate(key)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.slots[slotOf(h)] = ts
	if old := sh.table.find(h, key); old != nil {
		sh.drop(old)
	}
}

// replace is close with what the key has from ts on; a cache that did not know the key does not keep it.
func (c *cache) replace(key []byte, ts kv.Timestamp, value []byte, present bool) {
	sh, h := c.locate(key)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.slots[slotOf(h)] = ts
	old := sh.table.find(h, key)
	if old == nil {
		return
	}
	sh.drop(old)
	it := newItem(key, value, present)
	if int64(it.bytes) > sh.bytesMax/2 {
		return
	}
	it.hash, it.from, it.used = h, ts, old.used
	sh.put(it)
}

// put makes it the item of its key and evicts what no longer fits.
func (sh *cacheShard) put(it *item) {
	if old := sh.table.find(it.hash, it.key()); old != nil {
		sh.drop(old)
	}
	sh.table.add(it)
	sh.bytes += int64(it.bytes)
	sh.evict(it)
}

// evict drops items that were not used lately until the rest fits. It spares keep, unless that is the only one.
func (sh *cacheShard) evict(keep *item) {
	for sh.bytes > sh.bytesMax && sh.table.count > 1 {
		victim := sh.table.underHand()
		if victim.used || victim == keep {
			victim.used = false
			sh.table.hand++
			continue
		}
		sh.drop(victim)
	}
}

// drop takes it out; readers that hold it may go on.
func (sh *cacheShard) drop(it *item) {
	sh.table.remove(it)
	sh.bytes -= int64(it.bytes)
}
