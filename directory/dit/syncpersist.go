package dit

import (
	"context"
	"hash/maphash"
	"sync"
	"sync/atomic"

	"gatehouse/acl"
	"gatehouse/directory"
)

// syncs are the synchronizations in their persist stage.
type syncs struct {
	mu      sync.Mutex
	all     map[*contentSync]struct{}
	entries atomic.Int64 // that their clients have
	seed    maphash.Seed
}

func newSyncs() *syncs {
	return &syncs{all: make(map[*contentSync]struct{}), seed: maphash.MakeSeed()}
}

func (l *syncs) add(y *contentSync) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all[y] = struct{}{}
}

func (l *syncs) remove(y *contentSync) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.all, y)
}

// wake has all of them look at the newest state.
func (l *syncs) wake() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for y := range l.all {
		select {
		case y.wake <- struct{}{}:
		default: // it is about to look
		}
	}
}

// sum is a digest of what a view shows.
func (l *syncs) sum(v *acl.View) uint64 {
	var h maphash.Hash
	h.SetSeed(l.seed)
	_, _ = h.Write(v.DN())
	for _, a := range v.Attributes() {
		_ = h.WriteByte(0)
		_, _ = h.WriteString(a.Desc.Key)
		_ = h.WriteByte(0)
		if !v.TypesOnly() {
			_, _ = h.Write(a.Set())
		}
	}
	return h.Sum64()
}

// note remembers in the persist stage, or before it, what the client has of the candidate.
func (y *contentSync) note(v *acl.View) error {
	if y.known == nil {
		return nil
	}
	if _, is := y.known[y.x.c.id]; !is {
		if y.d.syncs.entries.Add(1) > syncEntriesMax {
			y.d.syncs.entries.Add(-1)
			return errSyncMany
		}
	}
	y.known[y.x.c.id] = knownEntry{uuid: y.x.uuidOf(), sum: y.d.syncs.sum(v), round: y.round}
	return nil
}

func (y *contentSync) forget(id directory.EntryID) {
	delete(y.known, id)
	y.d.syncs.entries.Add(-1)
}

// step brings the client from the last state to the newest one.
func (y *contentSync) step(ctx context.Context) error {
	old, view, right := y.x, y.view, y.right
	x, err := y.open(true)
	if err != nil {
		return err
	}
	y.x = x
	defer old.Close()
	y.right = y.view.Fingerprint(y.s)
	touched, known := x.c.sn.Touched(old.c.sn.CSN())
	all := !known || touched.Wide || y.chained || y.view != view || y.right != right || x.base != old.base || x.nothing != old.nothing
	ids := touched.IDs
	if !all {
		if ids, all, err = y.wider(old, ids); err != nil {
			return err
		}
	}
	var sent bool
	if all {
		sent, err = y.lookAtAll(ctx, old)
	} else {
		sent, err = y.lookAt(old, ids)
	}
	if err != nil {
		return err
	}
	if sent || x.c.sn.CSN() >= y.told+syncCookieEvery {
		return y.to.Info(&acl.SyncInfo{Kind: acl.SyncNewCookie, Cookie: y.cookie()})
	}
	return nil
}

// lookAt looks at some entries, first at those that are gone: another one may have their names.
func (y *contentSync) lookAt(old *Search, ids []directory.EntryID) (sent bool, err error) {
	for _, id := range ids {
		if _, had := y.known[id]; !had {
			continue
		}
		if is, err := y.x.holds(id); is || err != nil {
			if err != nil {
				return sent, err
			}
			continue
		}
		if err := y.gone(old, id); err != nil {
			return sent, err
		}
		sent = true
	}
	for _, id := range ids {
		is, err := y.x.holds(id)
		if err != nil {
			return sent, err
		}
		if !is {
			continue
		}
		v, err := y.x.show()
		if err != nil {
			return sent, err
		}
		other, err := y.update(v)
		if sent = sent || other; err != nil {
			return sent, err
		}
	}
	return sent, nil
}

// lookAtAll looks at all of the content.
func (y *contentSync) lookAtAll(ctx context.Context, old *Search) (sent bool, err error) {
	y.round++
	if err := y.x.Run(ctx, func(v *acl.View) error {
		other, err := y.update(v)
		sent = sent || other
		return err
	}); err != nil {
		return sent, err
	}
	for id, k := range y.known {
		if k.round == y.round {
			continue
		}
		if err := y.gone(old, id); err != nil {
			return sent, err
		}
		sent = true
	}
	return sent, nil
}

// update sends the candidate if the client does not have it, or has another version of it.
func (y *contentSync) update(v *acl.View) (sent bool, err error) {
	k, had := y.known[y.x.c.id]
	if err := y.note(v); err != nil {
		return false, err
	}
	state := acl.SyncAdd
	if had {
		if k.sum == y.known[y.x.c.id].sum {
			return false, nil
		}
		state = acl.SyncModify
	}
	return true, y.to.Entry(&acl.SyncEntry{View: v, State: state, UUID: y.known[y.x.c.id].uuid})
}

// gone sends that an entry has left the content, under the name that the client knows.
func (y *contentSync) gone(old *Search, id directory.EntryID) error {
	dn, err := old.c.sn.DN(id)
	if err != nil {
		dn = "" // the state is too old; the UUID is what counts
	}
	var v acl.View
	var nothing acl.Selection
	acl.Rights{}.Reduce(&v, []byte(dn), &nothing, false, nil)
	u := y.known[id].uuid
	y.forget(id)
	return y.to.Entry(&acl.SyncEntry{View: &v, State: acl.SyncDelete, UUID: u})
}
