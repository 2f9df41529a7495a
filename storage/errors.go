package storage

import (
	"errors"
	"fmt"

	"gatehouse/directory"
	"gatehouse/storage/kv"
)

// The errors that callers ask for with errors.Is. What a client may see is a [*directory.Error] instead.
var (
	// ErrNotFound says that there is no such entry, name or key.
	ErrNotFound = kv.ErrNotFound
	// ErrSnapshotGone says that a state is older than the retention, or that its snapshot was held too long.
	ErrSnapshotGone = kv.ErrSnapshotGone
	// ErrFuture says that no change has that CSN yet.
	ErrFuture = kv.ErrFuture
	// ErrCorrupt says that stored bytes contradict their checksum or each other.
	ErrCorrupt = kv.ErrCorrupt
	// ErrClosed says that a store or snapshot was used after Close.
	ErrClosed = kv.ErrClosed
	// ErrGuard says that what a change relied on is no longer so; it comes as a [*GuardError].
	ErrGuard = errors.New("storage: a guard failed")
	// ErrEmpty says that a database holds no store yet.
	ErrEmpty = errors.New("storage: the database is empty")
	// ErrNotEmpty says that Create met a database that holds something.
	ErrNotEmpty = errors.New("storage: the database is not empty")
	// ErrNoSideFile says that the side file is missing, which proves that no answered change is.
	ErrNoSideFile = errors.New("storage: the side file is missing")
	// ErrFormat says that a newer or unknown program wrote the store or a change.
	ErrFormat = errors.New("storage: unknown format")
	// ErrChange says that a change is not well formed; it is a programming error of the proposer.
	ErrChange = errors.New("storage: malformed change")
)

// GuardError names the first guard of a change that did not hold.
type GuardError struct{ Guard Guard }

// Error implements error.
func (e *GuardError) Error() string { return fmt.Sprintf("%v: %T%+v", ErrGuard, e.Guard, e.Guard) }

// Is reports whether target is ErrGuard.
func (e *GuardError) Is(target error) bool { return target == ErrGuard }

// LogError says that the change log is not whole: changes From to To are missing or altered. A store with a broken log
// does not open, because changes that were answered may be lost; restore a backup.
type LogError struct {
	From, To directory.CSN
	Reason   string
}

// Error implements error.
func (e *LogError) Error() string {
	return fmt.Sprintf("change log: %s: changes %d to %d", e.Reason, e.From, e.To)
}

// Is reports whether target is ErrCorrupt.
func (e *LogError) Is(target error) bool { return target == ErrCorrupt }

// corrupt returns an error that wraps ErrCorrupt.
func corrupt(format string, args ...any) error {
	return fmt.Errorf("storage: %s: %w", fmt.Sprintf(format, args...), ErrCorrupt)
}

// unavailable is what a proposer gets when the store cannot write.
func unavailable(cause error) error {
	return &directory.Error{Code: directory.Unavailable, Diagnostic: "the store cannot write at present", Cause: cause}
}
