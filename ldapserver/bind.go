package ldapserver

import (
	"time"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/ldapserver/control"
	"gatehouse/ldapserver/sasl"
	"gatehouse/ldapserver/wire"
)

// bind is RFC 4511 section 4.2. Nothing is outstanding. Whatever fails leaves the connection anonymous. The old identity
// decides nothing, so one that is no longer valid may bind anew.
func (c *conn) bind(id directory.MessageID, req *directory.BindRequest) error {
	session, told, err := c.authenticate(req)
	if err != nil || session == nil {
		session = c.session.Anonymous()
	}
	if err != nil {
		told = directory.PasswordStateOf(err)
		c.srv.binds.refused(time.Now(), c.session.Transport(), req, err)
	}
	c.setSession(session)
	if req.Controls == nil && !told.Says() {
		return c.finish(id, wire.TagBindResponse, err)
	}
	return c.finishWith(id, wire.TagBindResponse, err, control.OfPassword(req.Controls, req, told))
}

func (c *conn) authenticate(req *directory.BindRequest) (s *acl.Session, told directory.PasswordState, err error) {
	if err := control.Decode(c.msg.Controls, req, c.mayControl); err != nil {
		return nil, told, err
	}
	if req.Mechanism != "" && !sasl.Known(req.Mechanism) {
		return nil, told, directory.Errorf(directory.AuthMethodNotSupported, "SASL mechanism %q is not one of %s", req.Mechanism, sasl.Names())
	}
	return c.srv.backend.Bind(c.ctx, c.session, req)
}
