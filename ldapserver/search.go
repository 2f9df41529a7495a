package ldapserver

import (
	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/ldapserver/control"
	"gatehouse/ldapserver/wire"
)

// searchInline is RFC 4511 section 4.5 on the reader, for a plan that is bounded; others move to a worker.
func (c *conn) searchInline(id directory.MessageID, req *directory.SearchRequest, pdu []byte) error {
	if isLong(req) {
		return c.searchBeside(pdu)
	}
	s, err := c.srv.backend.Search(c.ctx, c.requestSession(), req)
	if err != nil {
		return c.finishWith(id, wire.TagSearchResultDone, err, withPassword(req, err, nil))
	}
	if !s.Bounded() {
		s.Close()
		return c.searchBeside(pdu)
	}
	defer s.Close()
	c.beside = s.Controls()
	err = s.Run(c.ctx, c.emit)
	controls := control.OfDone(c.beside)
	c.beside = nil
	return c.finishWith(id, wire.TagSearchResultDone, err, controls)
}

// isLong reports what is not bounded by what it asks for: the client waits for changes, for many entries that others refer to, or for
// a page behind the first.
func isLong(req *directory.SearchRequest) bool {
	c := req.Controls
	return c != nil && (isSync(req) || c.Deref != nil || c.Page != nil && len(c.Page.Cookie) > 0)
}

// searchBeside moves the search in c.msg to a worker.
func (c *conn) searchBeside(pdu []byte) error {
	p, err := c.detach(pdu)
	if p == nil {
		return err
	}
	go c.run(p)
	return nil
}

// emitInline sends an entry of the search in c.msg.
func (c *conn) emitInline(v *acl.View) error {
	var encoder control.Entries
	controls, err := encoder.Of(c.beside)
	if err != nil {
		return err
	}
	return c.out.appendLarge(sizeOf(v, controls), func(b []byte) []byte { return appendEntry(b, c.msg.ID, v, controls) })
}

// sizeOf returns about how many octets an entry takes.
func sizeOf(v *acl.View, controls []directory.Control) (octets int) {
	if !v.TypesOnly() {
		for _, a := range v.Attributes() {
			octets += len(a.Set())
		}
	}
	for i := range controls {
		octets += len(controls[i].Value)
	}
	return octets
}

func appendEntry(b []byte, id directory.MessageID, v *acl.View, controls []directory.Control) []byte {
	return wire.AppendEntry(b, id, v.DN(), v.Attributes(), v.TypesOnly(), controls)
}

// searchPending is a search on a worker. It waits for one of the server's places, and an Abandon ends it.
func (c *conn) searchPending(p *pending, req *directory.SearchRequest) error {
	if isSync(req) {
		return c.syncPending(p, req)
	}
	place := place{srv: c.srv}
	defer place.leave()
	var controls []directory.Control
	err := place.take(p.ctx)
	if err == nil {
		controls, err = c.runSearch(&place, p, req)
	}
	place.leave() // the answer may wait for the client
	if c.queue.isAbandoned(p) {
		return nil
	}
	return c.finishWith(p.msg.ID, wire.TagSearchResultDone, c.ofCanceled(p, err), withPassword(req, err, controls))
}

// errTooLarge is what a client gets while too much waits for others.
var errTooLarge = directory.Errorf(directory.Busy, "too many large requests at the same time; try again later")

// runSearch sends the entries, and returns the controls that end the search.
func (c *conn) runSearch(place *place, p *pending, req *directory.SearchRequest) ([]directory.Control, error) {
	s, err := c.srv.backend.Search(p.ctx, p.session, req)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	beside := s.Controls()
	var encoder control.Entries
	held := 0
	defer func() { c.srv.waitsNoLonger(held) }()
	err = s.Run(p.ctx, func(v *acl.View) error {
		controls, err := encoder.Of(beside)
		if err != nil {
			return err
		}
		if n := encoder.Bytes(); n > held { // it waits for the client, too
			c.srv.waitsNoLonger(held)
			if held = 0; !c.srv.mayWait(n) {
				return errTooLarge
			}
			held = n
		}
		return c.sendFrom(place, p, sizeOf(v, controls), func(b []byte) []byte { return appendEntry(b, p.msg.ID, v, controls) })
	})
	return control.OfDone(beside), err
}

// sendFrom appends one answer of about so many octets for an operation that has a place, which it gives up while it waits for the
// client to read.
func (c *conn) sendFrom(place *place, p *pending, octets int, add func([]byte) []byte) error {
	for {
		if err := p.ctx.Err(); err != nil {
			return err
		}
		done, due, err := c.out.tryAppend(octets, add)
		if err != nil || done && !due {
			return err
		}
		if err := place.flush(p.ctx, &c.out); err != nil || done {
			return err
		}
	}
}

// unlessAbandoned answers an operation, unless the client has abandoned it and waits for no answer.
func (c *conn) unlessAbandoned(p *pending, tag byte, err error) error {
	if c.queue.isAbandoned(p) {
		return nil
	}
	return c.finishWith(p.msg.ID, tag, c.ofCanceled(p, err), withPassword(p.msg.Op, err, nil))
}
