package storage

import (
	"encoding/binary"
	"slices"
	"time"

	"gatehouse/directory"
)

// Stamp says when and by whom an entry was last changed, its memberships included. It is a record of its own, so that a change
// of a group's members neither rewrites nor guards the group.
type Stamp struct {
	CSN        directory.CSN // of the last change, of members of groups in it too: entryCSN and entryUSN
	ModifyTime time.Time     // microseconds, UTC
	Modifier   string        // DN as text

	authority directory.CSN // of the last change of the record or of a link in either direction
	linked    bool          // something links, or linked, to the entry
	member    bool          // by a membership
	gives     bool          // it has, or had, attributes that give rights without a link, see givesRights
	refs      []uint32      // sorted descriptions of reference attributes that it has, or had
}

// The value under idKey(tagStamp, id):
//
//	version 1 | flags | uvarint CSN | uvarint authority | varint Unix microseconds | uvarint count, descriptions | modifier | CRC
const (
	stampVersion = 1
	stampLinked  = 1 << 0
	stampMember  = 1 << 1
	stampGives   = 1 << 2
)

func appendStamp(dst, key []byte, st *Stamp) []byte {
	from := len(dst)
	flags := byte(0)
	if st.linked {
		flags |= stampLinked
	}
	if st.member {
		flags |= stampMember
	}
	if st.gives {
		flags |= stampGives
	}
	dst = append(dst, stampVersion, flags)
	dst = binary.AppendUvarint(dst, uint64(st.CSN))
	dst = binary.AppendUvarint(dst, uint64(st.authority))
	dst = binary.AppendVarint(dst, st.ModifyTime.UnixMicro())
	dst = binary.AppendUvarint(dst, uint64(len(st.refs)))
	for _, no := range st.refs {
		dst = binary.AppendUvarint(dst, uint64(no))
	}
	dst = append(dst, st.Modifier...)
	return seal(dst, from, key)
}

func decodeStamp(value, key []byte) (*Stamp, error) {
	body, err := unseal(value, key)
	if err != nil {
		return nil, err
	}
	d := decoder{b: body}
	if d.byte() != stampVersion {
		d.fail()
	}
	flags := d.byte()
	st := &Stamp{linked: flags&stampLinked != 0, member: flags&stampMember != 0, gives: flags&stampGives != 0}
	st.CSN = directory.CSN(d.uvarint())
	st.authority = directory.CSN(d.uvarint())
	st.ModifyTime = microTime(d.varint())
	if n := d.count(1); n > 0 {
		st.refs = make([]uint32, n)
		for i := range st.refs {
			st.refs[i] = uint32(d.uvarint())
		}
	}
	st.Modifier = string(d.b)
	if d.bad {
		return nil, corrupt("stamp of key %x", key)
	}
	return st, nil
}

// addRef notes that the entry has values of a reference attribute.
func (st *Stamp) addRef(no uint32) {
	if i, found := slices.BinarySearch(st.refs, no); !found {
		st.refs = slices.Insert(slices.Clone(st.refs), i, no)
	}
}

// dropRef notes that the entry has no value of a reference attribute any more.
func (st *Stamp) dropRef(no uint32) {
	if i, found := slices.BinarySearch(st.refs, no); found {
		st.refs = slices.Delete(slices.Clone(st.refs), i, i+1)
	}
}

func (st *Stamp) mayHave(no uint32) bool {
	_, found := slices.BinarySearch(st.refs, no)
	return found
}

// stamp returns the stamp of an entry, or ErrNotFound. It must not be changed.
func (v *view) stamp(id directory.EntryID) (*Stamp, error) {
	var buf [9]byte
	key := idKey(buf[:0], tagStamp, id)
	it, err := v.item(key)
	if err != nil {
		return nil, err
	}
	if !it.present {
		return nil, ErrNotFound
	}
	if st, ok := it.decoded.Load().(*Stamp); ok {
		return st, nil
	}
	st, err := decodeStamp(it.value(), append([]byte(nil), key...))
	if err != nil {
		return nil, err
	}
	v.keepDecoded(it, st, structBytes[Stamp]()+heapBytes(len(st.Modifier))+sliceBytes(st.refs))
	return st, nil
}

func (st *Stamp) setTime(micros int64) { st.ModifyTime = microTime(micros) }

func microTime(micros int64) time.Time { return time.UnixMicro(micros).UTC() }
