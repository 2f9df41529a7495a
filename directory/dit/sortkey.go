package dit

import (
	"bytes"
	"encoding/binary"
	"slices"

	"gatehouse/directory"
)

// The first octet of a key. An entry without a value is larger than all with one (RFC 2891 section 2.2).
const (
	sortPresent byte = 1
	sortMissing byte = 2
)

// appendKeys appends what the candidate is sorted by: for each key its presence, its value with zeroes escaped, and two zeroes, all
// of it inverted where the order is reversed; then the ID.
func (x *Search) appendKeys(dst []byte) ([]byte, error) {
	for i := range x.controls.sort.keys {
		k := &x.controls.sort.keys[i]
		from := len(dst)
		value, is, err := x.smallest(k)
		switch {
		case err != nil:
			return dst, err
		case !is:
			dst = append(dst, sortMissing)
		default:
			dst = append(dst, sortPresent)
			for _, b := range value[:min(len(value), sortKeyBytesMax)] {
				if dst = append(dst, b); b == 0 {
					dst = append(dst, 1)
				}
			}
			dst = append(dst, 0, 0)
		}
		if k.reverse {
			for j := from; j < len(dst); j++ {
				dst[j] = ^dst[j]
			}
		}
	}
	return binary.BigEndian.AppendUint64(dst, uint64(x.c.id)), nil
}

// smallest returns the least value of the candidate for one key, as far as the session may search for it: an order tells as much as a
// filter does. What may not be searched is missing.
func (x *Search) smallest(k *sortKey) (value []byte, is bool, err error) {
	c := &x.c
	for _, a := range c.entry.Attributes() {
		if slices.Contains(k.types, a.Desc.TypeNo) {
			is = x.lessOf(k, a, is)
		}
	}
	for _, desc := range k.made {
		var a directory.Attribute
		if !c.rights.Search(desc) {
			continue
		}
		if desc.Is(directory.FlagReference) {
			a, err = c.sn.ReferenceAttribute(c.id, desc)
		} else {
			a, err = c.computed(desc)
		}
		if err != nil {
			return nil, false, err
		}
		if a.Len() > 0 {
			is = x.lessOf(k, a, is)
		}
	}
	return x.controls.sort.least, is, nil
}

// lessOf takes a value of the attribute into x.controls.sort.least if it is less than what is there; is says that there is something.
func (x *Search) lessOf(k *sortKey, a directory.Attribute, is bool) bool {
	if !x.c.rights.Search(a.Desc) || !containsEach(a.Desc.Options, k.options) {
		return is
	}
	s := x.controls.sort
	for v := range a.Values() {
		key, err := v, error(nil)
		if k.rule != nil {
			key, err = k.rule.Prepare(s.value[:0], v)
			s.value = key[:0]
		}
		if err == nil && (!is || bytes.Compare(key, s.least) < 0) {
			s.least, is = append(s.least[:0], key...), true
		}
	}
	return is
}

func containsEach(have, want []string) bool {
	for _, w := range want {
		if !slices.Contains(have, w) {
			return false
		}
	}
	return true
}
