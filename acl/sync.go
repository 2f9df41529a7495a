package acl

import "context"

// SyncState is what became of an entry (RFC 4533 section 2.3).
type SyncState uint8

// The states, with their numbers on the wire.
const (
	SyncPresent SyncState = 0
	SyncAdd     SyncState = 1
	SyncModify  SyncState = 2
	SyncDelete  SyncState = 3
)

// SyncUUID is an entryUUID in its 16 octets.
type SyncUUID [16]byte

// SyncEntry is an entry of a content synchronization. Of one that is deleted, or left the content, View has the name alone.
type SyncEntry struct {
	View   *View
	State  SyncState
	UUID   SyncUUID
	Cookie []byte // nil: none
}

// SyncInfo is a Sync Info Message (RFC 4533 section 2.5).
type SyncInfo struct {
	Kind   SyncInfoKind
	Cookie []byte // nil: none
	// Deletes says of an ID set that its entries are gone.
	Deletes bool
	UUIDs   []SyncUUID
}

// SyncInfoKind is which of the messages it is.
type SyncInfoKind uint8

// The messages. SyncRefreshDelete and SyncRefreshPresent end the refresh, by a delete phase or a present phase.
const (
	SyncNewCookie SyncInfoKind = iota
	SyncRefreshDelete
	SyncRefreshPresent
	SyncIDSet
)

// SyncDone ends a synchronization (RFC 4533 section 2.4).
type SyncDone struct {
	Cookie         []byte // nil: none
	RefreshDeletes bool
}

// SyncConsumer takes what a synchronization sends, until it returns an error. Arguments are valid during the call alone.
type SyncConsumer interface {
	Entry(e *SyncEntry) error
	Info(i *SyncInfo) error
	// Idle sends what was collected and waits until wake can be received from, or ctx ends: then it returns an error.
	Idle(ctx context.Context, wake <-chan struct{}) error
}
