package control

import (
	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/ber"
)

// The controls of server side sorting (RFC 2891).
const (
	Sort       = "1.2.840.113556.1.4.473"
	sortAnswer = "1.2.840.113556.1.4.474"
)

const (
	tagOrderingRule byte = 0x80
	tagReverseOrder byte = 0x81
	tagSortedBy     byte = 0x80
)

// sortKeysDecoded bounds the keys that are read; how many are served is for the backend to say.
const sortKeysDecoded = 64

func decodeSort(c *directory.Control, into *directory.RequestControls) error {
	d := ber.NewDecoder(c.Value)
	outer := d.Enter(ber.Sequence)
	var keys []directory.SortKey
	for d.More() && d.Err() == nil {
		if len(keys) == sortKeysDecoded {
			return directory.Errorf(directory.AdminLimitExceeded, "more than %d sort keys", sortKeysDecoded)
		}
		key := d.Enter(ber.Sequence)
		k := directory.SortKey{Attr: string(d.Octets(ber.OctetString))}
		if d.Peek() == tagOrderingRule {
			k.Rule = string(d.Octets(tagOrderingRule))
		}
		if d.Peek() == tagReverseOrder {
			k.Reverse = d.Boolean(tagReverseOrder)
		}
		if d.More() {
			d.Fail("more than the parts of a key, or one out of its place")
		}
		d.Leave(key)
		keys = append(keys, k)
	}
	d.Leave(outer)
	if d.Err() != nil || d.More() || len(keys) == 0 {
		return directory.Errorf(directory.ProtocolError, "the value of the sort control cannot be read")
	}
	into.Sort, into.SortCritical = keys, c.Criticality
	return nil
}

func answerSort(r *acl.SortResult) directory.Control {
	size := ber.Size(ber.IntegerSize(int64(r.Code)))
	if r.Attr != "" {
		size += ber.Size(len(r.Attr))
	}
	value := ber.AppendHeader(nil, ber.Sequence, size)
	value = ber.AppendInteger(value, ber.Enumerated, int64(r.Code))
	if r.Attr != "" {
		value = ber.AppendOctets(value, tagSortedBy, r.Attr)
	}
	return directory.Control{OID: sortAnswer, Value: value, HasValue: true}
}
