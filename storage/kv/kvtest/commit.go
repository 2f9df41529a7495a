package kvtest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"gatehouse/storage/kv"
)

func testEmpty(t *testing.T, s Store) {
	db := s.New(t)
	if got := db.LastTimestamp(); got != 0 {
		t.Errorf("LastTimestamp = %d, want 0", got)
	}
	if got := db.Horizon(); got != 0 {
		t.Errorf("Horizon = %d, want 0", got)
	}
	if ts, ok := db.OldestSnapshot(); ok {
		t.Errorf("OldestSnapshot = %d, want none", ts)
	}
	snap := mustSnapshot(t, db, 0)
	wantGet(t, snap, "a", absent)
	wantGet(t, snap, "", absent)
	if got := all(t, snap, kv.ScanOptions{}); len(got) > 0 {
		t.Errorf("Scan shows %q, want nothing", got)
	}
}

func testVersions(t *testing.T, s Store) {
	db := s.New(t)
	mustCommit(t, db, 256, put("a", "1"), put("b", "1"))
	mustCommit(t, db, 512, put("a", "2"), del("b"), put("c", "2"))
	mustCommit(t, db, 513, del("a"), put("b", "3"), del("never"))
	tests := []struct {
		ts   kv.Timestamp
		want []string
	}{
		{0, nil},
		{255, nil},
		{256, []string{"a=1", "b=1"}},
		{511, []string{"a=1", "b=1"}},
		{512, []string{"a=2", "c=2"}},
		{513, []string{"b=3", "c=2"}},
	}
	for _, tc := range tests {
		snap := mustSnapshot(t, db, tc.ts)
		if snap.Timestamp() != tc.ts {
			t.Errorf("Timestamp = %d, want %d", snap.Timestamp(), tc.ts)
		}
		if got := all(t, snap, kv.ScanOptions{}); !slices.Equal(got, tc.want) {
			t.Errorf("at %d: %q, want %q", tc.ts, got, tc.want)
		}
		reversed := slices.Clone(tc.want)
		slices.Reverse(reversed)
		if got := all(t, snap, kv.ScanOptions{Reverse: true}); !slices.Equal(got, reversed) {
			t.Errorf("at %d, reverse: %q, want %q", tc.ts, got, reversed)
		}
	}
}

func testEmptyValue(t *testing.T, s Store) {
	db := s.New(t)
	mustCommit(t, db, 1, kv.Mutation{Key: []byte("a")}, put("b", ""))
	db = s.Reopen(t, db)
	snap := mustSnapshot(t, db, 1)
	wantGet(t, snap, "a", "")
	wantGet(t, snap, "b", "")
	if got, want := all(t, snap, kv.ScanOptions{}), []string{"a=", "b="}; !slices.Equal(got, want) {
		t.Errorf("Scan shows %q, want %q", got, want)
	}
}

func testRefusedCommits(t *testing.T, s Store) {
	db := s.New(t)
	mustCommit(t, db, 10, put("a", "1"))
	tests := []struct {
		name string
		ts   kv.Timestamp
		muts []kv.Mutation
		want error
	}{
		{"same timestamp", 10, []kv.Mutation{put("a", "2")}, kv.ErrOrder},
		{"lower timestamp", 9, []kv.Mutation{put("a", "2")}, kv.ErrOrder},
		{"unsorted", 11, []kv.Mutation{put("b", "2"), put("a", "2")}, kv.ErrOrder},
		{"duplicate", 11, []kv.Mutation{put("a", "2"), put("a", "3")}, kv.ErrOrder},
		{"empty key", 11, []kv.Mutation{put("", "2")}, kv.ErrKey},
		{"reserved key", 11, []kv.Mutation{put(kv.ReservedPrefix+"x", "2")}, kv.ErrKey},
		{"long key", 11, []kv.Mutation{put(string(make([]byte, kv.KeyBytesMax+1)), "2")}, kv.ErrKey},
		{"long value", 11, []kv.Mutation{put("a", string(make([]byte, kv.ValueBytesMax+1)))}, kv.ErrTooBig},
	}
	for _, tc := range tests {
		if err := db.Commit(tc.ts, tc.muts); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, err, tc.want)
		}
	}
	if err := db.Commit(5, nil); err != nil {
		t.Errorf("empty commit: %v", err)
	}
	if got := db.LastTimestamp(); got != 10 {
		t.Errorf("LastTimestamp = %d, want 10", got)
	}
	mustCommit(t, db, 11, put("b", "2"))
	want := []string{"a=1", "b=2"}
	if got := all(t, mustSnapshot(t, db, 11), kv.ScanOptions{}); !slices.Equal(got, want) {
		t.Errorf("store has %q, want %q", got, want)
	}
}

