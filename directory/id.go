package directory

// EntryID names an entry for its whole life: a rename or move keeps it, and it is never used again. IDs are
// dense and start at 1; zero is "no entry".
type EntryID uint64

// CSN is a commit sequence number: 64 bits, dense, one for each change that was committed. A refused change
// consumes none. Zero is the empty store.
type CSN uint64
