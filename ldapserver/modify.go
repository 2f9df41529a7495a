package ldapserver

import (
	"gatehouse/directory"
	"gatehouse/ldapserver/wire"
)

// modify is RFC 4511 section 4.6.
func (c *conn) modify(p *pending, req *directory.ModifyRequest) error {
	read, err := c.srv.backend.Modify(p.ctx, p.session, req)
	return c.answerWrite(p, wire.TagModifyResponse, read, err)
}
