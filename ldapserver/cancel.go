package ldapserver

import (
	"context"
	"errors"

	"gatehouse/directory"
	"gatehouse/ldapserver/wire"
)

// cancel is RFC 3909. It runs on the reader, whatever else is outstanding. An operation that has not begun is answered at once;
// one that runs answers for itself first, and then for the Cancel, see [conn.afterwards].
func (c *conn) cancel(id directory.MessageID, req *directory.ExtendedRequest) error {
	target, err := wire.DecodeCancel(req.Value, req.HasValue)
	if err != nil {
		return c.finish(id, wire.TagExtendedResponse, err)
	}
	p, err := c.queue.cancel(target, id)
	switch {
	case err != nil:
		return c.finish(id, wire.TagExtendedResponse, err)
	case p == nil:
		return nil
	}
	if err := c.finish(target, wire.ResponseTag(p.msg.Op), errCanceled); err != nil {
		return err
	}
	return c.finish(id, wire.TagExtendedResponse, nil)
}

var (
	errCanceled        = &directory.Error{Code: directory.Canceled}
	errNoSuchOperation = directory.Errorf(directory.NoSuchOperation, "no operation of that message ID is in progress")
	errTooLate         = directory.Errorf(directory.TooLate, "the operation ends without it")
	errCannotCancel    = directory.Errorf(directory.CannotCancel, "a Cancel cannot be cancelled")
)

// cancel finds the operation that the Cancel by is about. It returns one that has not begun, and never will. Nil says that the
// operation was told to stop.
func (q *queue) cancel(id, by directory.MessageID) (*pending, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	p := q.byID[id]
	switch {
	case p == nil || p.abandoned:
		for _, other := range q.byID {
			if other.canceledBy == id && id != 0 {
				return nil, errCannotCancel
			}
		}
		return nil, errNoSuchOperation
	case p.ended || p.canceledBy != 0:
		return nil, errTooLate
	case !p.begun:
		p.abandoned = true
		p.cancel()
		return p, nil
	}
	p.canceledBy = by
	p.cancel()
	return nil, nil
}

// begin reports whether an operation is to be carried out, which it is from now on.
func (q *queue) begin(p *pending) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	p.begun = !p.abandoned
	return p.begun
}

// end is called when an operation has given its answer. It returns the Cancel that waits for that; zero for none.
func (q *queue) end(p *pending) directory.MessageID {
	q.mu.Lock()
	defer q.mu.Unlock()
	p.ended = true
	return p.canceledBy
}

// ofCanceled turns the error of an operation that a Cancel has stopped into the answer that it gets.
func (c *conn) ofCanceled(p *pending, err error) error {
	if !errors.Is(err, context.Canceled) {
		return err
	}
	c.queue.mu.Lock()
	defer c.queue.mu.Unlock()
	if p.canceledBy == 0 {
		return err
	}
	p.stopped = true
	return errCanceled
}

// afterwards answers the Cancel of an operation that has ended: with success where it has stopped the operation.
func (c *conn) afterwards(p *pending) error {
	by := c.queue.end(p)
	switch {
	case by == 0:
		return nil
	case p.stopped || c.queue.isAbandoned(p):
		return c.finish(by, wire.TagExtendedResponse, nil)
	}
	return c.finish(by, wire.TagExtendedResponse, errTooLate)
}
