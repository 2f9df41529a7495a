package dit

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"gatehouse/directory"
)

func nothing() error { return nil }

// TestGate: what is out is never more than what is left; who waits goes on when a guess comes back; what could not be recorded stays
// out.
func TestGate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var g gate
		const id directory.EntryID = 7
		n := 2
		left := func() (int, error) { return n, nil }
		enter := func() bool {
			is, err := g.enter(t.Context(), id, left, nothing)
			if err != nil {
				t.Error(err)
			}
			return is
		}
		for range n {
			if !enter() {
				t.Fatal("refused while guesses are left")
			}
		}
		entered := make(chan bool)
		go func() { entered <- enter() }()
		synctest.Wait()
		if g.at[id].waiting != 1 {
			t.Fatalf("%d wait", g.at[id].waiting)
		}
		n = 1 // one was wrong, and is recorded
		g.leave(id, recorded)
		synctest.Wait()
		if g.at[id].waiting != 1 {
			t.Error("let in while the last guess is out")
		}
		g.leave(id, unneeded)
		if !<-entered {
			t.Error("refused while a guess is left")
		}
		go func() { entered <- enter() }()
		synctest.Wait()
		n = 0
		g.leave(id, recorded)
		if <-entered {
			t.Error("let in while no guess is left")
		}
		if len(g.at) != 0 {
			t.Errorf("%d accounts are remembered", len(g.at))
		}
		n = 1
		if !enter() {
			t.Fatal("refused while a guess is left")
		}
		g.leave(id, lost)
		if enter() {
			t.Error("a guess whose outcome was lost is given out again")
		}
	})
}

// TestGateIsBounded: neither waiting nor what is remembered grows without end, and who goes away stops waiting.
func TestGateIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var g gate
		const id directory.EntryID = 7
		left := func() (int, error) { return 1, nil }
		if is, err := g.enter(t.Context(), id, left, nothing); !is || err != nil {
			t.Fatal(is, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan error)
		for range gateWaitingMax {
			go func() {
				_, err := g.enter(ctx, id, left, nothing)
				gone <- err
			}()
		}
		synctest.Wait()
		if is, err := g.enter(ctx, id, left, nothing); is || err != nil {
			t.Errorf("one more than may wait: %v, %v", is, err)
		}
		cancel()
		for range gateWaitingMax {
			if err := <-gone; err == nil {
				t.Error("who went away was let in")
			}
		}
		g.leave(id, unneeded)
		if len(g.at) != 0 {
			t.Errorf("%d accounts are remembered", len(g.at))
		}
	})
}

// TestGateMeanwhile: whoever has to wait does something else first, once, and whoever need not does nothing.
func TestGateMeanwhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var g gate
		const id directory.EntryID = 7
		left := func() (int, error) { return 1, nil }
		if is, err := g.enter(t.Context(), id, left, func() error { t.Error("did not have to wait"); return nil }); !is || err != nil {
			t.Fatal(is, err)
		}
		done, entered := 0, make(chan bool)
		for range 2 {
			go func() {
				is, _ := g.enter(t.Context(), id, left, func() error { done++; return nil })
				entered <- is
			}()
			synctest.Wait()
		}
		if done != 2 {
			t.Errorf("before the guess comes back, %d of 2 have done something else", done)
		}
		for range 2 {
			g.leave(id, unneeded)
			if !<-entered {
				t.Error("refused while a guess is left")
			}
		}
		refused := errors.New("no worker")
		if is, err := g.enter(t.Context(), id, left, func() error { return refused }); is || !errors.Is(err, refused) {
			t.Errorf("%v, %v", is, err)
		}
		g.leave(id, unneeded)
		if done != 2 || len(g.at) != 0 {
			t.Errorf("%d done, %d accounts are remembered", done, len(g.at))
		}
	})
}
