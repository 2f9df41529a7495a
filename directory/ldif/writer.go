package ldif

import (
	"errors"
	"io"
	"strings"

	"gatehouse/directory"
)

// flushBytes is how much a Writer collects before it writes.
const flushBytes = 256 << 10

// Writer writes LDIF. The same records give the same bytes, always. Errors of the underlying writer stick. It is not safe for
// concurrent use.
type Writer struct {
	// DNComments puts a comment with the name in plain text before each record whose name has to be in base64.
	DNComments bool

	dst io.Writer
	buf []byte
	err error
}

// errReserved is for entries that LDIF cannot say.
var errReserved = errors.New("ldif: an entry whose only attributes are changetype and control would be read as a change")

// NewWriter returns a writer to dst. [Writer.Flush] must be called at the end.
func NewWriter(dst io.Writer) *Writer { return &Writer{dst: dst} }

// Version writes the version line that RFC 2849 wants at the start of a file.
func (w *Writer) Version() error {
	w.buf = append(w.buf, "version: 1\n\n"...)
	return w.spill(flushBytes)
}

// Comment writes lines of a comment and a blank line.
func (w *Writer) Comment(text string) error {
	for l := range strings.Lines(text) {
		w.buf = appendComment(w.buf, strings.TrimRight(l, "\r\n"))
	}
	w.buf = append(w.buf, '\n')
	return w.spill(flushBytes)
}

// Entry writes a content record.
func (w *Writer) Entry(dn string, attrs []directory.Attribute) error {
	first := 0
	for first < len(attrs) && isReserved(attrs[first].Desc.Name) {
		first++
	}
	if first > 0 && first == len(attrs) {
		return errReserved
	}
	w.dn(dn)
	if first > 0 {
		w.attribute(attrs[first])
	}
	for i, a := range attrs {
		if first == 0 || i != first {
			w.attribute(a)
		}
	}
	w.buf = append(w.buf, '\n')
	return w.spill(flushBytes)
}

func (w *Writer) attribute(a directory.Attribute) {
	name := a.Desc.Name
	for set := a.Set(); len(set) > 0; {
		var v []byte
		if v, set = directory.NextValue(set); v == nil {
			return
		}
		w.buf = AppendLine(w.buf, name, v)
	}
}

// Record writes a record of any kind.
func (w *Writer) Record(r *Record) error {
	if r.Kind == Content && len(r.Attributes) > 0 && isReserved(r.Attributes[0].Attr) {
		return errReserved
	}
	w.dn(r.DN)
	if r.Kind != Content {
		for _, c := range r.Controls {
			w.buf = appendControl(w.buf, c)
		}
		w.text("changetype", r.Kind.String())
	}
	switch r.Kind {
	case Content, Add:
		for _, a := range r.Attributes {
			w.values(a)
		}
	case Modify:
		for _, m := range r.Changes {
			w.text([...]string{"add", "delete", "replace", "increment"}[m.Op], m.Attr)
			w.values(m.PartialAttribute)
			w.buf = append(w.buf, "-\n"...)
		}
	case ModifyDN:
		w.text("newrdn", r.NewRDN)
		w.text("deleteoldrdn", map[bool]string{false: "0", true: "1"}[r.DeleteOldRDN])
		if r.HasNewSuperior {
			w.text("newsuperior", r.NewSuperior)
		}
	case Delete:
	}
	w.buf = append(w.buf, '\n')
	return w.spill(flushBytes)
}

// Flush writes what has been collected.
func (w *Writer) Flush() error { return w.spill(0) }

// spill writes if more than keep bytes are collected.
func (w *Writer) spill(keep int) error {
	if w.err == nil && len(w.buf) > keep {
		_, w.err = w.dst.Write(w.buf)
		w.buf = w.buf[:0]
	}
	return w.err
}

func (w *Writer) dn(dn string) {
	if w.DNComments && needsBase64(dn) && isPrintable(dn) {
		w.buf = appendComment(w.buf, "dn: "+dn)
	}
	w.text("dn", dn)
}

func (w *Writer) text(name, value string) { w.buf = AppendLine(w.buf, name, value) }

func (w *Writer) values(a directory.PartialAttribute) {
	for _, v := range a.Values {
		w.buf = AppendLine(w.buf, a.Attr, v)
	}
}

// isReserved reports whether an attribute in the first line behind the dn would be read as the start of a change.
func isReserved(name string) bool {
	return strings.EqualFold(name, "changetype") || strings.EqualFold(name, "control")
}
