// Package kvtest is the conformance suite of kv.DB and kv.Reader: one set of promises, run over
// each implementation.
package kvtest

import (
	"fmt"
	"testing"

	"gatehouse/storage/kv"
)

// A Store makes the DBs that the suite runs over.
type Store struct {
	// New returns an empty DB, which lives until the end of the test.
	New func(t testing.TB) kv.DB
	// Reopen closes db and opens the same store again.
	Reopen func(t testing.TB, db kv.DB) kv.DB
}

// Run runs the whole suite.
func Run(t *testing.T, s Store) {
	tests := []struct {
		name string
		run  func(*testing.T, Store)
	}{
		{"empty store", testEmpty},
		{"get and versions", testVersions},
		{"empty value", testEmptyValue},
		{"refused commits change nothing", testRefusedCommits},
		{"timestamps grow", testTimestampsGrow},
		{"largest batch", testLargestBatch},
		{"caller keeps its slices", testCallerSlices},
		{"future and closed snapshots", testSnapshotErrors},
		{"horizon", testHorizon},
		{"cut", testCut},
		{"reopen", testReopen},
		{"floor", testFloor},
		{"export", testExport},
		{"load", testLoad},
		{"load refuses", testLoadRefuses},
		{"verify and size", testVerify},
		{"concurrent readers", testConcurrent},
		{"model", testModel},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) { tc.run(t, s) })
	}
	t.Run("reader", func(t *testing.T) {
		RunReader(t, func(t testing.TB, pairs map[string]string) kv.Reader {
			db := s.New(t)
			// Versions and deletions below the newest state must not show.
			old, now := kv.NewOverlay(nil), kv.NewOverlay(nil)
			for i, key := range sortedKeys(pairs) {
				if i%2 == 0 {
					old.Put([]byte(key), []byte("old"))
					old.Put([]byte(key+"gone"), []byte("old"))
					now.Delete([]byte(key + "gone"))
				}
				now.Put([]byte(key), []byte(pairs[key]))
			}
			mustCommit(t, db, 1, old.Mutations()...)
			mustCommit(t, db, 2, now.Mutations()...)
			mustCommit(t, db, 3, put("future", "x"))
			return mustSnapshot(t, db, 2)
		})
	})
}

func put(key, value string) kv.Mutation {
	return kv.Mutation{Key: []byte(key), Value: []byte(value)}
}

func del(key string) kv.Mutation { return kv.Mutation{Key: []byte(key), Delete: true} }

func mustCommit(t testing.TB, db kv.DB, ts kv.Timestamp, muts ...kv.Mutation) {
	t.Helper()
	if err := db.Commit(ts, muts); err != nil {
		t.Fatalf("Commit(%d): %v", ts, err)
	}
}

// mustSnapshot opens a snapshot that is closed at the end of the test.
func mustSnapshot(t testing.TB, db kv.DB, ts kv.Timestamp) kv.Snapshot {
	t.Helper()
	s, err := db.SnapshotAt(ts)
	if err != nil {
		t.Fatalf("SnapshotAt(%d): %v", ts, err)
	}
	t.Cleanup(s.Close)
	return s
}

// get returns the value of key, or "!" and the error.
func get(r kv.Reader, key string) string {
	v, err := r.Get([]byte(key))
	if err != nil {
		return "!" + err.Error()
	}
	if v == nil {
		return "!nil"
	}
	return string(v)
}

func wantGet(t testing.TB, r kv.Reader, key, want string) {
	t.Helper()
	if got := get(r, key); got != want {
		t.Fatalf("Get(%q) = %q, want %q", key, got, want)
	}
}

var absent = "!" + kv.ErrNotFound.Error()

// all returns what a whole scan shows, as "key=value" strings.
func all(t testing.TB, r kv.Reader, opt kv.ScanOptions) (shown []string) {
	t.Helper()
	it := r.Scan(opt)
	for it.Next() {
		v, err := it.Value()
		if err != nil {
			t.Fatalf("Value of %q: %v", it.Key(), err)
		}
		shown = append(shown, fmt.Sprintf("%s=%s", it.Key(), v))
	}
	if err := it.Close(); err != nil {
		t.Fatalf("Scan: %v", err)
	}
	return shown
}
