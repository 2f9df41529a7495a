package dit

import (
	"bytes"
	"context"
	"log/slog"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/password"
	"gatehouse/storage"
)

// offerUpgrade has the password hashed anew behind the answer, if it is stored in another way than the configured one.
func (d *Directory) offerUpgrade(a *authenticated, clear []byte) {
	if d.upgrader == nil || !a.verdict.NeedsUpgrade {
		return
	}
	kept := password.NewCleartext(clear)
	old := a.stored[a.verdict.Index]
	run := func(ctx context.Context) {
		defer kept.Clear()
		if err := d.upgradePassword(ctx, a.id, old, kept); err != nil && ctx.Err() == nil {
			d.log.LogAttrs(ctx, slog.LevelInfo, "a password was not hashed anew; the next bind tries again",
				slog.Uint64("entry", uint64(a.id)), slog.Any("error", err))
		}
	}
	if !d.upgrader.Offer(uint64(a.id), run) {
		kept.Clear()
	}
}

func (d *Directory) upgradePassword(ctx context.Context, id directory.EntryID, old []byte, clear password.Cleartext) error {
	slot, err := d.hasher.Acquire(ctx)
	if err != nil {
		return err
	}
	fresh, err := slot.Hash(clear.Bytes())
	slot.Release()
	if err != nil {
		return err
	}
	_, err = d.write(ctx, acl.Operator(acl.Transport{LocalSocket: true}, d.now()), &upgrade{id: id, old: old, fresh: fresh})
	if err == nil {
		d.hasher.Cache().Drop(uint64(id))
	}
	return err
}

// upgrade replaces one stored password by another of the same clear text. It is the server's own bookkeeping: the entry counts as
// unmodified, and nothing happens if the value is no longer there.
type upgrade struct {
	id         directory.EntryID
	old, fresh []byte
}

func (op *upgrade) isCheap() bool { return true }

func (op *upgrade) plan(w *Write) error {
	w.Kind, w.ID = KindModify, op.id
	entry, err := w.Reads.Entry(op.id)
	if isNotFound(err) {
		return errUnchanged
	}
	if err != nil {
		return err
	}
	desc := w.d.attr.userPassword
	var values [][]byte
	found := false
	for v := range entry.Get(desc).Values() {
		if !found && bytes.Equal(v, op.old) {
			v, found = op.fresh, true
		}
		values = append(values, v)
	}
	if !found {
		return errUnchanged
	}
	w.effects = append(w.effects, storage.PutAttributes{
		ID: op.id, Set: []directory.Attribute{directory.NewAttribute(desc, values...)}, Quiet: true,
	})
	return nil
}
