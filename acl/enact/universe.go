package enact

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// cell is one action on one attribute, or on an OID; on the entry as a whole without one.
type cell struct {
	action acl.Action
	on     string
}

// The words that stand for all attributes of a class that nothing names.
const (
	allUser        = "*"
	allOperational = "+"
	allSecret      = "%confidential"
)

var (
	onOIDs = acl.ActionsOf(acl.ActionControl, acl.ActionExtOp)
	plain  = acl.ActionsWrite | acl.ActionsOf(acl.ActionRead)
)

// membership are the attributes that are one relation, see [acl.Attributes].
var membership = []string{"member", "uniqueMember", "memberUid", "memberOf"}

// universe is every attribute and OID that two programs tell apart, with the words for all others.
type universe struct {
	attributes map[string]attribute
	oids       map[string]bool
	schema     *schema.Schema // of the newer program
}

// attribute is a type, or a type with options: then it stands for what has at least these.
type attribute struct {
	class   string // the word for all of its class
	types   []string
	options []string
}

func newUniverse() *universe {
	return &universe{
		attributes: map[string]attribute{allUser: {class: allUser}, allOperational: {class: allOperational}, allSecret: {class: allSecret}},
		oids:       map[string]bool{"*": true},
	}
}

// add notes what a program names.
func (u *universe) add(p *acl.Program, s *schema.Schema) {
	u.schema = s
	for _, name := range membership {
		if t := s.TypeByName(name); t != nil {
			u.addType(s, t, nil)
		}
	}
	note := func(a *acl.Attributes) {
		for _, t := range a.Types {
			u.addType(s, t, nil)
		}
		for _, d := range a.Described {
			if t := s.Type(d); t != nil {
				u.addType(s, t, d.Options)
			}
		}
		for _, oid := range a.OIDs {
			u.oids[oid] = true
		}
	}
	for i := range p.Statements {
		note(&p.Statements[i].Attributes)
	}
	for i := range p.Boundaries {
		for j := range p.Boundaries[i].Permit {
			note(&p.Boundaries[i].Permit[j].Attributes)
		}
	}
}

// addType adds a type and its subtypes.
func (u *universe) addType(s *schema.Schema, t *schema.AttributeType, options []string) {
	for _, no := range s.Subtypes(t.No) {
		sub := s.TypeNo(no)
		a := attribute{class: classOf(sub)}
		for up := sub; up != nil; up = up.Sup {
			a.types = append(a.types, up.Name())
		}
		u.attributes[sub.Name()] = a
		if len(options) > 0 {
			a.options = options
			u.attributes[sub.Name()+";"+strings.Join(options, ";")] = a
		}
	}
}

func classOf(t *schema.AttributeType) string {
	switch {
	case t.Flags&directory.FlagConfidential != 0:
		return allSecret
	case t.Flags&directory.FlagOperational != 0 || t.Name() == "memberOf":
		return allOperational
	default:
		return allUser
	}
}

// covered returns the attributes of the universe that a statement is about. With relation, one membership attribute stands for all.
func (u *universe) covered(a *acl.Attributes, relation bool) []string {
	named := make(map[string]bool)
	for _, t := range a.Types {
		named[t.Name()] = true
	}
	words := map[string]bool{allUser: a.User, allOperational: a.Operational, allSecret: a.Secret}
	var list []string
	related := false
	for name, at := range u.attributes {
		is := words[at.class] || slices.ContainsFunc(at.types, func(t string) bool { return named[t] })
		for _, d := range a.Described {
			is = is || len(at.options) > 0 && containsFold(at.types, d.Name) && contains(at.options, d.Options)
		}
		if is {
			list = append(list, name)
			related = related || isMembership(at)
		}
	}
	if relation && related {
		for name, at := range u.attributes {
			if isMembership(at) && !slices.Contains(list, name) {
				list = append(list, name)
			}
		}
	}
	return list
}

func isMembership(a attribute) bool {
	return slices.ContainsFunc(membership, func(name string) bool { return containsFold(a.types, name) })
}

// containsFold reports whether a name, with or without options, is one of the list.
func containsFold(list []string, name string) bool {
	name, _, _ = strings.Cut(name, ";")
	return slices.ContainsFunc(list, func(one string) bool { return strings.EqualFold(one, name) })
}

