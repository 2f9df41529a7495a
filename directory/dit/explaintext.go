package dit

import (
	"bytes"
	"fmt"
	"io"
)

// Text writes the answer for people.
func (e *Explained) Text(w io.Writer) error {
	var b bytes.Buffer
	if r := e.Refusal; r != nil {
		fmt.Fprintf(&b, "refusal %s: %s at %s\n", r.Ref, r.Code, r.Time.UTC().Format("2006-01-02T15:04:05Z"))
	}
	for i := range e.Parts {
		p := &e.Parts[i]
		fmt.Fprintf(&b, "%s %s", e.As, p.Do)
		if p.Attribute != "" {
			fmt.Fprintf(&b, " %s", p.Attribute)
		}
		if p.OID != "" {
			fmt.Fprintf(&b, " %s", p.OID)
		}
		on := e.On
		if on == "" {
			on = "the root DSE"
		}
		fmt.Fprintf(&b, " on %s\n", on)
		b.WriteString(p.Explanation.Text())
	}
	for _, n := range e.Notes {
		fmt.Fprintf(&b, "note: %s\n", n)
	}
	_, err := w.Write(b.Bytes())
	return err
}
