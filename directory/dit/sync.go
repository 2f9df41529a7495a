package dit

import (
	"context"
	"errors"
	"slices"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/storage"
)

// Sync performs a search with content synchronization (RFC 4533): a refresh, and where the client wants that, a persist stage until
// ctx ends or something is wrong. Nothing is kept for a client that is not there: the cookie names a state of the log.
//
//  1. A refresh is on one snapshot. Without a cookie, or with one that the log does not reach any more, all of the content is sent.
//  2. If the states since the cookie are known and the session has the same rights, what has changed is compared in both states: a
//     delete phase. Otherwise entries that cannot have changed are named by their UUIDs: a present phase. What it does not name is
//     gone for the client, whatever hid it.
//  3. In the persist stage, known has what the client has: UUID and digest of each entry. An entry is sent if its digest is another
//     one, so that whatever changes what the client may see counts: attributes, memberships, names, policy.
//  4. After each batch those entries are looked at that the store says were touched; all of the content if there may be more, or the
//     rights of the session are others.
func (d *Directory) Sync(ctx context.Context, s *acl.Session, req *directory.SearchRequest, to acl.SyncConsumer) (acl.SyncDone, error) {
	y, err := d.newSync(s, req, to)
	if err != nil {
		return acl.SyncDone{}, err
	}
	defer y.close()
	done, err := y.refresh(ctx)
	if err != nil || y.known == nil {
		return done, err
	}
	info := acl.SyncInfo{Kind: acl.SyncRefreshPresent, Cookie: done.Cookie}
	if done.RefreshDeletes {
		info.Kind = acl.SyncRefreshDelete
	}
	if err := to.Info(&info); err != nil {
		return acl.SyncDone{}, err
	}
	for {
		if err := to.Idle(ctx, y.wake); err != nil {
			return acl.SyncDone{}, err
		}
		err := y.step(ctx)
		if errors.Is(err, storage.ErrSnapshotGone) { // it has waited too long for its client
			err = errSyncRefresh
		}
		if err != nil {
			return acl.SyncDone{}, err
		}
	}
}

// contentSync is one synchronization. It belongs to one goroutine.
type contentSync struct {
	d    *Directory
	s    *acl.Session
	to   acl.SyncConsumer
	req  directory.SearchRequest // without its controls
	sync *directory.SyncRequest

	query   [8]byte // digest of what is asked for
	chained bool    // the filter follows references to their ends
	around  around
	wake    chan struct{}

	x     *Search // on the state that was looked at last
	view  *acl.Policy
	right [8]byte // fingerprint of the rights in that state

	known map[directory.EntryID]knownEntry // what the client has; nil without a persist stage
	round uint32
	told  directory.CSN // the state of the last cookie
	ids   []acl.SyncUUID
}

// knownEntry is an entry that the client has.
type knownEntry struct {
	uuid  acl.SyncUUID
	sum   uint64 // of what it was sent
	round uint32 // when it was seen last, in a look at all of the content
}

var (
	errSyncRefresh = directory.Errorf(directory.SyncRefreshRequired, "the cookie is too old, or of another search or server; begin without it")
	errSyncBase    = directory.Errorf(directory.UnwillingToPerform, "the server makes this entry; it is not synchronized")
	errSyncMany    = directory.Errorf(directory.Busy, "too many entries are being synchronized")
	errSyncBeside  = directory.Errorf(directory.UnavailableCriticalExtension, "content synchronization does not go with this control")
)

func (d *Directory) newSync(s *acl.Session, req *directory.SearchRequest, to acl.SyncConsumer) (*contentSync, error) {
	c := req.Controls
	if c.Page != nil && c.PageCritical || c.Sort != nil && c.SortCritical || c.Deref != nil && c.DerefCritical || c.ValuesReturn != nil {
		return nil, errSyncBeside
	}
	n, err := d.parseName(req.Base)
	if err != nil {
		return nil, err
	}
	if n.isVirtual() {
		return nil, errSyncBase
	}
	y := &contentSync{d: d, s: s, to: to, req: *req, sync: c.Sync, query: queryDigest(n.ndn, req), chained: isChained(req.Filter), around: d.aroundOf(req)}
	if y.req.Controls = nil; c.Assertion != nil {
		y.req.Controls = &directory.RequestControls{Assertion: c.Assertion}
	}
	if y.sync.Mode == directory.SyncRefreshAndPersist {
		y.known = make(map[directory.EntryID]knownEntry)
		y.wake = make(chan struct{}, 1)
		d.syncs.add(y)
	}
	return y, nil
}

func (y *contentSync) close() {
	if y.known != nil {
		y.d.syncs.remove(y)
		y.d.syncs.entries.Add(-int64(len(y.known)))
	}
	if y.x != nil {
		y.x.Close()
	}
}

// open prepares the search on the newest state. In the persist stage a base that is gone, or hidden, is a content without entries.
func (y *contentSync) open(persisting bool) (*Search, error) {
	y.view = y.d.Policy()
	x, err := y.d.Search(context.Background(), y.s, &y.req)
	if persisting && directory.CodeOf(err) == directory.NoSuchObject {
		x = y.d.searches.Get().(*Search)
		x.c.s, x.c.sn, x.nothing = y.s, y.d.store.Snapshot(), true
		err = nil
	}
	return x, err
}

// cookie names the state that was looked at last.
func (y *contentSync) cookie() []byte {
	y.told = y.x.c.sn.CSN()
	c := syncCookie{position: y.x.c.sn.Position(), query: y.query, right: y.right}
	return c.append(nil)
}

// isChained reports whether a filter asks for something at the end of references, so that a change anywhere may count.
func isChained(f directory.Filter) bool {
	switch f := f.(type) {
	case directory.And:
		return slices.ContainsFunc(f, isChained)
	case directory.Or:
		return slices.ContainsFunc(f, isChained)
	case *directory.Not:
		return isChained(f.Filter)
	case *directory.ExtensibleMatch:
		return f.Rule != ""
	default:
		return false
	}
}

// holds reports whether an entry belongs to the content; if so, it is the candidate of the search, with its rights.
func (x *Search) holds(id directory.EntryID) (bool, error) {
	if x.nothing {
		return false, nil
	}
	sn := x.c.sn
	var in bool
	var err error
	switch x.scope {
	case directory.ScopeBase:
		in = id == x.base
	case directory.ScopeOne:
		var parent directory.EntryID
		parent, err = sn.Parent(id)
		in = parent == x.base
	default:
		in, err = sn.IsUnder(id, x.base)
		in = in && (x.scope != directory.ScopeChildren || id != x.base)
	}
	if isNotFound(err) || err == nil && !in {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	x.c.reset(id)
	is, err := x.matches()
	if isNotFound(err) {
		return false, nil
	}
	return is, err
}

// show makes the view of the candidate.
func (x *Search) show() (*acl.View, error) {
	err := x.c.fill(&x.view, &x.wanted, x.typesOnly)
	return &x.view, err
}

// uuidOf returns the UUID of a candidate that is loaded. One that an old store gave no entryUUID gets one that follows from its ID.
func (x *Search) uuidOf() acl.SyncUUID {
	if text := x.c.entry.Get(x.d.attr.entryUUID).First(); text != nil {
		if u, ok := parseUUID(text); ok {
			return u
		}
	}
	var u acl.SyncUUID
	incarnation := x.c.sn.Position().Incarnation
	copy(u[:], incarnation[:8])
	for i, id := 0, x.c.id; i < 8; i++ {
		u[15-i] = byte(id >> (8 * i))
	}
	return u
}
