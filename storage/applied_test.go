package storage

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"

	"gatehouse/directory"
)

// TestAppliedSeesItsOwnChange proposes many changes of one entry at once, which share batches: each is shown the state that it has
// made, and none that a later one has.
func TestAppliedSeesItsOwnChange(t *testing.T) {
	t.Parallel()
	f := memFixture(t)
	base := f.create(0, "dc=x", attr("description", "0"))
	next := func(sn *Snapshot) (Change, error) {
		rs := sn.ReadSet()
		entry, err := rs.Entry(base)
		if err != nil {
			return Change{}, err
		}
		n, err := strconv.Atoi(string(entry.Get(desc("description")).First()))
		if err != nil {
			return Change{}, err
		}
		return Change{
			Time: testTime, Guards: rs.Guards(),
			Effects: []Effect{PutAttributes{ID: base, Set: []directory.Attribute{attr("description", strconv.Itoa(n+1))}}},
		}, nil
	}
	const writers, each = 8, 50
	var mu sync.Mutex
	seen := make(map[string]int)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				var shown, at string
				sn := f.Store.Snapshot()
				c, err := next(sn)
				sn.Close()
				copy(c.ID[:], fmt.Sprint("change ", w, " ", i))
				if err != nil {
					t.Error(err)
					return
				}
				r, err := f.Propose(context.Background(), Proposal{Change: c, Replan: next, Applied: func(sn *Snapshot, r Result) {
					entry, err := sn.Entry(base)
					stamp, err2 := sn.Stamp(base)
					if err != nil || err2 != nil {
						t.Errorf("what was applied: %v, %v", err, err2)
						return
					}
					shown = string(entry.Get(desc("description")).First())
					at = fmt.Sprint(sn.CSN(), stamp.CSN)
				}})
				if err != nil || at != fmt.Sprint(r.CSN, r.CSN) {
					t.Errorf("shown at %q, committed as %d: %v", at, r.CSN, err)
					return
				}
				mu.Lock()
				seen[shown]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for n := 1; n <= writers*each; n++ {
		if seen[strconv.Itoa(n)] != 1 {
			t.Fatalf("%d was shown %d times", n, seen[strconv.Itoa(n)])
		}
	}
}

// TestAppliedThatPanics costs nobody his change.
func TestAppliedThatPanics(t *testing.T) {
	t.Parallel()
	f := memFixture(t)
	base := f.create(0, "dc=x")
	c := f.change(put(base))
	r, err := f.Propose(context.Background(), Proposal{Change: c, Applied: func(*Snapshot, Result) { panic("oh") }})
	if err != nil || r.CSN != f.Published() {
		t.Errorf("%+v, %v", r, err)
	}
}
