package badgerkv

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dgraph-io/badger/v4"

	"gatehouse/storage/kv"
	"gatehouse/storage/kv/kvtest"
)

// smallTable is a write buffer that turns over often.
const smallTable = 1 << 20

// open opens a store that is closed at the end of the test.
func open(t testing.TB, opt Options) *DB {
	t.Helper()
	db, err := Open(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func reopen(t testing.TB, db *DB) *DB {
	t.Helper()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return open(t, db.opt)
}

func store(memTableBytes int64) kvtest.Store {
	return kvtest.Store{
		New: func(t testing.TB) kv.DB {
			return open(t, Options{Dir: filepath.Join(t.TempDir(), "db"), memTableBytes: memTableBytes})
		},
		Reopen: func(t testing.TB, db kv.DB) kv.DB { return reopen(t, db.(*DB)) },
	}
}

func TestConformance(t *testing.T) {
	t.Run("small write buffers", func(t *testing.T) { kvtest.Run(t, store(smallTable)) })
	t.Run("default write buffers", func(t *testing.T) { kvtest.Run(t, store(0)) })
}

func BenchmarkBadgerKV(b *testing.B) { kvtest.Bench(b, store(0)) }

// commitText writes "key=value" pairs, which must be sorted.
func commitText(t testing.TB, db *DB, ts kv.Timestamp, pairs ...string) {
	t.Helper()
	if err := db.Commit(ts, mutations(pairs...)); err != nil {
		t.Fatalf("Commit(%d): %v", ts, err)
	}
}

func mutations(pairs ...string) (muts []kv.Mutation) {
	for _, p := range pairs {
		key, value, _ := strings.Cut(p, "=")
		muts = append(muts, kv.Mutation{Key: []byte(key), Value: []byte(value)})
	}
	return muts
}

func wantValue(t testing.TB, db *DB, ts kv.Timestamp, key, want string) {
	t.Helper()
	snap, err := db.SnapshotAt(ts)
	if err != nil {
		t.Fatalf("SnapshotAt(%d): %v", ts, err)
	}
	defer snap.Close()
	if got, err := snap.Get([]byte(key)); err != nil || string(got) != want {
		t.Fatalf("at %d: %s = %.20q, %v, want %.20q", ts, key, got, err, want)
	}
}

func TestLocked(t *testing.T) {
	db := open(t, Options{Dir: t.TempDir()})
	for _, readOnly := range []bool{false, true} {
		if _, err := Open(Options{Dir: db.opt.Dir, ReadOnly: readOnly}); !errors.Is(err, kv.ErrLocked) {
			t.Errorf("second Open, read-only %v: %v, want ErrLocked", readOnly, err)
		}
	}
	// Badger's own lock is the same.
	if bdb, err := badger.OpenManaged(badger.DefaultOptions(db.opt.Dir).WithLogger(nil)); err == nil {
		bdb.Close()
		t.Error("Badger opened a locked store")
	}
	reopen(t, db)
}

func TestReadOnly(t *testing.T) {
	dir := t.TempDir()
	db := open(t, Options{Dir: dir})
	commitText(t, db, 7, "a=1")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = open(t, Options{Dir: dir, ReadOnly: true})
	wantValue(t, db, 7, "a", "1")
	if err := db.Commit(8, mutations("a=2")); !errors.Is(err, kv.ErrReadOnly) {
		t.Errorf("Commit: %v, want ErrReadOnly", err)
	}
	if _, err := db.SetHorizon(7); !errors.Is(err, kv.ErrReadOnly) {
		t.Errorf("SetHorizon: %v, want ErrReadOnly", err)
	}
	if _, err := Open(Options{Dir: filepath.Join(dir, "none"), ReadOnly: true}); err == nil {
		t.Error("a missing store opened for reading")
	}
}

// TestKilled opens what is on disk while the store is open, which is what a killed process leaves.
func TestKilled(t *testing.T) {
	db := open(t, Options{Dir: t.TempDir(), memTableBytes: smallTable})
	value := strings.Repeat("v", 50_000)
	for ts := kv.Timestamp(1); ts <= 60; ts++ { // three write buffers
		commitText(t, db, ts, fmt.Sprintf("k%02d=%s", ts, value), fmt.Sprintf("last=%d", ts))
	}
	if _, err := db.SetHorizon(40); err != nil {
		t.Fatal(err)
	}
	killed := open(t, Options{Dir: copyStore(t, db), memTableBytes: smallTable})
	if got := killed.LastTimestamp(); got != 60 {
		t.Errorf("LastTimestamp = %d, want 60", got)
	}
	if got := killed.Horizon(); got != 40 {
		t.Errorf("Horizon = %d, want 40", got)
	}
	for ts := kv.Timestamp(40); ts <= 60; ts++ {
		wantValue(t, killed, ts, "last", fmt.Sprint(ts))
		wantValue(t, killed, ts, "k01", value)
		wantValue(t, killed, ts, fmt.Sprintf("k%02d", ts), value)
	}
	commitText(t, killed, 61, "last=61")
	wantValue(t, killed, 61, "last", "61")
}

// copyStore copies the directory of an open store when its flushes have come to rest.
func copyStore(t *testing.T, db *DB) string {
	t.Helper()
	dir := t.TempDir()
	files, err := filepath.Glob(filepath.Join(db.opt.Dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if errors.Is(err, os.ErrNotExist) {
			return copyStore(t, db) // a flush or a compaction went on meanwhile
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(file)), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	after, err := filepath.Glob(filepath.Join(db.opt.Dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(after, "\n") != strings.Join(files, "\n") {
		return copyStore(t, db)
	}
	return dir
}

// TestCompaction rewrites keys until many tables were merged, with and without old versions held.
func TestCompaction(t *testing.T) {
	db := open(t, Options{Dir: t.TempDir(), memTableBytes: smallTable})
	value := func(ts kv.Timestamp) string { return fmt.Sprintf("%d-%s", ts, strings.Repeat("v", 1000)) }
	write := func(from, to kv.Timestamp) {
		for ts := from; ts <= to; ts++ {
			var pairs []string
			for k := range 100 {
				pairs = append(pairs, fmt.Sprintf("k%03d=%s", k, value(ts)))
			}
			commitText(t, db, ts, pairs...)
		}
	}
	write(1, 60)
	held, err := db.SnapshotAt(30)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := db.SetHorizon(60); err != nil || got != 30 {
		t.Fatalf("SetHorizon = %d, %v, want 30", got, err)
	}
	write(61, 120)
	if err := db.db.Flatten(1); err != nil {
		t.Fatal(err)
	}
	for ts := kv.Timestamp(30); ts <= 120; ts += 10 {
		wantValue(t, db, ts, "k007", value(ts))
	}
	held.Close()
	if got, err := db.SetHorizon(110); err != nil || got != 110 {
		t.Fatalf("SetHorizon = %d, %v, want 110", got, err)
	}
	db = reopen(t, db)
	write(121, 180)
	if err := db.db.Flatten(1); err != nil {
		t.Fatal(err)
	}
	for ts := kv.Timestamp(110); ts <= 180; ts += 10 {
		wantValue(t, db, ts, "k099", value(ts))
	}
	if floor := db.FlushedTimestamp(); floor < 120 || floor > 180 {
		t.Errorf("FlushedTimestamp = %d, want between 120 and 180", floor)
	}
}

// TestValueLogStaysEmpty proves that the largest value does not reach the value log, whose sync
// errors Badger swallows.
func TestValueLogStaysEmpty(t *testing.T) {
	db := open(t, Options{Dir: t.TempDir()})
	largest := strings.Repeat("v", kv.ValueBytesMax)
	commitText(t, db, 1, "a="+largest, "b="+largest)
	db = reopen(t, db)
	wantValue(t, db, 1, "b", largest)
	files, err := filepath.Glob(filepath.Join(db.opt.Dir, "*.vlog"))
	if err != nil || len(files) == 0 {
		t.Fatalf("value log files %q, %v", files, err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		const header = 20
		if rest := bytes.Trim(content[header:], "\x00"); len(rest) > 0 {
			t.Errorf("%s holds %d bytes", file, len(rest))
		}
	}
}

func TestLoggerHidesDetail(t *testing.T) {
	var out bytes.Buffer
	l := logger{slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelInfo}))}
	l.Debugf("debug")
	l.Infof("info")
	l.Warningf("warning %d\n", 1)
	l.Errorf("error %d", 2)
	got := out.String()
	if strings.Contains(got, "debug") || strings.Contains(got, "info ") || !strings.Contains(got, `level=WARN msg="badger: warning 1"`) || !strings.Contains(got, `level=ERROR msg="badger: error 2"`) {
		t.Errorf("logged %s", got)
	}
}
