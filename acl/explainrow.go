package acl

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"gatehouse/directory"
)

// explainer collects reasons.
type explainer struct {
	*Policy
	q             Question
	session       *Session
	by            *resolved
	column        int
	before, after Source // one of them may be nil
	was           known  // of before, or of the entry that is added
	is            known  // of after with the relations of before; the same as was without a change
	blind         error  // what could not be found out of either
	now           time.Time
	reasons       []Reason
	seen          map[*rule]bool
}

var errExplain = errors.New("acl: the rights could not be evaluated")

func (p *Policy) explainer(s *Session, before, after Target, q Question) (*explainer, error) {
	x := &explainer{Policy: p, q: q, session: s, seen: make(map[*rule]bool), now: time.Now()}
	if before != nil {
		x.before = sourceOf(before)
	}
	if after != nil {
		x.after = sourceOf(after)
	}
	d := x.on().Directory()
	if d != nil {
		x.now = d.Now()
	}
	if q.Attribute != nil {
		x.column = p.columns.column(q.Attribute)
	}
	x.by = p.of(s, d)
	if x.by.view.closed {
		_, err := p.resolve(s, d)
		return nil, cmp.Or(err, errExplain)
	}
	if x.was, x.blind = x.facts(x.on()); x.blind != nil {
		return x, nil
	}
	x.is = x.was
	if x.before != nil && x.after != nil {
		var is known
		if is, x.blind = x.facts(x.after); x.blind == nil {
			x.is = (&change{policy: p}).mixed(x.was, is)
		}
	}
	return x, nil
}

// on is the entry in question.
func (x *explainer) on() Source {
	if x.before != nil {
		return x.before
	}
	return x.after
}

// facts finds everything that any statement may ask of one state.
func (x *explainer) facts(t Source) (known, error) {
	ndn, err := t.NDN()
	if err != nil {
		return known{}, err
	}
	list := make([]int, len(x.tests))
	for i := range list {
		list[i] = i
	}
	k := known{slots: x.by.slots, places: x.zoneOf(ndn).places, tests: make(bitset, (len(x.tests)+63)/64)}
	var w work
	return k, x.examine(list, x.labels > 0, 0, x.by, t, &w, k.tests)
}

// failure is why there are no rights at all.
func (x *explainer) failure() error {
	err := x.blind
	if err == nil && x.before != nil {
		_, err = x.guardOf(x.before, takesAway.Has(x.q.Action))
	}
	if err == nil && x.after != nil {
		_, err = x.guardOf(x.after, false)
	}
	return cmp.Or(err, errExplain)
}

// decided notes what the statements that match have to say, those of who acts by proxied authorization, too.
func (x *explainer) decided(r Rights, real bool) error {
	row, below, err := x.row(r)
	if err != nil {
		return err
	}
	for _, st := range row.matched.allows {
		if !real {
			x.allowed(st, row)
		}
	}
	for _, st := range row.matched.denies {
		if x.takes(st) && x.fits(r.by, st.values, true) {
			reason := x.reason(st.Place, st.Effect, Denies, st.subject, st.reach, st.when)
			reason.Real, reason.Text = real, st.Reason
			x.reasons = append(x.reasons, reason)
		}
	}
	for _, c := range row.matched.ceilings {
		permits := slices.ContainsFunc(c.permits, func(st *permit) bool {
			return x.gives(st.Actions, st.columns, &st.Attributes, &st.Reach, row.guard, false) && x.fits(r.by, st.values, false)
		})
		v := Limits
		if permits {
			v = Permits
		}
		x.reasons = append(x.reasons, Reason{
			Place: c.ceiling.Place, Effect: "boundary", Verdict: v, Real: real,
			Subject: Part{OK: true, Why: x.met(c.ceiling.who, x.was)}, Target: Part{OK: permits}, When: Part{OK: true},
		})
	}
	if below {
		x.below(r, real)
	}
	if r.limit != nil {
		return x.decided(*r.limit, true)
	}
	return nil
}

// allowed notes a statement that matches and is about the question.
func (x *explainer) allowed(st *rule, row *row) {
	if !x.gives(st.Actions, st.columns, &st.Attributes, &st.Reach, 0, false) {
		return
	}
	x.seen[st] = true
	reason := x.reason(st.Place, st.Effect, Allows, st.subject, st.reach, st.when)
	switch {
	case !x.gives(st.Actions, st.columns, &st.Attributes, &st.Reach, row.guard, st.own):
		reason.Verdict, reason.Guard = Blocked, x.held(st, row.guard)
		reason.Missing = "guard: " + reason.Guard.What
	case row.matched.never.Has(x.q.Action):
		reason.Verdict = Blocked
		reason.Guard = &Held{
			What: "proxied authorization", Because: []string{"self does not give " + x.q.Action.String() + " to who acts as another"},
			Permit: "sign in as the identity itself",
		}
		reason.Missing = "guard: " + reason.Guard.What
	case !x.fits(x.by, st.values, false):
		reason.Verdict, reason.Missing = NearMiss, "value: "+x.valueMissing(st.Values)
	}
	x.reasons = append(x.reasons, reason)
}

