package kvtest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"gatehouse/storage/kv"
)

func record(key, value string, version kv.Timestamp) kv.Record {
	return kv.Record{Key: []byte(key), Value: []byte(value), Version: version}
}

// stream yields records, then err unless it is nil.
func stream(err error, records ...kv.Record) iter.Seq2[kv.Record, error] {
	return func(yield func(kv.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
		if err != nil {
			yield(kv.Record{}, err)
		}
	}
}

// export returns the records of snap as strings.
func export(t testing.TB, snap kv.Snapshot) (shown []string) {
	t.Helper()
	err := snap.Export(context.Background(), func(r kv.Record) error {
		shown = append(shown, fmt.Sprintf("%s=%s@%d", r.Key, r.Value, r.Version))
		return nil
	})
	if err != nil {
		t.Fatalf("Export: %v", err)
	}
	return shown
}

func testExport(t *testing.T, s Store) {
	db := s.New(t)
	mustCommit(t, db, 1, put("a", "1"), put("b", "1"), put("c", "1"))
	mustCommit(t, db, 2, put("b", "2"), del("c"), put("d", ""))
	mustCommit(t, db, 3, put("a", "3"))
	want := []string{"a=1@1", "b=2@2", "d=@2"}
	snap := mustSnapshot(t, db, 2)
	if got := export(t, snap); !slices.Equal(got, want) {
		t.Errorf("Export = %q, want %q", got, want)
	}
	stop := errors.New("stop")
	if err := snap.Export(context.Background(), func(kv.Record) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("Export = %v, want the error of yield", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := snap.Export(ctx, func(kv.Record) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("Export = %v, want context.Canceled", err)
	}
}

func testLoad(t *testing.T, s Store) {
	db := s.New(t)
	var records []kv.Record
	var want []string
	value := strings.Repeat("v", 300)
	for i := range 40_000 { // beyond one buffer and one table of Badger
		key, version := fmt.Sprintf("k%06d", i), kv.Timestamp(1+i%7)
		records = append(records, record(key, value, version))
		want = append(want, fmt.Sprintf("%s=%s@%d", key, value, version))
	}
	if err := db.Load(context.Background(), stream(nil, records...)); err != nil {
		t.Fatalf("Load: %v", err)
	}
	check := func() {
		t.Helper()
		if got := []kv.Timestamp{db.LastTimestamp(), db.FlushedTimestamp(), db.Horizon()}; !slices.Equal(got, []kv.Timestamp{7, 7, 7}) {
			t.Errorf("last, flushed and horizon = %d, want 7", got)
		}
		if got := export(t, mustSnapshot(t, db, 7)); !slices.Equal(got, want) {
			t.Errorf("the store has %d records, want %d, or they differ", len(got), len(want))
		}
		if _, err := db.SnapshotAt(6); !errors.Is(err, kv.ErrSnapshotGone) {
			t.Errorf("SnapshotAt(6): %v, want ErrSnapshotGone", err)
		}
	}
	check()
	db = s.Reopen(t, db)
	check()
	mustCommit(t, db, 8, put("a", "8"), del("k000000"))
	db = s.Reopen(t, db)
	snap := mustSnapshot(t, db, 8)
	wantGet(t, snap, "a", "8")
	wantGet(t, snap, "k000000", absent)
	wantGet(t, snap, "k039999", value)
	if err := db.Load(context.Background(), stream(nil)); !errors.Is(err, kv.ErrNotEmpty) {
		t.Errorf("Load into a store with data: %v, want ErrNotEmpty", err)
	}
}

func testLoadRefuses(t *testing.T, s Store) {
	source := errors.New("source")
	tests := []struct {
		name    string
		records iter.Seq2[kv.Record, error]
		want    error
	}{
		{"unsorted", stream(nil, record("b", "", 1), record("a", "", 1)), kv.ErrOrder},
		{"duplicate", stream(nil, record("a", "", 1), record("a", "", 2)), kv.ErrOrder},
		{"no version", stream(nil, record("a", "", 0)), kv.ErrOrder},
		{"empty key", stream(nil, record("", "", 1)), kv.ErrKey},
		{"source", stream(source, record("a", "", 1)), source},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			db := s.New(t)
			if err := db.Load(context.Background(), tc.records); !errors.Is(err, tc.want) {
				t.Errorf("Load: %v, want %v", err, tc.want)
			}
			if err := db.Commit(9, []kv.Mutation{put("a", "1")}); !errors.Is(err, kv.ErrBroken) {
				t.Errorf("Commit after it: %v, want ErrBroken", err)
			}
		})
	}
}

func testVerify(t *testing.T, s Store) {
	db := s.New(t)
	mustCommit(t, db, 1, put("a", strings.Repeat("v", 100_000)))
	db = s.Reopen(t, db)
	if err := db.VerifyChecksums(context.Background()); err != nil {
		t.Errorf("VerifyChecksums: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := db.VerifyChecksums(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("VerifyChecksums: %v, want context.Canceled", err)
	}
	if lsm, _ := db.Size(); lsm < 100_000 {
		t.Errorf("Size = %d, want at least the value", lsm)
	}
}
