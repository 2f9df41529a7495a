package wire

import (
	"gatehouse/directory"
	"gatehouse/directory/ber"
)

// DecodeFilter reads a filter that is the value of a control, within limits on depth and terms. It aliases value.
func DecodeFilter(value []byte, limits Limits) (directory.Filter, error) {
	d := decoder{Decoder: ber.NewDecoder(value), store: new(store), limits: limits}
	f := d.filter(1)
	return f, d.endOfValue()
}

// DecodeFilters reads a SEQUENCE OF filters, likewise. The terms of all of them are counted together.
func DecodeFilters(value []byte, limits Limits) ([]directory.Filter, error) {
	d := decoder{Decoder: ber.NewDecoder(value), store: new(store), limits: limits}
	list := d.filters(ber.Sequence, 0)
	return list, d.endOfValue()
}

// endOfValue returns what is wrong with the value of a control that has been read.
func (d *decoder) endOfValue() error {
	if d.Err() == nil && d.More() {
		d.Fail("more than a filter")
	}
	switch {
	case d.refusal != nil:
		return directory.Errorf(d.refusal.Code, "%s", d.refusal.Diagnostic)
	case d.Err() != nil:
		return directory.Errorf(directory.ProtocolError, "filter of a control: %v", d.Err())
	}
	return nil
}
