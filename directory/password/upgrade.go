package password

import (
	"context"
	"sync"
)

// Upgrader runs the re-hashing of passwords behind the answers to binds, one at a time. What waits is bounded; when it is full, an
// upgrade is dropped, and the next bind of that entry offers it again. Its methods are safe for concurrent use.
type Upgrader struct {
	queue chan upgrade
	stop  context.CancelFunc
	ended chan struct{}

	mu     sync.Mutex
	queued map[uint64]struct{} // entries that wait or are being worked on
	closed bool
}

type upgrade struct {
	entryID uint64
	run     func(context.Context)
}

// NewUpgrader starts an Upgrader in which at most maxWaiting upgrades wait. Close ends it.
func NewUpgrader(maxWaiting int) *Upgrader {
	ctx, stop := context.WithCancel(context.Background())
	u := &Upgrader{
		queue:  make(chan upgrade, max(1, maxWaiting)),
		stop:   stop,
		ended:  make(chan struct{}),
		queued: make(map[uint64]struct{}),
	}
	go u.work(ctx)
	return u
}

// Offer queues run for an entry and returns at once: false if too many wait, if that entry waits already, or after Close. run
// acquires a Slot for itself, gives up on ErrBusy, and ends early when its context does.
func (u *Upgrader) Offer(entryID uint64, run func(context.Context)) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, twice := u.queued[entryID]; twice || u.closed {
		return false
	}
	select {
	case u.queue <- upgrade{entryID, run}:
		u.queued[entryID] = struct{}{}
		return true
	default:
		return false
	}
}

func (u *Upgrader) work(ctx context.Context) {
	defer close(u.ended)
	for next := range u.queue {
		if ctx.Err() == nil {
			next.run(ctx)
		}
		u.mu.Lock()
		delete(u.queued, next.entryID)
		u.mu.Unlock()
	}
}

// Close ends the context of the running upgrade, forgets those that wait, and returns when nothing runs any more. It may be
// called more than once.
func (u *Upgrader) Close() {
	u.mu.Lock()
	if !u.closed {
		u.closed = true
		u.stop()
		close(u.queue)
	}
	u.mu.Unlock()
	<-u.ended
}
