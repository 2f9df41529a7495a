package storage

import (
	"errors"
	"fmt"
	"slices"

	"gatehouse/directory"
	"gatehouse/storage/kv"
)

// errNoIndex says that a question about a value needs an index that the store does not have.
var errNoIndex = errors.New("storage: the attribute has no index for this")

// valueIndex returns the index of exactly the type of an attribute that is kept in entries.
func (v *view) valueIndex(desc *directory.AttributeDescription, kind IndexKinds) (*attributeIndex, error) {
	a := v.store.indexes.ofType[desc.TypeNo]
	if a == nil || !a.has(kind) || a.source != fromEntry || desc.Is(directory.FlagReference) {
		return nil, fmt.Errorf("%s: %w", desc, errNoIndex)
	}
	return a, nil
}

// hasValue reports whether an entry has a value that equals this one. Of a long value that is perhaps another one with the same
// beginning.
func (v *view) hasValue(desc *directory.AttributeDescription, value []byte) (bool, error) {
	a, err := v.valueIndex(desc, IndexEquality)
	if err != nil {
		return false, err
	}
	key := appendIndexHead(nil, a.Number, kindEquality)
	if key, err = v.store.indexes.schema.AppendEqualityKey(key, desc, value); err != nil {
		return false, err
	}
	set, err := v.Get(shortenFrom(key, indexHeadBytes))
	if err != nil {
		if errors.Is(err, kv.ErrNotFound) {
			err = nil
		}
		return false, err
	}
	ids, chunked, err := appendInlineIDs(nil, set)
	return chunked || len(ids) > 0, err
}

// Greatest returns the entry with the greatest value of an attribute from least to most; zero if there is none.
func (sn *Snapshot) Greatest(desc *directory.AttributeDescription, least, most []byte) (directory.EntryID, error) {
	a, err := sn.valueIndex(desc, IndexOrdering)
	if err != nil {
		return 0, err
	}
	bound := func(value []byte) ([]byte, error) {
		key, err := sn.store.indexes.schema.AppendOrderingKey(nil, a.typ, value)
		return appendOrderingPart(appendIndexHead(nil, a.Number, kindOrdering), key), err
	}
	lo, err := bound(least)
	if err != nil {
		return 0, err
	}
	hi, err := bound(most)
	if err != nil {
		return 0, err
	}
	it := sn.Scan(kv.ScanOptions{
		Prefix: appendIndexHead(nil, a.Number, kindOrdering), Lo: lo, Hi: appendOrderingEnd(slices.Clip(hi)), Reverse: true, KeysOnly: true, Prefetch: 1,
	})
	defer it.Close()
	if !it.Next() {
		return 0, it.Err()
	}
	return idOfOrderingKey(it.Key()), it.Err()
}
