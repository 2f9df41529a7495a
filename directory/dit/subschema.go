package dit

import (
	"gatehouse/acl"
	"gatehouse/directory"
)

// newSubschema returns cn=Subschema (RFC 4512 section 4.2), which publishes the schema.
func (d *Directory) newSubschema() *virtual {
	v := &virtual{dn: []byte("cn=Subschema"), ndn: acl.SubschemaNDN}
	attrs := []directory.Attribute{
		directory.NewAttribute(d.attr.objectClass, []byte("top"), []byte("subentry"), []byte("subschema"), []byte("extensibleObject")),
		directory.NewAttribute(d.attr.cn, []byte("Subschema")),
		directory.NewAttribute(d.attr.structuralObjectClass, []byte("subentry")),
		directory.NewAttribute(d.attr.entryDN, v.dn),
		directory.NewAttribute(d.attr.subschemaSubentry, v.dn),
		directory.NewAttribute(d.attr.hasSubordinates, []byte("FALSE")),
	}
	v.entry = directory.StoredEntry(append(attrs, d.schema.Subschema()...))
	return v
}
