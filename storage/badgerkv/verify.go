package badgerkv

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"gatehouse/storage/kv"
)

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