// reason is that of a statement that matches.
func (x *explainer) reason(p Place, e Effect, v Verdict, subject, reach, when *expr) Reason {
	word := "deny"
	if e == Allow {
		word = "allow"
	}
	k := x.was
	if x.blind == nil && !(subject.holds(k) && reach.holds(k)) {
		k = x.is // a deny that only the result meets, or what a move needs at its destination
	}
	return Reason{
		Place: p, Effect: word, Verdict: v, Subject: Part{OK: true, Why: x.met(subject, k)}, Target: Part{OK: true}, When: Part{OK: true},
	}
}

// row finds the row that decides about the question. below says that what stands below the entry takes the right away.
func (x *explainer) row(r Rights) (row *row, below bool, err error) {
	row = r.row
	switch a := x.q.Action; {
	case x.before != nil && x.after != nil && (a == ActionMoveOut || a == ActionMoveIn):
		row, err = x.end(r)
		if err == nil {
			below = row.actions.Has(a) && !r.row.actions.Has(a)
		}
	case !a.OnAttributes():
		if row.guarded.Has(a) && row.actions.Has(a) {
			row = r.guarded(a)
		}
	case x.q.Attribute != nil && (row.guarded.Has(a) || r.wide != nil):
		row = r.guardedOn(a, x.q.Attribute)
	}
	if err == nil && row == x.shut {
		err = x.failure()
	}
	return row, below, err
}

// end is the row of one end of a move.
func (x *explainer) end(r Rights) (*row, error) {
	c := x.change(r)
	was, err := c.facts(x.before)
	if err != nil {
		return nil, err
	}
	is, err := c.facts(x.after)
	if err != nil {
		return nil, err
	}
	m, out, in := c.matched(was, is, c.mixed(was, is))
	gained, g, err := c.guards(m, out, in)
	if err != nil {
		return nil, err
	}
	if x.q.Action == ActionMoveOut {
		return newRow(x.Policy, out, g|gained), nil
	}
	return newRow(x.Policy, in, g&^guardAnchor|gained), nil
}

// change is the change as it is decided for whom the rights are.
func (x *explainer) change(r Rights) *change {
	c := &change{policy: x.Policy, by: r.by, view: r.by.view, before: x.before, after: x.after}
	if r.by != x.by {
		c.view = x.viewOf(r.by.slots, true)
	}
	return c
}

// below notes what takes the right to move an entry away because of what stands below it.
func (x *explainer) below(r Rights, real bool) {
	end, err := x.before.NDN()
	if x.q.Action == ActionMoveIn {
		end, err = x.after.NDN()
	}
	if err != nil {
		return
	}
	c := x.change(r)
	if by, at, err := c.deniesWithin(x.q.Action); err == nil && by != nil && !slices.ContainsFunc(by.Reach.Bases, func(base directory.NDN) bool {
		return base != end && base.IsUnder(end)
	}) {
		x.reasons = append(x.reasons, Reason{
			Place: by.Place, Effect: "deny", Verdict: Denies, Real: real,
			Text: fmt.Sprintf("it is about %s, which comes along with what is moved", shorten(at)),
		})
	}
	v := c.view
	for base, first := range x.bases {
		if base == end || !base.IsUnder(end) {
			continue
		}
		text := fmt.Sprintf("it is about %s, which stands below what is moved", shorten(base))
		for _, d := range v.denies {
			if d.Actions.Has(x.q.Action) && slices.Contains(d.Reach.Bases, base) {
				x.reasons = append(x.reasons, Reason{Place: d.Place, Effect: "deny", Verdict: Denies, Real: real, Text: text})
			}
		}
		if !v.limitsAt(base, first, x.q.Action) {
			continue
		}
		for _, c := range v.ceilings {
			if slices.ContainsFunc(c.permits, func(p *permit) bool { return p.Reach.names(base) }) {
				x.reasons = append(x.reasons, Reason{Place: c.Place, Effect: "boundary", Verdict: Limits, Real: real, Text: text})
			}
		}
	}
}

// gives reports whether a statement is about the action, and the attribute.
func (x *explainer) gives(actions Actions, columns bitset, a *Attributes, r *Reach, g guard, own bool) bool {
	switch {
	case actionsOnOIDs.Has(x.q.Action):
		return actions.Has(x.q.Action) && (a.User || slices.Contains(a.OIDs, "*") || x.q.OID != "" && slices.Contains(a.OIDs, x.q.OID))
	case !x.q.Action.OnAttributes():
		return actions.Has(x.q.Action) && !g.withheld(r).Has(x.q.Action)
	default:
		return x.q.Attribute != nil && x.granted(x.q.Action, actions, columns, r, g, own).has(x.column)
	}
}

func (x *explainer) takes(st *rule) bool {
	switch {
	case actionsOnOIDs.Has(x.q.Action):
		at := &st.Attributes
		return st.Actions.Has(x.q.Action) && (x.q.OID == "" || at.User || len(at.OIDs) == 0 || slices.Contains(at.OIDs, "*") || slices.Contains(at.OIDs, x.q.OID))
	case !x.q.Action.OnAttributes():
		return st.Actions.Has(x.q.Action)
	default:
		return x.q.Attribute != nil && x.refused(x.q.Action, st.Actions, st.columns).has(x.column)
	}
}

func (x *explainer) fits(by *resolved, v *values, unclear bool) bool {
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
	return x.accepts(v, by, x.q.Attribute, value, unclear)
}

// shorten is the first part of a name, where that is enough to tell it.
func shorten(n directory.NDN) string {
	if n == "" {
		return "the root DSE"
	}
	return string(n.RDN())
}
