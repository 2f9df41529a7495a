package main

import (
	"errors"
	"iter"

	"gatehouse/directory"
	"gatehouse/storage"
)

func isNotFound(err error) bool { return errors.Is(err, storage.ErrNotFound) }

// walk yields every entry of a snapshot, parents first and siblings by normalized RDN, or only those at and below the tops.
func walk(sn *storage.Snapshot, tops ...directory.EntryID) iter.Seq2[directory.EntryID, error] {
	return func(yield func(directory.EntryID, error) bool) {
		if len(tops) == 0 {
			contexts, err := sn.NamingContexts()
			if err != nil {
				yield(0, err)
				return
			}
			for _, c := range contexts {
				tops = append(tops, c.ID)
			}
		}
		for _, id := range tops {
			if !walkBelow(sn, id, yield) {
				return
			}
		}
	}
}

// walkBelow yields an entry and what is below it. Its depth is that of the tree.
func walkBelow(sn *storage.Snapshot, id directory.EntryID, yield func(directory.EntryID, error) bool) bool {
	if !yield(id, nil) {
		return false
	}
	if n, err := sn.ChildCount(id); err != nil || n == 0 {
		return err == nil || yield(0, err)
	}
	for child, err := range sn.Children(id) {
		if err != nil {
			return yield(0, err)
		}
		if !walkBelow(sn, child, yield) {
			return false
		}
	}
	return true
}
