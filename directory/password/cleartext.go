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
	bytes *[]byte // behind a pointer, because fmt does not call methods on unexported fields but prints what they hold
}

// NewCleartext returns a Cleartext with its own copy of password.
func NewCleartext(password []byte) Cleartext {
	own := append([]byte(nil), password...)
	return Cleartext{&own}
}

// Bytes returns the password. The caller must not change it, and must not keep it past Clear.
func (c Cleartext) Bytes() []byte {
	if c.bytes == nil {
		return nil
	}
	return *c.bytes
}

// Clear overwrites the password with zeros and forgets it, in all copies.
func (c Cleartext) Clear() {
	if c.bytes != nil {
		clear(*c.bytes)
		*c.bytes = nil
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
