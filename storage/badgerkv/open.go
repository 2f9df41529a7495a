package badgerkv

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/y"

	"gatehouse/storage/kv"
)

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
	db := &DB{opt: opt, db: bdb, lock: lock, space: newSpace(&opt, bdb)}
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
