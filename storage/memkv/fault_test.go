package memkv_test

import (
	"errors"
	"fmt"
	"testing"

	"gatehouse/storage/kv"
	"gatehouse/storage/memkv"
)

func commit(db *memkv.DB, ts kv.Timestamp) error {
	return db.Commit(ts, []kv.Mutation{
		{Key: fmt.Appendf(nil, "k%03d", ts), Value: []byte("x")},
		{Key: []byte("last"), Value: fmt.Append(nil, ts)},
	})
}

// shown returns the timestamps whose keys are there, and the value of "last".
func shown(t *testing.T, db *memkv.DB, ts kv.Timestamp) string {
	t.Helper()
	snap, err := db.SnapshotAt(ts)
	if err != nil {
		t.Fatalf("SnapshotAt(%d): %v", ts, err)
	}
	defer snap.Close()
	out := ""
	it := snap.Scan(kv.ScanOptions{Prefix: []byte("k")})
	for it.Next() {
		out += string(it.Key()) + " "
	}
	last, err := snap.Get([]byte("last"))
	if err := errors.Join(err, it.Close()); err != nil && !errors.Is(err, kv.ErrNotFound) {
		t.Fatal(err)
	}
	return out + "last=" + string(last)
}

func want(t *testing.T, db *memkv.DB, ts kv.Timestamp, want string) {
	t.Helper()
	if got := shown(t, db, ts); got != want {
		t.Errorf("at %d: %q, want %q", ts, got, want)
	}
}

func TestFaults(t *testing.T) {
	tests := []struct {
		fault      memkv.Fault
		err        error
		broken     bool
		afterwards string // what a crash leaves
	}{
		{memkv.NoFault, nil, false, "k001 k002 k003 last=3"},
		{memkv.NoSpace, kv.ErrNoSpace, false, "k001 k003 last=3"},
		{memkv.FailLost, kv.ErrBroken, true, "k001 last=1"},
		{memkv.FailKept, kv.ErrBroken, true, "k001 k002 last=2"},
	}
	for _, tc := range tests {
		t.Run(fmt.Sprint(tc.fault), func(t *testing.T) {
			db := memkv.Open(memkv.Options{Hook: func(n int, ts kv.Timestamp) memkv.Fault {
				if n == 2 {
					return tc.fault
				}
				return memkv.NoFault
			}})
			if err := commit(db, 1); err != nil {
				t.Fatal(err)
			}
			if err := commit(db, 2); !errors.Is(err, tc.err) {
				t.Fatalf("Commit: %v, want %v", err, tc.err)
			}
			if err := commit(db, 3); errors.Is(err, kv.ErrBroken) != tc.broken {
				t.Fatalf("next Commit: %v, broken want %v", err, tc.broken)
			}
			after := db.Crash(memkv.CrashOptions{})
			want(t, after, after.LastTimestamp(), tc.afterwards)
			if _, err := db.SnapshotAt(0); !errors.Is(err, kv.ErrBroken) {
				t.Errorf("the old DB answers %v, want ErrBroken", err)
			}
		})
	}
}

func TestCrash(t *testing.T) {
	db := memkv.Open(memkv.Options{})
	for ts := kv.Timestamp(1); ts <= 6; ts++ {
		if err := commit(db, ts); err != nil {
			t.Fatal(err)
		}
		if ts == 2 {
			db.Flush()
		}
	}
	if _, err := db.SetHorizon(3); err != nil {
		t.Fatal(err)
	}
	// Commit 1 is flushed and stays; 3 is below the horizon and yet lost.
	db = db.Crash(memkv.CrashOptions{Drop: []kv.Timestamp{1, 3, 5}})
	want(t, db, 6, "k001 k002 k004 k006 last=6")
	want(t, db, 5, "k001 k002 k004 last=4")
	want(t, db, 3, "k001 k002 last=2")
	if _, err := db.SnapshotAt(2); !errors.Is(err, kv.ErrSnapshotGone) {
		t.Errorf("SnapshotAt(2): %v, want ErrSnapshotGone", err)
	}
	if floor := db.FlushedTimestamp(); floor != 2 {
		t.Errorf("FlushedTimestamp = %d, want 2", floor)
	}
	db = db.Crash(memkv.CrashOptions{DropAfter: 4})
	if last := db.LastTimestamp(); last != 4 {
		t.Errorf("LastTimestamp = %d, want 4", last)
	}
	want(t, db, 4, "k001 k002 k004 last=4")
	if err := commit(db, 5); err != nil {
		t.Error(err)
	}
}

// TestSlowCommit reads while a commit waits, and crashes before it is done.
func TestSlowCommit(t *testing.T) {
	reached, release := make(chan struct{}), make(chan struct{})
	db := memkv.Open(memkv.Options{Hook: func(n int, ts kv.Timestamp) memkv.Fault {
		if n == 2 {
			close(reached)
			<-release
		}
		return memkv.NoFault
	}})
	if err := commit(db, 1); err != nil {
		t.Fatal(err)
	}
	result := make(chan error)
	go func() { result <- commit(db, 2) }()
	<-reached
	want(t, db, 1, "k001 last=1")
	if _, err := db.SnapshotAt(2); !errors.Is(err, kv.ErrFuture) {
		t.Errorf("SnapshotAt(2): %v, want ErrFuture", err)
	}
	after := db.Crash(memkv.CrashOptions{})
	close(release)
	if err := <-result; !errors.Is(err, kv.ErrBroken) {
		t.Errorf("Commit over a crash: %v, want ErrBroken", err)
	}
	want(t, after, after.LastTimestamp(), "k001 last=1")
}
