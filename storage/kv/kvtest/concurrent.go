package kvtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"gatehouse/storage/kv"
)

// testConcurrent reads at published states while commits, the horizon and cuts go on. Every commit
// writes the same number to all keys, so that a torn view is seen at once.
func testConcurrent(t *testing.T, s Store) {
	const commits, readers, keysEach = 300, 4, 20
	db := s.New(t)
	var published atomic.Uint64
	write := func(n int) {
		o := kv.NewOverlay(nil)
		for k := range keysEach {
			o.Put(fmt.Appendf(nil, "k%03d", k), fmt.Append(nil, n))
		}
		ts := kv.Timestamp(n) * 256
		if err := db.Commit(ts, o.Freeze().Mutations()); err != nil {
			t.Errorf("Commit(%d): %v", ts, err)
		}
		published.Store(uint64(ts))
	}
	write(1)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var wg sync.WaitGroup
	for range readers {
		wg.Go(func() {
			for ctx.Err() == nil {
				readOne(t, db, kv.Timestamp(published.Load()), keysEach)
			}
		})
	}
	for n := 2; n <= commits; n++ {
		write(n)
		if n%10 == 0 {
			db.Cut(kv.Timestamp(n-5) * 256)
			if _, err := db.SetHorizon(kv.Timestamp(n-5) * 256); err != nil {
				t.Errorf("SetHorizon: %v", err)
			}
		}
	}
	cancel()
	wg.Wait()
}

// readOne reads a whole state, also backwards, and may find that it was cut off meanwhile.
func readOne(t *testing.T, db kv.DB, ts kv.Timestamp, keysEach int) {
	snap, err := db.SnapshotAt(ts)
	if errors.Is(err, kv.ErrSnapshotGone) {
		return
	}
	if err != nil {
		t.Errorf("SnapshotAt(%d): %v", ts, err)
		return
	}
	defer snap.Close()
	want := slices.Repeat([]string{fmt.Sprint(ts / 256)}, keysEach)
	for _, reverse := range []bool{false, true} {
		var got []string
		it := snap.Scan(kv.ScanOptions{Prefix: []byte("k"), Reverse: reverse})
		for it.Next() {
			v, err := it.Value()
			if err != nil {
				t.Errorf("Value: %v", err)
			}
			got = append(got, string(v))
		}
		err := it.Close()
		if errors.Is(err, kv.ErrSnapshotGone) {
			return
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("at %d: %q, %v", ts, got, err)
		}
	}
	if v, err := snap.Get([]byte("k007")); !errors.Is(err, kv.ErrSnapshotGone) && string(v) != want[0] {
		t.Errorf("at %d: Get = %q, %v", ts, v, err)
	}
}
