package storage

import (
	"errors"
	"fmt"

	"gatehouse/directory"
)

// holds reports whether a guard holds in this state.
func (v *view) holds(guard Guard) (bool, error) {
	switch g := guard.(type) {
	case Exists:
		return found(v.stamp(g.ID))
	case RecordAt:
		rec, err := v.record(g.ID)
		if err != nil {
			return found(rec, err)
		}
		return rec.csn == g.CSN, nil
	case NameFree:
		taken, err := found(v.child(g.Parent, g.NRDN))
		return !taken, err
	case NameIs:
		id, err := v.child(g.Parent, g.NRDN)
		if err != nil {
			return found(id, err)
		}
		return id == g.ID, nil
	case Ancestors:
		return v.standsAt(g.Chain)
	case NoChildren:
		n, err := v.childCount(g.ID)
		return n == 0, err
	case ChildCount:
		n, err := v.childCount(g.ID)
		return n == g.N, err
	case ReferencePresent:
		return v.hasReferenceTo(g.ID, g.Desc, g.Target)
	case ReferenceAbsent:
		has, err := v.hasReferenceTo(g.ID, g.Desc, g.Target)
		return !has, err
	case Authority:
		generation, err := v.authority(g.ID)
		if err != nil {
			return found(generation, err)
		}
		return generation == g.Generation, nil
	case ValueFree:
		has, err := v.hasValue(g.Desc, g.Value)
		return !has, err
	case Revision:
		_, csn, err := v.meta(g.Key)
		if errors.Is(err, ErrNotFound) {
			return g.CSN == 0, nil
		}
		return csn == g.CSN, err
	default:
		return false, fmt.Errorf("guard %T: %w", guard, ErrChange)
	}
}

// found turns ErrNotFound into false.
func found[T any](_ T, err error) (bool, error) {
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// standsAt reports whether an entry's way up is chain.
func (v *view) standsAt(chain []Ancestor) (bool, error) {
	for i, want := range chain {
		n, err := v.node(want.ID)
		if err != nil {
			return found(n, err)
		}
		above := directory.EntryID(0)
		if i+1 < len(chain) {
			above = chain[i+1].ID
		}
		if n.nrdn != want.NRDN || n.parent != above {
			return false, nil
		}
	}
	return true, nil
}
