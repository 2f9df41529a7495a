package password

import (
	"errors"
	"fmt"
	"strings"
)

// What can be wrong with a stored value; CheckStored wraps one of these in a *StoredError.
var (
	// ErrNoScheme says that a value has no scheme prefix: it is clear text.
	ErrNoScheme = errors.New("no scheme prefix")
	// ErrUnknownScheme says that the scheme, or the crypt(3) method, is not one that can be verified.
	ErrUnknownScheme = errors.New("unknown scheme")
	// ErrMalformed says that a value does not have the form that its scheme prescribes.
	ErrMalformed = errors.New("malformed value")
	// ErrOutOfBounds says that a cost parameter or a length is outside of the bounds of this package.
	ErrOutOfBounds = errors.New("parameter out of bounds")
)

// What can be wrong with a new password, and with the moment.
var (
	// ErrEmpty says that a password is empty.
	ErrEmpty = errors.New("empty password")
	// ErrNUL says that a password holds a NUL byte, which bcrypt cannot tell from its end.
	ErrNUL = errors.New("password holds a NUL byte")
	// ErrBusy says that as many callers wait for a worker as may wait. It depends on the load alone, never on the entry.
	ErrBusy = errors.New("too many password operations are waiting")
)

// StoredError says why a stored value was refused, without showing any of it but the scheme.
type StoredError struct {
	Scheme string // as in Scheme; empty if there is none
	What   string // the part that is wrong
	Err    error  // one of the sentinels above
}

func (e *StoredError) Error() string {
	var b strings.Builder
	b.WriteString("stored password")
	if e.Scheme != "" {
		fmt.Fprintf(&b, " {%s}", e.Scheme)
	}
	fmt.Fprintf(&b, ": %v", e.Err)
	if e.What != "" {
		fmt.Fprintf(&b, ": %s", e.What)
	}
	return b.String()
}

// Unwrap returns the sentinel.
func (e *StoredError) Unwrap() error { return e.Err }

// TooLongError says that a password has more bytes than its scheme takes in. It is refused, because cutting it would let
// every password with the same beginning in.
type TooLongError struct {
	Scheme   string
	MaxBytes int
}

func (e *TooLongError) Error() string {
	return fmt.Sprintf("password is longer than the %d bytes that %s takes in", e.MaxBytes, e.Scheme)
}

func malformed(what string) error   { return &StoredError{What: what, Err: ErrMalformed} }
func outOfBounds(what string) error { return &StoredError{What: what, Err: ErrOutOfBounds} }
