package ldapserver

import (
	"context"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/ldapserver/wire"
)

// searchInline is RFC 4511 section 4.5 on the reader, for a plan that is bounded; others move to a worker.
func (c *conn) searchInline(id directory.MessageID, req *directory.SearchRequest, pdu []byte) error {
	s, err := c.srv.backend.Search(c.ctx, c.session, req)
	if err != nil {
		return c.finish(id, wire.TagSearchResultDone, err)
	}
	if !s.Bounded() {
		s.Close()
		p, err := c.detach(pdu)
		if p == nil {
			return err
		}
		go c.run(p)
		return nil
	}
	defer s.Close()
	return c.finish(id, wire.TagSearchResultDone, s.Run(c.ctx, c.emit))
}

// emitInline sends an entry of the search in c.msg.
func (c *conn) emitInline(v *acl.View) error { return c.sendEntry(c.msg.ID, v) }

func (c *conn) sendEntry(id directory.MessageID, v *acl.View) error {
	size := 0
	if !v.TypesOnly() {
		for _, a := range v.Attributes() {
			size += len(a.Set())
		}
	}
	return c.out.appendLarge(size, func(b []byte) []byte {
		return wire.AppendEntry(b, id, v.DN(), v.Attributes(), v.TypesOnly(), nil)
	})
}

// searchPending is a search on a worker. It waits for one of the server's places, and an Abandon ends it.
func (c *conn) searchPending(p *pending, req *directory.SearchRequest) error {
	select {
	case c.srv.searches <- struct{}{}:
		defer func() { <-c.srv.searches }()
	case <-p.ctx.Done():
		return c.unlessAbandoned(p, wire.TagSearchResultDone, p.ctx.Err())
	}
	return c.unlessAbandoned(p, wire.TagSearchResultDone, c.runSearch(p.ctx, p, req))
}

func (c *conn) runSearch(ctx context.Context, p *pending, req *directory.SearchRequest) error {
	s, err := c.srv.backend.Search(ctx, p.session, req)
	if err != nil {
		return err
	}
	defer s.Close()
	return s.Run(ctx, func(v *acl.View) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return c.sendEntry(p.msg.ID, v)
	})
}

// unlessAbandoned answers an operation, unless the client has abandoned it and waits for no answer.
func (c *conn) unlessAbandoned(p *pending, tag byte, err error) error {
	if c.queue.isAbandoned(p) {
		return nil
	}
	return c.finish(p.msg.ID, tag, err)
}
