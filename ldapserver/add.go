package ldapserver

import (
	"gatehouse/directory"
	"gatehouse/ldapserver/wire"
)

// add is RFC 4511 section 4.7.
func (c *conn) add(p *pending, req *directory.AddRequest) error {
	read, err := c.srv.backend.Add(p.ctx, p.session, req)
	return c.answerWrite(p, wire.TagAddResponse, read, err)
}
