package storage

import (
	"context"
	"crypto/rand"
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
	// CacheBytes bounds the cache; 0 is 64 MiB.
	CacheBytes int64
	// Retention is how long superseded states stay readable; 0 is 15 minutes.
	Retention time.Duration
	// SnapshotAgeMax is how long one snapshot may hold the states after it; 0 is one hour.
	SnapshotAgeMax time.Duration
	// Now is the clock of retention; nil is time.Now. Changes bring their own time.
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
	opt     Options
	db      kv.DB
	header  Header
	indexes *indexer
	cache   *cache
	current atomic.Pointer[epoch]

	heldMu sync.Mutex
	held   []heldEpoch // superseded epochs that still had snapshots
}

type heldEpoch struct {
	*epoch
	since time.Time
}

// Header says which store this is.
type Header struct {
	Incarnation [16]byte // of the data: a new one for each Create and Restore
	Node        [16]byte // of this copy
	Format      uint32
	Features    uint32
}

// Create makes a store in an empty database and opens it.
func Create(db kv.DB, o Options) (*Store, error) { return nil, ErrEmpty }

// Open opens a store. It verifies the change log from the last part that surely was in tables to its end, and refuses
// with a [*LogError] when answered changes are missing. It answers ErrEmpty when there is no store.
func Open(db kv.DB, o Options) (*Store, error) { return nil, ErrEmpty }

// Close ends the store: waiting proposals are answered, the database stays open. All snapshots must be closed before.
func (s *Store) Close() error { return nil }

// Header returns which store this is.
func (s *Store) Header() Header { return s.header }

// Failed gets the reason when the store can no longer write, and is closed then. The process should stop: whether the
// last changes are durable shows only after reopening.
func (s *Store) Failed() <-chan error { return nil }

// Published is the last change that readers see.
func (s *Store) Published() directory.CSN { return s.current.Load().csn }

// SnapshotAt returns the state at the last batch end at or below csn; ErrSnapshotGone when it is older than the retention.
func (s *Store) SnapshotAt(csn directory.CSN) (*Snapshot, error) { return nil, ErrSnapshotGone }

// Propose commits a change. It returns when the change is durable, or refused: a [*GuardError] when a guard does not hold
// and there is no Replan, what Replan answered, adminLimitExceeded when the change is too large, unavailable when the
// store cannot write. When ctx ends before the sequencer took the change, nothing happens; after that Propose waits.
func (s *Store) Propose(ctx context.Context, p Proposal) (Result, error) { return Result{}, ErrClosed }

// A closedReader is what a closed snapshot reads.
type closedReader struct{}

func (closedReader) Get([]byte) ([]byte, error)      { return nil, ErrClosed }
func (closedReader) Scan(kv.ScanOptions) kv.Iterator { return failedScan{ErrClosed} }
