package storage

import (
	"encoding/binary"
	"errors"

	"gatehouse/directory"
)

// Versioned metadata: the policy, the schema's digest, index definitions. It is changed by [PutMeta] like everything else,
// so that the log says which revision a change was decided under. The value under metaKey:
//
//	uvarint CSN of the change that wrote it | value | CRC
func metaKey(dst []byte, key string) []byte { return append(append(dst, tagMeta), key...) }

// Bounds of a PutMeta: of its key and of its value.
const (
	metaKeyBytesMax = 256
	metaBytesMax    = 448 << 10
)

func appendMeta(dst, key []byte, csn directory.CSN, value []byte) []byte {
	from := len(dst)
	dst = binary.AppendUvarint(dst, uint64(csn))
	return seal(append(dst, value...), from, key)
}

func (v *view) meta(name string) ([]byte, directory.CSN, error) {
	key := metaKey(nil, name)
	value, err := v.Get(key)
	if err != nil {
		return nil, 0, err
	}
	body, err := unseal(value, key)
	if err != nil {
		return nil, 0, err
	}
	csn, n := binary.Uvarint(body)
	if n <= 0 {
		return nil, 0, corrupt("metadata %q", name)
	}
	return body[n:], directory.CSN(csn), nil
}

// nesting returns the change that last moved a group within groups.
func (v *view) nesting() (directory.CSN, error) {
	it, err := v.item(nestingKey)
	if err != nil || !it.present {
		return 0, err
	}
	if csn, ok := it.decoded.Load().(directory.CSN); ok {
		return csn, nil
	}
	body, err := unseal(it.value(), nestingKey)
	if err != nil || len(body) != 8 {
		return 0, errors.Join(corrupt("nesting generation"), err)
	}
	csn := directory.CSN(binary.BigEndian.Uint64(body))
	v.keepDecoded(it, csn, structBytes[directory.CSN]())
	return csn, nil
}

// authority returns the generation of an entry's rights: the newest change of its record, of a link in either direction,
// or of the nesting of groups. CSNs grow, so the greatest of them changes when any of them does.
func (v *view) authority(id directory.EntryID) (Generation, error) {
	st, err := v.stamp(id)
	if err != nil {
		return 0, err
	}
	nesting, err := v.nesting()
	if err != nil {
		return 0, err
	}
	return Generation(max(st.authority, nesting)), nil
}
