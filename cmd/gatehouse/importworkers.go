package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/directory/ldif"
)

// importsAtOnce is how many records of one import are being written at a time, so that one sync to disk serves many.
const importsAtOnce = 64

// importWorkers applies records through the write pipeline, many at once, in an order that shows no difference to one after the
// other: a record waits for those before it about the same entry and about the one above it; a delete or a rename waits for all.
type importWorkers struct {
	node     *node
	conflict dit.Conflict
	goOn     bool                   // after a record that is refused
	made     map[directory.NDN]bool // entries of init that the file may replace; guarded by mu
	admins   []directory.NDN

	running  sync.WaitGroup
	slots    chan struct{}
	inFlight map[directory.NDN]chan struct{} // closed when the last record about the entry is done; only run's goroutine uses it

	mu     sync.Mutex
	answer batchAnswer
	failed error // not a refusal
}

func newImportWorkers(n *node, conflict dit.Conflict, goOn bool) *importWorkers {
	return &importWorkers{
		node: n, conflict: conflict, goOn: goOn, made: make(map[directory.NDN]bool),
		slots: make(chan struct{}, importsAtOnce), inFlight: make(map[directory.NDN]chan struct{}),
	}
}

// findInit finds out, at the first piece, whether the store holds only what init made, so that those entries give way to the
// file's.
func (w *importWorkers) findInit() error {
	sn := w.node.store.Snapshot()
	defer sn.Close()
	made, err := madeByInit(w.node.schema, sn)
	if err != nil || made == nil {
		return err
	}
	for ndn := range made {
		w.made[ndn] = true
	}
	w.admins, err = administrators(w.node.schema, w.node.store)
	return err
}

// takeInit takes over what an earlier piece found and left.
func (w *importWorkers) takeInit(names []string) (err error) {
	for _, name := range names {
		w.made[directory.NDN(name)] = true
	}
	w.admins, err = administrators(w.node.schema, w.node.store)
	return err
}

// run applies the records of a chunk.
func (w *importWorkers) run(ctx context.Context, c ldif.Chunk) error {
	r := ldif.NewChunkReader(c, w.node.ldif)
	for last := 0; !w.stopped(ctx); {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if le, ok := errors.AsType[*ldif.Error](err); ok && le.Line != last {
			last = le.Line
			w.refuse(refusalOf(le.Line, "", err))
			continue
		}
		if err != nil {
			w.fail(err)
			break
		}
		w.start(ctx, rec.Clone())
	}
	w.running.Wait()
	slices.SortFunc(w.answer.Refusals, func(a, b refusal) int { return cmp.Compare(a.Line, b.Line) })
	return errors.Join(w.failed, ctx.Err())
}

// start applies a record now or in its turn.
func (w *importWorkers) start(ctx context.Context, rec *ldif.Record) {
	_, ndn, err := w.node.schema.ParseName(rec.DN)
	if err != nil {
		w.refuse(refusalOf(rec.Line, rec.DN, err))
		return
	}
	if rec.Kind == ldif.Delete || rec.Kind == ldif.ModifyDN {
		w.running.Wait()
		clear(w.inFlight)
		w.apply(ctx, rec, ndn)
		return
	}
	for _, before := range []directory.NDN{ndn, ndn.Parent()} {
		if done := w.inFlight[before]; done != nil {
			<-done
			delete(w.inFlight, before)
		}
	}
	done := make(chan struct{})
	w.inFlight[ndn] = done
	w.slots <- struct{}{}
	w.running.Go(func() {
		defer func() {
			close(done)
			<-w.slots
		}()
		w.apply(ctx, rec, ndn)
	})
}

func (w *importWorkers) apply(ctx context.Context, rec *ldif.Record, ndn directory.NDN) {
	if w.stopped(ctx) {
		return
	}
	conflict := w.conflict
	w.mu.Lock()
	made := w.made[ndn]
	w.mu.Unlock()
	kept := made && slices.Contains(w.admins, ndn)
	switch {
	case kept:
		conflict = dit.ConflictSkip
	case made && conflict == dit.ConflictFail:
		conflict = dit.ConflictReplace
	}
	done, err := w.node.directory.Import(ctx, w.node.operator(), rec, conflict)
	if err != nil {
		if directory.CodeOf(err) == directory.Other || directory.CodeOf(err) == directory.Unavailable {
			w.fail(err)
			return
		}
		if directory.CodeOf(err) == directory.NoSuchObject {
			missing := "there is no such entry"
			if rec.Kind == ldif.Content || rec.Kind == ldif.Add {
				missing = "the entry above it does not exist"
			}
			err = fmt.Errorf("%s, or the policy hides it: %w", missing, err)
		}
		w.refuse(refusalOf(rec.Line, rec.DN, err))
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	a := &w.answer
	a.Hashed += uint64(done.CheapHashes)
	switch {
	case done.Skipped && kept:
		a.Kept = rec.DN
	case done.Skipped:
		a.Skipped++
	case done.Replaced:
		a.Replaced++
		delete(w.made, ndn)
	case rec.Kind == ldif.Content || rec.Kind == ldif.Add:
		a.Entries++
	default:
		a.Changes++
	}
}

func (w *importWorkers) refuse(r refusal) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer.Refused++
	w.answer.Refusals = append(w.answer.Refusals, r)
}

func (w *importWorkers) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed == nil {
		w.failed = err
	}
}

// stopped reports whether no further record is to be applied.
func (w *importWorkers) stopped(ctx context.Context) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failed != nil || ctx.Err() != nil || !w.goOn && len(w.answer.Refusals) > 0
}
