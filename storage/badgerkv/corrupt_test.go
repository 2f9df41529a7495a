package badgerkv

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gatehouse/storage/kv"
)

// TestCorruptTable flips a byte of a value in a table. It pins what this version of Badger does:
// the default open does not see it, the open with verification refuses.
func TestCorruptTable(t *testing.T) {
	db := open(t, Options{Dir: t.TempDir()})
	commitText(t, db, 1, "a="+strings.Repeat("needle", 1000))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	flip(t, filepath.Join(db.opt.Dir, "*.sst"), []byte("needle"))

	if _, err := Open(Options{Dir: db.opt.Dir, VerifyOnOpen: true}); !errors.Is(err, kv.ErrCorrupt) {
		t.Errorf("Open with verification: %v, want ErrCorrupt", err)
	}
	db = open(t, Options{Dir: db.opt.Dir})
	if err := db.VerifyChecksums(context.Background()); !errors.Is(err, kv.ErrCorrupt) || !strings.Contains(err.Error(), ".sst") {
		t.Errorf("VerifyChecksums: %v, want ErrCorrupt with the table", err)
	}
}

// flip changes one byte inside the needle in the only file that matches the pattern.
func flip(t *testing.T, pattern string, needle []byte) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) != 1 {
		t.Fatalf("%s: %q, %v, want one file", pattern, files, err)
	}
	content, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(content, needle)
	if at < 0 {
		t.Fatalf("%s does not hold %q", files[0], needle)
	}
	content[at+1] ^= 1
	if err := os.WriteFile(files[0], content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestFlippedWriteAhead pins the hazard that the log's own chain of hashes is there for: Badger
// opens without a word although acknowledged commits in the middle are gone.
func TestFlippedWriteAhead(t *testing.T) {
	db := open(t, Options{Dir: t.TempDir(), memTableBytes: smallTable})
	filler := strings.Repeat("f", 100_000)
	for ts := kv.Timestamp(1); ts <= 25; ts++ { // more than two write buffers
		commitText(t, db, ts, "filler="+filler, "k"+string(rune('a'+ts))+"=needle"+string(rune('a'+ts)))
	}
	dir := copyStore(t, db)
	files, err := filepath.Glob(filepath.Join(dir, "*.mem"))
	if err != nil || len(files) == 0 {
		t.Fatalf("write-ahead files %q, %v", files, err)
	}
	flip(t, files[len(files)-1], []byte("needle"+string(rune('a'+24))))
	damaged, err := Open(Options{Dir: dir, memTableBytes: smallTable})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	defer damaged.Close()
	if last := damaged.LastTimestamp(); last != 23 {
		t.Errorf("LastTimestamp = %d, want 23: the flipped commit 24 and 25 after it are lost", last)
	}
}

// TestLostWriteAhead removes the write-ahead file of acknowledged commits below the horizon. The
// store must still open at a state that can be read, so that the log's check can name what is lost.
func TestLostWriteAhead(t *testing.T) {
	db := open(t, Options{Dir: t.TempDir()})
	for ts := kv.Timestamp(1); ts <= 5; ts++ {
		commitText(t, db, ts, "a=1")
	}
	if _, err := db.SetHorizon(4); err != nil {
		t.Fatal(err)
	}
	dir := copyStore(t, db)
	files, err := filepath.Glob(filepath.Join(dir, "*.mem"))
	if err != nil || len(files) != 1 {
		t.Fatalf("write-ahead files %q, %v", files, err)
	}
	if err := os.Remove(files[0]); err != nil {
		t.Fatal(err)
	}
	lost := open(t, Options{Dir: dir})
	if got := lost.LastTimestamp(); got != 4 {
		t.Errorf("LastTimestamp = %d, want the horizon, 4", got)
	}
	snap, err := lost.SnapshotAt(lost.LastTimestamp())
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	if _, err := snap.Get([]byte("a")); !errors.Is(err, kv.ErrNotFound) {
		t.Errorf("Get: %v, want ErrNotFound", err)
	}
}

func TestHorizonFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), horizonName)
	reload := func(isNew bool) (*horizonFile, error) {
		h, err := openHorizon(path, isNew, false)
		if err == nil {
			t.Cleanup(func() { h.file.Close() })
		}
		return h, err
	}
	if _, err := reload(false); !errors.Is(err, kv.ErrCorrupt) {
		t.Errorf("missing file: %v, want ErrCorrupt", err)
	}
	h, err := reload(true)
	if err != nil {
		t.Fatal(err)
	}
	for _, ts := range []kv.Timestamp{5, 9, 7, 9} { // 7 is behind: nothing is written
		if err := h.write(ts); err != nil {
			t.Fatal(err)
		}
	}
	if h, err = reload(false); err != nil || h.ts != 9 || h.generation != 3 {
		t.Fatalf("reloaded %+v, %v, want horizon 9 in generation 3", h, err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := range horizonBytes {
		torn := bytes.Clone(good)
		torn[horizonSlot+at] ^= 0x40 // generation 3 is in the second slot
		if err := os.WriteFile(path, torn, 0o600); err != nil {
			t.Fatal(err)
		}
		if h, err := reload(false); err != nil || h.ts != 5 {
			t.Fatalf("byte %d torn: %+v, %v, want the horizon before", at, h, err)
		}
		torn[at] ^= 0x40
		if err := os.WriteFile(path, torn, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := reload(false); !errors.Is(err, kv.ErrCorrupt) {
			t.Fatalf("both slots torn at byte %d: %v, want ErrCorrupt", at, err)
		}
	}
}

// TestMissingHorizon proves that a store with data does not open without its horizon.
func TestMissingHorizon(t *testing.T) {
	db := open(t, Options{Dir: t.TempDir()})
	commitText(t, db, 1, "a=1")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(db.opt.Dir, horizonName)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Options{Dir: db.opt.Dir}); !errors.Is(err, kv.ErrCorrupt) {
		t.Errorf("Open: %v, want ErrCorrupt", err)
	}
}
