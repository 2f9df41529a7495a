package badgerkv

import (
	"fmt"
	"time"

	"github.com/dgraph-io/badger/v4"
	"golang.org/x/sys/unix"

	"gatehouse/storage/kv"
)

// spaceAge is how long one look at the free space counts.
const spaceAge = 100 * time.Millisecond

// A space guards the free space of the file system: with a full disk, a write through a memory map
// kills the process. It looks again after spaceAge, and after commits of a sixteenth of the fixed reserve,
// and before it refuses.
type space struct {
	dir     string
	reserve int64        // negative: no check
	rewrite func() int64 // what is reserved beside it: for a compaction; nil is nothing
	free    func(dir string) (int64, error)

	looked time.Time
	left   int64 // bytes above the reserve when looked
	taken  int64 // bytes committed since
}

// take allows a commit of n bytes, or returns kv.ErrNoSpace.
func (s *space) take(n int64) error {
	if s.reserve < 0 {
		return nil
	}
	n *= 2 // the write-ahead file, and later a table
	now := time.Now()
	if now.Sub(s.looked) >= spaceAge || s.taken >= s.reserve/16 || s.left-s.taken < n {
		free, err := s.free(s.dir)
		if err != nil {
			return fmt.Errorf("free space: %w", err)
		}
		if s.rewrite != nil {
			free -= s.rewrite()
		}
		s.looked, s.left, s.taken = now, free-s.reserve, 0
	}
	if s.left-s.taken < n {
		return kv.ErrNoSpace
	}
	s.taken += n
	return nil
}

// newSpace returns the guard of an open store.
func newSpace(opt *Options, db *badger.DB) space {
	s := space{dir: opt.Dir, reserve: opt.ReserveBytes, free: freeBytes}
	if s.reserve == 0 {
		s.reserve = 8 * opt.memTableBytes
		s.rewrite = func() int64 { return rewriteBytes(db) }
	}
	return s
}

// rewriteBytes returns how much the largest compaction writes before it deletes: level 0 and the base level.
func rewriteBytes(db *badger.DB) (bytes int64) {
	for _, level := range db.Levels() {
		if level.Level == 0 || level.IsBaseLevel {
			bytes += level.Size
		}
	}
	return bytes
}

// freeBytes returns the space that an unprivileged user may fill.
func freeBytes(dir string) (int64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, err
	}
	return int64(st.Bavail) * st.Bsize, nil
}
