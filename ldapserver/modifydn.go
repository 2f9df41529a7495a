package ldapserver

import (
	"gatehouse/directory"
	"gatehouse/ldapserver/wire"
)

// modifyDN is RFC 4511 section 4.9.
func (c *conn) modifyDN(p *pending, req *directory.ModifyDNRequest) error {
	return c.unlessAbandoned(p, wire.TagModifyDNResponse, c.srv.backend.ModifyDN(p.ctx, p.session, req))
}
