package password

import (
	"context"
	"testing"
	"testing/synctest"
)

func TestUpgraderIsBoundedAndNeverWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		u := NewUpgrader(2)
		defer u.Close()
		gate := make(chan struct{})
		var ran []uint64
		offer := func(id uint64) bool {
			return u.Offer(id, func(context.Context) {
				<-gate
				ran = append(ran, id)
			})
		}
		if !offer(1) {
			t.Error("the first is refused")
		}
		synctest.Wait() // 1 runs
		if !offer(2) || !offer(3) {
			t.Error("two that may wait are refused")
		}
		if offer(4) {
			t.Error("a third waits")
		}
		if offer(1) || offer(2) {
			t.Error("an entry is queued twice")
		}
		close(gate)
		synctest.Wait()
		if len(ran) != 3 || ran[0] != 1 || ran[1] != 2 || ran[2] != 3 {
			t.Errorf("ran %v, want 1 2 3", ran)
		}
		if !offer(1) {
			t.Error("an entry whose upgrade has ended is refused")
		}
	})
}

func TestUpgraderCloseEndsWhatRuns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		u := NewUpgrader(2)
		ended := false
		u.Offer(1, func(ctx context.Context) {
			<-ctx.Done()
			ended = true
		})
		u.Offer(2, func(context.Context) { t.Error("an upgrade begins after Close") })
		synctest.Wait()
		u.Close()
		u.Close()
		if !ended {
			t.Error("Close returned before the running upgrade")
		}
		if u.Offer(3, func(context.Context) {}) {
			t.Error("Offer after Close succeeds")
		}
	})
}
