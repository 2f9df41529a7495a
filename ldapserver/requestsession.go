package ldapserver

import (
	"strings"

	"gatehouse/acl"
)

// requestSession returns the session of the request in c.msg: the connection's, with the controls of the request, which policies may
// ask for.
func (c *conn) requestSession() *acl.Session {
	if len(c.msg.Controls) == 0 {
		return c.session
	}
	oids := make([]string, len(c.msg.Controls))
	for i := range c.msg.Controls {
		oids[i] = strings.Clone(c.msg.Controls[i].OID)
	}
	return c.session.WithControls(oids...)
}
