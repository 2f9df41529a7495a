package storage

import (
	"slices"
	"sync"

	"gatehouse/directory"
)

// A feed remembers which entries the last batches have touched, so that whoever follows the directory looks at those alone. It is in
// memory: the batches before this process, and those beyond its bounds, are not known, and everything has to be looked at then.
type feed struct {
	mu      sync.Mutex
	floor   directory.CSN // changes above it are known
	batches []fed
	ids     int // of all batches
	watches []func()
}

// fed is one batch.
type fed struct {
	last    directory.CSN
	touched []directory.EntryID // entries and their superiors that a change reached, created and deleted ones included; not sorted
	wide    bool                // there are more: names have changed, or memberships of groups in groups
}

// Bounds of a feed: of the IDs of all batches, 1 MiB, and of the batches.
const (
	feedIDsMax     = 1 << 17
	feedBatchesMax = 1 << 14
)

// Touched says what has changed between two states.
type Touched struct {
	// IDs, ascending, are the entries whose record, references or memberships in either direction, or number of children has
	// changed. Some of them may be gone, and some of them may be what they were.
	IDs []directory.EntryID
	// Wide says that any other entry may print, or be found by, other names or memberships.
	Wide bool
}

// Touched returns what the changes after the state from have touched, up to that of the snapshot; false if that is not known any
// more.
func (sn *Snapshot) Touched(from directory.CSN) (Touched, bool) {
	var t Touched
	f, to := &sn.store.feed, sn.state.csn
	f.mu.Lock()
	defer f.mu.Unlock()
	if from < f.floor || from > to {
		return t, false
	}
	at, _ := slices.BinarySearchFunc(f.batches, from+1, func(b fed, csn directory.CSN) int { return int(b.last) - int(csn) })
	for _, b := range f.batches[at:] {
		if b.last > to {
			break
		}
		t.IDs, t.Wide = append(t.IDs, b.touched...), t.Wide || b.wide
	}
	slices.Sort(t.IDs)
	t.IDs = slices.Compact(t.IDs)
	return t, true
}

// OnPublish has f called after each batch, when its state can be read. f must be quick and must not write. It cannot be taken back.
func (s *Store) OnPublish(f func()) {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	s.feed.watches = append(slices.Clone(s.feed.watches), f)
}

// add takes in a batch that is about to be published.
func (f *feed) add(b fed) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(b.touched) > feedIDsMax {
		b.touched, b.wide = nil, true
	}
	f.batches = append(f.batches, b)
	f.ids += len(b.touched)
	drop := 0
	for f.ids > feedIDsMax || len(f.batches)-drop > feedBatchesMax {
		f.floor = f.batches[drop].last
		f.ids -= len(f.batches[drop].touched)
		drop++
	}
	clear(f.batches[:drop]) // append copies what is left now and then, not at each batch
	f.batches = f.batches[drop:]
}

// tell calls those who watch.
func (f *feed) tell() {
	f.mu.Lock()
	watches := f.watches
	f.mu.Unlock()
	for _, watch := range watches {
		watch()
	}
}
