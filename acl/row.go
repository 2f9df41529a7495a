package acl

import (
	"slices"
	"sync/atomic"

	"gatehouse/directory"
)

// matched are the statements that match one request, as far as the target and the session go.
type matched struct {
	allows   []*rule
	denies   []*rule
	ceilings []matchedCeiling
	never    Actions // on the entry as a whole, which are not given whatever the statements say
}

type matchedCeiling struct {
	ceiling *ceiling
	permits []*permit
}

// row is the rights that follow from the statements that match: immutable, shared by all entries and sessions with the same ones.
type row struct {
	policy  *Policy
	actions Actions // allowed on the entry as a whole
	// masks has for each attribute action the columns that are allowed, then for each those that the value decides.
	masks   []uint64
	words   int
	matched matched

	guard    guard   // what the row takes into account
	guarded  Actions // allowed actions, on attributes too, that a guard may still take away
	variants atomic.Pointer[variants]
}

// variants are the rows for targets with guards.
type variants [guardsEnd]atomic.Pointer[row]

// The halves of row.masks.
const (
	certain = iota
	valued
)

// mask returns the columns of an action.
func (r *row) mask(a Action, half int) bitset {
	at := (half*attributeActions + int(a-firstAttributeAction)) * r.words
	return bitset(r.masks[at : at+r.words : at+r.words])
}

// newRow makes the row of the statements that match a target with guards.
func newRow(p *Policy, m matched, g guard) *row {
	r := &row{policy: p, words: p.columns.words, matched: m, guard: g}
	r.masks = make([]uint64, 2*attributeActions*r.words)
	for _, a := range m.allows {
		r.actions |= a.entryActions() &^ g.withheld(&a.Reach)
	}
	r.actions &^= m.never
	for _, d := range m.denies {
		r.actions &^= d.Actions
	}
	for _, c := range m.ceilings {
		var ceiling Actions
		for _, p := range c.permits {
			ceiling |= p.entryActions() &^ g.withheld(&p.Reach)
		}
		r.actions &= ceiling
	}
	for a := firstAttributeAction; a < actionEnd; a++ {
		r.attributes(a)
	}
	for _, a := range m.allows {
		r.guarded |= a.Actions & guardable(&a.Reach)
	}
	for _, c := range m.ceilings {
		for _, p := range c.permits {
			r.guarded |= p.Actions & guardable(&p.Reach)
		}
	}
	return r
}

// attributes fills the masks of one action.
func (r *row) attributes(a Action) {
	p := r.policy
	part := func() bitset { return make(bitset, r.words) }
	// surely is what holds for every value, perhaps what holds for some, open where it depends on the value at all.
	surely, perhaps, open := r.mask(a, certain), part(), part()
	for _, st := range r.matched.allows {
		columns := p.granted(a, st.Actions, st.columns, &st.Reach, r.guard, st.own)
		perhaps.or(columns)
		if st.values == nil {
			surely.or(columns)
		} else {
			open.or(columns)
		}
	}
	for _, st := range r.matched.denies {
		columns := p.refused(a, st.Actions, st.columns)
		surely.andNot(columns)
		if st.values == nil {
			perhaps.andNot(columns)
		} else {
			open.or(columns)
		}
	}
	for _, c := range r.matched.ceilings {
		all, any := part(), part()
		for _, st := range c.permits {
			columns := p.granted(a, st.Actions, st.columns, &st.Reach, r.guard, false)
			any.or(columns)
			if st.values == nil {
				all.or(columns)
			} else {
				open.or(columns)
			}
		}
		surely.and(all)
		perhaps.and(any)
	}
	open.and(perhaps)
	open.andNot(surely)
	copy(r.mask(a, valued), open)
}

// entryActions are those that the statement gives without a look at an attribute: the ones on OIDs only if it names all.
func (r *rule) entryActions() Actions   { return withoutOIDs(r.Actions, &r.Attributes) }
func (p *permit) entryActions() Actions { return withoutOIDs(p.Actions, &p.Attributes) }

const (
	actionsOnOIDs     Actions = 1<<ActionControl | 1<<ActionExtOp
	actionsOnEntry    Actions = 1<<firstAttributeAction - 1
	actionsOnlyPlain          = ActionsWrite | 1<<ActionRead
	actionsReadSecret Actions = 1<<ActionRead | 1<<ActionSecretRead
)

