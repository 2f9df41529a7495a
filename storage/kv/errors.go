package kv

import "errors"

// The errors that callers ask for with errors.Is. Implementations wrap them with details.
var (
	// ErrNotFound says that a key is absent in the view that was read.
	ErrNotFound = errors.New("kv: key not found")
	// ErrSnapshotGone says that a state is below the horizon, or that its snapshot was cut off.
	ErrSnapshotGone = errors.New("kv: snapshot is gone")
	// ErrFuture says that no commit has reached the Timestamp yet.
	ErrFuture = errors.New("kv: timestamp is in the future")
	// ErrOrder says that Timestamps do not grow or that keys are not sorted and unique.
	ErrOrder = errors.New("kv: out of order")
	// ErrKey says that a key is empty, too long or reserved.
	ErrKey = errors.New("kv: key is not allowed")
	// ErrTooBig says that a batch does not fit one transaction, or that a value is too long.
	ErrTooBig = errors.New("kv: too big")
	// ErrNoSpace says that the disk reserve is reached; nothing was written, and a later commit
	// may succeed.
	ErrNoSpace = errors.New("kv: no space left")
	// ErrBroken says that an earlier write failed in an unknown state; only reopening helps.
	ErrBroken = errors.New("kv: store is broken after a failed write")
	// ErrLocked says that another process has the store open.
	ErrLocked = errors.New("kv: store is locked by another process")
	// ErrNotEmpty says that a bulk load met a store with data.
	ErrNotEmpty = errors.New("kv: store is not empty")
	// ErrCorrupt says that bytes on disk do not match their checksum.
	ErrCorrupt = errors.New("kv: store is corrupt")
	// ErrClosed says that a snapshot or store was used after Close.
	ErrClosed = errors.New("kv: closed")
	// ErrReadOnly says that the store was opened for reading only.
	ErrReadOnly = errors.New("kv: store is read-only")
)
