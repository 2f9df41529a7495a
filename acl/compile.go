package acl

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"gatehouse/directory/schema"
)

// rule is a statement, made ready.
type rule struct {
	*Statement
	when    *expr // conditions and expiry: a slot, or always
	subject *expr
	reach   *expr
	who     *expr // when and subject
	slots   []int // in who, where who depends on the target as well
	static  bool  // who does not depend on the target
	columns bitset
	values  *values
	own     bool // the subject is the target itself
}

// ceiling is a boundary, made ready.
type ceiling struct {
	*Boundary
	who     *expr
	slots   []int // in who and the permits
	permits []*permit
}

// permit is a part of a ceiling, made ready.
type permit struct {
	*Permit
	whole   *expr // conditions and reach
	columns bitset
	values  *values
}

// compiler turns a program into a policy.
type compiler struct {
	*Policy
	slotOf    map[string]int
	testOf    map[string]int
	relations int // how many of the tests are relations
	placeOf   map[place]int
	rolesNow  []string // that are being expanded, against circles
	errs      []error

	authorityList, groupAuthorityList []*schema.AttributeType
}

// Generations number policies for the labels kept beside entries.
var generations atomic.Uint64

// Compile makes the tables of a program. The errors, joined, name the statement that each is about. s may be nil for a
// program that names no attribute, filter or value.
func Compile(program *Program, s *schema.Schema) (*Policy, error) {
	p := &Policy{program: program, schema: s, columns: newColumns(s), generation: generations.Add(1), views: new(sync.Map), selfTest: -1}
	c := &compiler{Policy: p, slotOf: make(map[string]int), testOf: make(map[string]int), placeOf: make(map[place]int)}
	c.nameAll()
	for i := range program.Statements {
		st := &program.Statements[i]
		r, err := c.rule(st)
		if err != nil {
			c.errs = append(c.errs, fmt.Errorf("%s: %w", st.Place, err))
			continue
		}
		if st.Effect == Allow {
			p.allows = append(p.allows, r)
		} else {
			p.denies = append(p.denies, r)
		}
	}
	for i := range program.Boundaries {
		b := &program.Boundaries[i]
		cl, err := c.ceiling(b)
		if err != nil {
			c.errs = append(c.errs, fmt.Errorf("%s: %w", b.Place, err))
			continue
		}
		p.ceilings = append(p.ceilings, cl)
	}
	c.guards()
	if len(c.errs) > 0 {
		return nil, errors.Join(c.errs...)
	}
	p.layZones()
	p.universal = unlimited(p.columns)
	p.closed = &view{policy: p, closed: true}
	p.shut = newRow(p, matched{}, 0)
	return p, nil
}

// String returns the name, and the file and line if they are known.
func (p Place) String() string {
	if p.Line == 0 {
		return p.Name
	}
	return fmt.Sprintf("%s (%s:%d)", p.Name, p.File, p.Line)
}

func (c *compiler) nameAll() {
	name := func(p Place, a *Attributes) {
		if err := c.columns.name(a); err != nil {
			c.errs = append(c.errs, fmt.Errorf("%s: %w", p, err))
		}
	}
	for i := range c.program.Statements {
		name(c.program.Statements[i].Place, &c.program.Statements[i].Attributes)
	}
	for i := range c.program.Boundaries {
		b := &c.program.Boundaries[i]
		for j := range b.Permit {
			name(b.Place, &b.Permit[j].Attributes)
		}
	}
	c.nameGuarded()
	c.columns.seal()
}

func (c *compiler) rule(st *Statement) (*rule, error) {
	r := &rule{Statement: st, columns: c.columns.set(&st.Attributes, st.Effect == Deny)}
	var err error
	if r.subject, err = c.subject(st.Subject); err != nil {
		return nil, err
	}
	if r.reach, err = c.reach(&st.Reach); err != nil {
		return nil, err
	}
	if r.values, err = c.values(st.Values); err != nil {
		return nil, err
	}
	const valueless = 1<<ActionSearch | 1<<ActionCompare
	if st.Values != nil && st.Actions&valueless != 0 {
		return nil, errors.New("search and compare cannot depend on the value")
	}
	r.when = c.when(Conditions{}, st.Expires)
	for _, w := range st.When {
		r.when = and(r.when, c.when(w, Instant{}))
	}
	r.who = and(r.when, r.subject)
	r.slots, r.static = slotsIn(r.who)
	r.own = isOwn(st.Subject)
	return r, nil
}

func (c *compiler) ceiling(b *Boundary) (*ceiling, error) {
	subject, err := c.subject(b.Subject)
	if err != nil {
		return nil, err
	}
	cl := &ceiling{Boundary: b, who: and(c.when(b.When, Instant{}), subject)}
	cl.slots, _ = slotsIn(cl.who)
	for i := range b.Permit {
		src := &b.Permit[i]
		reach, err := c.reach(&src.Reach)
		if err != nil {
			return nil, err
		}
		p := &permit{Permit: src, whole: and(c.when(src.When, Instant{}), reach), columns: c.columns.set(&src.Attributes, true)}
		if p.values, err = c.values(src.Values); err != nil {
			return nil, err
		}
		slots, _ := slotsIn(p.whole)
		cl.slots = append(cl.slots, slots...)
		cl.permits = append(cl.permits, p)
	}
	return cl, nil
}

// when is a slot, or always.
func (c *compiler) when(conditions Conditions, expires Instant) *expr {
	key := conditions.key(expires)
	if key == "" {
		return always
	}
	c.usesControls = c.usesControls || conditions.Controls != nil
	return c.slot("when "+key, &slot{conditions: &conditions, expires: expires})
}

func (c *compiler) slot(key string, s *slot) *expr {
	n, ok := c.slotOf[key]
	if !ok {
		n = len(c.slots)
		c.slotOf[key] = n
		c.slots = append(c.slots, s)
	}
	return &expr{op: opSlot, n: n}
}

func (c *compiler) test(key string, t *test) *expr {
	n, ok := c.testOf[key]
	if !ok {
		n = len(c.tests)
		c.testOf[key] = n
		if t.isRelation() {
			t.relation = c.relations
			c.relations++
		}
		c.tests = append(c.tests, t)
	}
	return &expr{op: opTest, n: n}
}

// related is a relation, which only an identity that is an entry can have.
func (c *compiler) related(key string, t *test) *expr {
	return and(c.slot("entry", &slot{subject: anEntry{}}), c.test(key, t))
}

// slotsIn returns the slots of an expression, and whether it has nothing else.
func slotsIn(e *expr) (slots []int, static bool) {
	static = true
	e.visit(func(leaf *expr) {
		switch leaf.op {
		case opSlot:
			slots = append(slots, leaf.n)
		case opTest, opPlace:
			static = false
		}
	})
	return slots, static
}
