package dit

import (
	"context"
	"runtime"
	"sync"
	"time"
)

const (
	// paceFirst is how long refusals take where failures are written down and none was yet.
	paceFirst = 10 * time.Millisecond
	// paceWindow is for how long at least the longest is remembered, and twice that at most while there are others.
	paceWindow = 30 * time.Minute
	// paceMax bounds what a stall of the disk, or one stored hash of a very high cost, makes others wait.
	paceMax = 500 * time.Millisecond
	// timerError is by how much a timer may be late; a write to a fast disk takes less than that.
	timerError = 1500 * time.Microsecond
)

// pace makes refused binds take the same time. Beside its one hash, a wrong password costs what depends on the account: it is written
// down before the answer, which takes as long as the disk does, and a stored hash of another scheme is computed as well. So that nobody
// can tell by it whether there is an account, what is stored in it and whether it is locked, every refusal takes beside the hash as long
// as the longest of them did lately. No worker is held meanwhile.
//
// What is remembered does not wear out while nothing happens, and no number of failures drives it out before its time. The zero pace has
// seen nothing.
type pace struct {
	mu            sync.Mutex
	since         time.Time
	most, earlier time.Duration // in this window and in the one before
}

// note remembers how long something took beside the hash.
func (p *pace) note(took time.Duration, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.since) >= paceWindow {
		p.since, p.earlier, p.most = now, p.most, 0
	}
	p.most = max(p.most, min(took, paceMax))
}

// target is how long a refusal takes beside the hash, none if nothing was seen.
func (p *pace) target() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(p.most, p.earlier)
}

// wait waits until a time.
func wait(ctx context.Context, until time.Time) {
	if left := time.Until(until); left > timerError {
		select {
		case <-time.After(left - timerError):
		case <-ctx.Done():
			return
		}
	}
	for time.Now().Before(until) { // little beside the hash that was computed before
		runtime.Gosched()
	}
}

// spent is what one attempt has cost so far.
type spent struct {
	began   time.Time
	hashing time.Duration // for the one hash of the configured cost, and the wait for a worker
	paid    bool          // that hash has been computed
}

// even waits until a refusal has taken as long as any other.
func (d *Directory) even(ctx context.Context, s *spent) {
	target := d.passwords.pace.target()
	if target == 0 {
		if set := d.passwords.policies.Load(); set == nil || !set.delays {
			return
		}
		target = paceFirst
	}
	wait(ctx, s.began.Add(s.hashing+target))
}
