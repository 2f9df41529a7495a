package kvtest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"gatehouse/storage/kv"
)

func testSnapshotErrors(t *testing.T, s Store) {
	db := s.New(t)
	mustCommit(t, db, 5, put("a", "1"))
	if _, err := db.SnapshotAt(6); !errors.Is(err, kv.ErrFuture) {
		t.Errorf("SnapshotAt(6): %v, want ErrFuture", err)
	}
	snap, err := db.SnapshotAt(5)
	if err != nil {
		t.Fatal(err)
	}
	snap.Close()
	snap.Close()
	if _, err := snap.Get([]byte("a")); !errors.Is(err, kv.ErrClosed) {
		t.Errorf("Get after Close: %v, want ErrClosed", err)
	}
	it := snap.Scan(kv.ScanOptions{})
	if it.Next() || it.Seek([]byte("a")) || !errors.Is(it.Close(), kv.ErrClosed) {
		t.Errorf("Scan after Close: %v, want ErrClosed", it.Err())
	}
}

func testHorizon(t *testing.T, s Store) {
	db := s.New(t)
	for ts := kv.Timestamp(10); ts <= 50; ts += 10 {
		mustCommit(t, db, ts, put("a", fmt.Sprint(ts)))
	}
	held, err := db.SnapshotAt(20)
	if err != nil {
		t.Fatal(err)
	}
	second, err := db.SnapshotAt(20)
	if err != nil {
		t.Fatal(err)
	}
	step := func(ts, want kv.Timestamp) {
		t.Helper()
		got, err := db.SetHorizon(ts)
		if err != nil || got != want || db.Horizon() != want {
			t.Fatalf("SetHorizon(%d) = %d, %v; Horizon = %d, want %d", ts, got, err, db.Horizon(), want)
		}
	}
	step(15, 15)
	step(12, 15) // never back
	step(40, 20) // held
	if ts, ok := db.OldestSnapshot(); !ok || ts != 20 {
		t.Errorf("OldestSnapshot = %d, %v, want 20", ts, ok)
	}
	if _, err := db.SnapshotAt(19); !errors.Is(err, kv.ErrSnapshotGone) {
		t.Errorf("SnapshotAt(19): %v, want ErrSnapshotGone", err)
	}
	held.Close()
	step(40, 20) // the second holds it too
	wantGet(t, second, "a", "20")
	second.Close()
	step(35, 35)
	wantGet(t, mustSnapshot(t, db, 35), "a", "30")
	for _, ts := range []kv.Timestamp{0, 20, 34} {
		if _, err := db.SnapshotAt(ts); !errors.Is(err, kv.ErrSnapshotGone) {
			t.Errorf("SnapshotAt(%d): %v, want ErrSnapshotGone", ts, err)
		}
	}
}

func testCut(t *testing.T, s Store) {
	db := s.New(t)
	mustCommit(t, db, 1, put("a", "1"), put("b", "1"))
	mustCommit(t, db, 2, put("a", "2"))
	first, again, kept := mustSnapshot(t, db, 1), mustSnapshot(t, db, 1), mustSnapshot(t, db, 2)
	it := first.Scan(kv.ScanOptions{})
	if !it.Next() {
		t.Fatal("the scan shows nothing")
	}
	if n := db.Cut(2); n != 2 {
		t.Errorf("Cut = %d, want 2", n)
	}
	if it.Next() || !errors.Is(it.Close(), kv.ErrSnapshotGone) {
		t.Errorf("scan of a cut snapshot: %v, want ErrSnapshotGone", it.Err())
	}
	for _, snap := range []kv.Snapshot{first, again} {
		if _, err := snap.Get([]byte("a")); !errors.Is(err, kv.ErrSnapshotGone) {
			t.Errorf("Get from a cut snapshot: %v, want ErrSnapshotGone", err)
		}
	}
	wantGet(t, kept, "a", "2")
	// The state itself can be opened as long as the horizon allows; closing the cut ones does
	// not release it.
	fresh := mustSnapshot(t, db, 1)
	first.Close()
	again.Close()
	if ts, ok := db.OldestSnapshot(); !ok || ts != 1 {
		t.Errorf("OldestSnapshot = %d, %v, want 1", ts, ok)
	}
	wantGet(t, fresh, "a", "1")
	fresh.Close()
	if got, err := db.SetHorizon(2); err != nil || got != 2 {
		t.Errorf("SetHorizon(2) = %d, %v", got, err)
	}
}

func testReopen(t *testing.T, s Store) {
	db := s.New(t)
	mustCommit(t, db, 10, put("a", "1"), put("b", "1"))
	mustCommit(t, db, 20, put("a", "2"))
	mustCommit(t, db, 30, del("b"), put("c", "3"))
	if _, err := db.SetHorizon(20); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		db = s.Reopen(t, db)
		if got := db.LastTimestamp(); got != 30 {
			t.Errorf("LastTimestamp = %d, want 30", got)
		}
		if got := db.Horizon(); got != 20 {
			t.Errorf("Horizon = %d, want 20", got)
		}
		if _, err := db.SnapshotAt(19); !errors.Is(err, kv.ErrSnapshotGone) {
			t.Errorf("SnapshotAt(19): %v, want ErrSnapshotGone", err)
		}
		want := []string{"a=2", "b=1"}
		if got := all(t, mustSnapshot(t, db, 20), kv.ScanOptions{}); !slices.Equal(got, want) {
			t.Errorf("at 20: %q, want %q", got, want)
		}
		want = []string{"a=2", "c=3"}
		snap := mustSnapshot(t, db, 30)
		if got := all(t, snap, kv.ScanOptions{}); !slices.Equal(got, want) {
			t.Errorf("at 30: %q, want %q", got, want)
		}
	}
	if err := db.Commit(30, []kv.Mutation{put("a", "x")}); !errors.Is(err, kv.ErrOrder) {
		t.Errorf("Commit(30) after reopening: %v, want ErrOrder", err)
	}
	mustCommit(t, db, 31, put("a", "4"))
}

func testFloor(t *testing.T, s Store) {
	db := s.New(t)
	mustCommit(t, db, 10, put("a", "1"))
	if floor := db.FlushedTimestamp(); floor > 10 {
		t.Errorf("FlushedTimestamp = %d above the last commit", floor)
	}
	db = s.Reopen(t, db)
	if floor := db.FlushedTimestamp(); floor != 10 {
		t.Errorf("FlushedTimestamp after a clean close = %d, want 10", floor)
	}
}
