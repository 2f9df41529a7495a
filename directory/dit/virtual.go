package dit

import (
	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
)

// virtual is an entry that the server makes: the root DSE, the subschema subentry, or the target of server
// functions.
type virtual struct {
	dn    []byte
	ndn   directory.NDN
	entry *directory.Entry // of the root DSE, the part that does not change
}

// standFor makes c stand for a virtual entry, whose attributes at the moment are in entry.
func (c *candidate) standFor(p *acl.Policy, v *virtual, entry *directory.Entry) {
	c.reset(0)
	c.made, c.entry = v, entry
	c.rights = p.Decide(c.s, c)
}

// access says which attributes of the one entry that c stands for may decide a filter.
func (c *candidate) access(t *schema.AttributeType) filter.Searchable {
	if c.rights.Search(t.Description()) {
		return filter.Always
	}
	return filter.Never
}
