package dit

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"

	"gatehouse/acl"
	"gatehouse/directory"
)

const (
	// sortRunsIDsMax bounds the entry IDs of all orders that are kept for further pages: 32 MiB.
	sortRunsIDsMax = 4 << 20
	// sortRunsMax bounds how many there are.
	sortRunsMax = 1024
)

// sortRuns keeps the orders of sorted searches by pages, so that a page need not sort everything again. It may lose any of them: the
// cookie also holds the key behind which the next page begins. What is kept is the order alone. Whether an entry is an answer, and
// what may be seen of it, is decided when its page is made. The zero value is ready.
type sortRuns struct {
	mu   sync.Mutex
	runs []*sortRun // the least recently used first
	ids  int
}

// sortRun is the order of one search. It is immutable.
type sortRun struct {
	token    uint64
	ids      []directory.EntryID
	standing acl.Standing // under which it was made: under another one, attributes that may be searched may be others
}

// put keeps an order, and forgets others where there are too many.
func (r *sortRuns) put(run *sortRun) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.runs = append(r.runs, run)
	r.ids += len(run.ids)
	forget := 0
	for ; r.ids > sortRunsIDsMax || len(r.runs)-forget > sortRunsMax; forget++ {
		r.ids -= len(r.runs[forget].ids)
	}
	r.runs = slices.Delete(r.runs, 0, forget)
}

// find returns an order that is still kept, else nil.
func (r *sortRuns) find(token uint64) *sortRun {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.runs, func(run *sortRun) bool { return run.token == token })
	if i < 0 {
		return nil
	}
	run := r.runs[i]
	copy(r.runs[i:], r.runs[i+1:])
	r.runs[len(r.runs)-1] = run
	return run
}

// drop forgets an order whose last page was made.
func (r *sortRuns) drop(run *sortRun) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := slices.Index(r.runs, run); i >= 0 {
		r.runs = slices.Delete(r.runs, i, i+1)
		r.ids -= len(run.ids)
	}
}

// ordered returns the order that was found. If it is that of everything, it is kept for further pages.
func (x *Search) ordered() *sortRun {
	s := x.controls.sort
	s.order()
	run := &sortRun{standing: x.standing, ids: make([]directory.EntryID, len(s.items))}
	for i := range s.items {
		run.ids[i] = s.items[i].id
	}
	if s.all && len(s.items) > s.most {
		run.token = rand.Uint64()
		x.d.sorts.put(run)
	}
	s.items = nil // the client may take its time
	return run
}

// run returns the order that the page before has kept, nil if there is none any more.
func (x *Search) run() *sortRun {
	p := x.controls.page
	if p == nil || p.at.run == 0 {
		return nil
	}
	if run := x.d.sorts.find(p.at.run); run != nil && run.standing == x.standing {
		return run
	}
	return nil
}

// sendOrdered sends the entries of an order from a place on: all of them, or one page.
func (x *Search) sendOrdered(ctx context.Context, run *sortRun, from int, emit func(*acl.View) error) error {
	p, s := x.controls.page, x.controls.sort
	for i := from; i < len(run.ids); i++ {
		if err := x.pause(ctx); err != nil {
			return err
		}
		x.c.reset(run.ids[i])
		is, err := x.matches()
		switch {
		case isNotFound(err) || err == nil && !is: // deleted, or changed, since
			continue
		case err != nil:
			return err
		case p == nil && s.most > 0 && x.sent == s.most, p != nil && x.sizeAsked > 0 && p.at.sent+x.sent >= x.sizeAsked:
			return errSizeLimit
		case p != nil && x.sent == p.size:
			x.endPage(position{key: s.key, run: run.token, place: i})
			return nil
		}
		if err := x.send(emit); err != nil {
			return err
		}
		if p != nil {
			if s.key, err = x.appendKeys(s.key[:0]); err != nil {
				return err
			}
		}
	}
	if run.token != 0 {
		x.d.sorts.drop(run)
	}
	return nil
}
