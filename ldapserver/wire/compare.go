package wire

import (
	"gatehouse/directory"
	"gatehouse/directory/ber"
)

// compare reads RFC 4511 section 4.10.
func (d *decoder) compare() *directory.CompareRequest {
	r := &d.store.compare
	*r = directory.CompareRequest{}
	outer := d.Enter(tagCompareRequest)
	r.DN = d.text(ber.OctetString)
	r.Attr, r.Value = d.assertion(ber.Sequence)
	d.Leave(outer)
	return r
}
