package control

import (
	"math"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/ber"
)

// PagedResults is the simple paged results control (RFC 2696), of requests and of answers.
const PagedResults = "1.2.840.113556.1.4.319"

func decodePage(c *directory.Control, into *directory.RequestControls) error {
	d := ber.NewDecoder(c.Value)
	outer := d.Enter(ber.Sequence)
	size := d.Integer(ber.Integer)
	cookie := d.Octets(ber.OctetString)
	d.Leave(outer)
	if d.Err() != nil || d.More() || size < 0 {
		return directory.Errorf(directory.ProtocolError, "the value of the paged results control cannot be read")
	}
	into.Page = &directory.PageRequest{Size: int(min(size, math.MaxInt32)), Cookie: cookie}
	into.PageCritical = c.Criticality
	return nil
}

// answerPage encodes the end of a page. The size of the whole result is "not known", for whoever asks: it would count what is
// hidden.
func answerPage(p *acl.Page) directory.Control {
	value := ber.AppendHeader(nil, ber.Sequence, ber.Size(ber.IntegerSize(0))+ber.Size(len(p.Cookie)))
	value = ber.AppendInteger(value, ber.Integer, 0)
	value = ber.AppendOctets(value, ber.OctetString, p.Cookie)
	return directory.Control{OID: PagedResults, Value: value, HasValue: true}
}
