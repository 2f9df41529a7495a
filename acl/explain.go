package acl

import (
	"cmp"
	"errors"
	"slices"

	"gatehouse/directory"
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

// MarshalText implements [encoding.TextMarshaler].
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler], for clients that read an explanation.
func (v *Verdict) UnmarshalText(text []byte) error {
	i := slices.Index(verdictNames[:], string(text))
	if i < 0 {
		return errors.New("acl: unknown verdict")
	}
	*v = Verdict(i)
	return nil
}

// Reason is one statement's part in a decision.
type Reason struct {
	Place
	Effect  string  `json:"effect"` // allow, deny or boundary
	Verdict Verdict `json:"verdict"`
	Subject Part    `json:"subject"`
	Target  Part    `json:"target"`
	When    Part    `json:"when"`
	Real    bool    `json:"real,omitempty"`    // it is about who acts, not about the identity that is taken by proxied authorization
	Missing string  `json:"missing,omitempty"` // of NearMiss and Blocked: the first thing that is missing
	Text    string  `json:"reason,omitempty"`  // the reason that the statement gives, or why it decides where it does not match itself
	Guard   *Held   `json:"guard,omitempty"`   // of Blocked
}

// Part is one part of a statement, held against a question.
type Part struct {
	OK  bool   `json:"ok"`
	Why string `json:"why,omitempty"` // what makes it so; empty where there is nothing to tell
}

// Held says how a guard holds a statement back.
type Held struct {
	What    string   `json:"what"`              // what is guarded
	Because []string `json:"because,omitempty"` // what makes it so
	Permit  string   `json:"permit"`            // what to change to permit it
}

// String returns the reason in one line.
func (r Reason) String() string {
	line := r.Verdict.String() + ": " + r.Place.String()
	if why := cmp.Or(r.Missing, r.Text); why != "" {
		line += ": " + why
	}
	return line
}

// Explanation is a decision with its reasons: those that decided first. Its JSON keys are stable. It tells what policies say and
// whether they match, and no value of any entry.
type Explanation struct {
	Allowed bool     `json:"allowed"`
	Default bool     `json:"default,omitempty"` // denied because nothing allows it
	Version string   `json:"version,omitempty"` // of the bundle
	Reasons []Reason `json:"reasons"`
	Error   string   `json:"error,omitempty"` // what could not be evaluated, so that everything is denied
}

// Deciding reports whether the statement called name is one of those that decided: one that allows if it is allowed; one that
// denies or limits if not.
func (e *Explanation) Deciding(name string) bool {
	return slices.ContainsFunc(e.Reasons, func(r Reason) bool { return r.Name == name && e.decides(&r) })
}

func (e *Explanation) decides(r *Reason) bool {
	return e.Allowed && r.Verdict == Allows || !e.Allowed && (r.Verdict == Denies || r.Verdict == Limits)
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
		return Explanation{Error: "there is no policy", Reasons: []Reason{}}
	}
	rights := p.DecideChange(s, before, after)
	e := Explanation{Allowed: rights.Answer(q), Version: p.program.Version, Reasons: []Reason{}}
	x, err := p.explainer(s, before, after, q)
	if err != nil {
		e.Error = err.Error()
		return e
	}
	if rights.row != nil {
		err = x.decided(rights, false)
	} else {
		err = x.failure()
	}
	if err != nil {
		e.Error = err.Error()
	}
	x.missed()
	slices.SortStableFunc(x.reasons, func(a, b Reason) int { return cmp.Or(int(b.Verdict)-int(a.Verdict), b.fulfilled()-a.fulfilled()) })
	e.Reasons = append(e.Reasons, x.reasons...)
	e.Default = !e.Allowed && e.Error == "" && !slices.ContainsFunc(x.reasons, func(r Reason) bool { return e.decides(&r) })
	return e
}

// fulfilled orders near misses: those that miss least first.
func (r *Reason) fulfilled() (n int) {
	for _, p := range []Part{r.Subject, r.Target, r.When} {
		if p.OK {
			n++
		}
	}
	if r.Subject.OK {
		n++
	}
	return n
}
