// Package memkv is a kv.DB in memory, for tests: it has the versions, snapshots and errors of the
// store on disk, and faults on demand. A Hook makes a chosen commit slow or lets it fail, and
// Crash shows what a crash would have left.
package memkv

import (
	"bytes"
	"context"
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
