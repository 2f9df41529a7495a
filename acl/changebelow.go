package acl

import (
	"slices"

	"gatehouse/directory"
)

// deniedBelow takes back the right to move an entry if a statement that denies moves has its base below it, or reaches an entry below
// it: at the source for move-out, at the destination for move-in. So does a boundary that has a base there and does not permit the
// move of all that stands below that.
func (c *change) deniedBelow(r *row) error {
	before, err := c.before.NDN()
	if err != nil {
		return err
	}
	after, err := c.after.NDN()
	if err != nil {
		return err
	}
	for _, end := range []struct {
		action Action
		ndn    directory.NDN
	}{{ActionMoveOut, before}, {ActionMoveIn, after}} {
		if !r.actions.Has(end.action) {
			continue
		}
		for base, first := range c.policy.bases {
			if base == end.ndn || !base.IsUnder(end.ndn) {
				continue
			}
			if c.view.deniesAt(base, end.action) || c.view.limitsAt(base, first, end.action) {
				r.actions &^= 1 << end.action
				break
			}
		}
		if !r.actions.Has(end.action) {
			continue
		}
		switch by, _, err := c.deniesWithin(end.action); {
		case err != nil:
			return err
		case by != nil:
			r.actions &^= 1 << end.action
		}
	}
	return nil
}

// deniesAt reports whether a statement that denies an action has a base.
func (v *view) deniesAt(base directory.NDN, a Action) bool {
	return slices.ContainsFunc(v.denies, func(d *rule) bool {
		return d.Actions.Has(a) && slices.Contains(d.Reach.Bases, base)
	})
}

// limitsAt reports whether a boundary that names a base, in a permit or in what that excludes, does not surely permit an action
// in its zones, of which first is the first.
func (v *view) limitsAt(base directory.NDN, first int32, a Action) bool {
	for depth := range int32(3) {
		for _, c := range v.in(v.policy.zones[first+depth]).ceilings {
			names := slices.ContainsFunc(c.ceiling.permits, func(p *permit) bool { return p.Reach.names(base) })
			if names && !slices.ContainsFunc(c.permits, func(p applied[*permit]) bool {
				return p.left.op == opTrue && p.what.Actions.Has(a)
			}) {
				return true
			}
		}
	}
	return false
}

// names reports whether a base is one of the reach, or of what it excludes.
func (r *Reach) names(base directory.NDN) bool {
	return slices.Contains(r.Bases, base) || slices.ContainsFunc(r.Exclude, func(x Reach) bool { return x.names(base) })
}
