package acl

import (
	"fmt"
	"slices"
	"time"

	"gatehouse/directory"
	"gatehouse/directory/filter"
)

// Question is one thing that a session may want to do with one entry.
type Question struct {
	Action    Action
	Attribute *directory.AttributeDescription // of attribute actions
	Value     []byte                          // nil: every value; for read: some value
	OID       string                          // of control and extop
}

// Verdict says what a statement has to do with a decision. The zero Verdict is NearMiss.
type Verdict uint8

// The verdicts.
const (
	NearMiss Verdict = iota // it would allow this, but something is missing
	Blocked                 // it matches and would allow this, but a guard holds it back
	Allows
	Denies
	Limits // a boundary that does not permit this
	Permits
)

var verdictNames = [...]string{"near miss", "blocked", "allows", "denies", "limits", "permits"}

// String returns the verdict's name.
func (v Verdict) String() string { return verdictNames[v] }

// Reason is one statement's part in a decision.
type Reason struct {
	Place
	Verdict Verdict
	Missing string // of NearMiss and Blocked: the first thing that is missing; of Denies: the statement's reason, if it has one
}

// String returns the reason in one line.
func (r Reason) String() string {
	if r.Missing == "" {
		return r.Verdict.String() + ": " + r.Place.String()
	}
	return r.Verdict.String() + ": " + r.Place.String() + ": " + r.Missing
}

// Explanation is a decision with its reasons: those that decided first.
type Explanation struct {
	Allowed bool
	Version string
	Reasons []Reason
	Error   string // what could not be evaluated, so that everything is denied
}

// Deciding reports whether the statement called name is one of those that decided: one that allows if it is allowed; one that
// denies or limits if not.
func (e *Explanation) Deciding(name string) bool {
	return slices.ContainsFunc(e.Reasons, func(r Reason) bool {
		return r.Name == name && (e.Allowed && r.Verdict == Allows || !e.Allowed && (r.Verdict == Denies || r.Verdict == Limits))
	})
}

// Answer decides one question about rights, as the enforcement points do.
func (r Rights) Answer(q Question) bool {
	value := q.Value
	if value == nil {
		value = every
	}
	switch {
	case actionsOnOIDs.Has(q.Action) && q.OID != "":
		return r.AllowsOID(q.Action, q.OID)
	case !q.Action.OnAttributes():
		return r.Allows(q.Action)
	case q.Attribute == nil:
		return false
	case (q.Action == ActionRead || q.Action == ActionSecretRead && q.Attribute.Is(directory.FlagConfidential)) && q.Value == nil:
		return r.Read(q.Attribute)
	default:
		return r.onAttribute(q.Action, q.Attribute, value)
	}
}

// Explain decides like [Policy.Decide] and [Policy.DecideChange], by the same tables, and says why. after is nil for what does not
// change the entry, before for an add.
func (p *Policy) Explain(s *Session, before, after Target, q Question) Explanation {
	if p == nil || p.program == nil || s == nil || before == nil && after == nil {
		return Explanation{Error: "there is no policy"}
	}
	r := p.DecideChange(s, before, after)
	e := Explanation{Allowed: r.Answer(q), Version: p.program.Version}
	x, err := p.explainer(s, before, after, q)
	if err != nil {
		e.Error = err.Error()
		return e
	}
	if r.row != nil {
		row := r.row
		if row.guarded.Has(q.Action) && r.on != nil {
			row = r.guarded(q.Action)
		}
		x.decided(row)
	}
	x.missed()
	slices.SortStableFunc(x.reasons, func(a, b Reason) int { return int(b.Verdict) - int(a.Verdict) })
	e.Reasons = x.reasons
	return e
}

// explainer collects reasons.
type explainer struct {
	*Policy
	q       Question
	session *Session
	by      *resolved
	column  int
	facts   known // of before, or of the entry that is added
	now     time.Time
	reasons []Reason
	seen    map[*rule]bool
}

