package storage

import (
	"crypto/sha256"
	"encoding/binary"

	"gatehouse/directory"
)

// A state is what changes of every batch go on from. It is one value under tagHeader "state", written with each batch:
//
//	version 1 | uvarint CSN | hash (32) | uvarint next ID | uvarint next description | varint time | uvarint entries | uvarint unresolved | uvarint renamed | CRC
type state struct {
	csn        directory.CSN     // of the last change
	hash       [sha256.Size]byte // running hash of the log up to it
	nextID     directory.EntryID // the next entry gets it
	nextDesc   uint32            // the next description gets it
	lastTime   int64             // modifyTimestamp of the last change, Unix microseconds
	entries    uint64            // entries in the store
	unresolved uint64            // references that wait for their target
	renamed    directory.CSN     // the last change that gave an entry another name
}

const stateVersion = 1

var (
	stateKey   = []byte{tagHeader, 's'}
	nestingKey = []byte{tagHeader, 'n'}
)

func (st *state) append(dst []byte) []byte {
	from := len(dst)
	dst = append(dst, stateVersion)
	dst = binary.AppendUvarint(dst, uint64(st.csn))
	dst = append(dst, st.hash[:]...)
	dst = binary.AppendUvarint(dst, uint64(st.nextID))
	dst = binary.AppendUvarint(dst, uint64(st.nextDesc))
	dst = binary.AppendVarint(dst, st.lastTime)
	dst = binary.AppendUvarint(dst, st.entries)
	dst = binary.AppendUvarint(dst, st.unresolved)
	dst = binary.AppendUvarint(dst, uint64(st.renamed))
	return seal(dst, from, stateKey)
}

func decodeState(value []byte) (state, error) {
	body, err := unseal(value, stateKey)
	if err != nil {
		return state{}, err
	}
	d := decoder{b: body}
	var st state
	if v := d.byte(); v != stateVersion {
		return state{}, corrupt("state of version %d", v)
	}
	st.csn = directory.CSN(d.uvarint())
	copy(st.hash[:], d.take(sha256.Size))
	st.nextID = directory.EntryID(d.uvarint())
	st.nextDesc = uint32(d.uvarint())
	st.lastTime = d.varint()
	st.entries = d.uvarint()
	st.unresolved = d.uvarint()
	st.renamed = directory.CSN(d.uvarint())
	if !d.end() {
		return state{}, corrupt("state")
	}
	return st, nil
}
