// Package badgerkv is the kv.DB on disk: Badger in managed mode. It is the only home of Badger.
//
// A commit is one Badger transaction, written to the write-ahead file of the current memtable and
// synced once. What Badger leaves to its user is done here: the sync of a new write-ahead file's
// directory entry, the durable horizon, the registry of snapshots, and the check of free space.
package badgerkv

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"

	"gatehouse/storage/kv"
)

// DB is a kv.DB on disk.
type DB struct {
	opt      Options
	db       *badger.DB
	lock     *os.File
	registry kv.Registry
	horizon  *horizonFile // nil when read-only
	wal      *wal         // nil when read-only
	space    space

	bytesMax, keysMax int64

	writing sync.Mutex // one Commit, Load or Close at a time
	last    atomic.Uint64
	flushed atomic.Uint64
	broken  atomic.Bool
	closed  atomic.Bool
	checks  sync.WaitGroup // running VerifyChecksums
}

var _ kv.DB = (*DB)(nil)

// usable returns why the store cannot be used any more, or nil.
func (db *DB) usable() error {
	switch {
	case db.broken.Load():
		return kv.ErrBroken
	case db.closed.Load():
		return kv.ErrClosed
	}
	return nil
}

// writable returns why the store cannot be written, or nil.
func (db *DB) writable() error {
	if err := db.usable(); err != nil {
		return err
	}
	if db.opt.ReadOnly {
		return kv.ErrReadOnly
	}
	return nil
}

// MaxBatch implements kv.DB.
func (db *DB) MaxBatch() (bytesMax, keysMax int64) { return db.bytesMax, db.keysMax }

// LastTimestamp implements kv.DB.
func (db *DB) LastTimestamp() kv.Timestamp { return kv.Timestamp(db.last.Load()) }

// FlushedTimestamp implements kv.DB. Memtables are flushed in order and hold whole transactions,
// so that the highest version in a table is the floor.
func (db *DB) FlushedTimestamp() kv.Timestamp {
	if db.usable() == nil {
		for _, t := range db.db.Tables() {
			raise(&db.flushed, t.MaxVersion)
		}
	}
	return kv.Timestamp(db.flushed.Load())
}

// raise sets a to v unless it is higher: a compaction may drop the tombstone that was highest.
func raise(a *atomic.Uint64, v uint64) {
	for old := a.Load(); old < v && !a.CompareAndSwap(old, v); old = a.Load() {
	}
}

// SetHorizon implements kv.DB.
func (db *DB) SetHorizon(ts kv.Timestamp) (kv.Timestamp, error) {
	if err := db.writable(); err != nil {
		return db.registry.Horizon(), err
	}
	horizon := db.registry.Advance(ts, db.LastTimestamp())
	if err := db.horizon.write(horizon); err != nil {
		return horizon, fmt.Errorf("write horizon: %w", err)
	}
	// Only what is durable may be discarded: reads below it would silently find nothing.
	db.db.SetDiscardTs(uint64(db.horizon.durable()))
	return horizon, nil
}

// Horizon implements kv.DB.
func (db *DB) Horizon() kv.Timestamp { return db.registry.Horizon() }

// OldestSnapshot implements kv.DB.
func (db *DB) OldestSnapshot() (kv.Timestamp, bool) { return db.registry.Oldest() }

// Cut implements kv.DB.
func (db *DB) Cut(ts kv.Timestamp) int { return db.registry.Cut(ts) }

// Close implements kv.DB. It flushes the memtables, so that the next open has nothing to replay.
func (db *DB) Close() error {
	db.writing.Lock()
	defer db.writing.Unlock()
	if db.closed.Swap(true) {
		return nil
	}
	db.checks.Wait()
	err := db.db.Close()
	db.closeFiles()
	if err != nil {
		return fmt.Errorf("close store %s: %w", db.opt.Dir, err)
	}
	return nil
}

func (db *DB) closeFiles() {
	_ = db.lock.Close()
	if db.horizon != nil {
		_ = db.horizon.file.Close() // every write was synced
	}
	if db.wal != nil {
		db.wal.close()
	}
}
