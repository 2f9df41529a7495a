package bundle

import "iter"

// Use says what a name of a bundle is used for.
type Use uint8

// The uses of names.
const (
	UseBase    Use = iota + 1 // base of a target
	UseScope                  // scope of an assignment
	UseSubject                // dn of a subject
	UseSubtree                // subtree of a subject
	UseGroup                  // group of a subject
	UseFilter                 // asserted in a filter
	UseValue                  // in a restriction of values
)

// Names yields every DN that statements, boundaries, assignments and elevations use, with what for: the entries that the
// policy stands on. Tests and sets that nothing uses are left out. A name of a set comes as often as the set is used.
func (b *Bundle) Names() iter.Seq2[*Name, Use] {
	return func(yield func(*Name, Use) bool) {
		w := &nameWalk{yield: yield}
		for _, d := range b.Documents {
			for _, s := range d.Statements {
				w.statement(s)
			}
			for _, r := range d.Roles {
				for _, s := range r.Statements {
					w.statement(s)
				}
			}
			for _, x := range d.Boundaries {
				w.subject(x.Subject)
				for _, p := range x.Permit {
					w.target(p.Target)
				}
			}
			for _, a := range d.Assignments {
				w.subject(a.To)
				w.name(a.Scope, UseScope)
			}
			for _, e := range d.Elevations {
				w.subject(e.Eligible)
				w.subject(e.Approvers)
			}
		}
	}
}

// nameWalk calls yield until it returns false.
type nameWalk struct {
	yield func(*Name, Use) bool
	done  bool
}

func (w *nameWalk) name(n *Name, use Use) {
	if n != nil && !w.done {
		w.done = !w.yield(n, use)
	}
}

func (w *nameWalk) names(list []*Name, use Use) {
	for _, n := range list {
		w.name(n, use)
	}
}

func (w *nameWalk) statement(s *Statement) {
	w.subject(s.Subject)
	w.target(s.Target)
	if s.Values == nil {
		return
	}
	w.names(s.Values.Under, UseValue)
	for _, v := range s.Values.AnyOf {
		w.name(v.Name, UseValue)
	}
}

func (w *nameWalk) subject(s *Subject) {
	if s == nil || w.done {
		return
	}
	for _, t := range s.Terms {
		switch t := t.(type) {
		case Named:
			w.names(t.Names, UseSubject)
		case Subtree:
			w.names(t.Bases, UseSubtree)
		case Group:
			w.names(t.Names, UseGroup)
		case Matching:
			w.names(t.Filter.Names, UseFilter)
		case Any:
			for _, part := range t.Of {
				w.subject(part)
			}
		case Anyone, Anonymous, Authenticated, HasRole, Self, Ancestor, NamedIn, GroupIn, Same:
		}
	}
	w.subject(s.Unless)
}

func (w *nameWalk) target(t *Target) {
	if t == nil || w.done {
		return
	}
	w.name(t.Base, UseBase)
	if t.Filter != nil {
		w.names(t.Filter.Names, UseFilter)
	}
	for _, x := range t.Exclude {
		w.target(x)
	}
}
