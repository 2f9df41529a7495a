package ldapserver

import (
	"gatehouse/directory"
	"gatehouse/ldapserver/wire"
)

// add is RFC 4511 section 4.7.
func (c *conn) add(p *pending, req *directory.AddRequest) error {
	return c.unlessAbandoned(p, wire.TagAddResponse, c.srv.backend.Add(p.ctx, p.session, req))
}