// cells returns what a statement gives or takes, as the evaluator reads it: a confidential attribute is read by secret.read alone and
// never written by write; a deny of either reading takes both.
func (u *universe) cells(actions acl.Actions, a *acl.Attributes, takes, relation bool) map[cell]bool {
	out := make(map[cell]bool)
	covered := u.covered(a, relation)
	reads := actions.Has(acl.ActionRead) || actions.Has(acl.ActionSecretRead)
	for act := acl.Action(1); act.String() != "none"; act++ {
		switch {
		case act == acl.ActionSecretRead && takes && reads, act == acl.ActionSecretRead && actions.Has(act):
			for _, name := range covered {
				if u.attributes[name].class == allSecret {
					out[cell{act, name}] = true
				}
			}
		case !actions.Has(act) || act == acl.ActionSecretRead:
		case onOIDs.Has(act):
			for oid := range u.oids {
				if a.User || slices.Contains(a.OIDs, "*") || slices.Contains(a.OIDs, oid) || takes && len(a.OIDs) == 0 {
					out[cell{act, oid}] = true
				}
			}
		case !act.OnAttributes():
			out[cell{act, ""}] = true
		default:
			for _, name := range covered {
				if !plain.Has(act) || takes && acl.ActionsWrite.Has(act) || u.attributes[name].class != allSecret {
					out[cell{act, name}] = true
				}
			}
		}
	}
	return out
}

// grouped is cells with the same attributes, for people.
type grouped struct {
	actions    []string
	attributes []string
}

// group puts cells together: actions with the same attributes, those on the entry as a whole with the first of them.
func (u *universe) group(cells map[cell]bool) []grouped {
	on := make(map[acl.Action][]string)
	for c := range cells {
		on[c.action] = append(on[c.action], c.on)
	}
	byAttributes := make(map[string]acl.Actions)
	lists := make(map[string][]string)
	for _, action := range slices.Sorted(maps.Keys(on)) {
		list := u.shorten(on[action], onOIDs.Has(action))
		key := strings.Join(list, " ")
		byAttributes[key] |= acl.ActionsOf(action)
		lists[key] = list
	}
	whole := byAttributes[""]
	delete(byAttributes, "")
	var out []grouped
	for _, key := range slices.Sorted(maps.Keys(byAttributes)) {
		actions := byAttributes[key]
		const seen = acl.ActionsView &^ (1 << acl.ActionDiscover)
		if whole.Has(acl.ActionDiscover) && actions&seen == seen {
			actions |= acl.ActionsOf(acl.ActionDiscover)
		}
		out = append(out, grouped{actionNames(actions), lists[key]})
	}
	if slices.ContainsFunc(out, func(g grouped) bool { return slices.Contains(g.actions, "view") }) {
		whole &^= acl.ActionsOf(acl.ActionDiscover)
	}
	switch {
	case whole == 0:
	case len(out) == 1:
		out[0].actions = append(actionNames(whole), out[0].actions...)
	default:
		out = append([]grouped{{actions: actionNames(whole)}}, out...)
	}
	return out
}

// shorten sorts a list of attributes and leaves out those that a word for all of their class stands for.
func (u *universe) shorten(list []string, oids bool) []string {
	if oids {
		if slices.Contains(list, "*") {
			return []string{"*"}
		}
		slices.Sort(list)
		return list
	}
	has := make(map[string]bool)
	for _, name := range list {
		has[name] = true
	}
	var out []string
	for _, name := range list {
		class := u.attributes[name].class
		if name == "" || name != class && has[class] {
			continue
		}
		out = append(out, name)
	}
	for name, a := range u.attributes {
		if has[a.class] && !has[name] {
			out = append(out, "not "+name)
		}
	}
	slices.SortFunc(out, func(a, b string) int {
		return cmp.Or(strings.Compare(a[:min(4, len(a))], b[:min(4, len(b))]), strings.Compare(a, b))
	})
	return out
}

// actionNames lists actions, with view and write where they are complete.
func actionNames(set acl.Actions) (names []string) {
	for _, short := range []struct {
		name string
		set  acl.Actions
	}{{"view", acl.ActionsView}, {"write", acl.ActionsWrite}} {
		if set&short.set == short.set {
			names = append(names, short.name)
			set &^= short.set
		}
	}
	for a := acl.Action(1); a.String() != "none"; a++ {
		if set.Has(a) {
			names = append(names, a.String())
		}
	}
	return names
}
