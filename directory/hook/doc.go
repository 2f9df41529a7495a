// Package hook holds the invariants that every write keeps, one file each, and the one list that orders them.
//
// A hook changes the draft before the schema accepts it, or adds effects afterwards, always in the client's own change; it
// never starts an operation. Its Verify proves the invariant on a stored entry.
package hook
