package kv

import "errors"

// An Overlay is an ordered set of mutations over a Reader, and reads like the Reader would after
// they were committed. It is where a batch is built: Badger's own update transactions sort all
// pending writes for every iterator opened in them.
//
// Overlays stack: the batch being built lies over the frozen Overlay of the batch being synced,
// which lies over a snapshot. Child makes a scratch layer for one change of a batch.
//
//  1. A live Overlay belongs to one goroutine, together with its children.
//  2. A frozen Overlay never changes and may be read by many goroutines.
//  3. While a child is in use its parent is not written, except by the child's Merge.
//  4. Bytes handed out by Get, iterators and Mutations never change, not even after Put or Drop.
//
// Writing during a scan is allowed. The scan then shows the keys ahead of it as they are when it
// gets there, if they were written to the Overlay that is scanned.
type Overlay struct {
	base   Reader
	parent *Overlay // of a child
	spare  *Overlay // a finished child, ready for reuse
	layer  *layer
	arena  *arena
	frozen bool
}

var _ Reader = (*Overlay)(nil)

// NewOverlay returns an empty Overlay over base; a nil base is an empty store. The base must stay
// open and must not change while the Overlay is in use.
func NewOverlay(base Reader) *Overlay {
	return &Overlay{base: base, layer: new(layer), arena: new(arena)}
}

// Get returns the value of key as Reader.Get does.
func (o *Overlay) Get(key []byte) ([]byte, error) {
	for {
		if m := o.layer.get(key); m != nil {
			if m.Delete {
				return nil, ErrNotFound
			}
			return m.Value, nil
		}
		switch base := o.base.(type) {
		case nil:
			return nil, ErrNotFound
		case *Overlay:
			o = base
		default:
			return base.Get(key)
		}
	}
}

// Put sets key to value. It copies both.
func (o *Overlay) Put(key, value []byte) {
	o.mustBeLive()
	o.layer.put(Mutation{Key: key, Value: o.arena.keep(value)}, o.arena.keep)
}

// Delete removes key, whether or not the base has it. It copies the key.
func (o *Overlay) Delete(key []byte) {
	o.mustBeLive()
	o.layer.put(Mutation{Key: key, Delete: true}, o.arena.keep)
}

// Len returns the number of mutations of this Overlay, without those of its base.
func (o *Overlay) Len() int { return o.layer.count }

// Bytes returns the sum of key and value bytes of the mutations of this Overlay, as DB.MaxBatch
// counts them.
func (o *Overlay) Bytes() int64 { return o.layer.bytes }

// Mutations returns the mutations of this Overlay, without those of its base, sorted by key: what
// DB.Commit takes. The bytes belong to the Overlay.
func (o *Overlay) Mutations() []Mutation {
	return o.layer.appendTo(make([]Mutation, 0, o.layer.count))
}

// Freeze ends the writing; a later Put, Delete or Merge into o panics. It returns o.
func (o *Overlay) Freeze() *Overlay {
	o.frozen = true
	o.spare = nil
	return o
}

// Over returns a frozen Overlay with the mutations of o, which must be frozen, over another base:
// once the batch below is committed, a snapshot takes the place of its Overlay.
func (o *Overlay) Over(base Reader) *Overlay {
	if !o.frozen {
		panic(errors.New("kv: Over of a live overlay"))
	}
	return &Overlay{base: base, layer: o.layer, arena: o.arena, frozen: true}
}

// Child returns an empty scratch Overlay over o. End it with Merge, which moves its mutations to
// o, or with Drop, which forgets them.
func (o *Overlay) Child() *Overlay {
	o.mustBeLive()
	if c := o.spare; c != nil {
		o.spare, c.frozen = nil, false
		return c
	}
	return &Overlay{base: o, parent: o, layer: new(layer), arena: o.arena}
}

// Merge moves the mutations of a child to its parent and ends the child, which must not be used
// after it. Keys and values are not copied.
func (o *Overlay) Merge() {
	o.mustBeLive()
	o.parent.mustBeLive()
	for _, chunk := range o.layer.chunks {
		for _, m := range chunk {
			o.parent.layer.put(m, nil)
		}
	}
	o.Drop()
}

// Drop forgets the mutations of a child and ends it; it must not be used after it.
func (o *Overlay) Drop() {
	o.mustBeLive()
	o.layer.reset()
	o.frozen = true
	o.spare = nil
	o.parent.spare = o
}

func (o *Overlay) mustBeLive() {
	if o.frozen {
		panic(errors.New("kv: write to a frozen overlay"))
	}
}

// Sizes of arena blocks, in bytes: small first, so that a batch of one change stays small.
const (
	arenaBlockMin = 2 << 10
	arenaBlockMax = 64 << 10
)

// An arena keeps copies of bytes in large blocks. Blocks are freed with the last slice into them.
type arena struct {
	block []byte // its free rest
	size  int    // of the last block
}

// keep returns a copy of b with no spare capacity; never nil.
func (a *arena) keep(b []byte) []byte {
	if len(b) == 0 {
		return []byte{}
	}
	if len(b) > len(a.block) {
		if len(b) >= arenaBlockMax/4 {
			return append(make([]byte, 0, len(b)), b...)
		}
		a.size = min(max(2*a.size, arenaBlockMin, len(b)), arenaBlockMax)
		a.block = make([]byte, a.size)
	}
	n := copy(a.block, b)
	kept := a.block[:n:n]
	a.block = a.block[n:]
	return kept
}
