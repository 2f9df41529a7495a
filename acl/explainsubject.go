package acl

import (
	"fmt"
	"strings"

	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
)

// memberships is what a [Directory] may know beside: whether an entry is in a group by a value of that group itself, and not by another
// group or by a rule.
type memberships interface {
	IsDirectMember(t Target, group directory.NDN) (bool, error)
}

// met says by what an expression holds; empty where everybody or everything meets it.
func (x *explainer) met(e *expr, k known) string {
	switch e.op {
	case opSlot, opTest:
		return x.text(e, true)
	case opAnd:
		var parts []string
		for _, kid := range e.kids {
			if kid.op == opSlot && x.slots[kid.n].subject == (anEntry{}) {
				continue // what stands beside it says more
			}
			if why := x.met(kid, k); why != "" {
				parts = append(parts, why)
			}
		}
		return strings.Join(parts, ", ")
	case opOr:
		for _, kid := range e.kids {
			if kid.holds(k) {
				return x.met(kid, k)
			}
		}
	}
	return ""
}

// unmet names the first part of an expression that is not as it has to be.
func (x *explainer) unmet(e *expr, k known) string {
	switch e.op {
	case opFalse:
		return "it matches nothing"
	case opAnd:
		for _, kid := range e.kids {
			if !kid.holds(k) {
				return x.unmet(kid, k)
			}
		}
	case opOr:
		parts := make([]string, 0, len(e.kids))
		for _, kid := range e.kids {
			if why := x.unmet(kid, k); len(parts) < alternativesShown {
				parts = append(parts, why)
			}
		}
		if more := len(e.kids) - len(parts); more > 0 {
			parts = append(parts, fmt.Sprintf("and %d more", more))
		}
		return strings.Join(parts, ", ")
	case opNot:
		return "excepted: " + x.met(e.kids[0], k) + x.place(e.kids[0], k)
	}
	return "not " + x.text(e, false)
}

// alternativesShown bounds what is told of a list of which one is needed.
const alternativesShown = 4

// place names the place of an exclusion that holds.
func (x *explainer) place(e *expr, k known) string {
	name := ""
	e.visit(func(leaf *expr) {
		if leaf.op == opPlace && name == "" && k.places.has(leaf.n) {
			name = x.text(leaf, true)
		}
	})
	return name
}

// text describes a leaf. of the session, holding, it says how.
func (x *explainer) text(e *expr, holds bool) string {
	switch e.op {
	case opSlot:
		sl := x.slots[e.n]
		if sl.conditions != nil {
			if holds {
				return ""
			}
			return "under the conditions of the role: " + x.failing(sl.conditions)
		}
		group, is := sl.subject.(Group)
		switch {
		case is && holds:
			return shorten(group.NDN) + x.via(group.NDN)
		case is:
			return "in " + shorten(group.NDN)
		case holds:
			return strings.TrimPrefix(x.subjectText(sl.subject), "in ")
		}
		return x.subjectText(sl.subject)
	case opPlace:
		return placeText(x.places[e.n].base, x.places[e.n].scope)
	case opTest:
		if t := x.tests[e.n]; t.filter == nil {
			return x.subjectText(t.subject)
		}
		return "matching " + x.filterText(x.tests[e.n].source)
	default:
		return "anybody"
	}
}

// via says how the session is in a group.
func (x *explainer) via(group directory.NDN) string {
	d := x.on().Directory()
	m, knows := d.(memberships)
	if !knows || x.by.id == 0 {
		return ""
	}
	t, err := d.ByID(x.by.id)
	if err != nil {
		return ""
	}
	switch direct, err := m.IsDirectMember(t, group); {
	case err != nil:
		return ""
	case direct:
		return " via direct membership"
	default:
		return " via nested or dynamic membership"
	}
}

// filterText is a filter as the policy says it, unless it is about secrets.
func (x *explainer) filterText(f directory.Filter) string {
	for _, t := range filter.Compile(x.schema, f, nil).Attributes() {
		if t.Flags&directory.FlagConfidential != 0 {
			return "a filter on " + t.Name()
		}
	}
	return filter.String(f)
}

// subjectText describes a part of a subject.
func (x *explainer) subjectText(s Subject) string {
	if m, is := s.(Matching); is && x.schema != nil {
		return "matching " + x.filterText(m.Filter)
	}
	return SubjectText(s)
}

// SubjectText describes a subject in a few words, as reports print it.
func SubjectText(s Subject) string {
	switch s := s.(type) {
	case nil:
		return "nobody"
	case Anyone:
		return "anyone"
	case Anonymous:
		return "anonymous"
	case Authenticated:
		return "authenticated"
	case anEntry:
		return "authenticated as an entry"
	case Name:
		return string(s.NDN)
	case Subtree:
		return "in subtree " + string(s.Base)
	case Group:
		return "in " + string(s.NDN)
	case Role:
		return "holding role " + s.Name
	case Matching:
		return "matching " + filter.String(s.Filter)
	case Elevated:
		return "elevated by " + s.Elevation
	case Self:
		return "self"
	case Ancestor:
		return "at or above the entry"
	case NamedIn:
		return "named in " + typeNames(s.Types)
	case GroupIn:
		return "in a group named in " + typeNames(s.Types)
	case Same:
		return "with the same " + typeNames(s.Types)
	case All:
		return subjectList(s, " and ")
	case Any:
		return subjectList(s, " or ")
	case Unless:
		return SubjectText(s.Subject) + " unless " + SubjectText(s.Except)
	default:
		return fmt.Sprintf("%T", s)
	}
}

func subjectList(list []Subject, between string) string {
	parts := make([]string, len(list))
	for i, s := range list {
		parts[i] = SubjectText(s)
	}
	if len(parts) == 0 {
		return "nobody"
	}
	return strings.Join(parts, between)
}

func typeNames(types []*schema.AttributeType) string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = t.Name()
	}
	return strings.Join(names, " or ")
}

var scopeNames = [...]string{
	directory.ScopeBase: "only", directory.ScopeOne: "one level below", directory.ScopeSub: "in", directory.ScopeChildren: "below",
}

func placeText(base directory.NDN, scope directory.Scope) string {
	switch {
	case base == "" && scope == directory.ScopeBase:
		return "the root DSE"
	case scope == directory.ScopeBase:
		return "at " + string(base)
	default:
		return scopeNames[scope&3] + " " + string(base)
	}
}

// String describes the reach in one line, as reports print it.
func (r *Reach) String() string {
	parts := make([]string, len(r.Bases))
	for i, b := range r.Bases {
		parts[i] = strings.TrimPrefix(strings.TrimPrefix(placeText(b, r.Scope), "in "), "at ")
	}
	text := strings.Join(parts, " or ")
	if len(parts) == 0 {
		text = "nothing"
	}
	if r.Filter != nil {
		text += " matching " + filter.String(r.Filter)
	}
	for i := range r.Exclude {
		text += " except " + r.Exclude[i].String()
	}
	return text
}
