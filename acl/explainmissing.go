package acl

import (
	"fmt"
	"strings"
	"time"
)

// missed notes the statements that would allow this if they matched.
func (x *explainer) missed() {
	for _, st := range x.allows {
		if x.seen[st] || !x.gives(st.Actions, st.columns, &st.Attributes, &st.Reach, 0, false) {
			continue
		}
		x.reasons = append(x.reasons, x.nearMiss(st))
	}
}

// nearMiss says which parts of a statement hold, and what the others lack.
func (x *explainer) nearMiss(st *rule) Reason {
	r := Reason{Place: st.Place, Effect: "allow", Verdict: NearMiss}
	if x.blind != nil {
		part := Part{Why: "could not be evaluated: " + x.blind.Error()}
		r.Subject, r.Target, r.When, r.Missing = part, part, part, part.Why
		return r
	}
	states := []struct {
		known
		prefix string
	}{{x.was, ""}, {x.is, "after the change "}}
	switch {
	case x.before == nil || x.after == nil || x.q.Action == ActionMoveOut:
		states = states[:1]
	case x.q.Action == ActionMoveIn:
		states = states[1:]
	}
	for _, k := range states {
		part := func(e *expr, why func() string) Part {
			if e.holds(k.known) {
				return Part{OK: true, Why: x.met(e, k.known)}
			}
			return Part{Why: k.prefix + why()}
		}
		r.Subject = part(st.subject, func() string { return x.unmet(st.subject, k.known) })
		r.Target = part(st.reach, func() string { return x.unreached(st, k.known) })
		r.When = part(st.when, func() string { return x.condition(st) })
		switch {
		case !r.Subject.OK:
			r.Missing = "subject: " + r.Subject.Why
		case !r.Target.OK:
			r.Missing = "target: " + r.Target.Why
		case !r.When.OK:
			r.Missing = "when: " + r.When.Why
		}
		if r.Target.OK {
			r.Target.Why = ""
		}
		if r.When.OK {
			r.When.Why = ""
		}
		if r.Missing != "" {
			return r
		}
	}
	r.Missing = "the statement does not match"
	return r
}

// unreached names the first part of a target that is not as it has to be; its filter as the statement has it.
func (x *explainer) unreached(st *rule, k known) string {
	if st.reach.op == opAnd && st.Reach.Filter != nil {
		for _, kid := range st.reach.kids {
			switch {
			case kid.holds(k):
			case kid.op == opTest:
				return "not " + x.subjectText(Matching{st.Reach.Filter})
			default:
				return x.unmet(kid, k)
			}
		}
	}
	return x.unmet(st.reach, k)
}

// condition names the first condition that does not hold.
func (x *explainer) condition(st *rule) string {
	if !st.Expires.IsZero() && !x.now.Before(st.Expires) {
		return "expired on " + st.Expires.AddDate(0, 0, -1).UTC().Format(time.DateOnly)
	}
	for i := range st.When {
		if c := &st.When[i]; !c.hold(x.session, x.now, new(time.Time)) {
			return x.failing(c)
		}
	}
	return "expired"
}

// failing names the part of the conditions that does not hold, and what the session has instead.
func (x *explainer) failing(c *Conditions) string {
	var until time.Time
	holds := func(one Conditions) bool { return one.hold(x.session, x.now, &until) }
	t, id := x.session.Transport(), x.session.Identity()
	from := "the session has no address"
	if a := t.Peer.Addr().Unmap(); a.IsValid() {
		from = "the session comes from " + a.String()
	}
	switch {
	case !holds(Conditions{Networks: c.Networks}):
		return fmt.Sprintf("network: not in %s; %s", join(c.Networks), from)
	case !holds(Conditions{NotNetworks: c.NotNetworks}):
		return fmt.Sprintf("not-network: in %s; %s", join(c.NotNetworks), from)
	case !holds(Conditions{TLS: c.TLS}):
		return [...]string{
			TLSNone: "tls: the transport is protected", TLSRequired: "tls: the transport is not protected",
			TLSClientCert: "tls: there is no client certificate",
		}[c.TLS%4]
	case !holds(Conditions{TLSBits: c.TLSBits}):
		return fmt.Sprintf("tls: %d bits are needed, the session has %d", c.TLSBits, t.TLSBits)
	case !holds(Conditions{Methods: c.Methods}):
		return fmt.Sprintf("auth-method: %s is needed, the session has %s", join(c.Methods), id.Method)
	case !holds(Conditions{Level: c.Level}):
		return fmt.Sprintf("auth-level %d is needed, the session has %d", c.Level, id.Level)
	case !holds(Conditions{MaxAge: c.MaxAge}):
		return fmt.Sprintf("auth-max-age: the session was authenticated more than %s ago, or not at all", c.MaxAge)
	case !holds(Conditions{Listeners: c.Listeners}):
		return "listener: not one of " + strings.Join(c.Listeners, ", ")
	case !holds(Conditions{Controls: c.Controls}):
		return "controls: the request carries none of " + strings.Join(c.Controls, ", ")
	default:
		return "time: not at " + x.now.UTC().Format(time.RFC3339)
	}
}

func join[T any](list []T) string {
	words := make([]string, len(list))
	for i, v := range list {
		words[i] = fmt.Sprint(v)
	}
	return strings.Join(words, ", ")
}

// valueMissing says which values a statement is about.
func (x *explainer) valueMissing(v *Values) string {
	var what []string
	if v.Self {
		what = append(what, "the session's own name")
	}
	if v.AnyOf != nil {
		what = append(what, fmt.Sprintf("one of %d values", len(v.AnyOf)))
	}
	if v.Under != nil {
		what = append(what, "names under "+join(v.Under))
	}
	if v.Pattern != "" {
		what = append(what, "what fits the pattern")
	}
	return "the statement is only about " + strings.Join(what, " and ")
}
