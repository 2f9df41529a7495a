package dit

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
	"gatehouse/storage"
)

// Search is one prepared search (RFC 4511 section 4.5) on one snapshot. It belongs to one goroutine. Close gives it back.
type Search struct {
	d        *Directory
	c        candidate // the entry that is looked at
	policy   *acl.Policy
	base     directory.EntryID
	single   bool // the base alone
	group    bool // and its members are asked for
	nothing  bool // the scope holds no entry
	plan     *storage.Plan
	compiled *filter.Compiled
	scope    directory.Scope
	standing acl.Standing // of the session when the filter was compiled
	mixed    bool         // some attribute of the filter is searchable in some entries only

	wanted    selection
	typesOnly bool

	limit     Limit
	sizeAsked int
	deadline  time.Time // zero: none
	looked    int
	sent      int

	ndn     []byte
	scratch filter.Scratch
	view    acl.View
	memo    acl.Memo
	renamed directory.CSN // of the state that memo, and that of visible, are about
	visible visibility
	members membership
	access  func(*schema.AttributeType) filter.Searchable
	alone   func(*schema.AttributeType) filter.Searchable

	after    directory.EntryID // the candidate that is looked at
	controls searchControls
}

func newSearch(d *Directory) *Search {
	x := &Search{d: d, members: membership{d: d, may: maySearch, filter: true}}
	x.c.d, x.c.memo, x.c.visible, x.c.tick = d, &x.memo, &x.visible, x.tick
	x.access = func(t *schema.AttributeType) filter.Searchable {
		a := x.policy.SearchableIn(x.c.s, ndnOf(x.ndn), x.scope, t)
		x.mixed = x.mixed || a == filter.Mixed
		return a
	}
	x.alone = x.c.access
	return x
}

// Search prepares a search. The request is not used after it returns.
func (d *Directory) Search(ctx context.Context, s *acl.Session, req *directory.SearchRequest) (*Search, error) {
	return d.searchOn(d.store.Snapshot(), s, req)
}

// searchOn prepares a search on a snapshot, which it takes over.
func (d *Directory) searchOn(sn *storage.Snapshot, s *acl.Session, req *directory.SearchRequest) (*Search, error) {
	x := d.searches.Get().(*Search)
	x.c.s, x.c.sn = s, sn
	x.freshen()
	prepared := false
	defer func() {
		if !prepared { // an error, or a panic
			x.Close()
		}
	}()
	if err := x.prepare(s, req); err != nil {
		return nil, err
	}
	prepared = true
	return x, nil
}

// freshen forgets what was remembered in a state in which entries had other names.
func (x *Search) freshen() {
	if at := x.c.sn.Renamed(); at != x.renamed {
		x.renamed = at
		x.memo.Reset()
		x.visible.memo.Reset()
	}
}

// Close gives the snapshot back. The search must not be used after it.
func (x *Search) Close() {
	x.c.sn.Close()
	if x.c.now != nil {
		x.c.now.Close()
		x.c.now = nil
	}
	x.c.reset(0)
	x.visible.forget()
	x.members.end()
	x.c.s, x.c.sn, x.policy, x.plan, x.compiled, x.base = nil, nil, nil, nil, nil, 0
	x.controls = searchControls{}
	x.standing = acl.Standing{}
	x.c.targets.known = x.c.targets.known[:0]
	x.single, x.group, x.nothing, x.mixed = false, false, false, false
	x.looked, x.sent, x.deadline = 0, 0, time.Time{}
	if cap(x.c.scratch) > scratchKeptBytesMax {
		x.c.scratch, x.view = nil, acl.View{}
	}
	if cap(x.c.groups.found) > scratchKeptBytesMax/8 {
		x.c.groups = closure{}
	}
	x.d.searches.Put(x)
}

// Bounded reports that the search looks at few entries, known beforehand, so that it may run where it was prepared. Reading one
// group is not bounded: it may have a million members.
func (x *Search) Bounded() bool {
	if x.wanted.names {
		return false
	}
	if x.single || x.nothing {
		return !x.group && x.controls.deref == nil
	}
	n, ok := x.plan.Bounded()
	return ok && n <= filterInlineMax && x.controls.deref == nil
}

