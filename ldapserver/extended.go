package ldapserver

import (
	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/ldapserver/extop"
	"gatehouse/ldapserver/wire"
)

// extended is RFC 4511 section 4.12: what the table in extop lists.
func (c *conn) extended(id directory.MessageID, req *directory.ExtendedRequest, pdu []byte) error {
	switch req.OID {
	case extop.WhoAmI:
		if c.queue.ordered() {
			return c.enqueue(pdu)
		}
		return c.whoAmI(id, c.session, req)
	case extop.StartTLS:
		c.queue.barrier()
		return c.guarded(id, req, func() error { return c.startTLS(id, req) })
	case extop.Cancel:
		return c.cancel(id, req)
	case extop.PasswordModify, extop.Explain:
		return c.enqueue(pdu)
	}
	return c.finish(id, wire.TagExtendedResponse,
		directory.Errorf(directory.ProtocolError, "extended operation %q is not supported", req.OID))
}

// extendedPending runs what extended has queued.
func (c *conn) extendedPending(p *pending, req *directory.ExtendedRequest) error {
	switch req.OID {
	case extop.WhoAmI:
		return c.whoAmI(p.msg.ID, p.session, req)
	case extop.Explain:
		return c.explain(p, req)
	}
	return c.modifyPassword(p, req)
}

// explain answers what the policy decides, and why.
func (c *conn) explain(p *pending, req *directory.ExtendedRequest) error {
	if !req.HasValue || len(req.Value) > extop.ExplainRequestBytesMax {
		return c.unlessAbandoned(p, wire.TagExtendedResponse,
			directory.Errorf(directory.ProtocolError, "explain takes a request of at most %d bytes", extop.ExplainRequestBytesMax))
	}
	answer, err := c.srv.backend.ExplainJSON(p.ctx, p.session, req.Value)
	if err != nil || c.queue.isAbandoned(p) {
		return c.unlessAbandoned(p, wire.TagExtendedResponse, err)
	}
	return c.out.appendLarge(len(answer), func(b []byte) []byte {
		return wire.AppendExtendedResponse(b, p.msg.ID, &directory.Result{}, extop.Explain, answer, nil)
	})
}

// whoAmI is RFC 4532.
func (c *conn) whoAmI(id directory.MessageID, s *acl.Session, req *directory.ExtendedRequest) error {
	if req.HasValue {
		return c.finish(id, wire.TagExtendedResponse, directory.Errorf(directory.ProtocolError, "Who am I takes no value"))
	}
	if s.MayOnlySetPassword() {
		return c.finishWith(id, wire.TagExtendedResponse, errMustChange, withPassword(req, errMustChange, nil))
	}
	return c.out.append(func(b []byte) []byte {
		return wire.AppendExtendedResponse(b, id, &directory.Result{}, "", []byte(s.AuthzID()), nil)
	})
}

// modifyPassword is RFC 3062.
func (c *conn) modifyPassword(p *pending, req *directory.ExtendedRequest) error {
	var change directory.PasswordModifyRequest
	if err := wire.DecodePasswordModify(req.Value, req.HasValue, &change); err != nil {
		return c.unlessAbandoned(p, wire.TagExtendedResponse, err)
	}
	generated, err := c.srv.backend.ModifyPassword(p.ctx, p.session, &change)
	if err != nil || len(generated) == 0 || c.queue.isAbandoned(p) {
		return c.unlessAbandoned(p, wire.TagExtendedResponse, err)
	}
	return c.out.append(func(b []byte) []byte {
		return wire.AppendExtendedResponse(b, p.msg.ID, &directory.Result{}, "", wire.AppendPasswordModifyResponse(nil, generated), nil)
	})
}
