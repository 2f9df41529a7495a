package dit

import (
	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/storage"
)

// newServer returns cn=gatehouse, the target of rights to the server's own functions: policy.*, control, extop. It cannot be found.
func (d *Directory) newServer() *virtual {
	v := &virtual{dn: []byte(acl.ServerNDN), ndn: acl.ServerNDN}
	v.entry = directory.StoredEntry([]directory.Attribute{
		directory.NewAttribute(d.attr.objectClass, []byte("top"), []byte("extensibleObject")),
		directory.NewAttribute(d.attr.cn, []byte("gatehouse")),
		directory.NewAttribute(d.attr.structuralObjectClass, []byte("extensibleObject")),
		directory.NewAttribute(d.attr.entryDN, v.dn),
	})
	return v
}

// serverTarget returns cn=gatehouse as a target of decisions.
func (d *Directory) serverTarget(s *acl.Session, sn *storage.Snapshot) *candidate {
	return &candidate{d: d, s: s, sn: sn, made: d.server, entry: d.server.entry}
}

// mayServer reports whether the session has a right to the server's own functions.
func (d *Directory) mayServer(p *acl.Policy, s *acl.Session, sn *storage.Snapshot, a acl.Action) bool {
	return p.Decide(s, d.serverTarget(s, sn)).Allows(a)
}

// MayControl reports whether the session may use a control, by its OID.
func (d *Directory) MayControl(s *acl.Session, oid string) bool {
	sn := d.store.Snapshot()
	defer sn.Close()
	p := d.Policy()
	return d.checkWith(p, s, sn) == nil && p.Decide(s, d.serverTarget(s, sn)).AllowsOID(acl.ActionControl, oid)
}
