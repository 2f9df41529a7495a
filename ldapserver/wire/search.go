package wire

import (
	"math"
	"time"

	"gatehouse/directory"
	"gatehouse/directory/ber"
)

// search reads RFC 4511 section 4.5.1, with the scope of subordinates beside the RFC's three.
func (d *decoder) search() *directory.SearchRequest {
	r := &d.store.search
	*r = directory.SearchRequest{}
	outer := d.Enter(tagSearchRequest)
	r.Base = d.text(ber.OctetString)
	r.Scope = directory.Scope(d.integer(ber.Enumerated, 0, int64(directory.ScopeChildren), "scope"))
	r.DerefAliases = directory.DerefAliases(d.integer(ber.Enumerated, 0, int64(directory.DerefAlways), "derefAliases"))
	r.SizeLimitEntries = int(d.integer(ber.Integer, 0, math.MaxInt32, "sizeLimit"))
	r.TimeLimit = time.Duration(d.integer(ber.Integer, 0, math.MaxInt32, "timeLimit")) * time.Second
	r.TypesOnly = d.Boolean(ber.Boolean)
	r.Filter = d.filter(1)
	r.Attributes = d.selection()
	d.Leave(outer)
	return r
}

func (d *decoder) selection() []string {
	outer := d.Enter(ber.Sequence)
	names := d.store.names.take(d.count(d.limits.Attributes, "attributes"))
	for i := range names {
		names[i] = d.text(ber.OctetString)
	}
	d.Leave(outer)
	return names
}
