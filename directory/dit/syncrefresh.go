package dit

import (
	"context"
	"errors"
	"slices"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/storage"
)

// syncIDSetMax is how many UUIDs one message has: 5 KiB.
const syncIDSetMax = 256

// refresh brings the client to the newest state (RFC 4533 section 3.3).
func (y *contentSync) refresh(ctx context.Context) (acl.SyncDone, error) {
	x, err := y.open(false)
	if err != nil {
		return acl.SyncDone{}, err
	}
	y.x, y.req.Controls = x, nil // the assertion was about the beginning
	y.right = y.view.Fingerprint(y.s)
	from, known, err := y.start()
	if err != nil {
		return acl.SyncDone{}, err
	}
	deletes := false
	if known {
		deletes, err = y.deletePhase(ctx, from)
	}
	if err == nil && !deletes {
		err = y.presentPhase(ctx, from)
	}
	if err != nil {
		return acl.SyncDone{}, err
	}
	return acl.SyncDone{Cookie: y.cookie(), RefreshDeletes: deletes}, nil
}

// start returns the state that the client has; zero where all of the content is to be sent. known says that the session has the
// rights that it had then.
func (y *contentSync) start() (from directory.CSN, known bool, err error) {
	if len(y.sync.Cookie) == 0 {
		return 0, false, nil
	}
	sn := y.x.c.sn
	c, ok := parseSyncCookie(y.sync.Cookie)
	if ok = ok && c.query == y.query; ok {
		if ok, err = sn.Reaches(c.position); err != nil {
			return 0, false, err
		}
	}
	switch {
	case ok:
	case y.sync.ReloadHint:
		return 0, false, nil
	default:
		return 0, false, errSyncRefresh
	}
	if c.right != y.right {
		return 0, false, nil
	}
	return c.position.CSN, true, nil
}

// deletePhase sends what has changed since a state; false where that state cannot be looked at any more.
func (y *contentSync) deletePhase(ctx context.Context, from directory.CSN) (bool, error) {
	touched, known := y.x.c.sn.Touched(from)
	if !known || touched.Wide || y.chained {
		return false, nil
	}
	sn, err := y.d.store.SnapshotAt(from)
	if errors.Is(err, storage.ErrSnapshotGone) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	old, err := y.d.searchOn(sn, y.s, &y.req)
	switch {
	case directory.CodeOf(err) == directory.NoSuchObject: // of then: the client had nothing
		return false, nil
	case err != nil:
		return false, err
	}
	defer old.Close()
	ids, all, err := y.wider(old, touched.IDs)
	if all || err != nil {
		return false, err
	}
	if err := y.sendGone(old, ids); err != nil {
		return false, err
	}
	if y.known == nil {
		for _, id := range ids {
			if is, err := y.x.holds(id); err != nil {
				return false, err
			} else if !is {
				continue
			}
			if err := y.sendIfOther(old); err != nil {
				return false, err
			}
		}
		return true, ctx.Err()
	}
	return true, y.x.Run(ctx, func(v *acl.View) error {
		if _, is := slices.BinarySearch(ids, y.x.c.id); is {
			if err := y.sendIfOther(old); err != nil {
				return err
			}
		}
		return y.note(v)
	})
}

// sendGone names the entries that were in the content and are not.
func (y *contentSync) sendGone(old *Search, ids []directory.EntryID) error {
	for _, id := range ids {
		is, err := y.x.holds(id)
		if err != nil {
			return err
		}
		if is {
			continue
		}
		was, err := old.holds(id)
		if err != nil {
			return err
		}
		if was {
			if err := y.name(old.uuidOf(), true); err != nil {
				return err
			}
		}
	}
	return y.flushNames(true)
}

// sendIfOther sends the candidate, unless it was what it is.
func (y *contentSync) sendIfOther(old *Search) error {
	v, err := y.x.show()
	if err != nil {
		return err
	}
	state := acl.SyncAdd
	was, err := old.holds(y.x.c.id)
	if err != nil {
		return err
	}
	if was {
		before, err := old.show()
		if err != nil {
			return err
		}
		if y.d.syncs.sum(before) == y.d.syncs.sum(v) {
			return nil
		}
		state = acl.SyncModify
	}
	return y.to.Entry(&acl.SyncEntry{View: v, State: state, UUID: y.x.uuidOf()})
}

// presentPhase sends all of the content, by UUID alone what cannot have changed since a state. Zero is the beginning.
func (y *contentSync) presentPhase(ctx context.Context, from directory.CSN) error {
	err := y.x.Run(ctx, func(v *acl.View) error {
		if err := y.note(v); err != nil {
			return err
		}
		same, err := y.isSame(from)
		if err != nil {
			return err
		}
		if same {
			return y.name(y.x.uuidOf(), false)
		}
		return y.to.Entry(&acl.SyncEntry{View: v, State: acl.SyncAdd, UUID: y.x.uuidOf()})
	})
	if err != nil {
		return err
	}
	return y.flushNames(false)
}

// isSame reports whether the candidate shows what it showed in a state.
func (y *contentSync) isSame(from directory.CSN) (bool, error) {
	if from == 0 || y.chained {
		return false, nil
	}
	c := &y.x.c
	last, err := c.sn.LastTouched(c.id)
	if err != nil || last > from {
		return false, err
	}
	if group, err := y.isGroup(); group || err != nil {
		return false, err
	}
	if y.around.memberOf {
		if other, err := y.isInChanged(from); other || err != nil {
			return false, err
		}
	}
	if !y.around.children {
		return true, nil
	}
	n, err := c.sn.ChildCount(c.id)
	return n == 0, err
}

// isGroup reports whether the candidate is a group that may show others than those that it keeps.
func (y *contentSync) isGroup() (bool, error) {
	c := &y.x.c
	if uid := y.d.attr.memberUid; !y.around.members || uid != nil && c.entry.Get(uid).Len() > 0 {
		return y.around.members, nil
	}
	descs, err := c.sn.ReferenceDescriptions(c.id)
	return slices.ContainsFunc(descs, func(desc *directory.AttributeDescription) bool {
		return slices.Contains(y.d.attr.groupTypes, desc.TypeNo)
	}), err
}

// isInChanged reports whether the candidate is in a group that has changed since a state: the session may see it no longer, or now.
func (y *contentSync) isInChanged(from directory.CSN) (is bool, err error) {
	c := &y.x.c
	var failed error
	err = c.groups.walk(c.sn, c.id, y.d.attr.groupTypes, func(group directory.EntryID) bool {
		last, err := c.sn.LastTouched(group)
		is, failed = last > from, err
		return !is && err == nil
	})
	return is, errors.Join(err, failed)
}

// name adds a UUID to the set that is sent next.
func (y *contentSync) name(u acl.SyncUUID, gone bool) error {
	if y.ids = append(y.ids, u); len(y.ids) < syncIDSetMax {
		return nil
	}
	return y.flushNames(gone)
}

func (y *contentSync) flushNames(gone bool) error {
	if len(y.ids) == 0 {
		return nil
	}
	err := y.to.Info(&acl.SyncInfo{Kind: acl.SyncIDSet, Deletes: gone, UUIDs: y.ids})
	y.ids = y.ids[:0]
	return err
}
