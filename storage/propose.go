package storage

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"

	"gatehouse/directory"
)

// Propose commits a change. It returns when the change is durable, or refused: with a [*GuardError] when a guard does not
// hold and there is no Replan, with what Replan answered, with a [*directory.Error] when the change cannot be applied
// (adminLimitExceeded when it is too large), with unavailable when the store cannot write. When ctx ends before the
// sequencer took the change, nothing happens; after that Propose waits for the answer.
func (s *Store) Propose(ctx context.Context, proposal Proposal) (Result, error) {
	p := &pending{change: proposal.Change, replan: proposal.Replan, applied: proposal.Applied, done: make(chan outcome, 1)}
	if p.change.ID == [16]byte{} {
		if _, err := io.ReadFull(s.opt.Rand, p.change.ID[:]); err != nil {
			return Result{}, fmt.Errorf("identity of a change: %w", err)
		}
	}
	if err := p.prepare(s.changeBytesMax); err != nil {
		return Result{}, err
	}
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	select {
	case s.queue <- p:
	case <-ctx.Done():
		return Result{}, ctx.Err()
	case <-s.stop:
		return Result{}, ErrClosed
	}
	select {
	case o := <-p.done:
		return o.result, o.err
	case <-s.stopped:
	case <-ctx.Done():
		if p.state.CompareAndSwap(pendingWaits, pendingGone) {
			return Result{}, ctx.Err()
		}
		select {
		case o := <-p.done:
			return o.result, o.err
		case <-s.stopped:
		}
	}
	select {
	case o := <-p.done:
		return o.result, o.err
	default:
		return Result{}, ErrClosed
	}
}

// A pending is a proposal in the queue. Its encoding is made by the proposer, in parallel.
type pending struct {
	change  Change
	replan  func(*Snapshot) (Change, error)
	applied func(*Snapshot, Result)
	encoded []byte
	state   atomic.Int32
	done    chan outcome // gets one answer
}

type outcome struct {
	result Result
	err    error
}

// The states of a pending.
const (
	pendingWaits = iota
	pendingTaken
	pendingGone // the proposer left
)

func (p *pending) answer(result Result, err error) { p.done <- outcome{result, err} }

// prepare checks the form of the change and encodes it.
func (p *pending) prepare(bytesMax int) error {
	if len(p.change.Effects) == 0 {
		return fmt.Errorf("no effects: %w", ErrChange)
	}
	for _, effect := range p.change.Effects {
		if err := checkEffect(effect); err != nil {
			return err
		}
	}
	p.encoded = appendChange(make([]byte, 0, 512), &p.change)
	if len(p.encoded) > bytesMax {
		return directory.Errorf(directory.AdminLimitExceeded, "the change has more than %d bytes", bytesMax)
	}
	return nil
}

// checkEffect refuses what apply could not make sense of.
func checkEffect(effect Effect) error {
	malformed := false
	switch e := effect.(type) {
	case CreateEntry:
		malformed = e.Entry == nil || e.NRDN == "" || e.RDN == "" || badAttributes(e.Entry.Attributes())
		for i := range e.References {
			malformed = malformed || badReference(&e.References[i])
		}
	case PutAttributes:
		malformed = badAttributes(e.Set)
		for _, desc := range e.Remove {
			malformed = malformed || desc == nil
		}
	case MoveEntry:
		malformed = e.NRDN == "" || e.RDN == ""
	case AddReference:
		malformed = badReference(&e.Reference)
	case RemoveReference:
		malformed = e.Desc == nil || e.Target == ""
	case RemoveAllReferences:
		malformed = e.Desc == nil
	case PutMeta:
		malformed = e.Key == ""
	case DeleteEntry, resolveWaiting:
	case createStore:
		malformed = true // only Create makes it
	default:
		malformed = true
	}
	if malformed {
		return fmt.Errorf("effect %T: %w", effect, ErrChange)
	}
	return nil
}

func badReference(r *Reference) bool { return r.Desc == nil || r.Target == "" }

func badAttributes(attrs []directory.Attribute) bool {
	for i, a := range attrs {
		if a.Desc == nil || a.Len() == 0 || a.Desc.Is(directory.FlagComputed) {
			return true
		}
		for _, b := range attrs[:i] {
			if a.Desc == b.Desc {
				return true
			}
		}
	}
	return false
}