// Controls returns what is answered beside entries, nil if no control asks for anything.
func (x *Search) Controls() *acl.SearchControls {
	if !x.controls.asked {
		return nil
	}
	return &x.controls.answer
}

func (x *Search) prepare(s *acl.Session, req *directory.SearchRequest) error {
	d, sn := x.d, x.c.sn
	x.policy = d.Policy()
	if err := d.begin(x.policy, s, sn); err != nil {
		return err
	}
	var err error
	if x.limit, err = d.limitOf(s, sn); err != nil {
		return err
	}
	if x.ndn, err = d.schema.AppendNDN(x.ndn[:0], req.Base); err != nil {
		return err
	}
	if req.Controls != nil {
		if err := x.assertBase(req.Controls.Assertion); err != nil {
			return err
		}
	}
	x.typesOnly, x.sizeAsked = req.TypesOnly, req.SizeLimitEntries
	if limit := least(req.TimeLimit, x.limit.Time); limit > 0 {
		x.deadline = d.now().Add(limit)
	}
	x.wanted.choose(d, req.Attributes)
	if req.Controls != nil {
		if err := x.prepareControls(req); err != nil {
			return err
		}
	}
	switch ndn := ndnOf(x.ndn); {
	case ndn == "" && req.Scope == directory.ScopeBase:
		root, err := d.rootEntry(sn)
		if err != nil {
			return err
		}
		x.c.standFor(x.policy, d.rootDSE, root)
	case ndn == "":
		return x.planScope(req)
	case ndn == acl.SubschemaNDN && (req.Scope == directory.ScopeBase || req.Scope == directory.ScopeSub):
		x.c.standFor(x.policy, d.subschema, d.subschema.entry)
	case ndn == acl.SubschemaNDN:
		x.nothing = true
		return nil
	default:
		return x.planBelow(s, req, ndn)
	}
	x.single = true
	x.compiled = filter.Compile(d.schema, req.Filter, x.alone)
	return nil
}

// planBelow finds the base. One that the session may not discover is answered like one that does not exist, unless some rule
// may show it an entry below; then it is searched without ever being returned itself.
func (x *Search) planBelow(s *acl.Session, req *directory.SearchRequest, ndn directory.NDN) error {
	id, err := x.c.sn.Lookup(ndn)
	if err != nil && !isNotFound(err) {
		return err
	}
	visible := false
	if err == nil {
		x.c.reset(id)
		visible = x.c.decide(x.policy).Discover()
		if x.c.err != nil {
			return x.c.err
		}
	}
	if !visible && (req.Scope == directory.ScopeBase || !x.d.suffixes.Hold(ndn) || !x.policy.IsTraversable(s, ndn)) {
		return x.d.noSuchObject(s, x.policy, x.c.sn, ndn, discovering(ndn))
	}
	if err != nil {
		x.nothing = true
		return nil
	}
	x.base = id
	return x.planScope(req)
}

func (x *Search) planScope(req *directory.SearchRequest) (err error) {
	x.scope, x.standing = req.Scope, x.policy.Standing(x.c.s)
	if x.compiled, err = x.compile(req); err != nil {
		return err
	}
	if x.single = req.Scope == directory.ScopeBase; x.single {
		x.group, err = x.readsMembers()
		return err
	}
	if x.plan, err = x.c.sn.Plan(x.compiled.Root, x.base, req.Scope, x.planOptions()); err != nil {
		return fmt.Errorf("plan of a search: %w", err)
	}
	if most := x.limit.LookThroughCandidates; most > 0 && !x.plan.Indexed() && x.c.sn.EntryCount() > uint64(most) {
		return errLookThrough
	}
	return nil
}

// readsMembers reports whether the base is a group whose members are asked for.
func (x *Search) readsMembers() (bool, error) {
	if !x.wanted.references {
		return false, nil
	}
	links, err := x.c.sn.ReferenceDescriptions(x.base)
	for _, desc := range links {
		if slices.Contains(x.d.attr.groupTypes, desc.TypeNo) && x.wanted.wanted.Has(desc) {
			return true, nil
		}
	}
	return false, err
}

// least returns the smaller of two limits, of which zero means none.
func least[T int | time.Duration](a, b T) T {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
