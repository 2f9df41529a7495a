package enact

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
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
	Allowed      bool   // what was decided, if it could be
	Problem      string // what differs from what was expected; empty if OK
	Note         string // what is strange about the test, whatever came out
	Explanations []acl.Explanation
	Duration     time.Duration
}

// Expected returns the answer that the test wants: "allow" or "deny", and by which statement, if it says so.
func (r *Result) Expected() string { return answer(r.Test.Expect == bundle.Allow, r.Test.By) }

// Actual returns the answer that was given, with the statements that decided.
func (r *Result) Actual() string {
	var by []string
	for i := range r.Explanations {
		e := &r.Explanations[i]
		for j := range e.Reasons {
			if name := e.Reasons[j].Name; e.Allowed == r.Allowed && e.Deciding(name) && !slices.Contains(by, name) {
				by = append(by, name)
			}
		}
	}
	return answer(r.Allowed, strings.Join(by, ", "))
}

func answer(allowed bool, by string) string {
	if by == "" {
		return word(allowed)
	}
	return word(allowed) + " by " + by
}

// MarshalJSON implements [json.Marshaler]. The keys are stable. Explanations are there for tests that failed.
func (r Result) MarshalJSON() ([]byte, error) {
	out := struct {
		Name         string            `json:"name"`
		Document     string            `json:"document"`
		File         string            `json:"file"`
		Line         int               `json:"line"`
		OK           bool              `json:"ok"`
		Expected     string            `json:"expected"`
		Actual       string            `json:"actual"`
		Problem      string            `json:"problem,omitempty"`
		Note         string            `json:"note,omitempty"`
		Seconds      float64           `json:"seconds"`
		Explanations []acl.Explanation `json:"explanations,omitempty"`
	}{r.Test.Name, r.Document, r.Test.Pos.File, r.Test.Pos.Line, r.OK, r.Expected(), r.Actual(), r.Problem, r.Note, r.Duration.Seconds(), nil}
	if !r.OK {
		out.Explanations = r.Explanations
	}
	return json.Marshal(out)
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
	start := time.Now()
	r := Result{Test: test, Note: t.note(test)}
	a, err := t.ask(test)
	if err != nil {
		r.Problem = err.Error()
	} else {
		for _, q := range a.questions {
			r.Explanations = append(r.Explanations, a.policy.Explain(a.session, a.before, a.after, q))
		}
		r.judge()
	}
	r.Duration = time.Since(start)
	return r
}

// passes is Run without more than it takes to say whether the test passes.
func (t *Tester) passes(test *bundle.Test) bool {
	a, err := t.ask(test)
	if err != nil {
		return false
	}
	rights := a.policy.DecideChange(a.session, a.before, a.after)
	allowed := !slices.ContainsFunc(a.questions, func(q acl.Question) bool { return !rights.Answer(q) })
	switch {
	case allowed != (test.Expect == bundle.Allow):
		return false
	case test.By == "":
		return true
	default:
		r := t.Run(test)
		return r.OK
	}
}

// asked is a test, made ready.
type asked struct {
	policy        *acl.Policy
	session       *acl.Session
	before, after acl.Target
	questions     []acl.Question
}

func (t *Tester) ask(test *bundle.Test) (*asked, error) {
	now := t.now
	if !test.Via.At.IsZero() {
		now = test.Via.At
	}
	t.tree.SetTime(now)
	a := &asked{policy: t.policy, questions: t.questions(test)}
	var err error
	if len(test.Given) > 0 {
		if a.policy, err = acl.Compile(Program(t.bundle, t.schema, t.contexts, t.now, test.Given...), t.schema); err != nil {
			return nil, err
		}
	}
	if a.session, err = t.session(test, now); err != nil {
		return nil, err
	}
	if err := a.policy.Refresh(a.session, t.tree); err != nil {
		return nil, err
	}
	target, err := t.target(test)
	if err != nil {
		return nil, err
	}
	if a.before = target; test.Do == bundle.ActionAddEntry {
		a.before, a.after = nil, target
	}
	if len(a.questions) == 0 {
		return nil, errors.New("the test asks nothing")
	}
	return a, nil
}

// judge compares the answers with what was expected.
func (r *Result) judge() {
	allowed := !slices.ContainsFunc(r.Explanations, func(e acl.Explanation) bool { return !e.Allowed })
	r.Allowed = allowed
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

// note says that a test asks about a name that no entry of the fixture has and that is none of the server's own: what is denied there may
// be so for that alone.
func (t *Tester) note(test *bundle.Test) string {
	if test.Entry == nil || test.Do == bundle.ActionAddEntry {
		return ""
	}
	ndn := t.named(test.Entry)
	inside := slices.ContainsFunc(t.contexts, ndn.IsUnder)
	if t.tree.Find(ndn) != nil || !inside && (ndn == "" || ndn == acl.SubschemaNDN || ndn == "cn=monitor" || ndn.IsUnder(acl.ServerNDN)) {
		return ""
	}
	return fmt.Sprintf("the fixture has no entry %q; the test asks about one with nothing but this name", test.Entry.Text)
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
