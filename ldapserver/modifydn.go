package ldapserver

import (
	"gatehouse/directory"
	"gatehouse/ldapserver/wire"
)

// modifyDN is RFC 4511 section 4.9.
func (c *conn) modifyDN(p *pending, req *directory.ModifyDNRequest) error {
	read, err := c.srv.backend.ModifyDN(p.ctx, p.session, req)
	return c.answerWrite(p, wire.TagModifyDNResponse, read, err)
}
