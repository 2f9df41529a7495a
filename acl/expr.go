package acl

// op is the kind of an expression.
type op uint8

const (
	opFalse op = iota
	opTrue
	opSlot  // n: a fact of the session, see slot
	opPlace // n: a pair of base and scope that the target lies in
	opTest  // n: a fact of the target, alone or together with the session, see test
	opAnd
	opOr
	opNot
)

// expr is what has to hold for a statement to match. Immutable.
type expr struct {
	op   op
	n    int
	kids []*expr
}

var (
	never  = &expr{op: opFalse}
	always = &expr{op: opTrue}
)

func and(kids ...*expr) *expr { return combine(opAnd, never, always, kids) }
func or(kids ...*expr) *expr  { return combine(opOr, always, never, kids) }

// combine joins kids: end decides alone, idle does not matter.
func combine(o op, end, idle *expr, kids []*expr) *expr {
	list := make([]*expr, 0, len(kids))
	for _, k := range kids {
		switch {
		case k == end:
			return end
		case k == idle:
		case k.op == o:
			list = append(list, k.kids...)
		default:
			list = append(list, k)
		}
	}
	switch len(list) {
	case 0:
		return idle
	case 1:
		return list[0]
	}
	return &expr{op: o, kids: list}
}

func not(e *expr) *expr {
	switch e.op {
	case opFalse:
		return always
	case opTrue:
		return never
	case opNot:
		return e.kids[0]
	}
	return &expr{op: opNot, kids: []*expr{e}}
}

// known are facts: nil sets are unknown.
type known struct {
	slots  bitset
	places bitset
	tests  bitset
}

// reduce puts in what is known and simplifies; the rest stays.
func (e *expr) reduce(k known) *expr {
	var facts bitset
	switch e.op {
	case opSlot:
		facts = k.slots
	case opPlace:
		facts = k.places
	case opTest:
		facts = k.tests
	case opAnd, opOr:
		kids := make([]*expr, len(e.kids))
		for i, kid := range e.kids {
			kids[i] = kid.reduce(k)
		}
		if e.op == opAnd {
			return and(kids...)
		}
		return or(kids...)
	case opNot:
		return not(e.kids[0].reduce(k))
	default:
		return e
	}
	switch {
	case facts == nil:
		return e
	case facts.has(e.n):
		return always
	default:
		return never
	}
}

// holds is reduce where everything is known; it does not allocate.
func (e *expr) holds(k known) bool {
	switch e.op {
	case opTrue:
		return true
	case opSlot:
		return k.slots.has(e.n)
	case opPlace:
		return k.places.has(e.n)
	case opTest:
		return k.tests.has(e.n)
	case opAnd:
		for _, kid := range e.kids {
			if !kid.holds(k) {
				return false
			}
		}
		return true
	case opOr:
		for _, kid := range e.kids {
			if kid.holds(k) {
				return true
			}
		}
		return false
	case opNot:
		return !e.kids[0].holds(k)
	default:
		return false
	}
}

// visit calls f for every leaf.
func (e *expr) visit(f func(*expr)) {
	if len(e.kids) == 0 {
		f(e)
	}
	for _, kid := range e.kids {
		kid.visit(f)
	}
}
