// Package storage keeps the directory: entries with stable IDs, the tree, references between entries as links by
// ID, indexes, and the log of changes that all of it follows from.
//
// A [Store] is changed only by [Store.Propose]: a [Change] holds what its decision relied on (guards) and what
// becomes of it (effects). One sequencer orders changes in batches, applies them to an overlay, commits each batch
// as one synced transaction, tells the caches, publishes and answers. Readers take a [Snapshot], the state after
// a batch, which never changes under them.
package storage
