// Package badgerkv is the kv.DB on disk: Badger in managed mode. It is the only home of Badger.
//
// A commit is one Badger transaction, written to the write-ahead file of the current memtable and
// synced once. What Badger leaves to its user is done here: the sync of a new write-ahead file's
// directory entry, the durable horizon, the registry of snapshots, and the check of free space.
package badgerkv

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/y"
	"golang.org/x/sys/unix"

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

// Open opens the store in opt.Dir. Errors: kv.ErrLocked when another process has it open,
// kv.ErrCorrupt when a checksum is wrong.
func Open(opt Options) (*DB, error) {
	opt = opt.withDefaults()
	if !opt.ReadOnly {
		if err := makeDir(opt.Dir); err != nil {
			return nil, fmt.Errorf("open store: %w", err)
		}
	}
	lock, err := lockDir(opt.Dir, opt.ReadOnly)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	bdb, err := badger.OpenManaged(opt.badger())
	if err != nil {
		_ = lock.Close()
		return nil, openError(opt, err)
	}
	db := &DB{opt: opt, db: bdb, lock: lock, space: space{dir: opt.Dir, reserve: opt.ReserveBytes, free: freeBytes}}
	db.bytesMax, db.keysMax = opt.maxBatch()
	if err := db.restore(); err != nil {
		err = errors.Join(fmt.Errorf("open store %s: %w", opt.Dir, err), bdb.Close())
		db.closeFiles()
		return nil, err
	}
	return db, nil
}

// restore finds the state that Badger does not keep.
func (db *DB) restore() error {
	found := db.db.MaxVersion()
	horizon, err := openHorizon(filepath.Join(db.opt.Dir, horizonName), found == 0, db.opt.ReadOnly)
	if err != nil {
		return err
	}
	db.registry.Restore(horizon.ts)
	// A horizon above all versions is possible: tombstones vanish, and so may lost commits.
	db.last.Store(max(found, uint64(horizon.ts)))
	if db.opt.ReadOnly {
		return horizon.file.Close()
	}
	db.horizon = horizon
	db.db.SetDiscardTs(uint64(horizon.ts))
	db.wal, err = openWAL(db.opt.Dir)
	return err
}

func makeDir(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	parent, err := os.Open(filepath.Dir(filepath.Clean(dir)))
	if err != nil {
		return err
	}
	return errors.Join(parent.Sync(), parent.Close())
}

func openError(opt Options, err error) error {
	// Badger keeps only the text of the errors that it wraps.
	switch text := err.Error(); {
	case strings.Contains(text, y.ErrChecksumMismatch.Error()):
		err = fmt.Errorf("%w: %w", kv.ErrCorrupt, err)
	case strings.Contains(text, badger.ErrTruncateNeeded.Error()):
		err = fmt.Errorf("it was not closed cleanly; open it for writing once: %w", err)
	}
	return fmt.Errorf("open store %s: %w", opt.Dir, err)
}

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

// VerifyChecksums implements kv.DB. When ctx ends it returns at once, but Close waits for the
// reading, which Badger cannot interrupt.
func (db *DB) VerifyChecksums(ctx context.Context) error {
	if err := errors.Join(ctx.Err(), db.usable()); err != nil {
		return err
	}
	done := make(chan error, 1)
	db.checks.Go(func() { done <- db.verify() })
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (db *DB) verify() (err error) {
	defer func() {
		// Badger trips over blocks whose framing is damaged.
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: a table cannot be parsed: %v", kv.ErrCorrupt, p)
		}
	}()
	if err := db.db.VerifyChecksum(); err != nil {
		return fmt.Errorf("%w: %w", kv.ErrCorrupt, err)
	}
	return nil
}

// Size implements kv.DB. It counts blocks on disk, since write-ahead files are sparse.
func (db *DB) Size() (lsm, vlog int64) {
	entries, _ := os.ReadDir(db.opt.Dir) // an unreadable directory has no size
	for _, e := range entries {
		var st unix.Stat_t
		if unix.Stat(filepath.Join(db.opt.Dir, e.Name()), &st) != nil {
			continue // deleted by a compaction meanwhile
		}
		switch filepath.Ext(e.Name()) {
		case ".sst", memExt:
			lsm += st.Blocks * 512
		case ".vlog":
			vlog += st.Blocks * 512
		}
	}
	return lsm, vlog
}

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