func (p *Policy) explainer(s *Session, before, after Target, q Question) (*explainer, error) {
	on := before
	if on == nil {
		on = after
	}
	src := sourceOf(on)
	x := &explainer{Policy: p, q: q, session: s, seen: make(map[*rule]bool), now: time.Now()}
	d := src.Directory()
	if d != nil {
		x.now = d.Now()
	}
	if q.Attribute != nil {
		x.column = p.columns.column(q.Attribute)
	}
	var err error
	if x.by, err = p.resolve(s, d); err != nil {
		return nil, err
	}
	if x.facts.slots, err = p.slotsOf(s, x.by, d, x.now, false); err != nil {
		return nil, err
	}
	ndn, err := src.NDN()
	if err != nil {
		return nil, err
	}
	x.facts.places = p.zoneOf(ndn).places
	x.facts.tests = make(bitset, (len(p.tests)+63)/64)
	list := make([]int, len(p.tests))
	for i := range list {
		list[i] = i
	}
	var w work
	return x, p.examine(list, p.labels > 0, x.by, src, &w, x.facts.tests)
}

// gives reports whether a statement is about the action, and the attribute.
func (x *explainer) gives(actions Actions, columns bitset, a *Attributes, r *Reach, g guard, own bool) bool {
	switch {
	case actionsOnOIDs.Has(x.q.Action):
		return actions.Has(x.q.Action) && (a.User || slices.Contains(a.OIDs, "*") || slices.Contains(a.OIDs, x.q.OID))
	case !x.q.Action.OnAttributes():
		return actions.Has(x.q.Action) && !g.withheld(r).Has(x.q.Action)
	default:
		return x.q.Attribute != nil && x.granted(x.q.Action, actions, columns, r, g, own).has(x.column)
	}
}

func (x *explainer) takes(st *rule) bool {
	if !x.q.Action.OnAttributes() {
		return st.Actions.Has(x.q.Action)
	}
	return x.q.Attribute != nil && x.refused(x.q.Action, st.Actions, st.columns).has(x.column)
}

func (x *explainer) fits(v *values, unclear bool) bool {
	if v == nil || !x.q.Action.OnAttributes() {
		return true
	}
	value := x.q.Value
	if value == nil {
		if x.q.Action == ActionRead || x.q.Action == ActionSecretRead {
			return !unclear
		}
		value = every
	}
	return x.accepts(v, x.by, x.q.Attribute, value, unclear)
}

// decided notes what the statements of a row have to say.
func (x *explainer) decided(row *row) {
	for _, st := range row.matched.allows {
		if !x.gives(st.Actions, st.columns, &st.Attributes, &st.Reach, 0, false) {
			continue
		}
		x.seen[st] = true
		switch {
		case !x.gives(st.Actions, st.columns, &st.Attributes, &st.Reach, row.guard, st.own):
			x.note(st.Place, Blocked, row.guard.missing(&st.Reach))
		case !x.fits(st.values, false):
			x.note(st.Place, NearMiss, "the value is not one of those that the statement is about")
		default:
			x.note(st.Place, Allows, "")
		}
	}
	for _, st := range row.matched.denies {
		if x.takes(st) && x.fits(st.values, true) {
			x.note(st.Place, Denies, st.Reason)
		}
	}
	for _, c := range row.matched.ceilings {
		permits := slices.ContainsFunc(c.permits, func(st *permit) bool {
			return x.gives(st.Actions, st.columns, &st.Attributes, &st.Reach, row.guard, false) && x.fits(st.values, false)
		})
		if permits {
			x.note(c.ceiling.Place, Permits, "")
		} else {
			x.note(c.ceiling.Place, Limits, "")
		}
	}
}

// missing says which include a statement lacks.
func (g guard) missing(r *Reach) string {
	switch {
	case g&(guardProtected|guardResultProtected) != 0 && !r.Protected:
		return "guard: the entry is, or becomes, a protected principal; the target needs protected: include"
	case g&(guardPrivileged|guardResultPrivileged) != 0 && !r.Privileged:
		return "guard: the entry is, or becomes, a privileged group; the target needs privileged: include"
	default:
		return "guard: the policy names the entry, or an entry below it; change the policy first"
	}
}

func (x *explainer) note(p Place, v Verdict, missing string) {
	x.reasons = append(x.reasons, Reason{Place: p, Verdict: v, Missing: missing})
}

