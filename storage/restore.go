package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"

	"gatehouse/storage/kv"
)

// errRestored ends the reading of a backup whose receiver had enough.
var errRestored = errors.New("storage: restore stopped")

// RestoreInto fills an empty database with a backup and makes the side file in o.Dir. The store gets a new incarnation and
// node identity: positions of the old one (cookies, tokens) no longer fit. When it fails the database must be thrown away.
func RestoreInto(ctx context.Context, db kv.DB, r io.Reader, o Options) (BackupInfo, error) {
	o.setDefaults()
	h := Header{Format: formatVersion, Features: featureLevel}
	for _, id := range [][]byte{h.Incarnation[:], h.Node[:]} {
		if _, err := io.ReadFull(o.Rand, id); err != nil {
			return BackupInfo{}, err
		}
	}
	var info BackupInfo
	if err := db.Load(ctx, restoredRecords(r, &h, &info)); err != nil {
		return info, fmt.Errorf("restore: %w", err)
	}
	if o.Dir == "" {
		return info, nil
	}
	mark := sideMark{incarnation: h.Incarnation, csn: info.CSN, hash: info.Hash, floor: db.FlushedTimestamp()}
	return info, createSideFile(o.Dir, mark)
}

// restoredRecords yields the keys of a backup under the header h, and its error when it is not whole.
func restoredRecords(r io.Reader, h *Header, info *BackupInfo) iter.Seq2[kv.Record, error] {
	return func(yield func(kv.Record, error) bool) {
		node := kv.Record{Key: nodeIDKey, Value: seal(h.Node[:], 0, nodeIDKey), Version: 1}
		if !yield(node, nil) {
			return
		}
		headers := 0
		var err error
		*info, err = ReadBackup(r, func(rec kv.Record) error {
			if isNodeLocal(rec.Key) && string(rec.Key) != string(logStartKey) {
				return fmt.Errorf("%w: key %x belongs to one node", ErrBackup, rec.Key)
			}
			if string(rec.Key) == string(headerKey) {
				headers++
				h.Format, h.Features = formatVersion, featureLevel
				rec.Value = seal(h.append(nil), 0, headerKey)
			}
			if !yield(rec, nil) {
				return errRestored
			}
			return nil
		})
		if err == nil && headers != 1 {
			err = fmt.Errorf("%w: it has no header of a store", ErrBackup)
		}
		if err != nil && !errors.Is(err, errRestored) {
			yield(kv.Record{}, err)
		}
	}
}

// Restore makes the store of a backup in a new directory. It works in dir.restoring, checks every invariant there, and
// gives it the name dir only when all is well and on disk: a failed or killed restore leaves nothing that opens. open
// opens, or makes, the database of a directory.
func Restore(ctx context.Context, dir string, r io.Reader, open func(dir string) (kv.DB, error), o Options) (BackupInfo, error) {
	var info BackupInfo
	err := buildDir(dir, ".restoring", func(tmp string) error {
		o.Dir = tmp
		db, err := open(tmp)
		if err != nil {
			return err
		}
		if info, err = RestoreInto(ctx, db, r, o); err == nil {
			err = checkOpened(ctx, db, o)
		}
		return errors.Join(err, db.Close())
	})
	return info, err
}

// buildDir lets build fill a directory beside dir and renames it to dir when it succeeded.
func buildDir(dir, suffix string, build func(tmp string) error) error {
	dir = filepath.Clean(dir)
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s is there already and is not empty", dir)
	} else if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	tmp := dir + suffix
	if err := os.RemoveAll(tmp); err != nil { // of one that was killed
		return err
	}
	if err := os.MkdirAll(tmp, 0o700); err != nil {
		return err
	}
	err := build(tmp)
	if err == nil {
		err = syncDir(tmp)
	}
	if err == nil {
		err = os.Rename(tmp, dir) // replaces an empty directory
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(tmp))
	}
	return syncDir(filepath.Dir(dir))
}

// checkOpened opens a store that was just built, which verifies its log, and checks every invariant.
func checkOpened(ctx context.Context, db kv.DB, o Options) error {
	s, err := Open(db, o)
	if err != nil {
		return err
	}
	sn := s.Snapshot()
	var findings []error
	_, err = Check(ctx, sn, func(f Finding) {
		if len(findings) < 20 {
			findings = append(findings, f)
		}
	})
	sn.Close()
	return errors.Join(err, errors.Join(findings...), s.Close())
}
