package ldapserver

import (
	"context"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/ldapserver/wire"
)

// compare is RFC 4511 section 4.10.
func (c *conn) compare(ctx context.Context, s *acl.Session, id directory.MessageID, req *directory.CompareRequest) error {
	match, err := c.srv.backend.Compare(ctx, s, req)
	if err != nil {
		return c.finishWith(id, wire.TagCompareResponse, err, withPassword(req, err, nil))
	}
	r := directory.Result{Code: directory.CompareFalse}
	if match {
		r.Code = directory.CompareTrue
	}
	return c.answer(id, wire.TagCompareResponse, &r)
}
