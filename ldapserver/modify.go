package ldapserver

import (
	"gatehouse/directory"
	"gatehouse/ldapserver/wire"
)

// modify is RFC 4511 section 4.6.
func (c *conn) modify(p *pending, req *directory.ModifyRequest) error {
	return c.unlessAbandoned(p, wire.TagModifyResponse, c.srv.backend.Modify(p.ctx, p.session, req))
}
