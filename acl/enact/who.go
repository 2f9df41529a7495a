package enact

import (
	"fmt"
	"slices"
	"strings"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// who is a subject in normal form, with roles replaced by who holds them. Two with the same text are the same.
type who struct {
	op   whoOp
	leaf acl.Subject     // of whoLeaf
	when *acl.Conditions // of whoWhen: those of an assignment
	kids []*who
	text string
}

type whoOp uint8

const (
	whoNobody whoOp = iota
	whoAnyone
	whoLeaf
	whoWhen
	whoAll
	whoAny
	whoUnless // kids[0] and not kids[1]
)

var (
	nobody = &who{op: whoNobody, text: "nobody"}
	anyone = &who{op: whoAnyone, text: "anyone"}
)

// roleDepthMax is more than what the compiler allows.
const roleDepthMax = 16

// whoOf puts a subject of a program into normal form.
func whoOf(s acl.Subject, p *acl.Program, depth int) *who {
	kids := func(list []acl.Subject) []*who {
		out := make([]*who, len(list))
		for i, k := range list {
			out[i] = whoOf(k, p, depth)
		}
		return out
	}
	switch s := s.(type) {
	case nil:
		return nobody
	case acl.Anyone:
		return anyone
	case acl.All:
		if len(s) == 0 {
			return nobody
		}
		return whoAllOf(kids(s))
	case acl.Any:
		return whoAnyOf(kids(s))
	case acl.Unless:
		from, except := whoOf(s.Subject, p, depth), whoOf(s.Except, p, depth)
		if except == nobody || from == nobody {
			return from
		}
		return &who{op: whoUnless, kids: []*who{from, except}, text: "(" + from.text + " unless " + except.text + ")"}
	case acl.Role:
		var holders []*who
		for i := range p.Roles {
			if h := &p.Roles[i]; h.Role == s.Name && depth < roleDepthMax {
				holder := whoOf(h.Subject, p, depth+1)
				if atoms := conditionText(&h.When); atoms != "" {
					holder = whoAllOf([]*who{holder, {op: whoWhen, when: &h.When, text: "when " + atoms}})
				}
				holders = append(holders, holder)
			}
		}
		return whoAnyOf(holders)
	default:
		return &who{op: whoLeaf, leaf: s, text: leafText(s)}
	}
}

func whoAllOf(kids []*who) *who { return combine(whoAll, kids, nobody, anyone, " and ") }
func whoAnyOf(kids []*who) *who { return combine(whoAny, kids, anyone, nobody, " or ") }

// combine joins kids: end decides alone, idle does not matter.
func combine(op whoOp, kids []*who, end, idle *who, between string) *who {
	var list []*who
	for _, k := range kids {
		switch {
		case k == end:
			return end
		case k == idle:
		case k.op == op:
			list = append(list, k.kids...)
		default:
			list = append(list, k)
		}
	}
	slices.SortFunc(list, func(a, b *who) int { return strings.Compare(a.text, b.text) })
	list = slices.CompactFunc(list, func(a, b *who) bool { return a.text == b.text })
	switch len(list) {
	case 0:
		return idle
	case 1:
		return list[0]
	}
	texts := make([]string, len(list))
	for i, k := range list {
		texts[i] = k.text
	}
	return &who{op: op, kids: list, text: "(" + strings.Join(texts, between) + ")"}
}

func leafText(s acl.Subject) string {
	switch s := s.(type) {
	case acl.NamedIn:
		return "named-in " + typeList(s.Types)
	case acl.GroupIn:
		return "group-in " + typeList(s.Types)
	case acl.Same:
		return "same " + typeList(s.Types)
	case acl.Matching:
		return acl.SubjectText(s)
	default:
		return fmt.Sprintf("%T %q", s, s)
	}
}

func typeList(types []*schema.AttributeType) string {
	names := typeNames(types)
	slices.Sort(names)
	return strings.Join(slices.Compact(names), " ")
}

func typeNames(types []*schema.AttributeType) []string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = t.Name()
	}
	return names
}

