package ldapserver

import (
	"gatehouse/acl"
	"gatehouse/ldapserver/control"
)

// answerWrite answers an add, modify, delete or modifyDN, with the entry before and after it where the client asked for that.
func (c *conn) answerWrite(p *pending, tag byte, read *acl.ReadEntries, err error) error {
	if c.queue.isAbandoned(p) {
		return nil
	}
	return c.finishWith(p.msg.ID, tag, c.ofCanceled(p, err), withPassword(p.msg.Op, err, control.OfWrite(read)))
}
