package acl_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// The part of a program that can be said in Cedar: subjects by name, group, subtree, self and unless; bases with the whole
// subtree or alone; one filter; attributes by name; auth-level and tls; boundaries as forbid ... unless.

func cedarSubject(s acl.Subject) string {
	entity := func(n directory.NDN) string { return fmt.Sprintf("Entry::%q", string(n)) }
	switch s := s.(type) {
	case acl.Anyone:
		return "true"
	case acl.Anonymous:
		return "!principal.known"
	case acl.Authenticated:
		return "principal.known"
	case acl.Name:
		return "principal == " + entity(s.NDN)
	case acl.Subtree:
		return "principal in " + entity(s.Base)
	case acl.Group:
		return fmt.Sprintf("principal.groups.contains(%s)", entity(s.NDN))
	case acl.Self:
		return "(principal.known && principal == resource)"
	case acl.All:
		return "(" + cedarSubject(s[0]) + " && " + cedarSubject(s[1]) + ")"
	case acl.Any:
		return "(" + cedarSubject(s[0]) + " || " + cedarSubject(s[1]) + ")"
	case acl.Unless:
		return "(" + cedarSubject(s.Subject) + " && !(" + cedarSubject(s.Except) + "))"
	default:
		return ""
	}
}

// cedarWhat is the target, the actions, the attributes and the conditions.
func cedarWhat(s *schema.Schema, r *acl.Reach, actions acl.Actions, a *acl.Attributes, when *acl.Conditions) string {
	var bases, acts, attrs []string
	for _, b := range r.Bases {
		op := "in"
		if r.Scope == directory.ScopeBase {
			op = "=="
		}
		bases = append(bases, fmt.Sprintf("resource %s Entry::%q", op, string(b)))
	}
	for _, x := range everyAction {
		if actions.Has(x) && !x.OnAttributes() {
			acts = append(acts, fmt.Sprintf("action == Action::%q", x))
		} else if actions.Has(x) {
			attrs = append(attrs, fmt.Sprintf("action == Action::%q", x))
		}
	}
	var names []string
	for _, t := range a.Types {
		for _, no := range s.Subtypes(t.No) {
			names = append(names, fmt.Sprintf("%q", s.TypeNo(no).Name()))
		}
	}
	attribute := fmt.Sprintf("((%s) && [%s].contains(context.attribute))", strings.Join(append(attrs, "false"), " || "), strings.Join(names, ", "))
	text := fmt.Sprintf("(%s) && (%s || %s)", strings.Join(bases, " || "), strings.Join(append(acts, "false"), " || "), attribute)
	if r.Filter != nil {
		text += ` && resource.departmentNumber.contains("d1")`
	}
	if when.Level > 0 {
		text += fmt.Sprintf(" && context.level >= %d", when.Level)
	}
	if when.TLS == acl.TLSRequired {
		text += " && context.protected"
	}
	return text
}

// plain takes out of a world what Cedar cannot say.
func (w *world) plain() {
	plainSubject := func() acl.Subject {
		for {
			if s := w.subject(1); sayable(s) {
				return s
			}
		}
	}
	reach := func(r *acl.Reach) {
		r.Protected, r.Privileged, r.Exclude = true, true, nil
		if r.Scope != directory.ScopeBase {
			r.Scope = directory.ScopeSub
		}
		r.Bases = slices.DeleteFunc(r.Bases, func(n directory.NDN) bool { return n == "" })
		if len(r.Bases) == 0 {
			r.Bases = []directory.NDN{suffix}
		}
		if r.Filter != nil {
			r.Filter = &directory.EqualityMatch{Attr: "departmentNumber", Value: []byte("d1")}
		}
	}
	attributes := func(a *acl.Attributes) {
		*a = acl.Attributes{Types: slices.DeleteFunc(a.Types, func(t *schema.AttributeType) bool {
			return t.Flags&directory.FlagConfidential != 0 || slices.Contains(relation, t.Name())
		})}
	}
	when := func(c acl.Conditions) acl.Conditions {
		out := acl.Conditions{Level: c.Level}
		if c.TLS == acl.TLSRequired {
			out.TLS = c.TLS
		}
		return out
	}
	for i := range w.p.Statements {
		st := &w.p.Statements[i]
		st.Subject, st.Values, st.Expires = plainSubject(), nil, acl.Instant{}
		reach(&st.Reach)
		attributes(&st.Attributes)
		st.When = []acl.Conditions{when(st.When[0])}
	}
	for i := range w.p.Boundaries {
		b := &w.p.Boundaries[i]
		b.Subject, b.When = plainSubject(), acl.Conditions{}
		for j := range b.Permit {
			p := &b.Permit[j]
			p.Values, p.When = nil, when(p.When)
			reach(&p.Reach)
			attributes(&p.Attributes)
		}
	}
}

func sayable(s acl.Subject) bool {
	switch s := s.(type) {
	case acl.All:
		return sayable(s[0]) && sayable(s[1])
	case acl.Any:
		return sayable(s[0]) && sayable(s[1])
	case acl.Unless:
		return sayable(s.Subject) && sayable(s.Except)
	default:
		return cedarSubject(s) != ""
	}
}

