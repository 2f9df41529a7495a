package ldapserver

import (
	"gatehouse/directory"
	"gatehouse/ldapserver/wire"
)

// delete is RFC 4511 section 4.8.
func (c *conn) delete(p *pending, req *directory.DeleteRequest) error {
	read, err := c.srv.backend.Delete(p.ctx, p.session, req)
	return c.answerWrite(p, wire.TagDeleteResponse, read, err)
}
