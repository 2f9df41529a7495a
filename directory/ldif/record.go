package ldif

import (
	"bytes"
	"strings"

	"gatehouse/directory"
)

// Kind tells what a record is.
type Kind uint8

// The kinds of records. Content is an entry as it is; the others are changes.
const (
	Content Kind = iota
	Add
	Delete
	Modify
	ModifyDN
)

// String returns the word of the changetype line, "content" for a record without one.
func (k Kind) String() string {
	switch k {
	case Content:
		return "content"
	case Add:
		return "add"
	case Delete:
		return "delete"
	case Modify:
		return "modify"
	case ModifyDN:
		return "moddn"
	}
	return "unknown"
}

// Record is one entry or change. Names and values are as written, not checked against any schema. One that came from a
// [Reader] aliases its buffer; see [Record.Clone].
type Record struct {
	Line     int // of the dn line, from 1
	DN       string
	Kind     Kind
	Controls []directory.Control // of a change

	Attributes []directory.PartialAttribute // Content and Add: one for each attribute, in the order of their first values
	Changes    []directory.Modification     // Modify

	NewRDN         string // ModifyDN
	DeleteOldRDN   bool
	NewSuperior    string
	HasNewSuperior bool
}

// Clone returns a copy that aliases nothing.
func (r *Record) Clone() *Record {
	c := *r
	c.DN, c.NewRDN, c.NewSuperior = strings.Clone(r.DN), strings.Clone(r.NewRDN), strings.Clone(r.NewSuperior)
	c.Controls = nil
	for _, x := range r.Controls {
		x.OID, x.Value = strings.Clone(x.OID), bytes.Clone(x.Value)
		c.Controls = append(c.Controls, x)
	}
	c.Attributes = nil
	for _, a := range r.Attributes {
		c.Attributes = append(c.Attributes, cloneAttribute(a))
	}
	c.Changes = nil
	for _, m := range r.Changes {
		c.Changes = append(c.Changes, directory.Modification{Op: m.Op, PartialAttribute: cloneAttribute(m.PartialAttribute)})
	}
	return &c
}

func cloneAttribute(a directory.PartialAttribute) directory.PartialAttribute {
	c := directory.PartialAttribute{Attr: strings.Clone(a.Attr)}
	for _, v := range a.Values {
		c.Values = append(c.Values, bytes.Clone(v))
	}
	return c
}
