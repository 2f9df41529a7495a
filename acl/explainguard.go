package acl

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/directory"
	"gatehouse/directory/filter"
)

// becauseMax bounds how many statements are told as what makes an entry special.
const becauseMax = 3

// held says which guard keeps a statement from what it would allow, why there is one, and what would permit it.
func (x *explainer) held(st *rule, g guard) *Held {
	for _, bit := range []guard{guardProtected, guardPrivileged, guardResultProtected, guardResultPrivileged, guardAnchor} {
		only := bit
		if bit == guardProtected || bit == guardPrivileged {
			only |= g & guardWide
		}
		if g&bit == 0 || x.gives(st.Actions, st.columns, &st.Attributes, &st.Reach, only, st.own) {
			continue
		}
		switch bit {
		case guardProtected, guardResultProtected:
			return x.heldBack(st, "a protected principal", "protected", bit == guardResultProtected, x.whyProtected)
		case guardPrivileged, guardResultPrivileged:
			return x.heldBack(st, "a privileged group", "privileged", bit == guardResultPrivileged, x.whyPrivileged)
		default:
			return x.heldByAnchor(st)
		}
	}
	return &Held{What: "a guard", Permit: "include what it guards in the target of " + st.Name}
}

func (x *explainer) heldBack(st *rule, what, include string, result bool, why func(Source) []string) *Held {
	h := &Held{Permit: fmt.Sprintf("add %q to the target of %s", include+": include", st.Name)}
	on, verb := x.on(), "is"
	if result && x.after != nil {
		on, verb = x.after, "becomes"
	}
	name := "the entry"
	if ndn, err := on.NDN(); err == nil {
		name = shorten(ndn)
	}
	h.Because = why(on)
	if result && len(h.Because) == 0 {
		name += ", or an entry below it,"
	}
	h.What = fmt.Sprintf("%s %s %s", name, verb, what)
	return h
}

// powers calls visit with every statement that gives power, and everybody who may take it.
func (x *explainer) powers(visit func(s Subject, grants string)) {
	now := x.program.At
	if now.IsZero() {
		now = time.Now()
	}
	for i := range x.program.Statements {
		if st := &x.program.Statements[i]; st.IsPower(now) {
			visit(st.Subject, fmt.Sprintf("grants %s on %s (%s)", actionText(st.Actions&powerful), shortReach(&st.Reach), placeOf(st.Place)))
		}
	}
	for i := range x.program.Elevations {
		e := &x.program.Elevations[i]
		visit(e.Eligible, fmt.Sprintf("is eligible for the role %s (%s)", e.Role, placeOf(e.Place)))
	}
}

// whyProtected names the statements that make an entry a protected principal.
func (x *explainer) whyProtected(t Source) (list []string) {
	ndn, err := t.NDN()
	if err != nil {
		return nil
	}
	who := principal{Source: t, ndn: ndn, policy: x.Policy, groups: make(map[directory.NDN]struct{})}
	if d := t.Directory(); d != nil && x.guardSets.asksGroups {
		if err := d.Groups(t, func(group directory.NDN) bool {
			who.groups[directory.NDN(strings.Clone(string(group)))] = struct{}{}
			return true
		}); err != nil {
			return nil
		}
	}
	x.powers(func(s Subject, grants string) {
		if len(list) < becauseMax && who.is(s, 0) {
			list = append(list, x.matchedBy(&who, s, 0)+" "+grants)
		}
	})
	return list
}

// matchedBy names the part of a subject by which it matches.
func (x *explainer) matchedBy(who *principal, s Subject, depth int) string {
	first := func(list []Subject) string {
		for _, k := range list {
			if who.is(k, depth) {
				return x.matchedBy(who, k, depth)
			}
		}
		return SubjectText(s)
	}
	switch s := s.(type) {
	case Group:
		return shorten(s.NDN)
	case Name:
		return shorten(s.NDN)
	case Matching:
		return "who is " + x.subjectText(s)
	case Role:
		return "role " + s.Name
	case All:
		return first(s)
	case Any:
		return first(s)
	case Unless:
		return x.matchedBy(who, s.Subject, depth)
	default:
		return SubjectText(s)
	}
}

