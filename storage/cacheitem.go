package storage

import (
	"sync/atomic"
	"unsafe"

	"gatehouse/storage/kv"
)

// An item is what a key has at and after a Timestamp. A cache may hold millions: key and value are one allocation, and all but
// decoded, bytes and used is immutable once it is in a cache. Items that no cache holds have no key.
type item struct {
	data     []byte       // the key, then the value
	decoded  atomic.Value // what the value means, made on demand
	from     kv.Timestamp
	hash     uint64
	bytes    uint32 // on the heap
	keyBytes uint16
	present  bool
	used     bool // since the hand passed
}

// itemBytes is what an item takes beside its data: itself and its place in the table, which is half full on average.
const itemBytes = int(unsafe.Sizeof(item{})) + 2*8

// newItem returns an item of its own bytes, to be offered to a cache.
func newItem(key, value []byte, present bool) *item {
	data := make([]byte, len(key)+len(value))
	copy(data[copy(data, key):], value)
	return &item{
		data: data, keyBytes: uint16(len(key)), present: present,
		bytes: uint32(itemBytes + heapBytes(len(data))),
	}
}

// derivedItem returns an item of something that is made from several keys and takes bytes on the heap.
func derivedItem(key []byte, derived any, bytes int) *item {
	it := newItem(key, nil, true)
	it.bytes += uint32(bytes)
	it.decoded.Store(derived)
	return it
}

func (it *item) key() []byte { return it.data[:it.keyBytes] }

// value must not be changed.
func (it *item) value() []byte { return it.data[it.keyBytes:] }

// An itemTable is a hash table of items with open addressing, and the ring of the clock at once.
type itemTable struct {
	slots []*item // a power of two
	count int
	hand  int
}

const itemTableMin = 64

// home is where the search for a hash begins. Its lowest bits tell shards apart and are the same in one table.
func (t *itemTable) home(h uint64) int { return int(h>>32) & (len(t.slots) - 1) }

func (t *itemTable) next(i int) int { return (i + 1) & (len(t.slots) - 1) }

func (t *itemTable) find(h uint64, key []byte) *item {
	if len(t.slots) == 0 {
		return nil
	}
	for i := t.home(h); t.slots[i] != nil; i = t.next(i) {
		if it := t.slots[i]; it.hash == h && string(it.key()) == string(key) {
			return it
		}
	}
	return nil
}

// add adds an item whose key is not there.
func (t *itemTable) add(it *item) {
	if 4*(t.count+1) > 3*len(t.slots) {
		old := t.slots
		t.slots = make([]*item, max(itemTableMin, 2*len(old)))
		for _, moved := range old {
			if moved != nil {
				t.place(moved)
			}
		}
	}
	t.place(it)
	t.count++
}

func (t *itemTable) place(it *item) {
	i := t.home(it.hash)
	for t.slots[i] != nil {
		i = t.next(i)
	}
	t.slots[i] = it
}

// remove takes out an item that is there and closes the gap, so that searches need no marks of what was.
func (t *itemTable) remove(it *item) {
	gap := t.home(it.hash)
	for t.slots[gap] != it {
		gap = t.next(gap)
	}
	mask := len(t.slots) - 1
	for i := t.next(gap); t.slots[i] != nil; i = t.next(i) {
		// The item at i may move to the gap unless its home lies behind the gap.
		if (i-t.home(t.slots[i].hash))&mask >= (i-gap)&mask {
			t.slots[gap], gap = t.slots[i], i
		}
	}
	t.slots[gap] = nil
	t.count--
}

// underHand returns the item at the hand, or the next one there is. The table is not empty.
func (t *itemTable) underHand() *item {
	for {
		t.hand &= len(t.slots) - 1
		if it := t.slots[t.hand]; it != nil {
			return it
		}
		t.hand++
	}
}
