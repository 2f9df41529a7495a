package acl

// ReadEntries is what a write answers beside its result (RFC 4527): the entry as it was just before, and as it is just after. Each
// is nil where the client did not ask, or may not know the entry in that state.
type ReadEntries struct{ Pre, Post *View }
