package foreign

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"gatehouse/directory"
	"gatehouse/directory/ldif"
	"gatehouse/directory/schema"
)

// Input is one file of an import.
type Input struct {
	Name string // stands in errors and notes
	Data io.Reader
}

// Options says what to make of the input.
type Options struct {
	Schema *schema.Schema
	Now    time.Time

	Base   string // naming context for formats without names of their own
	People string // where people go; "" is ou=people below Base
	Groups string // where groups go; "" is ou=groups below Base

	UIDMin, UIDMax int // of the users of passwd files; 0 and 0 are 1000 and 59999

	Map       []Mapping // columns of CSV
	Delimiter rune      // between columns of CSV; 0 finds it in the header
	Values    string    // between the values of one field of CSV; "" takes a field as one value

	KeepUnknown bool // of LDIF in all its dialects: hand on what the schema does not know, so that the import refuses it
}

// Convert reads the input and hands on each entry. An entry belongs to emit; its error ends the conversion. The error is an
// [*Error] if the input is to blame.
func Convert(f Format, o Options, in []Input, emit func(*Entry) error) (*Report, error) {
	c := &converter{options: o, report: &Report{Format: f}, emitTo: emit}
	if c.options.UIDMin == 0 && c.options.UIDMax == 0 {
		c.options.UIDMin, c.options.UIDMax = 1000, 59999
	}
	read := readers[f]
	if read == nil {
		return nil, fmt.Errorf("format %q is not read here", f)
	}
	if len(in) == 0 {
		return nil, errors.New("no input")
	}
	if len(in) > 1 && f != Passwd {
		return nil, fmt.Errorf("the format %s has one file, and got %d; import them one after the other", f, len(in))
	}
	err := read(c, in)
	c.report.sort()
	return c.report, err
}

// readers is what reads each format.
var readers = map[Format]func(*converter, []Input) error{
	LDIF:   (*converter).readLDIF,
	DS389:  (*converter).read389,
	LLDAP:  (*converter).readLLDAP,
	GLAuth: (*converter).readGLAuth,
	Passwd: (*converter).readPasswd,
	CSV:    (*converter).readCSV,
}

// converter is one conversion at work.
type converter struct {
	options Options
	report  *Report
	emitTo  func(*Entry) error
	shapes  map[string]*shape // by object classes
}

func (c *converter) emit(at place, rec *ldif.Record) error {
	c.report.count(rec)
	rec.Line = at.line
	return c.emitTo(&Entry{File: at.file, Line: at.line, Record: rec})
}

// textBytesMax bounds a file that is read as a whole: passwd files of some million lines.
const textBytesMax = 256 << 20

// readAll returns the text of an input without a byte order mark.
func readAll(in Input) (string, error) {
	text, err := io.ReadAll(io.LimitReader(in.Data, textBytesMax+1))
	if err != nil {
		return "", err
	}
	if len(text) > textBytesMax {
		return "", &Error{File: in.Name, Reason: fmt.Sprintf("longer than %d MiB; split it", textBytesMax>>20)}
	}
	s := string(text)
	if strings.HasPrefix(s, "\xff\xfe") || strings.HasPrefix(s, "\xfe\xff") {
		return "", &Error{File: in.Name, Line: 1, Reason: utf16Text}
	}
	return strings.TrimPrefix(s, "\ufeff"), nil
}

// draft collects the attributes of an entry to be.
type draft struct{ rec *ldif.Record }

func newDraft(dn string, classes ...string) draft {
	d := draft{&ldif.Record{DN: dn, Kind: ldif.Content}}
	d.add("objectClass", classes...)
	return d
}

// add adds values that are not empty.
func (d draft) add(attr string, values ...string) {
	for _, v := range values {
		if v == "" {
			continue
		}
		a := d.get(attr)
		if a == nil {
			d.rec.Attributes = append(d.rec.Attributes, directory.PartialAttribute{Attr: attr})
			a = &d.rec.Attributes[len(d.rec.Attributes)-1]
		}
		a.Values = append(a.Values, []byte(v))
	}
}

// addOnce adds a value that is not there in the same bytes.
func (d draft) addOnce(attr, value string) {
	if !d.has(attr, value) {
		d.add(attr, value)
	}
}

func (d draft) get(attr string) *directory.PartialAttribute {
	for i := range d.rec.Attributes {
		if strings.EqualFold(d.rec.Attributes[i].Attr, attr) {
			return &d.rec.Attributes[i]
		}
	}
	return nil
}

// first returns the first value, "" without one.
func (d draft) first(attr string) string {
	if a := d.get(attr); a != nil && len(a.Values) > 0 {
		return string(a.Values[0])
	}
	return ""
}

// has reports whether a value is there, in whatever case of ASCII letters.
func (d draft) has(attr, value string) bool {
	a := d.get(attr)
	if a == nil {
		return false
	}
	for _, v := range a.Values {
		if strings.EqualFold(string(v), value) {
			return true
		}
	}
	return false
}

// take removes an attribute and returns its values.
func (d draft) take(attr string) [][]byte {
	for i := range d.rec.Attributes {
		if strings.EqualFold(d.rec.Attributes[i].Attr, attr) {
			values := d.rec.Attributes[i].Values
			d.rec.Attributes = append(d.rec.Attributes[:i], d.rec.Attributes[i+1:]...)
			return values
		}
	}
	return nil
}

// remove removes one value, and the attribute with its last one.
func (d draft) remove(attr, value string) {
	a := d.get(attr)
	if a == nil {
		return
	}
	kept := make([][]byte, 0, len(a.Values))
	for _, v := range a.Values {
		if !strings.EqualFold(string(v), value) {
			kept = append(kept, v)
		}
	}
	if a.Values = kept; len(kept) == 0 {
		d.take(attr)
	}
}