// missed notes the statements that would allow this if they matched.
func (x *explainer) missed() {
	for _, st := range x.allows {
		if x.seen[st] || !x.gives(st.Actions, st.columns, &st.Attributes, &st.Reach, 0, false) {
			continue
		}
		x.note(st.Place, NearMiss, x.missing(st))
	}
}

// missing names the first thing that a statement lacks.
func (x *explainer) missing(st *rule) string {
	switch {
	case !st.when.holds(x.facts):
		return "when: " + x.condition(st)
	case !st.subject.holds(x.facts):
		return "subject: " + x.unmet(st.subject)
	case !st.reach.holds(x.facts):
		return "target: " + x.unmet(st.reach)
	default:
		return "target: not both before and after the change"
	}
}

// condition names the first condition that does not hold.
func (x *explainer) condition(st *rule) string {
	if !st.Expires.IsZero() && !x.now.Before(st.Expires) {
		return "expired"
	}
	for i := range st.When {
		if c := &st.When[i]; !c.hold(x.session, x.now, new(time.Time)) {
			return x.failing(c)
		}
	}
	return "expired"
}

// failing names the part of the conditions that does not hold.
func (x *explainer) failing(c *Conditions) string {
	var until time.Time
	holds := func(one Conditions) bool { return one.hold(x.session, x.now, &until) }
	switch {
	case !holds(Conditions{Networks: c.Networks}):
		return "network"
	case !holds(Conditions{NotNetworks: c.NotNetworks}):
		return "not-network"
	case !holds(Conditions{TLS: c.TLS, TLSBits: c.TLSBits}):
		return "tls"
	case !holds(Conditions{Methods: c.Methods}):
		return "auth-method"
	case !holds(Conditions{Level: c.Level}):
		return fmt.Sprintf("auth-level %d", c.Level)
	case !holds(Conditions{MaxAge: c.MaxAge}):
		return "auth-max-age"
	case !holds(Conditions{Listeners: c.Listeners}):
		return "listener"
	case !holds(Conditions{Controls: c.Controls}):
		return "controls"
	default:
		return "time"
	}
}

// unmet names the first part of an expression that is not as it has to be.
func (x *explainer) unmet(e *expr) string {
	switch e.op {
	case opAnd:
		for _, k := range e.kids {
			if !k.holds(x.facts) {
				return x.unmet(k)
			}
		}
	case opOr:
		if len(e.kids) > 0 {
			return x.unmet(e.kids[0])
		}
	case opNot:
		return "except " + x.text(e.kids[0])
	}
	return "not " + x.text(e)
}

// text describes an expression by its first leaf.
func (x *explainer) text(e *expr) string {
	switch e.op {
	case opSlot:
		if sl := x.slots[e.n]; sl.conditions == nil {
			return subjectText(sl.subject)
		}
		return "the conditions of the role"
	case opPlace:
		return fmt.Sprintf("in %q (%s)", x.places[e.n].base, scopeNames[x.places[e.n].scope&3])
	case opTest:
		if t := x.tests[e.n]; t.filter == nil {
			return subjectText(t.subject)
		}
		return "matching " + x.tests[e.n].filter.Root.String()
	case opAnd, opOr, opNot:
		return x.text(e.kids[0])
	default:
		return "anybody"
	}
}

var scopeNames = [...]string{"base", "one", "subtree", "children"}

func subjectText(s Subject) string {
	switch s := s.(type) {
	case Anonymous:
		return "anonymous"
	case Authenticated, anEntry:
		return "authenticated as an entry"
	case Name:
		return "dn " + string(s.NDN)
	case Subtree:
		return "in subtree " + string(s.Base)
	case Group:
		return "in group " + string(s.NDN)
	case Matching:
		return "matching " + filter.String(s.Filter)
	case Elevated:
		return "elevated by " + s.Elevation
	case Self:
		return "self"
	case Ancestor:
		return "ancestor"
	case NamedIn:
		return "named in the entry"
	case GroupIn:
		return "in a group that is named in the entry"
	case Same:
		return "sharing a value with the entry"
	default:
		return fmt.Sprintf("%T", s)
	}
}
