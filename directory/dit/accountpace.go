package dit

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

const (
	// paceSamples is how many of the last recordings of a failure are remembered.
	paceSamples = 32
	// paceMax bounds what a stall of the disk makes others wait.
	paceMax = 100 * time.Millisecond
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
	if d <= 0 {
		return
	}
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
