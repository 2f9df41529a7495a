package control

import (
	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/ber"
	"gatehouse/ldapserver/wire"
)

// PreRead and PostRead are the read entry controls (RFC 4527), of requests and of answers: the entry as a write found it, and as it
// left it.
const (
	PreRead  = "1.3.6.1.1.13.1"
	PostRead = "1.3.6.1.1.13.2"
)

// readAttributesMax bounds an attribute list: what a client without a bind may send with a search.
const readAttributesMax = 256

func decodePreRead(c *directory.Control, into *directory.RequestControls) (err error) {
	into.PreRead, err = decodeReadEntry(c)
	return err
}

func decodePostRead(c *directory.Control, into *directory.RequestControls) (err error) {
	into.PostRead, err = decodeReadEntry(c)
	return err
}

// decodeReadEntry reads an AttributeSelection.
func decodeReadEntry(c *directory.Control) (*directory.ReadRequest, error) {
	d := ber.NewDecoder(c.Value)
	outer := d.Enter(ber.Sequence)
	req := new(directory.ReadRequest)
	for d.More() && d.Err() == nil {
		if len(req.Attributes) == readAttributesMax {
			return nil, directory.Errorf(directory.AdminLimitExceeded, "more than %d attributes to be read", readAttributesMax)
		}
		req.Attributes = append(req.Attributes, string(d.Octets(ber.OctetString)))
	}
	if d.Leave(outer); d.Err() != nil || d.More() {
		return nil, directory.Errorf(directory.ProtocolError, "the value of a read entry control cannot be read")
	}
	return req, nil
}

// OfWrite encodes what a write answers beside its result; nil is nothing.
func OfWrite(read *acl.ReadEntries) (list []directory.Control) {
	if read == nil {
		return nil
	}
	if v := read.Pre; v != nil {
		list = append(list, entryControl(PreRead, v))
	}
	if v := read.Post; v != nil {
		list = append(list, entryControl(PostRead, v))
	}
	return list
}

func entryControl(oid string, v *acl.View) directory.Control {
	value := wire.AppendEntryValue(nil, v.DN(), v.Attributes(), v.TypesOnly())
	return directory.Control{OID: oid, Value: value, HasValue: true}
}