func withoutOIDs(actions Actions, a *Attributes) Actions {
	actions &= actionsOnEntry
	if !a.User && !slices.Contains(a.OIDs, "*") {
		actions &^= actionsOnOIDs
	}
	return actions
}

// granted returns the columns on which a statement gives an action. A confidential attribute is read by secret.read alone,
// and never written by write.
func (p *Policy) granted(a Action, actions Actions, columns bitset, reach *Reach, g guard, own bool) bitset {
	b := make(bitset, len(columns))
	switch {
	case a == ActionRead && actions&actionsReadSecret != 0:
		for i, w := range columns {
			if actions.Has(ActionRead) {
				b[i] |= w &^ p.secret[i]
			}
			if actions.Has(ActionSecretRead) {
				b[i] |= w & p.secret[i]
			}
		}
	case !actions.Has(a):
	case a == ActionSecretRead:
		b.or(columns)
		b.and(p.secret)
	case ActionsWrite.Has(a):
		b.or(columns)
		b.andNot(p.secret)
	default:
		b.or(columns)
	}
	if g != 0 && (ActionsWrite.Has(a) || a == ActionManage) {
		p.withhold(b, reach, g, own)
	}
	return b
}

// refused returns the columns on which a statement takes an action away. Either reading of a secret takes away both.
func (p *Policy) refused(a Action, actions Actions, columns bitset) bitset {
	b := make(bitset, len(columns))
	if actions.Has(a) || a == ActionRead && actions.Has(ActionSecretRead) {
		b.or(columns)
	}
	if !actions.Has(a) && a == ActionRead {
		b.and(p.secret)
	}
	if a == ActionSecretRead && actions.Has(ActionRead) {
		b.or(columns)
		b.and(p.secret)
	}
	return b
}

// every stands for all values at once.
var every = []byte("every value")

func isEvery(v []byte) bool { return len(v) > 0 && &v[0] == &every[0] }

// judge decides about a value of an attribute whose values count. With every, it is what holds for all values.
func (r *row) judge(by *resolved, a Action, d *directory.AttributeDescription, value []byte) bool {
	p := r.policy
	column := p.columns.column(d)
	if !slices.ContainsFunc(r.matched.allows, func(st *rule) bool {
		return p.granted(a, st.Actions, st.columns, &st.Reach, r.guard, st.own).has(column) && p.accepts(st.values, by, d, value, false)
	}) {
		return false
	}
	for _, st := range r.matched.denies {
		if p.refused(a, st.Actions, st.columns).has(column) && p.accepts(st.values, by, d, value, true) {
			return false
		}
	}
	for _, c := range r.matched.ceilings {
		if !slices.ContainsFunc(c.permits, func(st *permit) bool {
			return p.granted(a, st.Actions, st.columns, &st.Reach, r.guard, false).has(column) && p.accepts(st.values, by, d, value, false)
		}) {
			return false
		}
	}
	return true
}

// judgeOID decides about control and extop for one OID.
func (r *row) judgeOID(a Action, oid string) bool {
	has := func(actions Actions, at *Attributes) bool {
		return actions.Has(a) && (at.User || slices.Contains(at.OIDs, "*") || slices.Contains(at.OIDs, oid))
	}
	if !slices.ContainsFunc(r.matched.allows, func(st *rule) bool { return has(st.Actions, &st.Attributes) }) {
		return false
	}
	if slices.ContainsFunc(r.matched.denies, func(st *rule) bool {
		return has(st.Actions, &st.Attributes) || st.Actions.Has(a) && len(st.Attributes.OIDs) == 0
	}) {
		return false
	}
	for _, c := range r.matched.ceilings {
		if !slices.ContainsFunc(c.permits, func(st *permit) bool { return has(st.Actions, &st.Attributes) }) {
			return false
		}
	}
	return true
}

// with returns the row for a target with guards.
func (r *row) with(g guard) *row {
	if g == r.guard {
		return r
	}
	all := r.variants.Load()
	if all == nil {
		if all = new(variants); !r.variants.CompareAndSwap(nil, all) {
			all = r.variants.Load()
		}
	}
	if v := all[g].Load(); v != nil {
		return v
	}
	v := newRow(r.policy, r.matched, g)
	all[g].Store(v)
	return v
}