func (w *world) cedar() string {
	var b strings.Builder
	for i := range w.p.Statements {
		st := &w.p.Statements[i]
		effect := "forbid"
		if st.Effect == acl.Allow {
			effect = "permit"
		}
		fmt.Fprintf(&b, "%s (principal, action, resource) when { %s && %s };\n", effect, cedarSubject(st.Subject),
			cedarWhat(w.s, &st.Reach, st.Actions, &st.Attributes, &st.When[0]))
	}
	for _, bd := range w.p.Boundaries {
		permits := []string{"false"}
		for _, p := range bd.Permit {
			permits = append(permits, "("+cedarWhat(w.s, &p.Reach, p.Actions, &p.Attributes, &p.When)+")")
		}
		fmt.Fprintf(&b, "forbid (principal, action, resource) when { %s } unless { %s };\n", cedarSubject(bd.Subject), strings.Join(permits, " || "))
	}
	return b.String()
}

func cedarID(n directory.NDN) types.EntityUID { return types.NewEntityUID("Entry", types.String(n)) }

// entities are the entries with their superiors as parents, and somebody who is nobody.
func (w *world) entities() types.EntityMap {
	all := types.EntityMap{}
	list := slices.Concat(w.all, []directory.NDN{"dc=com"})
	for _, n := range list {
		e := types.Entity{UID: cedarID(n), Parents: types.NewEntityUIDSet()}
		if n.Parent() != "" {
			e.Parents = types.NewEntityUIDSet(cedarID(n.Parent()))
		}
		var groups, departments []types.Value
		if t := w.tree.Find(n); t != nil {
			_ = w.tree.Groups(t, func(g directory.NDN) bool {
				groups = append(groups, cedarID(g))
				return true
			})
			d, _ := w.s.Description("departmentNumber")
			for v := range t.Entry().Get(d).Values() {
				departments = append(departments, types.String(v))
			}
		}
		e.Attributes = types.NewRecord(types.RecordMap{
			"known": types.True, "groups": types.NewSet(groups...), "departmentNumber": types.NewSet(departments...),
		})
		all[e.UID] = e
	}
	nobody := types.NewEntityUID("Nobody", "")
	all[nobody] = types.Entity{UID: nobody, Parents: types.NewEntityUIDSet(), Attributes: types.NewRecord(types.RecordMap{
		"known": types.False, "groups": types.NewSet(),
	})}
	return all
}

// TestTablesAgreeWithCedar holds the tables against another implementation of "default deny, deny wins".
func TestTablesAgreeWithCedar(t *testing.T) {
	t.Parallel()
	allowed, tuples := 0, 0
	for seed := range manyWorlds(600) {
		w := newWorld(seed + 1_000_000)
		w.plain()
		p, err := acl.Compile(w.p, w.s)
		if err != nil {
			t.Fatal(err)
		}
		text := w.cedar()
		policies, err := cedar.NewPolicySetFromBytes("", []byte(text))
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		entities := w.entities()
		for range 80 {
			s := w.session()
			if k := s.Identity().Kind; k != acl.KindEntry && k != acl.KindAnonymous {
				continue
			}
			target := w.tree.Find(pick(w.r, w.all))
			q := w.question()
			q.Value = nil
			if q.Attribute != nil && (len(q.Attribute.Options) > 0 || q.Attribute.Is(directory.FlagConfidential) ||
				slices.Contains(relation, q.Attribute.Name)) || q.Action == acl.ActionSecretRead || q.Action == acl.ActionControl || q.Action == acl.ActionExtOp {
				continue
			}
			ndn, _ := target.NDN()
			context := types.RecordMap{
				"level": types.Long(s.Identity().Level), "protected": types.Boolean(s.Transport().Protected()), "attribute": types.String(""),
			}
			if q.Attribute != nil {
				context["attribute"] = types.String(q.Attribute.Name)
			}
			principal := types.NewEntityUID("Nobody", "")
			if !s.IsAnonymous() {
				principal = cedarID(s.Identity().NDN)
			}
			decision, diagnostic := cedar.Authorize(policies, entities, types.Request{
				Principal: principal, Action: types.NewEntityUID("Action", types.String(q.Action.String())), Resource: cedarID(ndn),
				Context: types.NewRecord(context),
			})
			if len(diagnostic.Errors) > 0 {
				t.Fatalf("%v\n%s", diagnostic.Errors, text)
			}
			got, want := p.Decide(s, target).Answer(q), decision == types.Allow
			tuples++
			if want {
				allowed++
			}
			if got != want {
				t.Fatalf("seed %d: %q may %v %v on %q: tables %v, Cedar %v\n%s\n%v", seed, s.Identity().NDN, q.Action, q.Attribute, ndn, got, want,
					text, p.Explain(s, target, nil, q).Reasons)
			}
		}
	}
	t.Logf("%d tuples, %d allowed", tuples, allowed)
	if allowed < 100 {
		t.Errorf("%d tuples, %d allowed: too few to tell", tuples, allowed)
	}
}
