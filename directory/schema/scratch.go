package schema

import "sync"

// scratchBytesMax bounds what a buffer may keep when it goes back to the pool: a rare huge value must not pin its memory.
const scratchBytesMax = 1 << 16

// scratch holds the buffers of one call, so that hot paths do not allocate.
type scratch struct {
	text    []byte // text on its way through preparation
	round   []byte // the same after a step
	keys    []byte // equality keys of an attribute's values, one after the other
	ends    []int  // where each key ends
	order   []int  // the keys by value, of an attribute with many values
	present []uint64
}

var scratchPool = sync.Pool{New: func() any { return &scratch{} }}

func getScratch() *scratch { return scratchPool.Get().(*scratch) }

func (s *scratch) release() {
	if cap(s.text)+cap(s.round)+cap(s.keys)+8*cap(s.ends)+8*cap(s.order) > scratchBytesMax {
		*s = scratch{present: s.present}
	}
	scratchPool.Put(s)
}
