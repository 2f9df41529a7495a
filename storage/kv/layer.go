package kv

import (
	"bytes"
	"sort"
)

// chunkMax is the most mutations in one chunk of a layer. 64 keeps an insertion's copy near 4 KB.
const chunkMax = 64

// A layer is an ordered set of mutations, one per key, kept as a list of sorted chunks. Insertion
// in ascending order, the usual case, appends. Nothing is ever removed: a deletion is a mutation.
type layer struct {
	chunks [][]Mutation
	count  int
	bytes  int64
	gen    uint64 // counts insertions, which move positions
}

// A pos is a place in a layer: chunk and index. The place before the first mutation has chunk -1,
// the one after the last has chunk len(chunks).
type pos struct{ chunk, i int }

// lowerBound returns the place of the first key >= key and whether it is equal.
func (l *layer) lowerBound(key []byte) (pos, bool) {
	n := len(l.chunks)
	if n == 0 {
		return pos{}, false
	}
	c := n - 1
	if bytes.Compare(l.chunks[c][0].Key, key) > 0 {
		// The chunk before the first one that begins above key.
		c = sort.Search(c, func(i int) bool { return bytes.Compare(l.chunks[i][0].Key, key) > 0 }) - 1
		if c < 0 {
			return pos{}, false
		}
	}
	chunk := l.chunks[c]
	lo, hi := 0, len(chunk)
	for lo < hi {
		mid := (lo + hi) / 2
		if bytes.Compare(chunk[mid].Key, key) < 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == len(chunk) {
		return pos{c + 1, 0}, false
	}
	return pos{c, lo}, bytes.Equal(chunk[lo].Key, key)
}

// get returns the mutation of key, or nil.
func (l *layer) get(key []byte) *Mutation {
	if p, ok := l.lowerBound(key); ok {
		return l.at(p)
	}
	return nil
}

// at returns the mutation at p, or nil when p is outside.
func (l *layer) at(p pos) *Mutation {
	if p.chunk < 0 || p.chunk >= len(l.chunks) {
		return nil
	}
	return &l.chunks[p.chunk][p.i]
}

func (l *layer) next(p pos) pos {
	if p.i++; p.chunk >= 0 && p.i < len(l.chunks[p.chunk]) {
		return p
	}
	return pos{p.chunk + 1, 0}
}

func (l *layer) prev(p pos) pos {
	if p.i > 0 {
		p.i--
		return p
	}
	if p.chunk == 0 {
		return pos{-1, 0}
	}
	return pos{p.chunk - 1, len(l.chunks[p.chunk-1]) - 1}
}

// put inserts m or replaces the mutation of its key. It keeps the slices of m; keep, when set, is
// called for a new key to make the bytes that are kept.
func (l *layer) put(m Mutation, keep func([]byte) []byte) {
	p, found := l.lowerBound(m.Key)
	if found {
		old := l.at(p)
		l.bytes += int64(len(m.Value)) - int64(len(old.Value))
		old.Value, old.Delete = m.Value, m.Delete
		return
	}
	if keep != nil {
		m.Key = keep(m.Key)
	}
	l.gen++
	l.count++
	l.bytes += int64(len(m.Key)) + int64(len(m.Value))
	if p.i == 0 && p.chunk > 0 {
		p = pos{p.chunk - 1, len(l.chunks[p.chunk-1])} // append to the chunk before
	}
	if p.chunk == len(l.chunks) {
		l.grow()
	}
	if len(l.chunks[p.chunk]) == chunkMax {
		p = l.split(p)
	}
	chunk := append(l.chunks[p.chunk], Mutation{})
	copy(chunk[p.i+1:], chunk[p.i:])
	chunk[p.i] = m
	l.chunks[p.chunk] = chunk
}

// grow adds an empty chunk, reusing the memory of a reset layer.
func (l *layer) grow() {
	if n := len(l.chunks); n < cap(l.chunks) {
		l.chunks = l.chunks[:n+1]
		l.chunks[n] = l.chunks[n][:0]
		return
	}
	l.chunks = append(l.chunks, nil)
}

// split makes room in the full chunk of p and returns the place that p became.
func (l *layer) split(p pos) pos {
	at := chunkMax / 2
	if p.i == chunkMax && p.chunk == len(l.chunks)-1 {
		at = chunkMax // ascending order: leave the chunk full
	}
	l.grow()
	spare := l.chunks[len(l.chunks)-1]
	copy(l.chunks[p.chunk+2:], l.chunks[p.chunk+1:])
	full := l.chunks[p.chunk]
	l.chunks[p.chunk+1] = append(spare[:0], full[at:]...)
	clear(full[at:])
	l.chunks[p.chunk] = full[:at]
	if p.i >= at {
		return pos{p.chunk + 1, p.i - at}
	}
	return p
}

// reset empties l and keeps a little of its memory.
func (l *layer) reset() {
	if len(l.chunks) > 4 {
		clear(l.chunks[4:])
		l.chunks = l.chunks[:4]
	}
	for _, chunk := range l.chunks {
		clear(chunk)
	}
	l.chunks = l.chunks[:0]
	l.count, l.bytes = 0, 0
	l.gen++
}

// appendTo appends all mutations in order.
func (l *layer) appendTo(dst []Mutation) []Mutation {
	for _, chunk := range l.chunks {
		dst = append(dst, chunk...)
	}
	return dst
}