// whyPrivileged names the statements that make a group privileged, by itself or because it is in one that is.
func (x *explainer) whyPrivileged(t Source) (list []string) {
	st, err := x.standingOf(t)
	if err != nil {
		return nil
	}
	x.powers(func(s Subject, grants string) {
		if len(list) == becauseMax {
			return
		}
		name := ""
		var visit func(s Subject, depth int)
		visit = func(s Subject, depth int) {
			walkSubject(s, func(s Subject) {
				switch s := s.(type) {
				case Group:
					if name == "" && slices.Contains(st.groups, s.NDN) {
						name = shorten(s.NDN)
					}
				case Role:
					for _, h := range x.program.Roles {
						if h.Role == s.Name && depth < roleDepthMax {
							visit(h.Subject, depth+1)
						}
					}
				}
			})
		}
		if visit(s, 0); name != "" {
			list = append(list, name+" "+grants)
		}
	})
	return list
}

// heldByAnchor says which statements name the entry, or one below it.
func (x *explainer) heldByAnchor(st *rule) *Held {
	h := &Held{
		What:   "the policy stands on the entry, or on an entry below it",
		Permit: fmt.Sprintf("change these statements first, or add %q to the target of %s", "protected: include", st.Name),
	}
	ndn, err := x.on().NDN()
	if err != nil {
		return h
	}
	note := func(p Place, names []directory.NDN) {
		for _, n := range names {
			if n.IsUnder(ndn) && len(h.Because) < becauseMax {
				h.Because = append(h.Because, fmt.Sprintf("%s names %s", placeOf(p), n))
				return
			}
		}
	}
	for i := range x.program.Statements {
		s := &x.program.Statements[i]
		note(s.Place, append(x.subjectNames(s.Subject), x.reachNames(&s.Reach)...))
	}
	for i := range x.program.Boundaries {
		b := &x.program.Boundaries[i]
		names := x.subjectNames(b.Subject)
		for j := range b.Permit {
			names = append(names, x.reachNames(&b.Permit[j].Reach)...)
		}
		note(b.Place, names)
	}
	if len(h.Because) == 0 {
		h.What, h.Permit = "an entry below it is guarded", fmt.Sprintf("add %q to the target of %s", "protected: include", st.Name)
	}
	return h
}

func (x *explainer) subjectNames(s Subject) (names []directory.NDN) {
	walkSubject(s, func(s Subject) {
		switch s := s.(type) {
		case Name:
			names = append(names, s.NDN)
		case Subtree:
			names = append(names, s.Base)
		case Group:
			names = append(names, s.NDN)
		case Matching:
			names = append(names, x.filterNames(s.Filter)...)
		}
	})
	return names
}

func (x *explainer) reachNames(r *Reach) []directory.NDN {
	names := append(slices.Clone(r.Bases), x.filterNames(r.Filter)...)
	for i := range r.Exclude {
		names = append(names, x.reachNames(&r.Exclude[i])...)
	}
	return names
}

func (x *explainer) filterNames(f directory.Filter) (names []directory.NDN) {
	if f == nil || x.schema == nil {
		return nil
	}
	filter.Walk(filter.Compile(x.schema, f, nil).Root, func(n *filter.Node) bool {
		if n.Name != "" {
			names = append(names, n.Name)
		}
		return true
	})
	return names
}

// placeOf is the place of a statement inside of other parentheses.
func placeOf(p Place) string {
	if p.Line == 0 {
		return p.Name
	}
	return fmt.Sprintf("%s, %s:%d", p.Name, p.File, p.Line)
}

// actionText lists actions, the four write actions by their one name.
func actionText(set Actions) string {
	var words []string
	if set&ActionsWrite == ActionsWrite {
		set &^= ActionsWrite
		words = append(words, "write")
	}
	for a := Action(1); a < actionEnd; a++ {
		if set.Has(a) {
			words = append(words, a.String())
		}
	}
	if len(words) == 0 {
		return "a view of everything"
	}
	if len(words) > actionsShown {
		words = append(words[:actionsShown-1], fmt.Sprintf("%d more actions", len(words)-actionsShown+1))
	}
	return strings.Join(words, ", ")
}

// actionsShown bounds the actions that are told of a statement.
const actionsShown = 4

// shortReach is where a statement reaches, in a word or two.
func shortReach(r *Reach) string {
	parts := make([]string, len(r.Bases))
	for i, b := range r.Bases {
		parts[i] = shorten(b)
	}
	return strings.Join(parts, ", ")
}
