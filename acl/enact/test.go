package enact

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"gatehouse/acl"
	"gatehouse/acl/bundle"
	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// Result is what became of one inline test.
type Result struct {
	Test         *bundle.Test
	Document     string
	OK           bool
	Problem      string // what differs from what was expected; empty if OK
	Explanations []acl.Explanation
}

// Tester asks the inline tests of a bundle on a fixture. It is for one goroutine at a time.
type Tester struct {
	bundle   *bundle.Bundle
	schema   *schema.Schema
	contexts []directory.NDN
	tree     *acl.Tree
	now      time.Time
	policy   *acl.Policy // without what tests give
}

// NewTester prepares the tests. now is the time of tests that name none.
func NewTester(b *bundle.Bundle, f *bundle.Fixture, s *schema.Schema, contexts []directory.NDN, now time.Time) (*Tester, error) {
	if s == nil {
		s = schema.Standard()
	}
	t := &Tester{bundle: b, schema: s, contexts: contexts, now: now, tree: acl.NewTree(s, now)}
	for _, e := range f.Entries {
		attrs := make([]directory.PartialAttribute, len(e.Attributes))
		for i, a := range e.Attributes {
			attrs[i] = directory.PartialAttribute{Attr: a.Desc.Name, Values: a.Values}
		}
		if err := t.tree.Add(e.Text, attrs); err != nil {
			return nil, fmt.Errorf("%s: %w", e.Pos, err)
		}
	}
	var err error
	t.policy, err = acl.Compile(Program(b, s, contexts, now), s)
	return t, err
}

// WithPolicy returns a tester that asks another policy the same tests.
func (t *Tester) WithPolicy(p *acl.Policy) *Tester {
	other := *t
	other.policy = p
	return &other
}

// Policy returns the policy that is asked.
func (t *Tester) Policy() *acl.Policy { return t.policy }

// All asks every test.
func (t *Tester) All() (results []Result) {
	for _, d := range t.bundle.Documents {
		for _, test := range d.Tests {
			r := t.Run(test)
			r.Document = d.Name
			results = append(results, r)
		}
	}
	return results
}

// Run asks one test. Everything that it names must be as expected: allowed means all of it, denied that some of it is not.
func (t *Tester) Run(test *bundle.Test) Result {
	r := Result{Test: test}
	now := t.now
	if !test.Via.At.IsZero() {
		now = test.Via.At
	}
	t.tree.SetTime(now)
	policy := t.policy
	if len(test.Given) > 0 {
		var err error
		if policy, err = acl.Compile(Program(t.bundle, t.schema, t.contexts, t.now, test.Given...), t.schema); err != nil {
			r.Problem = err.Error()
			return r
		}
	}
	s, err := t.session(test, now)
	if err == nil {
		err = policy.Refresh(s, t.tree)
	}
	var target acl.Source
	if err == nil {
		target, err = t.target(test)
	}
	if err != nil {
		r.Problem = err.Error()
		return r
	}
	for _, q := range t.questions(test) {
		before, after := acl.Target(target), acl.Target(nil)
		if q.Action == acl.ActionAddEntry {
			before, after = nil, target
		}
		r.Explanations = append(r.Explanations, policy.Explain(s, before, after, q))
	}
	r.judge()
	return r
}

// judge compares the answers with what was expected.
func (r *Result) judge() {
	allowed := !slices.ContainsFunc(r.Explanations, func(e acl.Explanation) bool { return !e.Allowed })
	by := func(e acl.Explanation) bool { return r.Test.By == "" || e.Deciding(r.Test.By) }
	switch want := r.Test.Expect == bundle.Allow; {
	case want != allowed:
		r.Problem = fmt.Sprintf("expected %s, got %s", word(want), word(allowed))
	case allowed && slices.ContainsFunc(r.Explanations, func(e acl.Explanation) bool { return !by(e) }),
		!allowed && !slices.ContainsFunc(r.Explanations, func(e acl.Explanation) bool { return !e.Allowed && by(e) }):
		r.Problem = fmt.Sprintf("%s, but not by %s", word(allowed), r.Test.By)
	default:
		r.OK = true
	}
}

func word(allowed bool) string {
	if allowed {
		return "allow"
	}
	return "deny"
}

func (t *Tester) session(test *bundle.Test, now time.Time) (*acl.Session, error) {
	tr := acl.Transport{TLSBits: test.Via.TLSBits}
	if test.Via.Address.IsValid() {
		tr.Peer = netip.AddrPortFrom(test.Via.Address, 0)
	}
	s := acl.NewSession(tr)
	switch {
	case test.As == nil:
	case t.named(test.As) == acl.OperatorDN:
		s = acl.Operator(tr, now)
	default:
		var err error
		s, err = t.tree.Session(tr, acl.Identity{
			DN: test.As.Text, NDN: t.named(test.As), Method: methods[test.Via.Method], Level: test.Via.Level, At: now,
		})
		if err != nil {
			return nil, err
		}
	}
	return s.WithElevations(test.Via.Elevated...), nil
}

// target returns the entry of the fixture, or one with nothing but a name.
func (t *Tester) target(test *bundle.Test) (acl.Source, error) {
	if test.Entry == nil {
		return nil, fmt.Errorf("the test names no entry")
	}
	ndn := t.named(test.Entry)
	if e := t.tree.Find(ndn); e != nil {
		return e, nil
	}
	return t.tree.Named(ndn), nil
}

// named returns what a name of a test stands for: ${suffix} is the first naming context.
func (t *Tester) named(n *bundle.Name) directory.NDN {
	if names := n.Names(t.contexts, nil); len(names) > 0 {
		return names[0]
	}
	return n.NDN
}

func (t *Tester) questions(test *bundle.Test) (list []acl.Question) {
	for _, ba := range bundle.Actions(test.Do).Expand().List() {
		a := Action(ba)
		switch {
		case a == acl.ActionControl || a == acl.ActionExtOp:
			for _, at := range test.Attributes {
				list = append(list, acl.Question{Action: a, OID: at.Text})
			}
		case a.OnAttributes():
			for _, at := range test.Attributes {
				if at.Desc == nil {
					continue
				}
				q := acl.Question{Action: a, Attribute: at.Desc}
				if test.Value != nil {
					q.Value = []byte(*test.Value)
				}
				list = append(list, q)
			}
		default:
			list = append(list, acl.Question{Action: a})
		}
	}
	return list
}
