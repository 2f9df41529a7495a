package directory

// Filter is a search filter as received (RFC 4511 section 4.5.1.7): a closed set of forms. Strings and bytes of a
// filter that came from the wire alias the request's buffer. Immutable.
type Filter interface{ isFilter() }

type (
	// And is true if every part is; the empty And is true (RFC 4526).
	And []Filter
	// Or is true if one part is; the empty Or is false (RFC 4526).
	Or []Filter
	// Not inverts true and false and keeps Undefined.
	Not struct{ Filter Filter }
	// EqualityMatch is (attr=value).
	EqualityMatch struct {
		Attr  string
		Value []byte
	}
	// Substrings is (attr=initial*any*final). Initial and Final are nil when absent.
	Substrings struct {
		Attr    string
		Initial []byte
		Any     [][]byte
		Final   []byte
	}
	// GreaterOrEqual is (attr>=value).
	GreaterOrEqual struct {
		Attr  string
		Value []byte
	}
	// LessOrEqual is (attr<=value).
	LessOrEqual struct {
		Attr  string
		Value []byte
	}
	// Present is (attr=*).
	Present struct{ Attr string }
	// ApproxMatch is (attr~=value).
	ApproxMatch struct {
		Attr  string
		Value []byte
	}
	// ExtensibleMatch is (attr:dn:rule:=value). Attr or Rule may be empty, not both.
	ExtensibleMatch struct {
		Attr         string
		Rule         string
		Value        []byte
		DNAttributes bool
	}
)

func (And) isFilter()              {}
func (Or) isFilter()               {}
func (*Not) isFilter()             {}
func (*EqualityMatch) isFilter()   {}
func (*Substrings) isFilter()      {}
func (*GreaterOrEqual) isFilter()  {}
func (*LessOrEqual) isFilter()     {}
func (*Present) isFilter()         {}
func (*ApproxMatch) isFilter()     {}
func (*ExtensibleMatch) isFilter() {}
