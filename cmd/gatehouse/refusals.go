package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

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
	source string                       // of the records, for messages
	origin func(line int) (string, int) // where a line of a converted input comes from; nil for one that is read as it is
	err    io.Writer
	file   *os.File // nil without --rejects
	count  int
}

// openRefusals returns where the records of files that are refused go; rejects is the name of a file or empty. It must not be
// one of the files that are read, whose records would be lost.
func openRefusals(files []importFile, rejects string, stderr io.Writer) (*refusals, error) {
	r := &refusals{source: files[0].name, err: stderr}
	if rejects == "" {
		return r, nil
	}
	for _, file := range files {
		if file.file != nil && isFile(file.file, rejects) {
			return nil, usagef("--rejects %s is the file that is read: give another name", rejects)
		}
	}
	var err error
	// Records may hold passwords: a file that is there already may be open to others.
	if r.file, err = os.OpenFile(rejects, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600); err != nil {
		return r, err
	}
	info, err := r.file.Stat()
	if err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
		err = r.file.Chmod(0o600)
	}
	return r, err
}

// isFile reports whether in reads the file of that name.
func isFile(in io.Reader, name string) bool {
	file, ok := in.(*os.File)
	if !ok {
		return false
	}
	read, err := file.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(name)
	return err == nil && os.SameFile(read, named)
}

// add takes one refused record; text is the record as it was written.
func (r *refusals) add(x refusal, text []byte) error {
	r.count++
	source, line := r.at(x.Line)
	name := ""
	if x.DN != "" {
		name = x.DN + ": "
	}
	if r.count <= refusalsPrinted {
		fmt.Fprintf(r.err, "%s:%d: %s%s\n", source, line, printable(name), printable(x.Text))
	}
	if r.count == refusalsPrinted+1 {
		fmt.Fprintln(r.err, "... and more")
	}
	if r.file == nil {
		return nil
	}
	_, err := fmt.Fprintf(r.file, "# %s:%d: %s\n%s\n\n", source, line, printable(x.Text), bytes.TrimRight(text, "\r\n"))
	return err
}

// at returns where a line of the LDIF stands in what was given.
func (r *refusals) at(line int) (string, int) {
	if r.origin == nil {
		return r.source, line
	}
	return r.origin(line)
}

// printable returns a text with its control characters escaped as in a DN (RFC 4514), so that a name makes no lines of its own
// and moves no terminal.
func printable(s string) string {
	if !strings.ContainsFunc(s, unicode.IsControl) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if !unicode.IsControl(r) {
			b.WriteRune(r)
			continue
		}
		for _, octet := range []byte(string(r)) {
			fmt.Fprintf(&b, `\%02X`, octet)
		}
	}
	return b.String()
}

// rejects returns the name of the file of --rejects, "" without one.
func (r *refusals) rejects() string {
	if r.file == nil {
		return ""
	}
	return r.file.Name()
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
