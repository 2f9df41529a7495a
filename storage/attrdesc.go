package storage

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"

	"gatehouse/directory"
	"gatehouse/storage/kv"
)

// descriptions is the two-way table of attribute descriptions and their numbers in the store. Records and links hold numbers, so
// that a rename in the schema rewrites nothing. Numbers start at 1, are given in apply and never used again.
//
// A table is immutable; a change that meets a new description makes a larger one.
type descriptions struct {
	byNo []*directory.AttributeDescription // [0] is nil
	noOf map[*directory.AttributeDescription]uint32
}

// descKey is the key of a number's Key; its value is the Key itself, sealed.
func descKey(dst []byte, no uint32) []byte {
	return binary.BigEndian.AppendUint32(append(dst, tagDescription), no)
}

// number returns the number of a description; zero when the store does not know it.
func (t *descriptions) number(desc *directory.AttributeDescription) uint32 { return t.noOf[desc] }

// description returns the description of a number.
func (t *descriptions) description(no uint32) (*directory.AttributeDescription, error) {
	if no == 0 || int(no) >= len(t.byNo) {
		return nil, corrupt("description number %d", no)
	}
	return t.byNo[no], nil
}

// with returns a table that also has desc, under the next number.
func (t *descriptions) with(desc *directory.AttributeDescription) *descriptions {
	noOf := make(map[*directory.AttributeDescription]uint32, len(t.noOf)+1)
	maps.Copy(noOf, t.noOf)
	noOf[desc] = uint32(len(t.byNo))
	return &descriptions{byNo: append(t.byNo[:len(t.byNo):len(t.byNo)], desc), noOf: noOf}
}

// describer finds descriptions by name; the schema is one.
type describer interface {
	Description(name string) (*directory.AttributeDescription, error)
}

// loadDescriptions reads the table of a store. An attribute that the schema no longer has is an error: entries use it.
func loadDescriptions(r kv.Reader, s describer) (*descriptions, error) {
	t := &descriptions{
		byNo: make([]*directory.AttributeDescription, 1),
		noOf: make(map[*directory.AttributeDescription]uint32),
	}
	it := r.Scan(kv.ScanOptions{Prefix: []byte{tagDescription}})
	defer it.Close()
	var missing []error
	for it.Next() {
		value, err := it.Value()
		if err != nil {
			return nil, err
		}
		name, err := unseal(value, it.Key())
		if err != nil {
			return nil, err
		}
		if len(it.Key()) != 5 || binary.BigEndian.Uint32(it.Key()[1:]) != uint32(len(t.byNo)) {
			return nil, corrupt("description number after %d is missing", len(t.byNo)-1)
		}
		desc, err := s.Description(string(name))
		if err != nil {
			missing = append(missing, fmt.Errorf("the store has attribute %q, which the schema does not know: %w", name, err))
			desc = &directory.AttributeDescription{Name: string(name), Key: string(name)}
		}
		t.noOf[desc] = uint32(len(t.byNo))
		t.byNo = append(t.byNo, desc)
	}
	if err := it.Err(); err != nil {
		return nil, err
	}
	return t, errors.Join(missing...)
}
