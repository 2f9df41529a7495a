package storage

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"gatehouse/directory"
	"gatehouse/storage/badgerkv"
)

// killedStore is a directory as a killed process leaves it: what was written, with nothing closed.
type killedStore struct {
	dir     string
	csn     directory.CSN // acknowledged
	entries uint64
}

// kill copies the files of an open store when they have come to rest.
func kill(t *testing.T, f *fixture, dir string) killedStore {
	t.Helper()
	sn := f.snapshot()
	k := killedStore{t.TempDir(), f.Published(), sn.EntryCount()}
	copyTree(t, dir, k.dir)
	return k
}

func copyTree(t *testing.T, from, to string) {
	t.Helper()
	for {
		if err := os.RemoveAll(to); err != nil {
			t.Fatal(err)
		}
		before := listing(t, from)
		err := os.CopyFS(to, os.DirFS(from))
		if err == nil && slices.Equal(before, listing(t, from)) {
			return
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
}

func listing(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "db", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// open opens a copy of the store after damage did its work on it.
func (k killedStore) open(t *testing.T, damage func(dir string)) error {
	t.Helper()
	dir := t.TempDir()
	copyTree(t, k.dir, dir)
	damage(dir)
	db, err := badgerkv.Open(badgerkv.Options{Dir: filepath.Join(dir, "db"), ReserveBytes: -1})
	if err != nil {
		return err
	}
	defer db.Close()
	o := testOptions()
	o.Dir = dir
	s, err := Open(db, o)
	if err != nil {
		return err
	}
	defer s.Close()
	sn := s.Snapshot()
	defer sn.Close()
	if sn.CSN() != k.csn || sn.EntryCount() != k.entries {
		t.Errorf("opened with change %d and %d entries, acknowledged were change %d and %d entries", sn.CSN(), sn.EntryCount(), k.csn, k.entries)
	}
	return nil
}

// TestDamagedWriteAhead flips bytes in each write-ahead file of a killed store, and removes each. The store opens with
// every acknowledged change, or refuses and names what is missing.
func TestDamagedWriteAhead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, err := badgerkv.Open(badgerkv.Options{Dir: filepath.Join(dir, "db"), MemoryBudget: 1, ReserveBytes: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	o := testOptions()
	o.Dir = dir
	f := newFixture(t, db, o)
	base := f.create(0, "dc=x")
	photo := directory.NewAttribute(desc("description"), bytes.Repeat([]byte("photo"), 60_000))
	for i := 0; db.FlushedTimestamp() == 0; i++ { // more than one write buffer
		f.create(base, fmt.Sprint("cn=", i), photo)
	}
	if err := f.side.sync(db.FlushedTimestamp()); err != nil {
		t.Fatal(err)
	}
	for i := range 30 {
		f.create(base, fmt.Sprint("uid=", i), attr("uid", fmt.Sprint(i)))
	}
	k := kill(t, f, dir)
	if err := k.open(t, func(string) {}); err != nil {
		t.Fatalf("undamaged: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(k.dir, "db", "*.mem"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no write-ahead files: %v", err)
	}
	refused := 0
	check := func(what string, err error) {
		t.Helper()
		var lost *LogError
		switch {
		case err == nil:
		case errors.As(err, &lost) && lost.From > 0 && lost.To >= lost.From && lost.To <= k.csn:
			refused++
		default:
			t.Errorf("%s: %v, want a LogError that names changes up to %d", what, err, k.csn)
		}
	}
	for _, file := range files {
		name := filepath.Base(file)
		err := k.open(t, func(dir string) {
			if err := os.Remove(filepath.Join(dir, "db", name)); err != nil {
				t.Fatal(err)
			}
		})
		check(name+" removed", err)
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		end := len(bytes.TrimRight(content, "\x00"))
		const header = 20 // key ID and base IV of the file, without meaning when nothing is encrypted
		for _, at := range []int{header, header + 1, header + 5, end / 4, end / 2, end - 3000, end - 100, end - 10, end - 1} {
			if at < header || at >= end {
				continue
			}
			err := k.open(t, func(dir string) {
				damaged := bytes.Clone(content)
				damaged[at] ^= 0x08
				if err := os.WriteFile(filepath.Join(dir, "db", name), damaged, 0o600); err != nil {
					t.Fatal(err)
				}
			})
			check(fmt.Sprintf("%s with byte %d flipped", name, at), err)
		}
	}
	if refused < len(files) {
		t.Errorf("refused %d damaged stores of %d write-ahead files", refused, len(files))
	}
}

// TestPowerLoss removes what is not synced by itself: a side file that is older than the log proves less and opens.
func TestPowerLoss(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, err := badgerkv.Open(badgerkv.Options{Dir: filepath.Join(dir, "db"), ReserveBytes: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	o := testOptions()
	o.Dir = dir
	f := newFixture(t, db, o)
	base := f.create(0, "dc=x")
	old, err := os.ReadFile(filepath.Join(dir, sideFileName))
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		f.must(put(base))
	}
	k := kill(t, f, dir)
	err = k.open(t, func(dir string) {
		if err := os.WriteFile(filepath.Join(dir, sideFileName), old, 0o600); err != nil {
			t.Fatal(err)
		}
	})
	if err != nil {
		t.Errorf("Open with an older side file: %v", err)
	}
}
