package acl

import (
	"sync"
	"sync/atomic"
)

// view is what all sessions share to which the same statements apply. Its tables are filled as they are asked for.
type view struct {
	policy   *Policy
	slots    bitset
	closed   bool // denies everything
	allows   []*rule
	denies   []*rule
	ceilings []*ceiling
	zones    []atomic.Pointer[table]
	answers  [areasMax]atomic.Pointer[answers] // by area
	sees     atomic.Uint32                     // everything: 1 no, 2 yes
}

// table is the decisions of one view in one zone.
type table struct {
	view      *view
	allows    []applied[*rule]
	denies    []applied[*rule]
	ceilings  []appliedCeiling
	tests     []int // what has to be known of the target
	labelled  bool  // one of them is a filter on stored attributes
	single    *row  // without tests
	small     []atomic.Pointer[row]
	quiet     []atomic.Pointer[row] // by the labels in bits; nil if these do not decide alone where no relation holds
	bits      []uint8
	relations uint64 // the numbers of the relations among the tests
	mu        sync.RWMutex
	large     map[string]*row
}

// applied is what is left of a rule, after what the view and the zone say.
type applied[T any] struct {
	what T
	left *expr
}

type appliedCeiling struct {
	ceiling *ceiling
	who     *expr
	permits []applied[*permit]
}

const (
	viewsMax      = 1024
	smallTestsMax = 8
	largeRowsMax  = 4096
)

// viewOf finds or makes the view for a set of true slots. One that limits gives everything but what is denied, see
// [Session.Proxy].
func (p *Policy) viewOf(slots bitset, limits bool) *view {
	key := make([]byte, 0, 64)
	key = append(key, truth[limits])
	k := known{slots: slots}
	// Two sets of slots are the same view if they leave the same of every statement.
	note := func(who *expr, static bool, used []int) bool {
		is := static && who.holds(k) || !static && who.possible(k)
		key = append(key, truth[is])
		if is && static {
			return is
		}
		for _, n := range used {
			key = append(key, truth[is && slots.has(n)])
		}
		return is
	}
	v := &view{policy: p, slots: slots}
	if limits {
		v.allows = []*rule{p.universal}
	}
	for _, r := range p.allows {
		if !limits && note(r.who, r.static, r.slots) {
			v.allows = append(v.allows, r)
		}
	}
	for _, r := range p.denies {
		if note(r.who, r.static, r.slots) {
			v.denies = append(v.denies, r)
		}
	}
	for _, c := range p.ceilings {
		if note(c.who, false, c.slots) {
			v.ceilings = append(v.ceilings, c)
		}
	}
	views := p.views
	if found, ok := views.Load(string(key)); ok {
		return found.(*view)
	}
	v.zones = make([]atomic.Pointer[table], len(p.zones))
	if p.viewCount.Add(1) > viewsMax {
		views.Clear()
		p.viewCount.Store(1)
	}
	found, _ := views.LoadOrStore(string(key), v)
	return found.(*view)
}

var truth = map[bool]byte{true: 1}

// possible reports whether the expression may hold for some target.
func (e *expr) possible(k known) bool { return e.reduce(k).op != opFalse }

// in returns the table of a zone.
func (v *view) in(z *zone) *table {
	if t := v.zones[z.no].Load(); t != nil {
		return t
	}
	t := v.build(z)
	if !v.zones[z.no].CompareAndSwap(nil, t) {
		return v.zones[z.no].Load()
	}
	return t
}

func (v *view) build(z *zone) *table {
	t := &table{view: v}
	k := known{slots: v.slots, places: z.places}
	seen := make(map[int]bool)
	use := func(e *expr) {
		e.visit(func(leaf *expr) {
			if leaf.op == opTest && !seen[leaf.n] {
				seen[leaf.n] = true
				t.tests = append(t.tests, leaf.n)
				t.labelled = t.labelled || v.policy.tests[leaf.n].filter != nil && v.policy.tests[leaf.n].bit >= 0
			}
		})
	}
	rules := func(list []*rule) (left []applied[*rule]) {
		for _, r := range list {
			reach := r.reach.reduce(k) // first: most statements are about other places
			if reach.op == opFalse {
				continue
			}
			if e := and(r.who.reduce(k), reach); e.op != opFalse {
				use(e)
				left = append(left, applied[*rule]{r, e})
			}
		}
		return left
	}
	t.allows, t.denies = rules(v.allows), rules(v.denies)
	for _, c := range v.ceilings {
		a := appliedCeiling{ceiling: c, who: c.who.reduce(k)}
		if a.who.op == opFalse {
			continue
		}
		use(a.who)
		for _, p := range c.permits {
			if e := p.whole.reduce(k); e.op != opFalse {
				use(e)
				a.permits = append(a.permits, applied[*permit]{p, e})
			}
		}
		t.ceilings = append(t.ceilings, a)
	}
	switch {
	case len(t.tests) == 0:
		t.single = t.row(nil)
	case len(t.tests) <= smallTestsMax:
		t.small = make([]atomic.Pointer[row], 1<<len(t.tests))
	default:
		t.large = make(map[string]*row)
	}
	t.prepareLabels()
	return t
}

// find returns the row for what the tests of the table have found.
func (t *table) find(tests bitset, m *Memo) *row {
	if t.small != nil {
		n := 0
		for i, test := range t.tests {
			if tests.has(test) {
				n |= 1 << i
			}
		}
		if r := t.small[n].Load(); r != nil {
			return r
		}
		r := t.row(tests)
		t.small[n].Store(r)
		return r
	}
	key := m.key[:0]
	for i, test := range t.tests {
		if i%8 == 0 {
			key = append(key, 0)
		}
		if tests.has(test) {
			key[i/8] |= 1 << (i % 8)
		}
	}
	m.key = key
	t.mu.RLock()
	r := t.large[string(key)]
	t.mu.RUnlock()
	if r != nil {
		return r
	}
	r = t.row(tests)
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.large) >= largeRowsMax {
		clear(t.large)
	}
	t.large[string(key)] = r
	return r
}

// row makes the row for the statements that match.
func (t *table) row(tests bitset) *row {
	k := known{tests: tests}
	if tests == nil {
		k.tests = bitset{}
	}
	m := matched{}
	for _, a := range t.allows {
		if a.left.holds(k) {
			m.allows = append(m.allows, a.what)
		}
	}
	for _, a := range t.denies {
		if a.left.holds(k) {
			m.denies = append(m.denies, a.what)
		}
	}
	for _, c := range t.ceilings {
		if !c.who.holds(k) {
			continue
		}
		cm := matchedCeiling{ceiling: c.ceiling}
		for _, a := range c.permits {
			if a.left.holds(k) {
				cm.permits = append(cm.permits, a.what)
			}
		}
		m.ceilings = append(m.ceilings, cm)
	}
	return newRow(t.view.policy, m, 0)
}
