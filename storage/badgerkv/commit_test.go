package badgerkv

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"gatehouse/storage/kv"
)

// TestEveryCommitIsSynced proves the invariants of wal with the real store: the file synced for a
// commit is the one that holds it, and a new file's directory entry is synced before.
func TestEveryCommitIsSynced(t *testing.T) {
	db := open(t, Options{Dir: t.TempDir(), memTableBytes: smallTable})
	var syncs, dirSyncs int
	var needle []byte
	known := map[string]bool{db.wal.file.Name(): true}
	db.wal.datasync = func(f *os.File) error {
		syncs++
		if !known[f.Name()] {
			t.Errorf("%s is synced before its directory entry", f.Name())
		}
		content, err := os.ReadFile(f.Name())
		if err != nil || !bytes.Contains(content, needle) {
			t.Errorf("%s does not hold %s: %v", f.Name(), needle, err)
		}
		return datasync(f)
	}
	db.wal.syncDir = func(*os.File) error {
		dirSyncs++
		known[db.wal.file.Name()] = true
		return nil
	}
	for ts := kv.Timestamp(1); ts <= 200; ts++ {
		needle = fmt.Appendf(nil, "<needle %d>", ts)
		commitText(t, db, ts, fmt.Sprintf("k=%s%s", needle, strings.Repeat("v", 30_000)))
		if syncs != int(ts) {
			t.Fatalf("%d syncs after commit %d", syncs, ts)
		}
	}
	if dirSyncs < 4 || dirSyncs != len(known)-1 {
		t.Errorf("%d directory syncs for %d new files", dirSyncs, len(known)-1)
	}
}

// TestFailedSync proves that a failed sync is final, and that reopening finds a whole state.
func TestFailedSync(t *testing.T) {
	db := open(t, Options{Dir: t.TempDir()})
	commitText(t, db, 1, "a=1")
	disk := errors.New("disk")
	db.wal.datasync = func(*os.File) error { return disk }
	if err := db.Commit(2, mutations("a=2")); !errors.Is(err, kv.ErrBroken) || !errors.Is(err, disk) {
		t.Fatalf("Commit: %v, want ErrBroken and the cause", err)
	}
	if got := db.LastTimestamp(); got != 1 {
		t.Errorf("LastTimestamp = %d, want 1", got)
	}
	db.wal.datasync = datasync
	if err := db.Commit(3, mutations("a=3")); !errors.Is(err, kv.ErrBroken) {
		t.Errorf("next Commit: %v, want ErrBroken", err)
	}
	if _, err := db.SnapshotAt(1); !errors.Is(err, kv.ErrBroken) {
		t.Errorf("SnapshotAt: %v, want ErrBroken", err)
	}
	if _, err := db.SetHorizon(1); !errors.Is(err, kv.ErrBroken) {
		t.Errorf("SetHorizon: %v, want ErrBroken", err)
	}
	db = reopen(t, db)
	if last := db.LastTimestamp(); last != 1 && last != 2 {
		t.Errorf("LastTimestamp after reopening = %d, want 1 or 2", last)
	}
	wantValue(t, db, db.LastTimestamp(), "a", fmt.Sprint(db.LastTimestamp()))
	commitText(t, db, 4, "a=4")
}

// TestFullDisk proves that the reserve refuses commits in time, and that space brings them back.
func TestFullDisk(t *testing.T) {
	db := open(t, Options{Dir: t.TempDir(), ReserveBytes: 1000})
	free := int64(1100)
	db.space.free = func(string) (int64, error) { return free, nil }
	commitText(t, db, 1, "a=1")
	large := strings.Repeat("v", 200)
	for range 2 {
		if err := db.Commit(2, mutations("b="+large)); !errors.Is(err, kv.ErrNoSpace) {
			t.Fatalf("Commit: %v, want ErrNoSpace", err)
		}
	}
	wantValue(t, db, 1, "a", "1")
	free = 10_000
	commitText(t, db, 2, "b="+large)
	wantValue(t, db, 2, "b", large)

	db.space.free = func(string) (int64, error) { return 0, errors.New("no look") }
	if err := db.Commit(3, mutations("c="+strings.Repeat("v", 20_000))); err == nil || errors.Is(err, kv.ErrBroken) {
		t.Errorf("Commit without knowledge of the space: %v, want an error that is not final", err)
	}
	db.space.free = freeBytes
	commitText(t, db, 4, "c=4")
}

// TestReserveCoversCompaction proves that the reserve grows with the tables that a compaction may rewrite.
func TestReserveCoversCompaction(t *testing.T) {
	db := open(t, Options{Dir: t.TempDir(), memTableBytes: smallTable})
	if got := rewriteBytes(db.db); got != 0 {
		t.Errorf("an empty store reserves %d bytes for a compaction", got)
	}
	value := strings.Repeat("v", 50_000)
	for ts := kv.Timestamp(1); db.FlushedTimestamp() < 60; ts++ {
		commitText(t, db, ts, fmt.Sprintf("k%04d=%s", ts, value))
	}
	tables := rewriteBytes(db.db)
	if tables < smallTable || tables > 100*smallTable {
		t.Errorf("%d bytes of tables are counted", tables)
	}
	free := int64(1 << 40)
	db.space.free = func(string) (int64, error) { return free, nil }
	db.space.rewrite = func() int64 { return tables }
	for _, test := range []struct {
		free int64
		want error
	}{{8*smallTable + tables + 1_000_000, nil}, {8*smallTable + tables - 1, kv.ErrNoSpace}, {8*smallTable + tables + 1_000_000, nil}} {
		free, db.space.looked = test.free, time.Time{}
		if err := db.Commit(db.LastTimestamp()+1, mutations("a=1")); !errors.Is(err, test.want) {
			t.Errorf("Commit with %d bytes free: %v, want %v", test.free, err, test.want)
		}
	}
}

// TestSpaceLooksAgain proves that commits in quick succession do not live on one old look.
func TestSpaceLooksAgain(t *testing.T) {
	free, looks := int64(1<<30), 0
	s := space{reserve: 1 << 20, free: func(string) (int64, error) { looks++; return free, nil }}
	for range 1000 {
		if err := s.take(1 << 14); err != nil {
			t.Fatal(err)
		}
	}
	if looks < 400 {
		t.Errorf("%d looks for 32 MiB with a reserve of 1 MiB", looks)
	}
}

func TestMakeDirKeepsMode(t *testing.T) {
	dir := t.TempDir() + "/new/db"
	open(t, Options{Dir: dir})
	st, err := os.Stat(dir)
	if err != nil || st.Mode().Perm() != 0o700 {
		t.Errorf("mode %v, %v, want 0700", st.Mode(), err)
	}
}
