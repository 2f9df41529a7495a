package control

import (
	"errors"
	"slices"
	"strings"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/ber"
	"gatehouse/ldapserver/wire"
)

// Deref is the dereference control of draft-masarati-ldap-deref, of requests and of entries, with the OID that OpenLDAP has given it.
const Deref = "1.3.6.1.4.1.4203.666.5.16"

const (
	// derefSpecsMax and derefAttributesMax bound a request.
	derefSpecsMax      = 16
	derefAttributesMax = 256
	// derefBytesMax bounds what is answered with one entry: 50,000 members with what SSSD asks for.
	derefBytesMax = 16 << 20

	tagAttrVals byte = 0xa0
)

var errDerefTooLarge = directory.Errorf(directory.AdminLimitExceeded, "an entry refers to more than the dereference control returns at once")

func decodeDeref(c *directory.Control, into *directory.RequestControls) error {
	d := ber.NewDecoder(c.Value)
	outer := d.Enter(ber.Sequence)
	var specs []directory.DerefSpec
	for d.More() && d.Err() == nil {
		spec := d.Enter(ber.Sequence)
		s := directory.DerefSpec{Attr: string(d.Octets(ber.OctetString))}
		list := d.Enter(ber.Sequence)
		for d.More() && d.Err() == nil && len(s.Attributes) <= derefAttributesMax {
			s.Attributes = append(s.Attributes, string(d.Octets(ber.OctetString)))
		}
		if len(specs) == derefSpecsMax || len(s.Attributes) > derefAttributesMax {
			return directory.Errorf(directory.AdminLimitExceeded, "more than %d attributes to dereference, or %d of one of them",
				derefSpecsMax, derefAttributesMax)
		}
		d.Leave(list)
		d.Leave(spec)
		if slices.ContainsFunc(specs, func(other directory.DerefSpec) bool { return strings.EqualFold(other.Attr, s.Attr) }) {
			return directory.Errorf(directory.ProtocolError, "the dereference control names %q twice", s.Attr)
		}
		specs = append(specs, s)
	}
	d.Leave(outer)
	if d.Err() != nil || d.More() || len(specs) == 0 {
		return directory.Errorf(directory.ProtocolError, "the value of the dereference control cannot be read")
	}
	into.Deref, into.DerefCritical = specs, c.Criticality
	return nil
}

// derefHead is room for the head of the outer SEQUENCE, whose size is known when all is appended.
const derefHead = 6

// answerDeref encodes what an entry refers to, in the memory of buf; false if it refers to nothing, or to too much and the client can
// do without.
func answerDeref(c *acl.SearchControls, buf *[]byte) (answer directory.Control, is bool, err error) {
	b := append((*buf)[:0], make([]byte, derefHead)...)
	for ref, err := range c.Deref {
		if err == nil && len(b) > derefBytesMax {
			err = errDerefTooLarge
		}
		if errors.Is(err, errDerefTooLarge) && !c.DerefCritical {
			return answer, false, nil
		}
		if err != nil {
			return answer, false, err
		}
		b = appendDereferenced(b, &ref)
	}
	*buf = b
	if len(b) == derefHead {
		return answer, false, nil
	}
	contents := len(b) - derefHead
	from := derefHead + contents - ber.Size(contents)
	ber.AppendHeader(b[:from], ber.Sequence, contents)
	return directory.Control{OID: Deref, Value: b[from:], HasValue: true}, true, nil
}

// appendDereferenced appends one DerefRes. attrVals is absent where there is nothing to tell, be it that the entry is not there or
// that it must not be seen.
func appendDereferenced(b []byte, ref *acl.Dereferenced) []byte {
	size, list := ber.Size(len(ref.Attr))+ber.Size(len(ref.Value)), 0
	if ref.View != nil && len(ref.View.Attributes()) > 0 {
		list = wire.AttributesSize(ref.View.Attributes(), ref.View.TypesOnly())
		size += ber.Size(list)
	}
	b = ber.AppendHeader(b, ber.Sequence, size)
	b = ber.AppendOctets(b, ber.OctetString, ref.Attr)
	b = ber.AppendOctets(b, ber.OctetString, ref.Value)
	if list > 0 {
		b = ber.AppendHeader(b, tagAttrVals, list)
		b = wire.AppendAttributes(b, ref.View.Attributes(), ref.View.TypesOnly())
	}
	return b
}
