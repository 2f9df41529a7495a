package memkv

import (
	"fmt"

	"gatehouse/storage/kv"
)

// Commit implements kv.DB.
func (db *DB) Commit(ts kv.Timestamp, muts []kv.Mutation) error {
	total, err := kv.CheckMutations(muts)
	if err != nil {
		return err
	}
	if total > db.opt.BatchBytesMax || int64(len(muts)) > db.opt.BatchKeysMax {
		return kv.ErrTooBig
	}
	if len(muts) == 0 {
		return db.err()
	}
	n, err := db.beginCommit(ts)
	if err != nil {
		return err
	}
	fault := NoFault
	if db.opt.Hook != nil {
		fault = db.opt.Hook(n, ts)
	}
	muts = cloneMutations(muts, total)

	db.mu.Lock()
	defer db.mu.Unlock()
	if db.failed != nil {
		return db.failed
	}
	switch fault {
	case NoFault:
		db.apply(ts, muts)
		return nil
	case NoSpace:
		return kv.ErrNoSpace
	case FailKept:
		db.log = append(db.log, logged{ts, muts})
	case FailLost:
	}
	db.failed = kv.ErrBroken
	return fmt.Errorf("commit at %d: injected fault: %w", ts, kv.ErrBroken)
}

func (db *DB) beginCommit(ts kv.Timestamp) (n int, err error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	switch {
	case db.failed != nil:
		return 0, db.failed
	case ts <= db.highest:
		return 0, kv.ErrOrder
	}
	db.commits++
	return db.commits, nil
}

// apply makes the state after a commit. The slices of muts are kept.
func (db *DB) apply(ts kv.Timestamp, muts []kv.Mutation) {
	last := db.states[len(db.states)-1]
	next := state{ts: ts, tree: last.tree.Copy(), bytes: last.bytes}
	for _, m := range muts {
		var old kv.Record
		var had bool
		if m.Delete {
			old, had = next.tree.Delete(kv.Record{Key: m.Key})
		} else {
			old, had = next.tree.Set(kv.Record{Key: m.Key, Value: m.Value, Version: ts})
			next.bytes += int64(len(m.Key) + len(m.Value))
		}
		if had {
			next.bytes -= int64(len(old.Key) + len(old.Value))
		}
	}
	db.states = append(db.states, next)
	db.log = append(db.log, logged{ts, muts})
	db.highest = ts
	if db.opt.FlushEvery > 0 && len(db.log) >= db.opt.FlushEvery {
		db.flush()
	}
}

// cloneMutations copies muts with their bytes, total in sum, into memory of its own.
func cloneMutations(muts []kv.Mutation, total int64) []kv.Mutation {
	buf := make([]byte, 0, total)
	keep := func(b []byte) []byte {
		start := len(buf)
		buf = append(buf, b...)
		return buf[start:len(buf):len(buf)]
	}
	out := make([]kv.Mutation, len(muts))
	for i, m := range muts {
		out[i] = kv.Mutation{Key: keep(m.Key), Value: keep(m.Value), Delete: m.Delete}
	}
	return out
}