func testTimestampsGrow(t *testing.T, s Store) {
	db := s.New(t)
	for _, ts := range []kv.Timestamp{1, 2, 256, 1 << 40} {
		mustCommit(t, db, ts, put("a", fmt.Sprint(ts)))
		if got := db.LastTimestamp(); got != ts {
			t.Fatalf("LastTimestamp = %d, want %d", got, ts)
		}
	}
}

// testLargestBatch proves that MaxBatch does fit, in bytes and in keys, and no more does.
func testLargestBatch(t *testing.T, s Store) {
	db := s.New(t)
	bytesMax, keysMax := db.MaxBatch()
	const pairs, keyBytes = 16, 4
	value := make([]byte, min(bytesMax/pairs-keyBytes, kv.ValueBytesMax))
	big := kv.NewOverlay(nil)
	for i := range pairs {
		big.Put(fmt.Appendf(nil, "b%03d", i), value)
	}
	mustCommit(t, db, 1, big.Mutations()...)
	for i := pairs; big.Bytes() <= bytesMax; i++ {
		big.Put(fmt.Appendf(nil, "b%03d", i), value)
	}
	if err := db.Commit(2, big.Mutations()); !errors.Is(err, kv.ErrTooBig) {
		t.Errorf("bytes beyond MaxBatch: %v, want ErrTooBig", err)
	}

	many := kv.NewOverlay(nil)
	for i := range keysMax {
		many.Put(fmt.Appendf(nil, "k%07d", i), nil)
	}
	mustCommit(t, db, 3, many.Mutations()...)
	many.Put([]byte("l"), nil)
	if err := db.Commit(4, many.Mutations()); !errors.Is(err, kv.ErrTooBig) {
		t.Errorf("keys beyond MaxBatch: %v, want ErrTooBig", err)
	}
	snap := mustSnapshot(t, db, 3)
	wantGet(t, snap, "k0000000", "")
	wantGet(t, snap, "b000", string(value))
	wantGet(t, snap, "b016", absent)
}

func testCallerSlices(t *testing.T, s Store) {
	db := s.New(t)
	key, value := []byte("key"), []byte("value")
	mustCommit(t, db, 1, kv.Mutation{Key: key, Value: value})
	if string(key) != "key" || string(value) != "value" {
		t.Fatalf("Commit changed its slices to %q, %q", key, value)
	}
	copy(key, "xxx")
	copy(value, "xxxxx")
	snap := mustSnapshot(t, db, 1)
	wantGet(t, snap, "key", "value")

	// A value stays as it is while the snapshot is open.
	v, err := snap.Get([]byte("key"))
	if err != nil {
		t.Fatal(err)
	}
	kept := bytes.Clone(v)
	for ts := kv.Timestamp(2); ts < 20; ts++ {
		mustCommit(t, db, ts, put("key", fmt.Sprint("other", ts)))
		all(t, snap, kv.ScanOptions{})
	}
	if !bytes.Equal(v, kept) {
		t.Errorf("the value changed to %q", v)
	}
}
