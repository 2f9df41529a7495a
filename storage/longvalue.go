package storage

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"

	"gatehouse/directory"
)

// A value set of more than longSetBytes stands in a table of its own, in parts of longPartBytes, so that the record of an
// entry with a photograph stays small. The record keeps its length and digest.
const (
	longSetBytes    = 4 << 10
	longPartBytes   = 128 << 10
	longDigestBytes = 16

	// setBytesMax bounds the values of one attribute of an entry. Beyond it a change is refused with adminLimitExceeded.
	setBytesMax = 2 << 20
	// valueBytesMax bounds one value, likewise.
	valueBytesMax = 512<<10 - 1
)

func longKey(dst []byte, id directory.EntryID, desc uint32, part int) []byte {
	dst = binary.BigEndian.AppendUint32(idKey(dst, tagLongValue, id), desc)
	return binary.BigEndian.AppendUint16(dst, uint16(part))
}

func longParts(length int) int { return (length + longPartBytes - 1) / longPartBytes }

func longDigest(set []byte) []byte {
	sum := sha256.Sum256(set)
	return sum[:longDigestBytes]
}

// longSet reads a long set.
func (v *view) longSet(id directory.EntryID, desc uint32, length int, digest []byte) ([]byte, error) {
	if length > setBytesMax {
		return nil, corrupt("long value %d of entry %d", desc, id)
	}
	set := make([]byte, 0, length)
	for part := range longParts(length) {
		p, err := v.getOnce(longKey(nil, id, desc, part))
		if err != nil {
			return nil, corrupt("part %d of long value %d of entry %d: %v", part, desc, id, err)
		}
		set = append(set, p...)
	}
	if len(set) != length || !bytes.Equal(longDigest(set), digest) {
		return nil, corrupt("digest of long value %d of entry %d", desc, id)
	}
	return set, nil
}

// putLongSet writes the parts of a long set in place of the set that is stored; nil is none. A set that is not long has
// no parts.
func (a *applier) putLongSet(id directory.EntryID, desc uint32, set, stored []byte) {
	before := 0
	if len(stored) > longSetBytes {
		if bytes.Equal(set, stored) {
			return
		}
		before = longParts(len(stored))
	}
	parts := longParts(len(set))
	for part := range max(parts, before) {
		key := longKey(nil, id, desc, part)
		if part < parts {
			a.o.Put(key, set[part*longPartBytes:min(len(set), (part+1)*longPartBytes)])
		} else {
			a.o.Delete(key)
		}
	}
}
