package wire

import (
	"gatehouse/directory"
	"gatehouse/directory/ber"
)

const tagNewSuperior byte = 0x80

// add reads RFC 4511 section 4.7.
func (d *decoder) add() *directory.AddRequest {
	r := &d.store.add
	*r = directory.AddRequest{}
	outer := d.Enter(tagAddRequest)
	r.DN = d.text(ber.OctetString)
	list := d.Enter(ber.Sequence)
	r.Attributes = d.store.attributes.take(d.count(d.limits.Attributes, "attributes"))
	for i := range r.Attributes {
		r.Attributes[i] = d.partialAttribute()
	}
	d.Leave(list)
	d.Leave(outer)
	return r
}

// modify reads RFC 4511 section 4.6 and the increment of RFC 4525.
func (d *decoder) modify() *directory.ModifyRequest {
	r := &d.store.modify
	*r = directory.ModifyRequest{}
	outer := d.Enter(tagModifyRequest)
	r.DN = d.text(ber.OctetString)
	list := d.Enter(ber.Sequence)
	r.Changes = d.store.changes.take(d.count(d.limits.Changes, "changes"))
	for i := range r.Changes {
		change := d.Enter(ber.Sequence)
		r.Changes[i].Op = directory.ModifyOp(d.integer(ber.Enumerated, 0, int64(directory.ModifyIncrement), "operation of a change"))
		r.Changes[i].PartialAttribute = d.partialAttribute()
		d.Leave(change)
	}
	d.Leave(list)
	d.Leave(outer)
	return r
}

func (d *decoder) partialAttribute() directory.PartialAttribute {
	outer := d.Enter(ber.Sequence)
	a := directory.PartialAttribute{Attr: d.text(ber.OctetString)}
	set := d.Enter(ber.Set)
	n := d.Count(d.limits.Values - d.values)
	if d.values += n; d.values > d.limits.Values {
		d.refuse(directory.AdminLimitExceeded, "more than %d values in one request", d.limits.Values)
		n = 0
	}
	a.Values = d.store.values.take(n)
	for i := range a.Values {
		a.Values[i] = d.Octets(ber.OctetString)
	}
	d.Leave(set)
	d.Leave(outer)
	return a
}

// modifyDN reads RFC 4511 section 4.9.
func (d *decoder) modifyDN() *directory.ModifyDNRequest {
	r := &d.store.modifyDN
	*r = directory.ModifyDNRequest{}
	outer := d.Enter(tagModifyDNRequest)
	r.DN = d.text(ber.OctetString)
	r.NewRDN = d.text(ber.OctetString)
	r.DeleteOldRDN = d.Boolean(ber.Boolean)
	if d.Peek() == tagNewSuperior {
		r.NewSuperior, r.HasNewSuperior = d.text(tagNewSuperior), true
	}
	d.Leave(outer)
	return r
}
