package ldapserver

import (
	"context"

	"gatehouse/acl"
	"gatehouse/directory"
)

// Backend is the directory behind the server. Its methods are called by many goroutines at once. An error that is an
// [directory.Error] is what the client sees; any other becomes other(80) and is logged. Requests alias the message's
// buffer and are valid until the method returns.
type Backend interface {
	// Bind authenticates: simple and SASL. The session returned replaces the connection's; it is never nil, and anonymous
	// where the bind failed. The state is what the password policy says of a bind that succeeded.
	Bind(ctx context.Context, s *acl.Session, req *directory.BindRequest) (*acl.Session, directory.PasswordState, error)
	// Search prepares a search on one snapshot.
	Search(ctx context.Context, s *acl.Session, req *directory.SearchRequest) (Search, error)
	// Sync performs a search with content synchronization (RFC 4533) and sends to to what it finds. It returns at the end of the
	// refresh or, where the client wants a persist stage, when ctx ends or with an error.
	Sync(ctx context.Context, s *acl.Session, req *directory.SearchRequest, to acl.SyncConsumer) (acl.SyncDone, error)
	// Compare reports whether the entry has the value.
	Compare(ctx context.Context, s *acl.Session, req *directory.CompareRequest) (bool, error)
	// Add, Modify, Delete and ModifyDN return when the change is durable. What the client wants to read with it may be nil.
	Add(ctx context.Context, s *acl.Session, req *directory.AddRequest) (*acl.ReadEntries, error)
	Modify(ctx context.Context, s *acl.Session, req *directory.ModifyRequest) (*acl.ReadEntries, error)
	Delete(ctx context.Context, s *acl.Session, req *directory.DeleteRequest) (*acl.ReadEntries, error)
	ModifyDN(ctx context.Context, s *acl.Session, req *directory.ModifyDNRequest) (*acl.ReadEntries, error)
	// ModifyPassword is RFC 3062. generated is the new password where the client asked for one.
	ModifyPassword(ctx context.Context, s *acl.Session, req *directory.PasswordModifyRequest) (generated []byte, err error)
	// ExplainJSON answers the explain extended operation, see extop.Explain. Request and answer are JSON.
	ExplainJSON(ctx context.Context, s *acl.Session, request []byte) ([]byte, error)
	// MayControl reports whether the session may use a control that has no right of its own (see control.Control).
	MayControl(s *acl.Session, oid string) bool
	// Check reports whether the session may go on: an entry that was deleted or disabled ends the sessions bound as it.
	// It is called before every operation and must be cheap.
	Check(s *acl.Session) error
}

// Search is one prepared search. It is used by one goroutine.
type Search interface {
	// Bounded reports that the search looks at few entries, known beforehand, so that it may run where it was prepared.
	Bounded() bool
	// Run sends each entry to emit, whose argument is valid during the call alone.
	Run(ctx context.Context, emit func(*acl.View) error) error
	// Controls returns what the search answers beside entries; nil for a request without controls that are answered. It is asked
	// for before Run; its parts are filled while Run is.
	Controls() *acl.SearchControls
	// Close gives the snapshot back. It is called once, after Run or instead of it.
	Close()
}
