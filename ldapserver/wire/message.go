package wire

import (
	"fmt"
	"log/slog"

	"gatehouse/directory"
)

// Message is an LDAPMessage that a client sent (RFC 4511 section 4.1.1), with the storage of its parts. A Message is
// reused for many requests, one at a time; see the package comment for how long its contents are valid. The zero Message is
// ready for [Decode]. It prints without what the request says, because that may be a password.
type Message struct {
	ID       directory.MessageID
	Op       directory.Request
	Controls []directory.Control

	store store
}

// Limits bounds what a message may hold, beyond its size in bytes. A limit of zero allows none.
type Limits struct {
	FilterDepth int // filters inside filters; a filter without parts is at depth 1
	FilterTerms int // filters of all kinds, together with the substrings in them
	Attributes  int // names in a search's selection; attributes of an add
	Changes     int // changes of a modify
	Values      int // values of an add or modify, all attributes together
	Controls    int // controls of a message
}

// String tells kind and message ID alone.
func (m *Message) String() string {
	if m.Op == nil {
		return fmt.Sprintf("message %d", m.ID)
	}
	return fmt.Sprintf("message %d (%T)", m.ID, m.Op)
}

// GoString is String.
func (m *Message) GoString() string { return m.String() }

// LogValue implements slog.LogValuer with String.
func (m *Message) LogValue() slog.Value { return slog.StringValue(m.String()) }

// Reset drops all references to the buffer last decoded, and storage that an unusually large request left, so that a
// Message in a pool keeps little alive. [Decode] does not need it.
func (m *Message) Reset() {
	m.ID, m.Op, m.Controls = 0, nil, nil
	m.store.reset()
}
