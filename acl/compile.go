package acl

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"gatehouse/directory"
	"gatehouse/directory/filter"
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
	slotOf   map[string]int
	testOf   map[string]int
	placeOf  map[place]int
	rolesNow []string // that are being expanded, against circles
	errs     []error

	authorityList, groupAuthorityList []*schema.AttributeType
}

// Generations number policies for the labels kept beside entries.
var generations atomic.Uint64

// Compile makes the tables of a program. The errors, joined, name the statement that each is about. s may be nil for a
// program that names no attribute, filter or value.
func Compile(program *Program, s *schema.Schema) (*Policy, error) {
	p := &Policy{program: program, schema: s, columns: newColumns(s), generation: generations.Add(1), views: new(sync.Map)}
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

// roleDepthMax bounds roles whose holders are named by roles.
const roleDepthMax = 8

func (c *compiler) subject(s Subject) (*expr, error) {
	switch s := s.(type) {
	case nil:
		return never, nil
	case Anyone:
		return always, nil
	case Anonymous, Authenticated, Name, Subtree, Elevated:
		return c.slot(fmt.Sprintf("%T %q", s, s), &slot{subject: s}), nil
	case Group:
		c.usesGroups = true
		return c.slot(fmt.Sprintf("%T %q", s, s), &slot{subject: s}), nil
	case Matching:
		label, err := c.label(s.Filter)
		if err != nil || label.op != opTest {
			return label, err
		}
		return c.slot("filter "+filter.String(s.Filter), &slot{subject: s, filter: c.tests[label.n].filter}), nil
	case Role:
		return c.role(s.Name)
	case Self, Ancestor:
		return c.related(fmt.Sprintf("%T", s), &test{subject: s}), nil
	case NamedIn:
		return c.relation(s, s.Types)
	case GroupIn:
		c.usesGroups = true
		return c.relation(s, s.Types)
	case Same:
		return c.relation(s, s.Types)
	case All:
		if len(s) == 0 {
			return never, nil
		}
		kids, err := c.subjects(s)
		return and(kids...), err
	case Any:
		kids, err := c.subjects(s)
		return or(kids...), err
	case Unless:
		kids, err := c.subjects([]Subject{s.Subject, s.Except})
		if err != nil {
			return nil, err
		}
		return and(kids[0], not(kids[1])), nil
	default:
		return nil, fmt.Errorf("unknown subject %T", s)
	}
}

func (c *compiler) subjects(list []Subject) ([]*expr, error) {
	kids := make([]*expr, len(list))
	for i, s := range list {
		var err error
		if kids[i], err = c.subject(s); err != nil {
			return nil, err
		}
	}
	return kids, nil
}

func (c *compiler) role(name string) (*expr, error) {
	if slices.Contains(c.rolesNow, name) || len(c.rolesNow) == roleDepthMax {
		return nil, fmt.Errorf("role %s: its holders are named in a circle, or too deeply", name)
	}
	c.rolesNow = append(c.rolesNow, name)
	defer func() { c.rolesNow = c.rolesNow[:len(c.rolesNow)-1] }()
	var kids []*expr
	for i := range c.program.Roles {
		h := &c.program.Roles[i]
		if h.Role != name {
			continue
		}
		kid, err := c.subject(h.Subject)
		if err != nil {
			return nil, err
		}
		kids = append(kids, and(c.when(h.When, Instant{}), kid))
	}
	return or(kids...), nil
}

func (c *compiler) relation(s Subject, types []*schema.AttributeType) (*expr, error) {
	if c.schema == nil {
		return nil, errors.New("attributes are named without a schema")
	}
	var all []*schema.AttributeType
	for _, t := range types {
		for _, no := range c.schema.Subtypes(t.No) {
			all = append(all, c.schema.TypeNo(no))
		}
	}
	slices.SortFunc(all, func(a, b *schema.AttributeType) int { return cmp.Compare(a.No, b.No) })
	all = slices.Compact(all)
	key := fmt.Sprintf("%T", s)
	for _, t := range all {
		key += fmt.Sprintf(" %d", t.No)
	}
	e := c.related(key, &test{subject: s, types: all})
	if _, same := s.(Same); same {
		c.sameTypes = append(c.sameTypes, all...)
		slices.SortFunc(c.sameTypes, func(a, b *schema.AttributeType) int { return cmp.Compare(a.No, b.No) })
		c.sameTypes = slices.Compact(c.sameTypes)
	}
	return e, nil
}

func (c *compiler) reach(r *Reach) (*expr, error) {
	var places []*expr
	for _, base := range r.Bases {
		pl := place{base, r.Scope}
		n, ok := c.placeOf[pl]
		if !ok {
			n = len(c.places)
			c.placeOf[pl] = n
			c.places = append(c.places, pl)
		}
		places = append(places, &expr{op: opPlace, n: n})
	}
	label := always
	if r.Filter != nil {
		var err error
		if label, err = c.label(r.Filter); err != nil {
			return nil, err
		}
	}
	out := make([]*expr, len(r.Exclude))
	for i := range r.Exclude {
		var err error
		if out[i], err = c.reach(&r.Exclude[i]); err != nil {
			return nil, err
		}
	}
	return and(or(places...), label, not(or(out...))), nil
}

// label is the test that a filter is. One that can be undefined of every entry is refused: it would hide a mistake.
func (c *compiler) label(f directory.Filter) (*expr, error) {
	if c.schema == nil {
		return nil, errors.New("a filter without a schema")
	}
	text := filter.String(f)
	compiled := filter.Compile(c.schema, f, nil)
	undefined, stored := false, true
	filter.Walk(compiled.Root, func(n *filter.Node) bool {
		undefined = undefined || n.Op == filter.OpUndefined
		stored = stored && !n.Reference && !n.DNAttributes && n.Name == "" &&
			(len(n.Children) > 0 || n.Type != nil || len(n.TypeNos) == 0)
		for _, no := range n.TypeNos {
			stored = stored && c.schema.TypeNo(no).Flags&(directory.FlagComputed|directory.FlagReference) == 0
		}
		return true
	})
	switch {
	case undefined:
		return nil, fmt.Errorf("filter %s: an attribute is unknown, or cannot be compared so", text)
	case compiled.Root.Op == filter.OpTrue:
		return always, nil
	case compiled.Root.Op == filter.OpFalse:
		return never, nil
	}
	key := "filter " + text
	_, known := c.testOf[key]
	e := c.test(key, &test{filter: compiled, bit: -1})
	if !known && stored && c.labels < labelsMax {
		c.tests[e.n].bit = c.labels
		c.labels++
	}
	return e, nil
}

// isOwn reports whether the subject can only be the target itself.
func isOwn(s Subject) bool {
	switch s := s.(type) {
	case Self:
		return true
	case All:
		return slices.ContainsFunc(s, isOwn)
	case Any:
		return len(s) > 0 && !slices.ContainsFunc(s, func(k Subject) bool { return !isOwn(k) })
	case Unless:
		return isOwn(s.Subject)
	default:
		return false
	}
}
