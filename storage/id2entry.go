package storage

import (
	"encoding/binary"

	"gatehouse/directory"
)

// A record is what an entry has of its own. Its form, under idKey(tagRecord, id):
//
//	version 1
//	uvarint CSN              of the change that last wrote the record
//	uvarint parent           0 for a suffix entry
//	uvarint length, RDN      as written; the whole name of a suffix entry
//	uvarint length, NRDN     length 0: the same bytes as the RDN
//	uvarint number of attributes, then for each, in stored order:
//	  uvarint description number * 2 + long
//	  uvarint number of values
//	  uvarint length of the BER SET contents
//	  the set, or, when long is 1, the first 16 bytes of its SHA-256 (longvalue.go)
//	CRC-32C of key and all before
//
// The decoded form aliases the value.
type record struct {
	csn    directory.CSN
	parent directory.EntryID
	rdn    string
	nrdn   directory.NRDN
	entry  *directory.Entry
}

const recordVersion = 1

// recordBytesMax keeps a record below what the database takes as one value.
const recordBytesMax = 448 << 10

// appendRecord appends the record's value. key is where it will stand. Long sets are handed to long, which stores them.
func appendRecord(dst, key []byte, rec *record, t *descriptions, long func(desc uint32, set []byte) []byte) []byte {
	from := len(dst)
	dst = append(dst, recordVersion)
	dst = binary.AppendUvarint(dst, uint64(rec.csn))
	dst = binary.AppendUvarint(dst, uint64(rec.parent))
	dst = appendBytes(dst, rec.rdn)
	if string(rec.nrdn) == rec.rdn {
		dst = append(dst, 0)
	} else {
		dst = appendBytes(dst, rec.nrdn)
	}
	attrs := rec.entry.Attributes()
	dst = binary.AppendUvarint(dst, uint64(len(attrs)))
	for _, a := range attrs {
		no := t.number(a.Desc)
		isLong := uint64(0)
		set := a.Set()
		if len(set) > longSetBytes {
			isLong = 1
		}
		dst = binary.AppendUvarint(dst, uint64(no)<<1|isLong)
		dst = binary.AppendUvarint(dst, uint64(a.Len()))
		dst = binary.AppendUvarint(dst, uint64(len(set)))
		if isLong == 1 {
			set = long(no, set)
		}
		dst = append(dst, set...)
	}
	return seal(dst, from, key)
}

// decodeRecord takes a value apart. long fetches a long set.
func decodeRecord(value, key []byte, t *descriptions, long func(desc uint32, length int, digest []byte) ([]byte, error)) (*record, error) {
	body, err := unseal(value, key)
	if err != nil {
		return nil, err
	}
	d := decoder{b: body}
	rec := decodeRecordHead(&d)
	attrs := make([]directory.Attribute, d.count(3))
	for i := range attrs {
		no := d.uvarint()
		values, length := d.uvarint(), d.uvarint()
		set := d.b
		if no&1 == 0 {
			set = d.take(length)
		} else if digest := d.take(longDigestBytes); digest != nil {
			if set, err = long(uint32(no>>1), int(length), digest); err != nil {
				return nil, err
			}
		}
		desc, err := t.description(uint32(no >> 1))
		if d.bad || err != nil {
			return nil, corrupt("record of key %x", key)
		}
		attrs[i] = directory.AttributeFromSet(desc, set, int(values))
	}
	if !d.end() {
		return nil, corrupt("record of key %x", key)
	}
	rec.entry = directory.StoredEntry(attrs)
	return rec, nil
}

// decodeRecordHead reads a record up to its attributes.
func decodeRecordHead(d *decoder) *record {
	if d.byte() != recordVersion {
		d.fail()
	}
	rec := &record{csn: directory.CSN(d.uvarint()), parent: directory.EntryID(d.uvarint()), rdn: d.string()}
	if nrdn := d.bytes(); len(nrdn) > 0 {
		rec.nrdn = directory.NRDN(nrdn)
	} else {
		rec.nrdn = directory.NRDN(rec.rdn)
	}
	return rec
}

// record returns the decoded record of an entry, or ErrNotFound.
func (v *view) record(id directory.EntryID) (*record, error) {
	var buf [9]byte
	key := idKey(buf[:0], tagRecord, id)
	it, err := v.item(key)
	if err != nil {
		return nil, err
	}
	if !it.present {
		return nil, ErrNotFound
	}
	if rec, ok := it.decoded.Load().(*record); ok {
		return rec, nil
	}
	rec, err := decodeRecord(it.value, append([]byte(nil), key...), v.descs, func(desc uint32, length int, digest []byte) ([]byte, error) {
		return v.longSet(id, desc, length, digest)
	})
	if err != nil {
		return nil, err
	}
	it.decoded.Store(rec)
	return rec, nil
}
