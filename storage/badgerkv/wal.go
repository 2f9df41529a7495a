package badgerkv

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// memExt ends the names of the write-ahead files, one for each memtable: 00001.mem, 00002.mem.
const memExt = ".mem"

// A wal makes commits durable. Badger's own SyncWrites syncs the empty value log with every commit
// as well, and swallows its errors; it never syncs the directory entry of a new write-ahead file.
//
//  1. Commits are made one at a time, and each is wholly in the file that is current when Badger
//     has written it: Badger turns to a new file only before a transaction.
//  2. A commit is synced before the next one begins. So whatever is in earlier files is durable,
//     and the current file is the only one to sync.
//  3. Files are numbered without gaps, and no file is deleted before a later commit replaced it. So
//     the current file changed if and only if the next number exists.
//
// Badger writes through a shared memory map; fdatasync of the same inode covers it on Linux.
type wal struct {
	dir      string
	dirFile  *os.File
	file     *os.File // the current one
	number   int64
	nextPath string

	datasync func(*os.File) error // replaced in tests
	syncDir  func(*os.File) error
}

// openWAL finds the write-ahead file that Badger has just made and syncs its directory entry.
func openWAL(dir string) (*wal, error) {
	dirFile, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	w := &wal{dir: dir, dirFile: dirFile, datasync: datasync, syncDir: (*os.File).Sync}
	if err := w.rescan(); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// datasync makes the content and length of f durable.
func datasync(f *os.File) error {
	for {
		if err := unix.Fdatasync(int(f.Fd())); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// rescan finds the current file after Badger was opened or loaded.
func (w *wal) rescan() error {
	entries, err := os.ReadDir(w.dir)
	if err != nil {
		return err
	}
	last := int64(-1)
	for _, e := range entries {
		if number, ok := strings.CutSuffix(e.Name(), memExt); ok {
			if n, err := strconv.ParseInt(number, 10, 64); err == nil {
				last = max(last, n)
			}
		}
	}
	if last < 0 {
		return fmt.Errorf("no write-ahead file in %s", w.dir)
	}
	return w.turnTo(last)
}

// turnTo makes the file with the number current and its directory entry durable.
func (w *wal) turnTo(number int64) error {
	file, err := os.Open(w.path(number))
	if err != nil {
		return err
	}
	if w.file != nil {
		_ = w.file.Close() // nothing was written through it
	}
	w.file, w.number, w.nextPath = file, number, w.path(number+1)
	return w.syncDir(w.dirFile)
}

func (w *wal) path(number int64) string {
	return filepath.Join(w.dir, fmt.Sprintf("%05d%s", number, memExt))
}

// sync makes the commit that Badger has just written durable.
func (w *wal) sync() error {
	switch err := unix.Access(w.nextPath, unix.F_OK); {
	case err == nil:
		if err := w.turnTo(w.number + 1); err != nil {
			return err
		}
	case !errors.Is(err, unix.ENOENT):
		return fmt.Errorf("look for %s: %w", w.nextPath, err)
	}
	return w.datasync(w.file)
}

func (w *wal) close() {
	if w.file != nil {
		_ = w.file.Close()
	}
	_ = w.dirFile.Close()
}
