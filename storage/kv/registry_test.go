package kv

import (
	"errors"
	"sync"
	"testing"
)

// TestRegistryRace advances the horizon against goroutines that acquire: whoever got a lease has
// its state above the horizon for as long as it holds it.
func TestRegistryRace(t *testing.T) {
	t.Parallel()
	var r Registry
	var wg sync.WaitGroup
	const last = 2000
	for g := range 4 {
		wg.Go(func() {
			for ts := Timestamp(g); ts < last; ts += 2 {
				lease, err := r.Acquire(ts)
				if errors.Is(err, ErrSnapshotGone) {
					continue
				}
				if h := r.Horizon(); h > ts && !lease.IsCut() {
					t.Errorf("horizon %d above the lease of %d", h, ts)
				}
				lease.Release()
			}
		})
	}
	wg.Go(func() {
		for ts := Timestamp(0); ts < last; ts++ {
			if ts%100 == 0 {
				r.Cut(ts / 2)
			}
			if h := r.Advance(ts, last); h > ts {
				t.Errorf("Advance(%d) = %d", ts, h)
			}
		}
	})
	wg.Wait()
	if ts, ok := r.Oldest(); ok {
		t.Errorf("a lease of %d is left", ts)
	}
	if h := r.Advance(2*last, last); h != last {
		t.Errorf("Advance = %d, want %d", h, last)
	}
}
