package kv

import (
	"bytes"
	"context"
)

// Bounds returns the range [lo, hi) that o selects: the intersection of its Prefix, Lo and Hi. A
// nil hi is no upper bound. ok is false when the range is empty.
func (o *ScanOptions) Bounds() (lo, hi []byte, ok bool) {
	lo, hi = o.Lo, o.Hi
	if len(o.Prefix) > 0 {
		if bytes.Compare(o.Prefix, lo) > 0 {
			lo = o.Prefix
		}
		if end := PrefixEnd(o.Prefix); hi == nil || (end != nil && bytes.Compare(end, hi) < 0) {
			hi = end
		}
	}
	return lo, hi, hi == nil || bytes.Compare(lo, hi) < 0
}

// PrefixEnd returns the least key that is greater than every key with the prefix, or nil when
// there is none (the prefix is empty or all 0xff).
func PrefixEnd(prefix []byte) []byte {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] != 0xff {
			end := bytes.Clone(prefix[:i+1])
			end[i]++
			return end
		}
	}
	return nil
}

// CheckMutations verifies what Commit demands of its mutations: keys in ascending order without
// duplicates, and every key and value within bounds. It returns the sum of key and value bytes.
func CheckMutations(muts []Mutation) (total int64, err error) {
	for i := range muts {
		m := &muts[i]
		if err := CheckPair(m.Key, m.Value); err != nil {
			return 0, err
		}
		if i > 0 && bytes.Compare(muts[i-1].Key, m.Key) >= 0 {
			return 0, ErrOrder
		}
		total += int64(len(m.Key)) + int64(len(m.Value))
	}
	return total, nil
}

// CheckPair verifies that a key and its value are within bounds.
func CheckPair(key, value []byte) error {
	switch {
	case len(key) == 0, len(key) > KeyBytesMax, bytes.HasPrefix(key, reservedPrefix):
		return ErrKey
	case len(value) > ValueBytesMax:
		return ErrTooBig
	}
	return nil
}

var reservedPrefix = []byte(ReservedPrefix)

// CheckLoad verifies one record of a Load after the key before it (nil for the first).
func CheckLoad(ctx context.Context, before []byte, r Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.Version == 0 || (before != nil && bytes.Compare(before, r.Key) >= 0) {
		return ErrOrder
	}
	return CheckPair(r.Key, r.Value)
}
