package hook

import (
	"encoding/hex"
	"errors"
	"fmt"

	"gatehouse/directory/dit"
)

// generalizedTime is the form of createTimestamp, in seconds.
const generalizedTime = "20060102150405Z"

// Stamp gives a new entry its identity and its origin: entryUUID, creatorsName, createTimestamp. An import brings its own.
type Stamp struct{}

// NewStamp returns the hook.
func NewStamp() Stamp { return Stamp{} }

// Name implements [dit.Hook].
func (Stamp) Name() string { return "stamp" }

// Prepare implements [dit.Hook].
func (Stamp) Prepare(w *dit.Write) error {
	if w.Kind != dit.KindAdd {
		return nil
	}
	for _, a := range []struct{ name, value string }{
		{"entryUUID", formatUUID(w.UUID)},
		{"creatorsName", w.Author()},
		{"createTimestamp", w.Now.UTC().Format(generalizedTime)},
	} {
		desc := attribute(w.Schema, a.name)
		if desc == nil || a.value == "" || w.Import && w.Draft.Has(desc) {
			continue
		}
		w.Draft.Set(desc, []byte(a.value))
	}
	return nil
}

// formatUUID prints a UUID in the form of RFC 9562 section 4.
func formatUUID(u [16]byte) string {
	text := make([]byte, 0, 36)
	for i, part := range [][]byte{u[:4], u[4:6], u[6:8], u[8:10], u[10:]} {
		if i > 0 {
			text = append(text, '-')
		}
		text = hex.AppendEncode(text, part)
	}
	return string(text)
}

// Follow implements [dit.Hook].
func (Stamp) Follow(*dit.Write) error { return nil }

// Verify implements [dit.Hook].
func (Stamp) Verify(v *dit.Stored) error {
	var missing []error
	for _, name := range []string{"entryUUID", "createTimestamp"} {
		if desc := attribute(v.Schema, name); desc != nil && v.Entry.Get(desc).Len() != 1 {
			missing = append(missing, fmt.Errorf("%s: %d values", name, v.Entry.Get(desc).Len()))
		}
	}
	return errors.Join(missing...)
}
