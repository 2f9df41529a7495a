package ldapserver

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"

	"gatehouse/directory"
	"gatehouse/ldapserver/control"
	"gatehouse/ldapserver/wire"
)

// dispatch serves the message in c.msg, whose bytes are pdu: here, behind the writes before it, or beside. An error ends
// the connection.
func (c *conn) dispatch(pdu []byte) error {
	id, op := c.msg.ID, c.msg.Op
	switch op := op.(type) {
	case *directory.UnbindRequest:
		return errClosed
	case *directory.AbandonRequest:
		c.queue.abandon(op.ID)
		return nil
	case *directory.BindRequest:
		c.queue.barrier()
		return c.guarded(id, op, func() error { return c.bind(id, op) })
	}
	if err := control.Decode(c.msg.Controls, op, c.mayControl); err != nil {
		return c.finish(id, wire.ResponseTag(op), err)
	}
	if c.isBound.Load() {
		if err := c.srv.backend.Check(c.session); err != nil {
			r := c.resultOf(id, err)
			return &wire.Error{Code: r.Code, Diagnostic: r.DiagnosticMessage, Fatal: true}
		}
	}
	switch op := op.(type) {
	case *directory.ExtendedRequest:
		return c.extended(id, op, pdu)
	case *directory.SearchRequest, *directory.CompareRequest:
		if c.queue.ordered() {
			return c.enqueue(pdu)
		}
		if err := c.breathe(); err != nil {
			return err
		}
		return c.readInline(id, op, pdu)
	default:
		return c.enqueue(pdu)
	}
}

// readInline runs a search or compare on the reader, unless the search's plan is not bounded.
func (c *conn) readInline(id directory.MessageID, op directory.Request, pdu []byte) (err error) {
	defer c.rescue(id, op, &err)
	switch op := op.(type) {
	case *directory.CompareRequest:
		return c.compare(c.ctx, c.requestSession(), id, op)
	case *directory.SearchRequest:
		return c.searchInline(id, op, pdu)
	}
	return fmt.Errorf("%T does not run on the reader", op)
}

// guarded runs f and turns a panic into other(80).
func (c *conn) guarded(id directory.MessageID, op directory.Request, f func() error) (err error) {
	defer c.rescue(id, op, &err)
	return f()
}

// rescue ends one request, and no more, when its handler panics: the client gets other(80), the log gets the stack.
func (c *conn) rescue(id directory.MessageID, op directory.Request, err *error) {
	p := recover()
	if p == nil {
		return
	}
	c.log().Error("an operation panicked", "message", id, "kind", fmt.Sprintf("%T", op), "panic", p, "stack", string(debug.Stack()))
	if _, bind := op.(*directory.BindRequest); bind {
		c.setSession(c.session.Anonymous())
	}
	*err = c.finish(id, wire.ResponseTag(op), directory.Errorf(directory.Other, internalError))
}

// enqueue copies the message and runs it in order behind the writes before it.
func (c *conn) enqueue(pdu []byte) error {
	p, err := c.detach(pdu)
	if p == nil {
		return err
	}
	if c.queue.put(p) {
		go c.work()
	}
	return nil
}

// detach makes a pending operation of the message in c.msg. Without one the message has been answered.
func (c *conn) detach(pdu []byte) (made *pending, err error) {
	p := &pending{session: c.requestSession(), bytes: len(pdu), most: operationsInFlight}
	if !c.isBound.Load() {
		p.most = operationsInFlightAnonymous
	}
	if !c.srv.mayWait(p.bytes) {
		return nil, c.finish(c.msg.ID, wire.ResponseTag(c.msg.Op), errTooLarge)
	}
	defer func() {
		if made == nil {
			c.srv.waitsNoLonger(p.bytes)
		}
	}()
	if err := wire.Decode(slices.Clone(pdu), messageLimits, &p.msg); err != nil {
		return nil, c.refuse(err)
	}
	if err := control.Decode(p.msg.Controls, p.msg.Op, c.mayControl); err != nil {
		return nil, c.finish(p.msg.ID, wire.ResponseTag(p.msg.Op), err)
	}
	p.ctx, p.cancel = context.WithCancel(c.ctx)
	if c.queue.full(p) {
		// The reader is about to wait: what it has answered so far must not wait with it.
		if err := c.out.flush(); err != nil {
			p.cancel()
			return nil, err
		}
	}
	if !c.queue.register(p) {
		p.cancel()
		return nil, c.finish(p.msg.ID, wire.ResponseTag(p.msg.Op),
			directory.Errorf(directory.ProtocolError, "message ID %d belongs to an operation in progress", p.msg.ID))
	}
	return p, nil
}

// work runs the queued operations in order and ends when there is none.
func (c *conn) work() {
	for p := c.queue.take(); p != nil; p = c.queue.take() {
		if _, search := p.msg.Op.(*directory.SearchRequest); search {
			go c.run(p)
			continue
		}
		c.run(p)
	}
}

// run carries out one pending operation and sends its answer.
func (c *conn) run(p *pending) {
	defer c.srv.waitsNoLonger(p.bytes)
	defer c.queue.done(p)
	if !c.queue.begin(p) {
		return
	}
	err := c.guarded(p.msg.ID, p.msg.Op, func() error { return c.perform(p) })
	if err == nil {
		err = c.afterwards(p)
	}
	if err == nil {
		err = c.out.flush()
	}
	if err != nil {
		c.log().Debug("answer not sent", "message", p.msg.ID, "error", err)
		c.expire()
	}
}

// perform calls the handler of a pending operation.
func (c *conn) perform(p *pending) error {
	switch op := p.msg.Op.(type) {
	case *directory.SearchRequest:
		return c.searchPending(p, op)
	case *directory.CompareRequest:
		return c.compare(p.ctx, p.session, p.msg.ID, op)
	case *directory.AddRequest:
		return c.add(p, op)
	case *directory.ModifyRequest:
		return c.modify(p, op)
	case *directory.DeleteRequest:
		return c.delete(p, op)
	case *directory.ModifyDNRequest:
		return c.modifyDN(p, op)
	case *directory.ExtendedRequest:
		return c.extendedPending(p, op)
	}
	return fmt.Errorf("%T is not queued", p.msg.Op)
}
