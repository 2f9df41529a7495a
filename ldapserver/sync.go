package ldapserver

import (
	"context"
	"time"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/ldapserver/control"
	"gatehouse/ldapserver/wire"
)

var (
	errManySyncs     = directory.Errorf(directory.Busy, "too many persistent searches; try again later")
	errSyncRight     = directory.Errorf(directory.InsufficientAccessRights, "content synchronization may be used no longer")
	errManySyncsHere = directory.Errorf(directory.AdminLimitExceeded, "a connection may have %d persistent searches", persistentPerConnection)
)

// isSync reports whether a search asks for content synchronization.
func isSync(req *directory.SearchRequest) bool {
	return req.Controls != nil && req.Controls.Sync != nil
}

// syncPending is a search with content synchronization (RFC 4533), on a goroutine of its own. It waits for changes without one of
// the server's places. Abandon, Cancel, a new bind, the end of the connection and a shutdown end it.
func (c *conn) syncPending(p *pending, req *directory.SearchRequest) error {
	done, err := c.synchronize(p, req)
	if c.queue.isAbandoned(p) {
		return nil
	}
	var controls []directory.Control
	if err == nil {
		controls = []directory.Control{control.OfSyncDone(&done)}
	}
	return c.finishWith(p.msg.ID, wire.TagSearchResultDone, c.ofCanceled(p, err), controls)
}

func (c *conn) synchronize(p *pending, req *directory.SearchRequest) (acl.SyncDone, error) {
	if req.Controls.Sync.Mode == directory.SyncRefreshAndPersist {
		if !c.queue.persist(p) {
			return acl.SyncDone{}, errManySyncsHere
		}
		if c.srv.persistent.Add(1) > persistentSearches {
			c.srv.persistent.Add(-1)
			return acl.SyncDone{}, errManySyncs
		}
		defer c.srv.persistent.Add(-1)
	}
	out := syncOutput{c: c, p: p, place: place{srv: c.srv}}
	defer out.place.leave()
	if err := out.place.take(p.ctx); err != nil {
		return acl.SyncDone{}, err
	}
	return c.srv.backend.Sync(p.ctx, p.session, req, &out)
}

// persist counts a persistent search; false where its connection has too many.
func (q *queue) persist(p *pending) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for _, other := range q.byID {
		if other.persists {
			n++
		}
	}
	p.persists = n < persistentPerConnection
	return p.persists
}

// barrier waits until nothing is outstanding. Persistent searches, which have no end of their own, are abandoned for it (RFC 4511
// section 4.2.1).
func (q *queue) barrier() {
	q.abandonWhere(func(p *pending) bool {
		req, is := p.msg.Op.(*directory.SearchRequest)
		return is && isSync(req) && req.Controls.Sync.Mode == directory.SyncRefreshAndPersist
	})
	q.waitIdle()
}

// syncOutput sends what one synchronization has found.
type syncOutput struct {
	c     *conn
	p     *pending
	place place
	woken time.Time // when it last began to look; zero: never
}

// Entry implements [acl.SyncConsumer].
func (o *syncOutput) Entry(e *acl.SyncEntry) error {
	controls := []directory.Control{control.OfSyncEntry(e)}
	return o.c.sendFrom(&o.place, o.p, sizeOf(e.View, controls), func(b []byte) []byte { return appendEntry(b, o.p.msg.ID, e.View, controls) })
}

// Info implements [acl.SyncConsumer].
func (o *syncOutput) Info(i *acl.SyncInfo) error {
	value := control.AppendSyncInfo(nil, i)
	return o.c.sendFrom(&o.place, o.p, len(value), func(b []byte) []byte {
		return wire.AppendIntermediateResponse(b, o.p.msg.ID, control.SyncInfo, value, nil)
	})
}

// Idle implements [acl.SyncConsumer]. It ends the search of a session that may not do it any more.
func (o *syncOutput) Idle(ctx context.Context, wake <-chan struct{}) error {
	o.place.leave()
	if err := o.c.out.flush(); err != nil {
		return err
	}
	rested := time.After(o.pause())
	select {
	case <-wake:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-rested:
	case <-ctx.Done():
		return ctx.Err()
	}
	o.woken = time.Now()
	if err := o.place.take(ctx); err != nil {
		return err
	}
	if b := o.c.srv.backend; !b.MayControl(o.p.session, control.SyncRequest) && b.Check(o.p.session) == nil {
		return errSyncRight
	}
	return nil
}

// pause is for how long the search rests after a look at what has changed.
func (o *syncOutput) pause() time.Duration {
	if o.woken.IsZero() {
		return 0
	}
	took := time.Since(o.woken)
	return min(max(syncPause-took, took), syncPauseMax)
}