// alternatives are the parts of which each by itself is matched.
func (w *who) alternatives() []*who {
	switch w.op {
	case whoNobody:
		return nil
	case whoAny:
		return w.kids
	default:
		return []*who{w}
	}
}

// covers reports whether everybody whom b matches is matched by w, for sure.
func (w *who) covers(b *who) bool {
	switch {
	case w.text == b.text || w.op == whoAnyone || b.op == whoNobody:
		return true
	case b.op == whoAny:
		return !slices.ContainsFunc(b.kids, func(k *who) bool { return !w.covers(k) })
	case w.op == whoAll:
		return !slices.ContainsFunc(w.kids, func(k *who) bool { return !k.covers(b) })
	case w.op == whoUnless:
		return w.kids[0].covers(b) && w.kids[1].misses(b)
	case b.op == whoUnless && w.covers(b.kids[0]):
		return true
	case b.op == whoAll && slices.ContainsFunc(b.kids, w.covers):
		return true
	case w.op == whoAny:
		return slices.ContainsFunc(w.kids, func(k *who) bool { return k.covers(b) })
	case w.op == whoWhen && b.op == whoWhen:
		return implied([]acl.Conditions{*w.when}, []acl.Conditions{*b.when})
	case w.op == whoLeaf && b.op == whoLeaf:
		return leafCovers(w.leaf, b.leaf)
	default:
		return false
	}
}

func leafCovers(a, b acl.Subject) bool {
	switch a := a.(type) {
	case acl.Authenticated:
		switch b.(type) {
		case acl.Name, acl.Subtree, acl.Group, acl.Matching, acl.Self, acl.Ancestor, acl.NamedIn, acl.GroupIn, acl.Same:
			return true
		}
	case acl.Subtree:
		switch b := b.(type) {
		case acl.Name:
			return b.NDN.IsUnder(a.Base)
		case acl.Subtree:
			return b.Base.IsUnder(a.Base)
		}
	case acl.NamedIn:
		b, same := b.(acl.NamedIn)
		return same && contains(typeNames(a.Types), typeNames(b.Types))
	case acl.GroupIn:
		b, same := b.(acl.GroupIn)
		return same && contains(typeNames(a.Types), typeNames(b.Types))
	case acl.Same:
		b, same := b.(acl.Same)
		return same && contains(typeNames(a.Types), typeNames(b.Types))
	}
	return false
}

// contains reports whether every element of part is in whole.
func contains[T comparable](whole, part []T) bool {
	return !slices.ContainsFunc(part, func(v T) bool { return !slices.Contains(whole, v) })
}

// misses reports whether nobody whom b matches is matched by w, for sure.
func (w *who) misses(b *who) bool {
	apart := func(a, b *who) bool {
		switch a.op {
		case whoNobody:
			return true
		case whoAll:
			return slices.ContainsFunc(a.kids, func(k *who) bool { return k.misses(b) })
		case whoAny:
			return !slices.ContainsFunc(a.kids, func(k *who) bool { return !k.misses(b) })
		case whoUnless:
			return a.kids[0].misses(b) || a.kids[1].covers(b)
		case whoLeaf:
			return b.op == whoLeaf && leafMisses(a.leaf, b.leaf)
		default:
			return false
		}
	}
	return apart(w, b) || apart(b, w)
}

func leafMisses(a, b acl.Subject) bool {
	switch a := a.(type) {
	case acl.Anonymous:
		_, known := b.(acl.Authenticated)
		return known || leafCovers(acl.Authenticated{}, b)
	case acl.Name:
		switch b := b.(type) {
		case acl.Name:
			return a.NDN != b.NDN
		case acl.Subtree:
			return !a.NDN.IsUnder(b.Base)
		}
	case acl.Subtree:
		if b, is := b.(acl.Subtree); is {
			return apartNames(a.Base, b.Base)
		}
	}
	return false
}

func apartNames(a, b directory.NDN) bool { return !a.IsUnder(b) && !b.IsUnder(a) }
