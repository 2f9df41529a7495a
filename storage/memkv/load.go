package memkv

import (
	"bytes"
	"context"
	"iter"

	"gatehouse/storage/kv"
)

// Load implements kv.DB.
func (db *DB) Load(ctx context.Context, records iter.Seq2[kv.Record, error]) error {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.failed != nil {
		return db.failed
	}
	if db.highest > 0 {
		return kv.ErrNotEmpty
	}
	next := state{tree: newTree()}
	var before []byte
	for r, err := range records {
		if err == nil {
			err = kv.CheckLoad(ctx, before, r)
		}
		if err != nil {
			db.failed = kv.ErrBroken
			return err
		}
		r.Key, r.Value = bytes.Clone(r.Key), append([]byte{}, r.Value...)
		next.tree.Load(r)
		next.bytes += int64(len(r.Key) + len(r.Value))
		next.ts = max(next.ts, r.Version)
		before = r.Key
	}
	db.states, db.highest = []state{next}, next.ts
	db.flush()
	db.registry.Restore(next.ts)
	return nil
}
