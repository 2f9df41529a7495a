package dit

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"time"
)

const (
	// paceSamples is how many of the last recordings of a failure are remembered.
	paceSamples = 32
	// paceMax bounds what a stall of the disk makes others wait.
	paceMax = 100 * time.Millisecond
	// timerError is by how much a timer may be late; a write to a fast disk takes less than that.
	timerError = 1500 * time.Microsecond
)

// pace makes refused binds take the same time. A wrong password is written down before the answer, which takes as long as the disk
// does; so that nobody can tell by it whether there is an account, and whether it is locked, those that have nothing to write wait
// for as long as one of the last writes took. No worker is held meanwhile. The zero pace does not wait.
type pace struct {
	next atomic.Uint32
	took [paceSamples]atomic.Int64
}

// note remembers how long a failure took to be recorded.
func (p *pace) note(took time.Duration) {
	p.took[p.next.Add(1)%paceSamples].Store(int64(min(took, paceMax)))
}

// wait waits for as long as one of those took.
func (p *pace) wait(ctx context.Context) {
	seen := min(p.next.Load(), paceSamples)
	if seen == 0 {
		return
	}
	d := time.Duration(p.took[(rand.Uint32N(seen)+1)%paceSamples].Load())
	until := time.Now().Add(d)
	if d > timerError {
		select {
		case <-time.After(d - timerError):
		case <-ctx.Done():
			return
		}
	}
	for time.Now().Before(until) { // little beside the hash that was computed before
		runtime.Gosched()
	}
}
