package filter

// Truth is the value of a filter on an entry (RFC 4511 section 4.5.1.7). The values are ordered, so that And is the
// least, Or the greatest and Not the negative. The zero Truth is Undefined, which selects nothing and which Not keeps.
type Truth int8

// The three values.
const (
	False     Truth = -1
	Undefined Truth = 0
	True      Truth = 1
)

// And is False if one side is, otherwise Undefined if one side is.
func (t Truth) And(u Truth) Truth { return min(t, u) }

// Or is True if one side is, otherwise Undefined if one side is.
func (t Truth) Or(u Truth) Truth { return max(t, u) }

// Not exchanges True and False.
func (t Truth) Not() Truth { return -t }

// String returns the value's name.
func (t Truth) String() string {
	switch t {
	case True:
		return "True"
	case False:
		return "False"
	default:
		return "Undefined"
	}
}
