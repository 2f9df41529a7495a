package foreign

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gatehouse/directory/ldif"
)

// Entry is one entry made from the input.
type Entry struct {
	File     string // where it stands
	Line     int    // its first line there, from 1
	Scaffold bool   // made by the reader so that others have a place; an entry of that name may exist already
	Record   *ldif.Record
}

// Kind says what became of something.
type Kind string

// The kinds of notes.
const (
	LeftOut Kind = "left out" // a value or an attribute of an entry
	Changed Kind = "changed"  // something is now in another form, or was added
	Skipped Kind = "skipped"  // a whole entry or line
	ToDo    Kind = "to do"    // somebody has to look at it
)

// Note says what was done with something in the input, and why. It holds no value of an entry but names.
type Note struct {
	Kind     Kind     `json:"kind"`
	What     string   `json:"what"`
	Why      string   `json:"why"`
	Count    int      `json:"count"`
	Examples []string `json:"examples,omitempty"` // FILE:LINE of the first ones
}

// Report is what a conversion has to say.
type Report struct {
	Format  Format         `json:"format"`
	Entries int            `json:"entries"`           // handed on
	Classes map[string]int `json:"classes,omitempty"` // entries by object class
	Notes   []*Note        `json:"notes,omitempty"`

	notes map[noteKey]*Note
}

type noteKey struct {
	kind Kind
	what string
}

// The bounds of a report.
const (
	notesMax    = 1000 // different ones; hostile input invents a name for each line
	examplesMax = 5    // places in a note
	classesMax  = 1000 // counted by name
	whatMax     = 120  // bytes of a name in a note
)

// place is a line of the input.
type place struct {
	file string
	line int
}

func (p place) String() string { return fmt.Sprintf("%s:%d", p.file, p.line) }

// note counts one occurrence. Further ones of the same kind and what are counted with the first reason.
func (r *Report) note(kind Kind, what, why string, at place) {
	if len(what) > whatMax {
		what = strings.ToValidUTF8(what[:whatMax], "") + "..."
	}
	if r.notes == nil {
		r.notes = make(map[noteKey]*Note)
	}
	n := r.notes[noteKey{kind, what}]
	if n == nil {
		if len(r.Notes) >= notesMax {
			what, why = "others", "more different things than are listed"
			n = r.notes[noteKey{kind, what}]
		}
		if n == nil {
			n = &Note{Kind: kind, What: what, Why: why}
			r.notes[noteKey{kind, what}] = n
			r.Notes = append(r.Notes, n)
		}
	}
	n.Count++
	if at.line > 0 && len(n.Examples) < examplesMax {
		n.Examples = append(n.Examples, at.String())
	}
}

// Note counts something that a step behind the conversion has found at a line of the input; line 0 is no place.
func (r *Report) Note(kind Kind, what, why, file string, line int) {
	r.note(kind, what, why, place{file, line})
}

// Count counts an entry.
func (r *Report) Count(rec *ldif.Record) { r.count(rec) }

// Merge adds the counts and notes of another report.
func (r *Report) Merge(o *Report) {
	r.Entries += o.Entries
	for class, n := range o.Classes {
		if r.Classes == nil {
			r.Classes = make(map[string]int)
		}
		r.Classes[class] += n
	}
	for _, n := range o.Notes {
		r.note(n.Kind, n.What, n.Why, place{})
		mine := r.notes[noteKey{n.Kind, n.What}]
		if mine == nil {
			continue // one of too many
		}
		mine.Count += n.Count - 1
		mine.Examples = append(mine.Examples, n.Examples...)
		mine.Examples = mine.Examples[:min(len(mine.Examples), examplesMax)]
	}
	r.sort()
}

// sort puts the notes in an order that does not depend on the input's.
func (r *Report) sort() {
	slices.SortFunc(r.Notes, func(a, b *Note) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(b.Count, a.Count), cmp.Compare(a.What, b.What))
	})
}

// count adds an entry to the report.
func (r *Report) count(rec *ldif.Record) {
	r.Entries++
	if r.Classes == nil {
		r.Classes = make(map[string]int)
	}
	for _, a := range rec.Attributes {
		if !strings.EqualFold(a.Attr, "objectClass") {
			continue
		}
		for _, v := range a.Values {
			if name := string(v); r.Classes[name] > 0 || len(r.Classes) < classesMax {
				r.Classes[name]++
			}
		}
	}
}

// Error is something in the input that cannot be read.
type Error struct {
	File   string
	Line   int // from 1; 0 for the file as a whole
	Reason string
}

// Error implements error.
func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Reason)
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason)
}

func (p place) errorf(format string, args ...any) error {
	return &Error{File: p.file, Line: p.line, Reason: fmt.Sprintf(format, args...)}
}
