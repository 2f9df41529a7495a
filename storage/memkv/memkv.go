// Package memkv is a kv.DB in memory, for tests: it has the versions, snapshots and errors of the
// store on disk, and faults on demand. A Hook makes a chosen commit slow or lets it fail, and
// Crash shows what a crash would have left.
package memkv

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"sort"
	"sync"

	"github.com/tidwall/btree"

	"gatehouse/storage/kv"
)

// Options configures a DB. The zero value is ready to use.
type Options struct {
	// BatchBytesMax and BatchKeysMax are what MaxBatch answers; 0 is 4 MiB and 20,000.
	BatchBytesMax, BatchKeysMax int64
	// FlushEvery is the number of commits after which all is flushed by itself; 0 is never.
	FlushEvery int
	// Hook, unless nil, is asked about each commit.
	Hook Hook
}

// DB is a kv.DB in memory.
//
// Each commit makes a new state: a copy-on-write tree of the live keys. The states from the
// horizon on are kept.
type DB struct {
	opt      Options
	registry kv.Registry

	mu      sync.Mutex
	states  []state      // ascending; the first is at or below the horizon
	base    state        // at the floor, also when the horizon is above it
	log     []logged     // commits that are not flushed
	flushed kv.Timestamp // the floor
	highest kv.Timestamp // LastTimestamp
	commits int          // calls of Commit that reached the hook
	failed  error        // ErrBroken or ErrClosed
}

type tree = btree.BTreeG[kv.Record]

type state struct {
	ts    kv.Timestamp
	tree  *tree
	bytes int64
}

type logged struct {
	ts   kv.Timestamp
	muts []kv.Mutation
}

var _ kv.DB = (*DB)(nil)

// Open returns an empty DB.
func Open(opt Options) *DB {
	if opt.BatchBytesMax == 0 {
		opt.BatchBytesMax = 4 << 20
	}
	if opt.BatchKeysMax == 0 {
		opt.BatchKeysMax = 20_000
	}
	empty := state{tree: newTree()}
	return &DB{opt: opt, states: []state{empty}, base: empty}
}

func newTree() *tree {
	less := func(a, b kv.Record) bool { return bytes.Compare(a.Key, b.Key) < 0 }
	return btree.NewBTreeGOptions(less, btree.Options{NoLocks: true})
}

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

// Flush moves the floor to the last commit, as a store on disk does when it writes its tables.
func (db *DB) Flush() {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.flush()
}

func (db *DB) flush() {
	db.log, db.flushed, db.base = nil, db.highest, db.states[len(db.states)-1]
}

// MaxBatch implements kv.DB.
func (db *DB) MaxBatch() (bytesMax, keysMax int64) {
	return db.opt.BatchBytesMax, db.opt.BatchKeysMax
}

// LastTimestamp implements kv.DB.
func (db *DB) LastTimestamp() kv.Timestamp {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.highest
}

// FlushedTimestamp implements kv.DB.
func (db *DB) FlushedTimestamp() kv.Timestamp {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.flushed
}

// SetHorizon implements kv.DB.
func (db *DB) SetHorizon(ts kv.Timestamp) (kv.Timestamp, error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.failed != nil {
		return db.registry.Horizon(), db.failed
	}
	horizon := db.registry.Advance(ts, db.highest)
	if i := db.stateAt(horizon); i > 0 {
		db.states = append([]state(nil), db.states[i:]...)
	}
	return horizon, nil
}

// stateAt returns the index of the state that ts shows.
func (db *DB) stateAt(ts kv.Timestamp) int {
	return sort.Search(len(db.states), func(i int) bool { return db.states[i].ts > ts }) - 1
}

// Horizon implements kv.DB.
func (db *DB) Horizon() kv.Timestamp { return db.registry.Horizon() }

// OldestSnapshot implements kv.DB.
func (db *DB) OldestSnapshot() (kv.Timestamp, bool) { return db.registry.Oldest() }

// Cut implements kv.DB.
func (db *DB) Cut(ts kv.Timestamp) int { return db.registry.Cut(ts) }

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

// VerifyChecksums implements kv.DB; memory has no checksums, so it finds nothing.
func (db *DB) VerifyChecksums(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return db.err()
}

// Size implements kv.DB: the live keys and values.
func (db *DB) Size() (lsm, vlog int64) {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.states[len(db.states)-1].bytes, 0
}

// Close implements kv.DB.
func (db *DB) Close() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.failed == nil {
		db.flush()
		db.failed = kv.ErrClosed
	}
	return nil
}

func (db *DB) err() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.failed
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
