package directory

// RequestControls says what the controls of one request ask for (RFC 4511 section 4.1.11). A request without controls has none of it,
// a nil pointer. Strings and bytes alias the message, like those of the request.
type RequestControls struct {
	Page          *PageRequest
	PageCritical  bool
	Sort          []SortKey // in order of precedence; nil: not asked for
	SortCritical  bool
	ValuesReturn  []Filter // RFC 3876: simple items; nil: every value
	Deref         []DerefSpec
	DerefCritical bool

	Sync           *SyncRequest
	Assertion      Filter // RFC 4528; nil: none
	PreRead        *ReadRequest
	PostRead       *ReadRequest
	PasswordPolicy bool // the client wants the state of its password
	ManageDsaIT    bool
}

// PageRequest is the value of a paged results request (RFC 2696).
type PageRequest struct {
	Size   int    // entries of the page; zero ends the search, or asks for an estimate
	Cookie []byte // empty for the first page
}

// SortKey is one key of a sort request (RFC 2891). An empty Rule is the one of the attribute.
type SortKey struct {
	Attr    string
	Rule    string
	Reverse bool
}

// DerefSpec asks for attributes of the entries that a reference attribute of an answer names.
type DerefSpec struct {
	Attr       string
	Attributes []string
}

// SyncMode is the mode of a content synchronization (RFC 4533 section 2.2).
type SyncMode uint8

// The modes, with their numbers on the wire.
const (
	SyncRefreshOnly       SyncMode = 1
	SyncRefreshAndPersist SyncMode = 3
)

// SyncRequest is the value of a Sync Request (RFC 4533 section 2.2).
type SyncRequest struct {
	Mode       SyncMode
	Cookie     []byte // nil: none
	ReloadHint bool
}

// ReadRequest is the value of a pre-read or post-read request (RFC 4527): an attribute list of the form that a search has.
type ReadRequest struct{ Attributes []string }
