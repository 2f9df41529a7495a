package storage

import (
	"time"

	"gatehouse/directory"
)

// Change is a decided operation. Everything random or taken from a clock is in it already; only IDs and numbers from ranges
// are allocated when it is applied, so that applying the same changes anywhere gives the same store.
type Change struct {
	// ID names the change: applying one twice does it once. Propose makes one when it is zero.
	ID [16]byte
	// Time becomes modifyTimestamp (microseconds, UTC) unless the last applied change was later.
	Time time.Time
	// Author becomes modifiersName, as text.
	Author string
	// AuthorID is the author's entry; zero when it has none.
	AuthorID directory.EntryID
	// Guards must all hold in the state that the change is applied to; they are not logged.
	Guards []Guard
	// Effects are applied in order; a change is applied whole or not at all.
	Effects []Effect
}

// Proposal is a change that waits for its turn.
type Proposal struct {
	Change Change
	// Replan, unless nil, is called once by the sequencer when a guard failed, on a snapshot that has everything ordered
	// before; it returns the change to apply instead, or the error to answer with. It must be quick and must not write.
	Replan func(*Snapshot) (Change, error)
	// Applied, unless nil, is called once by the sequencer with the state that the change has made, which no later change is in
	// yet. The change is not durable then: what is made of it counts if Propose returns no error. It must be quick, must not
	// write, and must not keep the snapshot.
	Applied func(*Snapshot, Result)
}

// Result tells about a change that was committed.
type Result struct {
	CSN  directory.CSN
	IDs  []directory.EntryID // of the CreateEntry effects, in order
	Time time.Time           // modifyTimestamp as applied
}
