package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"gatehouse/directory"
	"gatehouse/directory/ldif"
	"gatehouse/storage"
)

// refusal is one record that cannot be taken.
type refusal struct {
	Line int    `json:"line"` // of the input, from 1
	DN   string `json:"dn,omitempty"`
	Text string `json:"error"`
}

// refusalOf turns what went wrong with a record into a refusal.
func refusalOf(line int, dn string, err error) refusal {
	text := err.Error()
	if e, ok := errors.AsType[*ldif.Error](err); ok {
		line, text = e.Line, e.Reason
	}
	return refusal{Line: line, DN: dn, Text: text}
}

// refusalsPrinted is how many refused records are printed one by one.
const refusalsPrinted = 20

// refusals prints records that cannot be taken and writes them to the file of --rejects. It belongs to one goroutine.
type refusals struct {
	source string // of the records, for messages
	err    io.Writer
	file   *os.File // nil without --rejects
	count  int
}

// openRefusals returns where refused records go; rejects is the name of a file or empty.
func openRefusals(source, rejects string, stderr io.Writer) (*refusals, error) {
	r := &refusals{source: source, err: stderr}
	if rejects == "" {
		return r, nil
	}
	var err error
	// Records may hold passwords.
	r.file, err = os.OpenFile(rejects, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	return r, err
}

// add takes one refused record; text is the record as it was written.
func (r *refusals) add(x refusal, text []byte) error {
	r.count++
	name := ""
	if x.DN != "" {
		name = x.DN + ": "
	}
	if r.count <= refusalsPrinted {
		fmt.Fprintf(r.err, "%s:%d: %s%s\n", r.source, x.Line, name, x.Text)
	}
	if r.count == refusalsPrinted+1 {
		fmt.Fprintln(r.err, "... and more")
	}
	if r.file == nil {
		return nil
	}
	reason := bytes.ReplaceAll([]byte(x.Text), []byte("\n"), []byte(" "))
	_, err := fmt.Fprintf(r.file, "# %s:%d: %s\n%s\n\n", r.source, x.Line, reason, bytes.TrimRight(text, "\r\n"))
	return err
}

func (r *refusals) close() error {
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}

// recordAt returns the text of the record of a chunk that has a line of the input in it.
func recordAt(c ldif.Chunk, line int) []byte {
	rest := c.Data
	var record []byte // from its first line
	size := 0
	for n := c.Line; len(rest) > 0; n++ {
		end := bytes.IndexByte(rest, '\n') + 1
		if end == 0 {
			end = len(rest)
		}
		blank := len(bytes.TrimRight(rest[:end], "\r\n")) == 0
		switch {
		case blank && n >= line && size > 0:
			return record[:size]
		case blank:
			record, size = nil, 0
		case size == 0:
			record, size = rest, end
		default:
			size += end
		}
		rest = rest[end:]
	}
	return record[:size]
}

// entryText prints an entry that was read already, for a file of rejects.
func entryText(e *storage.LoadEntry) []byte {
	attrs := make([]directory.Attribute, 0, len(e.Entry.Attributes())+1)
	attrs = append(attrs, e.Entry.Attributes()...)
	for _, ref := range e.References {
		attrs = append(attrs, directory.NewAttribute(ref.Desc, []byte(ref.Text)))
	}
	var text bytes.Buffer
	w := ldif.NewWriter(&text)
	if err := errors.Join(w.Entry(e.DN, attrs), w.Flush()); err != nil {
		return nil
	}
	return text.Bytes()
}
