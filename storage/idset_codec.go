package storage

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"gatehouse/directory"
	"gatehouse/storage/kv"
)

// The values of set keys and chunk keys (index_keys.go). The first byte says which:
//
//	set key    1 uvarint...    the IDs, each as the difference to the one before: up to inlineMax
//	set key    2               the IDs are in chunks
//	chunk key  3 oo oo ...     up to 63 offsets in the chunk, big-endian
//	chunk key  4 128 bytes     a bitmap of 16 big-endian words
const (
	setInline   = 1
	setChunked  = 2
	chunkList   = 3
	chunkBitmap = 4

	inlineMax    = 32 // IDs of a set that is one key
	inlineAgain  = 16 // a chunked set that shrinks to this becomes one key again
	chunkListMax = 63 // one more would be longer than the bitmap
)

var chunkedMarker = []byte{setChunked}

// appendInline appends the value of a set key that holds ids.
func appendInline(dst []byte, ids idSet) []byte {
	dst = append(dst, setInline)
	last := directory.EntryID(0)
	for _, id := range ids {
		dst = binary.AppendUvarint(dst, uint64(id-last))
		last = id
	}
	return dst
}

// appendInlineIDs appends the IDs of the value of a set key to dst. chunked says that they are in
// chunks instead.
func appendInlineIDs(dst []directory.EntryID, value []byte) (ids []directory.EntryID, chunked bool, err error) {
	switch {
	case len(value) == 1 && value[0] == setChunked:
		return dst, true, nil
	case len(value) == 0 || value[0] != setInline:
		return dst, false, fmt.Errorf("index set value: %w", kv.ErrCorrupt)
	}
	last := uint64(0)
	for rest := value[1:]; len(rest) > 0; {
		delta, n := binary.Uvarint(rest)
		if n <= 0 || delta == 0 || last+delta < last {
			return dst, false, fmt.Errorf("index set value: %w", kv.ErrCorrupt)
		}
		last += delta
		rest = rest[n:]
		dst = append(dst, directory.EntryID(last))
	}
	return dst, false, nil
}

// appendChunk appends the value of a chunk key.
func appendChunk(dst []byte, c *chunk) []byte {
	if c.count() > chunkListMax {
		dst = append(dst, chunkBitmap)
		for _, w := range c {
			dst = binary.BigEndian.AppendUint64(dst, w)
		}
		return dst
	}
	dst = append(dst, chunkList)
	for i, w := range c {
		for ; w != 0; w &= w - 1 {
			dst = binary.BigEndian.AppendUint16(dst, uint16(i*64+bits.TrailingZeros64(w)))
		}
	}
	return dst
}

// decodeChunk sets c to the value of a chunk key.
func decodeChunk(c *chunk, value []byte) error {
	*c = chunk{}
	return orChunk(c, value)
}

// orChunk adds the IDs of the value of a chunk key to c.
func orChunk(c *chunk, value []byte) error {
	switch {
	case len(value) == 1+len(c)*8 && value[0] == chunkBitmap:
		for i := range c {
			c[i] |= binary.BigEndian.Uint64(value[1+8*i:])
		}
		return nil
	case len(value)%2 == 1 && value[0] == chunkList:
		for rest := value[1:]; len(rest) > 0; rest = rest[2:] {
			off := directory.EntryID(binary.BigEndian.Uint16(rest))
			if off >= chunkIDs {
				return fmt.Errorf("index chunk value: %w", kv.ErrCorrupt)
			}
			c.add(off)
		}
		return nil
	}
	return fmt.Errorf("index chunk value: %w", kv.ErrCorrupt)
}

// countChunk returns the number of IDs in the value of a chunk key without decoding it.
func countChunk(value []byte) int {
	if len(value) > 0 && value[0] == chunkList {
		return (len(value) - 1) / 2
	}
	n := 0
	for i := 1; i+8 <= len(value); i += 8 {
		n += bits.OnesCount64(binary.BigEndian.Uint64(value[i:]))
	}
	return n
}
