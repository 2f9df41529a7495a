package dit

import (
	"context"
	"sync"

	"gatehouse/directory"
)

// gateWaitingMax bounds who may wait to try a password at one account. Whoever comes when so many wait is refused like one whose
// password is wrong.
const gateWaitingMax = 256

// recording says what became of the outcome of a guess.
type recording uint8

const (
	unneeded recording = iota // nothing had to be recorded
	recorded
	lost
)

// gates are the gates of all accounts; they share them, so that one lock does not hold up all binds.
type gates [64]gate

func (g *gates) of(id directory.EntryID) *gate { return &g[id%directory.EntryID(len(g))] }

// gate keeps the passwords that are tried at one account at the same time below what the policy leaves: whoever tries one holds a
// guess until what came of it is recorded, so that no race gives a guess more. Waiting takes neither a worker nor a snapshot. The
// zero gate is open.
//
// Invariant: an account that is in the map has guesses out, or somebody waits for one.
type gate struct {
	mu sync.Mutex
	at map[directory.EntryID]*gatekeeper
}

type gatekeeper struct {
	out     int // guesses that are held
	lost    int // those whose outcome could not be recorded: they stay held
	waiting int
	moved   chan struct{} // closed when a guess is given back
}

// enter takes a guess, waiting for one while all that are left are out. left says how many the account has in its newest state; it
// is asked again after each wait. Whoever has to wait does meanwhile first. Without an error and with false there is none left.
func (g *gate) enter(ctx context.Context, id directory.EntryID, left func() (int, error), meanwhile func() error) (bool, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.at == nil {
		g.at = make(map[directory.EntryID]*gatekeeper)
	}
	k := g.at[id]
	if k == nil {
		k = &gatekeeper{moved: make(chan struct{})}
		g.at[id] = k
	}
	defer g.forget(id, k)
	for first := true; ; first = false {
		n, err := left()
		switch {
		case err != nil, n == 0, n > 0 && k.lost >= n:
			return false, err
		case n < 0 || k.out+k.lost < n:
			k.out++
			return true, nil
		case k.waiting >= gateWaitingMax:
			return false, nil
		}
		moved := k.moved
		k.waiting++
		g.mu.Unlock()
		if first {
			err = meanwhile()
		}
		if err == nil {
			select {
			case <-moved:
			case <-ctx.Done():
				err = context.Cause(ctx)
			}
		}
		g.mu.Lock()
		k.waiting--
		if err != nil {
			return false, err
		}
	}
}

// leave gives a guess back. One whose outcome was to be recorded and could not be stays held until another one is, or whoever finds
// the disk full could guess without end.
func (g *gate) leave(id directory.EntryID, o recording) {
	g.mu.Lock()
	defer g.mu.Unlock()
	k := g.at[id]
	k.out--
	switch o {
	case lost:
		k.lost++
	case recorded:
		k.lost = 0
	case unneeded:
	}
	close(k.moved)
	k.moved = make(chan struct{})
	g.forget(id, k)
}

// forget drops an account that nobody tries a password at.
func (g *gate) forget(id directory.EntryID, k *gatekeeper) {
	if k.out == 0 && k.lost == 0 && k.waiting == 0 {
		delete(g.at, id)
	}
}
