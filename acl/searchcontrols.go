package acl

import (
	"iter"

	"gatehouse/directory"
)

// SearchControls is what a search with controls answers beside its entries. A search fills it and a server encodes it.
type SearchControls struct {
	// Deref yields what the entry that is being sent refers to; nil if nobody asked. What it yields is valid until it goes on.
	Deref         iter.Seq2[Dereferenced, error]
	DerefCritical bool // the client cannot do without

	// The rest belongs to the end of the search.

	Page *Page       // nil: no page was asked for
	Sort *SortResult // nil: no order was asked for
}

// Dereferenced is one value of a reference attribute, and what the session may see of the entry that it names.
type Dereferenced struct {
	Attr  string // as the client has written it
	Value []byte // as the entry that refers prints it
	View  *View  // nil: there is no such entry, or the session must not see it
}

// Page is the end of one page (RFC 2696). The size of the result is not told: it would count what the session may not see.
type Page struct {
	Cookie []byte // empty after the last page
}

// SortResult says what became of the order that was asked for (RFC 2891).
type SortResult struct {
	Code directory.ResultCode
	Attr string // that is to blame, if any
}
