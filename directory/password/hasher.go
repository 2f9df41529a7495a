package password

import (
	"context"
	"sync/atomic"
)

// Hasher hashes and verifies passwords with a bounded number of workers. Work runs on the goroutine of the caller: a worker is a
// permission, so that a fast digest costs no switch between goroutines. Its methods are safe for concurrent use.
type Hasher struct {
	options Options // complete and valid
	cache   *Cache  // nil if off

	free    chan *worker // receivers are served in the order of their coming
	waiting atomic.Int64
	// large is held by the one hash that may use more memory than a worker is accounted: largeBytes in all.
	large      chan struct{}
	largeBytes int64

	refused  atomic.Uint64
	hashes   atomic.Uint64
	dummies  atomic.Uint64
	cacheHit atomic.Uint64
}

// worker is one permission to hash. lease counts how often it was given out and back, so that a Slot can tell whether it
// still holds it: it is odd while given out.
type worker struct {
	hasher *Hasher
	lease  atomic.Uint64
}

// New returns a Hasher, or an *OptionsError that lists all problems of o.
func New(o Options) (*Hasher, error) {
	if problems := o.Problems(); problems != nil {
		return nil, &OptionsError{problems}
	}
	o = o.withDefaults()
	slot := o.slotBytes()
	largeBytes := min(largestHashBytes, max(o.MemoryBytes/2, o.MemoryBytes-int64(o.Workers)*slot))
	o.Workers = int(min(int64(o.Workers), (o.MemoryBytes-largeBytes)/slot))
	h := &Hasher{
		options:    o,
		free:       make(chan *worker, o.Workers),
		large:      make(chan struct{}, 1),
		largeBytes: largeBytes,
	}
	if o.CacheTTL > 0 {
		h.cache = NewCache(o.CacheTTL, o.CacheEntries)
	}
	for range o.Workers {
		h.free <- &worker{hasher: h}
	}
	return h, nil
}

// Options returns the options in force, with the defaults filled in and Workers reduced to what the memory allows.
func (h *Hasher) Options() Options { return h.options }

// Cache returns the cache of successful verifications. It is nil, which works as an empty cache, if Options turned it off.
func (h *Hasher) Cache() *Cache { return h.cache }

// Slot is the right to use one worker, from Acquire to Release. It is to be used by one goroutine at a time.
type Slot struct {
	worker *worker
	lease  uint64
}

// Acquire takes a worker, and waits for one if QueueLen allows it; otherwise it returns ErrBusy at once. It is called before the
// entry is looked up, so that neither the wait nor the refusal tells anything about the entry. The error is ErrBusy or the
// reason of ctx.
func (h *Hasher) Acquire(ctx context.Context) (Slot, error) {
	select {
	case w := <-h.free:
		return w.lend(), nil
	default:
	}
	if h.waiting.Add(1) > int64(h.options.QueueLen) {
		h.waiting.Add(-1)
		h.refused.Add(1)
		return Slot{}, ErrBusy
	}
	defer h.waiting.Add(-1)
	select {
	case w := <-h.free:
		return w.lend(), nil
	case <-ctx.Done():
		return Slot{}, context.Cause(ctx)
	}
}

func (w *worker) lend() Slot { return Slot{w, w.lease.Add(1)} }

// Release gives the worker back. It does nothing if that was done already, and nothing for the zero Slot, so that it can be
// deferred and called early as well.
func (s Slot) Release() {
	if s.worker != nil && s.worker.lease.CompareAndSwap(s.lease, s.lease+1) {
		s.worker.hasher.free <- s.worker
	}
}

// hasher returns the Hasher that s is a worker of. Work without a worker would break the bounds, so it panics.
func (s Slot) hasher() *Hasher {
	if s.worker == nil || s.worker.lease.Load() != s.lease {
		panic("password: use of a Slot that is not held")
	}
	return s.worker.hasher
}

// Stats are figures for monitoring. The counters start at New.
type Stats struct {
	Workers   int    // permissions in all
	Running   int    // permissions given out
	Waiting   int    // callers of Acquire that wait
	Refused   uint64 // calls of Acquire that got ErrBusy
	Hashes    uint64 // computed hashes that cost what the configured one does: new ones, verified ones, dummies
	Dummies   uint64 // those of Hashes that only made a failure as costly as the configured hash
	CacheHits uint64 // verifications that were answered by the cache
}

// Stats returns the present figures; they are not taken at one instant.
func (h *Hasher) Stats() Stats {
	return Stats{
		Workers:   h.options.Workers,
		Running:   h.options.Workers - len(h.free),
		Waiting:   int(max(0, h.waiting.Load())),
		Refused:   h.refused.Load(),
		Hashes:    h.hashes.Load(),
		Dummies:   h.dummies.Load(),
		CacheHits: h.cacheHit.Load(),
	}
}
