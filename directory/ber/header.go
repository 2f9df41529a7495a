package ber

import (
	"errors"
	"fmt"
	"math"
)

// ErrShort says that the input ends before the element does: more input may complete it.
var ErrShort = errors.New("ber: input ends inside an element")

// SyntaxError says where the input is not what was expected. It never holds contents of the input.
type SyntaxError struct {
	Offset int // octets from the start of the decoder's input
	Reason string
}

// Error implements error.
func (e *SyntaxError) Error() string { return fmt.Sprintf("ber: octet %d: %s", e.Offset, e.Reason) }

const (
	reasonShort      = "input ends inside an element"
	reasonIndefinite = "indefinite length, which LDAP does not allow"
	reasonLength     = "length of more than 31 bits"
	reasonTag        = "tag number of more than one octet"
)

// lengthOctetsMax bounds the octets of a length: 4 are enough for what is accepted, encoders pad to 8.
const lengthOctetsMax = 8

// Header reads the head of the element that b starts with: its tag, the size of tag and length, and the size of the
// contents, which need not be in b. Lengths need not be minimal. It returns [ErrShort] if the head is cut off, and a
// [*SyntaxError] for what can never become an element.
func Header(b []byte) (tag byte, head, contents int, err error) {
	if len(b) == 0 {
		return 0, 0, 0, ErrShort
	}
	tag = b[0]
	if tag&number == number {
		return 0, 0, 0, &SyntaxError{0, reasonTag}
	}
	if len(b) < 2 {
		return 0, 0, 0, ErrShort
	}
	if b[1] < 0x80 {
		return tag, 2, int(b[1]), nil
	}
	count := int(b[1] & 0x7f)
	switch {
	case count == 0:
		return 0, 0, 0, &SyntaxError{1, reasonIndefinite}
	case count > lengthOctetsMax:
		return 0, 0, 0, &SyntaxError{1, reasonLength}
	}
	n := 0
	for i := range count {
		if len(b) <= 2+i {
			return 0, 0, 0, ErrShort
		}
		if n = n<<8 | int(b[2+i]); n > math.MaxInt32 {
			return 0, 0, 0, &SyntaxError{1, reasonLength}
		}
	}
	return tag, 2 + count, n, nil
}
