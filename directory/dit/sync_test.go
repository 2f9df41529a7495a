package dit_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/directory/hook"
	"gatehouse/storage"
	"gatehouse/storage/memkv"
)

// heard is a consumer that notes what it is sent.
type heard struct {
	lines []string
	names map[acl.SyncUUID]string
	wake  func() error // at the end of each step of the persist stage
}

func (h *heard) Entry(e *acl.SyncEntry) error {
	h.names[e.UUID] = string(e.View.DN())
	h.lines = append(h.lines, fmt.Sprintf("%d %s", e.State, e.View.DN()))
	return nil
}

func (h *heard) Info(i *acl.SyncInfo) error {
	for _, u := range i.UUIDs {
		h.lines = append(h.lines, fmt.Sprintf("%v %s", map[bool]string{true: "gone", false: "present"}[i.Deletes], h.names[u]))
	}
	return nil
}

func (h *heard) Idle(context.Context, <-chan struct{}) error { return h.wake() }

// sync does one refresh of the people.
func (f *fixture) sync(h *heard, cookie []byte) (string, acl.SyncDone, error) {
	h.lines = nil
	done, err := f.d.Sync(f.Context(), f.as(adminDN), &directory.SearchRequest{
		Base: people, Scope: directory.ScopeOne, Filter: &directory.Present{Attr: "objectClass"}, Attributes: []string{"uid", "title"},
		Controls: &directory.RequestControls{Sync: &directory.SyncRequest{Mode: directory.SyncRefreshOnly, Cookie: cookie}},
	}, h)
	slices.Sort(h.lines)
	return strings.ReplaceAll(strings.Join(h.lines, ", "), ","+people, ""), done, err
}

// TestSyncAfterARestart: what the process has forgotten is found out by a present phase, which sends what may have changed and names
// the rest.
func TestSyncAfterARestart(t *testing.T) {
	t.Parallel()
	model := newFixture(t)
	db := memkv.Open(memkv.Options{})
	f := &fixture{TB: t, hasher: model.hasher}
	options := storage.Options{Schema: model.d.Schema(), Now: f.now, LogRetention: storage.LogRetention{}}
	open := func(store *storage.Store, err error) {
		f.ok(err)
		f.store = store
		f.d.Directory, err = dit.New(dit.Options{
			Store: store, Schema: model.d.Schema(), Policy: model.d.Policy(), Hasher: f.hasher, Hooks: hook.Standard(), Suffixes: []string{base}, Now: f.now,
		})
		f.ok(err)
	}
	open(storage.Create(db, options))
	f.fill()
	h := &heard{names: make(map[acl.SyncUUID]string)}
	got, done, err := f.sync(h, nil)
	if want := "1 uid=alice, 1 uid=bob"; got != want || err != nil || done.RefreshDeletes {
		t.Fatalf("at first: %s, %v, %+v", got, err, done)
	}
	f.ok(f.d.Modify(t.Context(), f.as(adminDN), &directory.ModifyRequest{DN: bob, Changes: changes("add title: x")}))
	if got, again, err := f.sync(h, done.Cookie); got != "2 uid=bob" || err != nil || !again.RefreshDeletes {
		t.Errorf("while it runs: %s, %v, %+v", got, err, again)
	}
	f.ok(f.store.Close())
	db = db.Reopen()
	open(storage.Open(db, options))
	t.Cleanup(func() { f.ok(f.store.Close()) })
	got, again, err := f.sync(h, done.Cookie)
	if want := "1 uid=bob, present uid=alice"; got != want || err != nil || again.RefreshDeletes {
		t.Errorf("after a restart: %s, %v, %+v; want %s", got, err, again, want)
	}
	f.person("carol", 10003)
	f.ok(f.d.Delete(t.Context(), f.as(adminDN), &directory.DeleteRequest{DN: alice}))
	if got, _, err = f.sync(h, done.Cookie); got != "1 uid=bob, 1 uid=carol" || err != nil {
		t.Errorf("one is gone: %s, %v", got, err)
	}
	if got, _, err = f.sync(h, again.Cookie); got != "1 uid=carol, gone uid=alice" || err != nil {
		t.Errorf("with the cookie of now: %s, %v", got, err)
	}
	if _, _, err = f.sync(h, []byte("gatehouse1.x")); directory.CodeOf(err) != directory.SyncRefreshRequired {
		t.Errorf("with half a cookie: %v", err)
	}
}

// TestSyncThatCannotSend: a client that takes nothing ends its synchronization, and is forgotten.
func TestSyncThatCannotSend(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	gone := errors.New("gone")
	h := &heard{names: make(map[acl.SyncUUID]string), wake: func() error { return gone }}
	_, err := f.d.Sync(t.Context(), f.as(adminDN), &directory.SearchRequest{
		Base: base, Scope: directory.ScopeSub, Filter: &directory.Present{Attr: "objectClass"},
		Controls: &directory.RequestControls{Sync: &directory.SyncRequest{Mode: directory.SyncRefreshAndPersist}},
	}, h)
	if !errors.Is(err, gone) || len(h.names) < 8 {
		t.Errorf("%v after %d entries", err, len(h.names))
	}
	if n, entries := dit.SyncsForTest(f.d.Directory); n != 0 || entries != 0 {
		t.Errorf("%d synchronizations with %d entries are left", n, entries)
	}
}
