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

// mayControl reports whether the policy allows the session to use a control that needs a right.
func (c *conn) mayControl(oid string) bool {
	return c.srv.backend.MayControl(c.requestSession(), oid)
}
