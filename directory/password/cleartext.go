package password

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Cleartext holds a password that is kept for a while: it prints as "[redacted]" in every way that fmt, log/slog and the
// encoding packages print, also as a field of a struct. The zero value is the empty password. It may be copied; the copies
// share the bytes. It is not safe for use during Clear.
type Cleartext struct {
	// held returns where the password is. It is a function because fmt calls no methods on what an unexported field of
	// another struct holds, and follows pointers there; of a function it prints the address.
	held func() *[]byte
}

// NewCleartext returns a Cleartext with its own copy of password.
func NewCleartext(password []byte) Cleartext {
	return holdCleartext(append([]byte(nil), password...))
}

func holdCleartext(own []byte) Cleartext {
	return Cleartext{func() *[]byte { return &own }}
}

// Bytes returns the password. The caller must not change it, and must not keep it past Clear.
func (c Cleartext) Bytes() []byte {
	if c.held == nil {
		return nil
	}
	return *c.held()
}

// Clear overwrites the password with zeros and forgets it, in all copies.
func (c Cleartext) Clear() {
	if c.held != nil {
		own := c.held()
		clear(*own)
		*own = nil
	}
}

// String returns "[redacted]".
func (c Cleartext) String() string { return redacted }

// GoString returns "[redacted]".
func (c Cleartext) GoString() string { return redacted }

// Format prints "[redacted]" for every verb.
func (c Cleartext) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }

// MarshalText returns "[redacted]".
func (c Cleartext) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue returns "[redacted]".
func (c Cleartext) LogValue() slog.Value { return slog.StringValue(redacted) }

var (
	_ fmt.Formatter  = Cleartext{}
	_ fmt.GoStringer = Cleartext{}
	_ slog.LogValuer = Cleartext{}
)
