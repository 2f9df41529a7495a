package storage

import (
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"gatehouse/directory"
	"gatehouse/directory/schema"
	"gatehouse/storage/kv"
)

// Options configures a store. Schema is needed; the rest has defaults.
type Options struct {
	// Schema gives descriptions and matching rules.
	Schema *schema.Schema
	// Dir is where the side file lies, beside the database; empty keeps none, for databases in memory.
	Dir string
	// Log gets what operators should know; nil discards.
	Log *slog.Logger
	// CacheBytes bounds what the cache holds on the heap, decoded entries and its own tables included; 0 is 64 MiB. Not in it:
	// garbage, which lets the process grow to about twice that between two collections unless GOMEMLIMIT or
	// GOGC say otherwise, and what the database needs for itself.
	CacheBytes int64
	// Retention is how long superseded states stay readable; 0 is 15 minutes.
	Retention time.Duration
	// LogRetention is how much of the change log is kept.
	LogRetention LogRetention
	// SnapshotAgeMax is how long one snapshot may hold the states after it; 0 is one hour.
	SnapshotAgeMax time.Duration
	// Now is the clock of Retention and LogRetention; nil is time.Now. Changes bring their own time.
	Now func() time.Time
	// Indexes are the indexes of a new store; nil is DefaultIndexes. An existing store keeps its own.
	Indexes []IndexDefinition
	// Rand makes identities; nil is crypto/rand.
	Rand io.Reader
}

func (o *Options) setDefaults() {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.CacheBytes == 0 {
		o.CacheBytes = 64 << 20
	}
	if o.Retention == 0 {
		o.Retention = 15 * time.Minute
	}
	o.LogRetention.setDefaults()
	if o.SnapshotAgeMax == 0 {
		o.SnapshotAgeMax = time.Hour
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
}

// Store is an open directory store. All methods are safe for concurrent use.
type Store struct {
	opt            Options
	db             kv.DB
	side           *sideFile // nil without a directory
	header         Header
	indexes        *indexer
	cache          *cache
	changeBytesMax int
	current        atomic.Pointer[epoch]
	feed           feed

	queue       chan *pending
	maintenance chan *maintenance
	stop        chan struct{} // closed by Close
	stopped     chan struct{} // closed when everything is answered
	closing     sync.Once
	closeErr    error
	background  sync.WaitGroup
	broken      atomic.Pointer[error]
	failed      chan error

	heldMu    sync.Mutex
	held      []heldEpoch // superseded epochs that still had snapshots
	heldPrune int
	marks     []retainMark

	trimming sync.Mutex
}

// Header returns which store this is.
func (s *Store) Header() Header { return s.header }

// Failed gets the reason when the store can no longer write, and is closed then. The process should stop: whether the
// last changes are durable shows only after reopening.
func (s *Store) Failed() <-chan error { return s.failed }

// Published is the last change that readers see.
func (s *Store) Published() directory.CSN { return s.current.Load().state.csn }

// Close ends the store: what the sequencer took is committed and answered, the rest is answered with ErrClosed. The
// database stays open. All snapshots must be closed before. A second Close returns the same.
func (s *Store) Close() error {
	s.closing.Do(func() {
		close(s.stop)
		<-s.stopped
		s.background.Wait()
		e := s.current.Load()
		e.release()
		s.closeErr = errors.Join(s.side.sync(s.db.FlushedTimestamp()), s.side.close())
	})
	return s.closeErr
}
