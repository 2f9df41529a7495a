package wire

import (
	"errors"

	"gatehouse/directory/ber"
)

// Frame returns the length in octets of the message at the head of buf, 0 if buf does not hold all of it yet. max bounds
// the whole message. The error is [ErrNotLDAP] or [ErrTooLarge], found as soon as the octets that show it are there, so
// that a reader never waits for, or makes room for, what it will not take.
func Frame(buf []byte, max int) (n int, err error) {
	if len(buf) == 0 {
		return 0, nil
	}
	if buf[0] != ber.Sequence {
		return 0, ErrNotLDAP
	}
	_, head, contents, err := ber.Header(buf)
	switch {
	case errors.Is(err, ber.ErrShort):
		return 0, nil
	case err != nil:
		return 0, ErrNotLDAP
	case contents > max-head:
		return 0, ErrTooLarge
	case len(buf)-head < contents:
		return 0, nil
	}
	return head + contents, nil
}
