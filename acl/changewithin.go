package acl

import (
	"slices"

	"gatehouse/directory"
)

// deniesWithin returns a statement that denies one end of a move for an entry below the one that is moved, and the name that the
// entry has at that end; nil if there is none. It looks at the entries only if some statement denies such moves at all. A subtree
// that is too large to look at is denied by the first of them.
func (c *change) deniesWithin(a Action) (*rule, directory.NDN, error) {
	var denies []*rule
	for _, d := range c.view.denies {
		if d.Actions.Has(a) {
			denies = append(denies, d)
		}
	}
	if denies == nil || c.before.ID() == 0 {
		return nil, "", nil
	}
	before, err := c.before.NDN()
	if err != nil {
		return nil, "", err
	}
	after, err := c.after.NDN()
	if err != nil || before.Parent() == after.Parent() {
		return nil, "", err
	}
	d := c.before.Directory()
	if d == nil {
		return nil, "", errNoDirectory
	}
	w := within{change: c, action: a, denies: denies, tests: c.tests(), from: before, to: after}
	whole, err := d.Below(c.before, w.visit)
	switch {
	case err != nil:
		return nil, "", err
	case w.err != nil:
		return nil, "", w.err
	case w.by == nil && !whole:
		return denies[0], before, nil
	}
	return w.by, w.at, nil
}

// within looks at the entries below one that is moved.
type within struct {
	*change
	action   Action
	denies   []*rule
	tests    []int
	from, to directory.NDN

	by  *rule
	at  directory.NDN
	err error
}

// visit looks at one entry, where it stands or where it will, and reports whether there is reason to go on.
func (w *within) visit(t Source) bool {
	ndn, err := t.NDN()
	if err != nil {
		w.err = err
		return false
	}
	ndn = directory.NDN(string(ndn)) // the target may be used again
	if w.action == ActionMoveIn {
		ndn = directory.NDN(string(ndn[:len(ndn)-len(w.from)]) + string(w.to))
		t = moved{t, ndn}
	}
	k, err := w.known(t, w.tests)
	if err != nil {
		w.err = err
		return false
	}
	if n := slices.IndexFunc(w.denies, func(d *rule) bool { return d.holds(k) }); n >= 0 {
		w.by, w.at = w.denies[n], ndn
	}
	return w.by == nil
}
