package storage

import (
	"bytes"
	"encoding/binary"

	"gatehouse/directory"
)

// Index keys. All begin with tagIndex and the big-endian number of the index:
//
//	x nn E key            equality: the IDs of one key, or a marker that they are in chunks
//	x nn e ll key cccccccc   one chunk of them; ll is the length of key, c is ID>>10
//	x nn S ggg            substring: the IDs of one n-gram, or a marker
//	x nn s 0003 ggg cccccccc
//	x nn O key' iiiiiiii  ordering: one ID; key' is escaped (appendOrderingPart)
//	x nn P                presence: the IDs of entries that have, or had, links
//	x nn P t              presence: those with a value that is no link
//	x nn p ll cccccccc, x nn p ll t cccccccc
//
// The length in chunk keys keeps the chunks of one set together: without it a longer key with the
// same beginning would lie among them.
const (
	tagIndex = 'x'

	kindEquality  = 'E'
	kindSubstring = 'S'
	kindOrdering  = 'O'
	kindPresence  = 'P'

	presentText = 't'

	chunkKindBit = 0x20 // E -> e, S -> s, P -> p

	indexHeadBytes = 4 // tag, number, kind
)

// Equality keys are shortened as all long key parts are (keys.go); the filter tells two values apart
// that share the prefix and the hash. An ordering key longer than this is cut, which keeps its order.
const orderingKeyBytesMax = 128

// appendIndexHead appends what the keys of one index and kind begin with.
func appendIndexHead(dst []byte, number uint16, kind byte) []byte {
	return append(dst, tagIndex, byte(number>>8), byte(number), kind)
}

// shortenFrom does to the key part that begins at dst[from:] what appendShort does.
func shortenFrom(dst []byte, from int) []byte {
	if !isLong(dst[from:]) {
		return dst
	}
	return appendShort(dst[:from], bytes.Clone(dst[from:]))
}

// appendChunkKey appends the key of chunk no of the set whose own key is set.
func appendChunkKey(dst, set []byte, no uint64) []byte {
	return binary.BigEndian.AppendUint64(appendChunkPrefix(dst, set), no)
}

// appendChunkPrefix appends what the chunk keys of a set begin with.
func appendChunkPrefix(dst, set []byte) []byte {
	dst = append(dst, set[0], set[1], set[2], set[3]|chunkKindBit)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(set)-indexHeadBytes))
	return append(dst, set[indexHeadBytes:]...)
}

// setKeyOfChunk is the inverse of appendChunkKey; ok is false when key is no chunk key.
func setKeyOfChunk(dst, key []byte) (set []byte, no uint64, ok bool) {
	const fixed = indexHeadBytes + 2 + 8
	if len(key) < fixed || key[3]&chunkKindBit == 0 {
		return nil, 0, false
	}
	n := int(binary.BigEndian.Uint16(key[indexHeadBytes:]))
	if len(key) != fixed+n {
		return nil, 0, false
	}
	dst = append(dst, key[0], key[1], key[2], key[3]&^chunkKindBit)
	dst = append(dst, key[indexHeadBytes+2:indexHeadBytes+2+n]...)
	return dst, binary.BigEndian.Uint64(key[len(key)-8:]), true
}

// appendOrderingPart appends an ordering key so that no longer key sorts between it and its IDs:
// a zero byte becomes 00 FF, and the ID that follows begins with 00 and less than FF, because
// IDs stay below 2^55. A key longer than orderingKeyBytesMax is cut.
func appendOrderingPart(dst, key []byte) []byte {
	if len(key) > orderingKeyBytesMax {
		key = key[:orderingKeyBytesMax]
	}
	for _, b := range key {
		if dst = append(dst, b); b == 0 {
			dst = append(dst, 0xff)
		}
	}
	return dst
}

// appendOrderingID appends the ID behind an ordering part.
func appendOrderingID(dst []byte, id directory.EntryID) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(id))
}

// appendOrderingEnd appends what is greater than every ID behind an ordering part and less than
// the next ordering part.
func appendOrderingEnd(dst []byte) []byte { return append(dst, 0x00, 0xff) }

// idOfOrderingKey returns the ID at the end of an ordering key; zero when key is too short.
func idOfOrderingKey(key []byte) directory.EntryID {
	if len(key) < indexHeadBytes+8 {
		return 0
	}
	return directory.EntryID(binary.BigEndian.Uint64(key[len(key)-8:]))
}
