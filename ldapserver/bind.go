package ldapserver

import (
	"gatehouse/directory"
	"gatehouse/ldapserver/sasl"
	"gatehouse/ldapserver/wire"
)

// bind is RFC 4511 section 4.2. Nothing is outstanding. Whatever fails leaves the connection anonymous.
func (c *conn) bind(id directory.MessageID, req *directory.BindRequest) error {
	if req.Mechanism != "" && !sasl.Known(req.Mechanism) {
		c.setSession(c.session.Anonymous())
		return c.finish(id, wire.TagBindResponse, directory.Errorf(directory.AuthMethodNotSupported,
			"SASL mechanism %q is not one of %s", req.Mechanism, sasl.Names()))
	}
	session, err := c.srv.backend.Bind(c.ctx, c.session, req)
	if err != nil || session == nil {
		session = c.session.Anonymous()
	}
	c.setSession(session)
	return c.finish(id, wire.TagBindResponse, err)
}
