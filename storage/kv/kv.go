// Package kv is the seam between the directory's tables and an ordered, versioned key-value store.
//
// A DB keeps every version of a key that an open or future Snapshot may still read. Time is a
// Timestamp chosen by the caller: each Commit is one atomic, synced transaction at one Timestamp,
// and Timestamps only grow. Reads happen in a Snapshot at one Timestamp. An Overlay collects the
// mutations of a batch that is not committed yet and reads like a Snapshot that already has them.
//
// storage/badgerkv and storage/memkv implement DB; storage/kv/kvtest is the suite that both pass.
package kv

import (
	"context"
	"iter"
)

// Timestamp orders commits and names the state after one of them. Zero is the empty store.
type Timestamp uint64

// Reader is a consistent view of ordered keys. Keys compare as bytes.Compare does.
//
// Several goroutines may use one Reader of a DB or a frozen Overlay at a time; a live Overlay
// belongs to one goroutine.
type Reader interface {
	// Get returns the value of key, or ErrNotFound. The value must not be modified and is valid
	// until the Reader is closed. A value may be empty; it is then a zero-length slice.
	Get(key []byte) ([]byte, error)
	// Scan walks a range of keys. It never returns nil; an error shows in Iterator.Err. The
	// Iterator must be closed, and before the Reader is. Opening one costs several microseconds
	// in a store on disk, where Get is cheaper for a known key.
	Scan(opt ScanOptions) Iterator
}

// ScanOptions selects and orders the keys of a Scan. The zero value is every key, ascending,
// with values. The range is the intersection of Prefix and [Lo, Hi). The slices must not change
// while the Iterator is open.
type ScanOptions struct {
	// Prefix, unless empty, keeps only keys that begin with it.
	Prefix []byte
	// Lo is the least key of the range; empty is no bound.
	Lo []byte
	// Hi is the key after the range (exclusive); nil is no bound.
	Hi []byte
	// Reverse walks in descending order.
	Reverse bool
	// KeysOnly promises that Iterator.Value is not called. A store may use it to read less.
	KeysOnly bool
	// Prefetch is a hint of how many pairs will be read, for stores that read ahead; 0 is unknown.
	Prefetch int
}

// Iterator walks the keys of a Scan. It starts before the first key:
//
//	it := r.Scan(opt)
//	defer it.Close()
//	for it.Next() { ... it.Key() ... }
//	return it.Err()
//
// It belongs to one goroutine.
type Iterator interface {
	// Next moves to the next key and reports whether there is one.
	Next() bool
	// Seek moves to the first key of the range at or beyond key in the direction of the scan and
	// reports whether there is one. It never moves back: when the current key is already at or
	// beyond key, it stays. It may take the place of the first Next.
	Seek(key []byte) bool
	// Key returns the current key, valid until the next Next, Seek or Close.
	Key() []byte
	// Value returns the current value, valid until the next Next, Seek or Close.
	Value() ([]byte, error)
	// Err returns the error that ended the walk; nil when it reached the end of the range.
	Err() error
	// Close releases the iterator and returns Err. A second Close does nothing.
	Close() error
}

// Snapshot is the state of a DB at one Timestamp. It stays readable while commits and horizon
// moves go on, until Close. Reads after it was cut off (DB.Cut) answer ErrSnapshotGone.
type Snapshot interface {
	Reader
	// Timestamp is the state that the snapshot shows.
	Timestamp() Timestamp
	// Export calls yield for every live key in ascending order with the Timestamp of the commit
	// that wrote it, for backups and digests. The slices of the Record are valid during the call.
	Export(ctx context.Context, yield func(Record) error) error
	// Close ends the snapshot; iterators must be closed before. A second Close does nothing.
	Close()
}

// Record is one live key of a store with the Timestamp of its commit.
type Record struct {
	Key, Value []byte
	Version    Timestamp
}

// Mutation is one effect of a commit: Key gets Value, or is removed when Delete is set.
type Mutation struct {
	Key, Value []byte
	Delete     bool
}

// Bounds of keys and values that every DB accepts. They stay below Badger's own limits, and
// values stay so small that none goes to a value log. Keys that begin with ReservedPrefix are
// refused.
const (
	// KeyBytesMax is the longest key, in bytes. A key has at least one byte.
	KeyBytesMax = 4 << 10
	// ValueBytesMax is the longest value, in bytes.
	ValueBytesMax = 512 << 10
	// ReservedPrefix begins the keys that Badger keeps for itself.
	ReservedPrefix = "!badger!"
)

// DB is an ordered store with versions. All methods are safe for concurrent use, but Commit and
// Load have one caller at a time.
type DB interface {
	// SnapshotAt opens the state at ts. ErrSnapshotGone when ts is below the horizon, ErrFuture
	// when it is above LastTimestamp.
	SnapshotAt(ts Timestamp) (Snapshot, error)

	// Commit writes muts, sorted by key without duplicates, as one atomic transaction at ts and
	// returns after it is synced. The slices are not kept or changed. Snapshots are read during it.
	//
	// ErrOrder (ts not above LastTimestamp, keys not sorted), ErrKey, ErrTooBig (a value is too
	// long, or all does not fit one transaction) and ErrNoSpace leave the store as it was and
	// able to go on. Any other failure is final: nobody knows whether the commit will be
	// there after reopening, so this and all later calls answer ErrBroken. An empty muts is
	// legal and does nothing at all.
	Commit(ts Timestamp, muts []Mutation) error
	// MaxBatch is what surely fits one Commit: the sum of key and value bytes, and the number
	// of mutations.
	MaxBatch() (bytesMax, keysMax int64)

	// LastTimestamp is the highest committed Timestamp (at open: found in the store).
	LastTimestamp() Timestamp
	// FlushedTimestamp is the floor: all commits up to it are in tables on disk rather than in
	// the write-ahead part, which is what a log check at open has to walk.
	FlushedTimestamp() Timestamp

	// SetHorizon gives up the states below ts. The horizon moves to the least of ts, the oldest
	// open snapshot and LastTimestamp, is durable before old versions may be dropped, and never
	// moves back. It returns the horizon now in force.
	SetHorizon(ts Timestamp) (Timestamp, error)
	// Horizon is the oldest Timestamp that SnapshotAt opens.
	Horizon() Timestamp
	// OldestSnapshot is the least Timestamp of an open snapshot; false when none is open.
	OldestSnapshot() (Timestamp, bool)
	// Cut ends all open snapshots below ts: their reads answer ErrSnapshotGone from now on and
	// they no longer hold the horizon. It returns how many it cut. Their owners still close them.
	Cut(ts Timestamp) int

	// Load fills an empty store with records in ascending key order, each at its own Version (at
	// least 1), and returns when they are durable. The highest Version becomes LastTimestamp and
	// the horizon. ErrNotEmpty when there is anything in it. When it fails otherwise, the store
	// must be thrown away.
	Load(ctx context.Context, records iter.Seq2[Record, error]) error
	// VerifyChecksums reads the whole store and returns an error that wraps ErrCorrupt and names
	// the place, when a checksum does not match.
	VerifyChecksums(ctx context.Context) error
	// Size is the space on disk in bytes: tables and write-ahead files, and the value log.
	Size() (lsm, vlog int64)
	// Close syncs and closes the store. All snapshots must be closed before.
	Close() error
}
