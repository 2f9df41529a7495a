package enact

import (
	"maps"
	"slices"
	"strings"

	"gatehouse/acl"
	"gatehouse/directory/schema"
)

// Difference is what changes from one bundle to another, found from the statements alone: no directory is asked. A gain is whatever
// cannot be proven to give nothing; that the two mean the same is said only where it is certain.
type Difference struct {
	Old    string   `json:"old"` // versions
	New    string   `json:"new"`
	Gains  []Change `json:"gains"`
	Losses []Change `json:"losses"`
	// Whom and what the guards hold now, and no longer.
	Protected   []string `json:"protected,omitempty"` // subjects of power statements
	Unprotected []string `json:"unprotected,omitempty"`
	Privileged  []string `json:"privileged,omitempty"` // groups
	Ordinary    []string `json:"ordinary,omitempty"`
	Authority   []string `json:"authority,omitempty"` // attributes
	Plain       []string `json:"plain,omitempty"`
}

// Change is access that somebody gains or loses.
type Change struct {
	Subject    string   `json:"subject"`
	Actions    []string `json:"actions"`
	Attributes []string `json:"attributes,omitempty"` // or OIDs; "*", "+" and %confidential as in policies
	Target     string   `json:"target"`
	By         string   `json:"by"` // the statement, boundary or elevation
	File       string   `json:"file,omitempty"`
	Line       int      `json:"line,omitempty"`
	Note       string   `json:"note,omitempty"` // under which conditions, or why
}

// HasGain reports whether somebody may gain access.
func (d *Difference) HasGain() bool { return len(d.Gains) > 0 }

// Diff compares two bundles. Order, names, texts and layout make no difference.
//
// Every statement is taken apart into rows: one alternative of the subject, one base, and the cells of its actions and attributes. An
// allow gains what no old row of the same cell covers in subject, target, values, conditions and includes; a deny or boundary that no
// new one covers gives what the new allows may then reach; and so does a guard that holds less.
func Diff(old, new *Loaded) (*Difference, error) {
	d, _ := compare(old, new)
	return d, nil
}

// compare also reports whether the two surely mean the same.
func compare(old, new *Loaded) (*Difference, bool) {
	u := newUniverse()
	for _, l := range []*Loaded{old, new} {
		s := l.Schema
		if s == nil {
			s = schema.Standard()
		}
		u.add(l.Policy.Program(), s)
	}
	was, is := sideOf(old.Policy, u), sideOf(new.Policy, u)
	d := &Difference{Old: old.Policy.Version(), New: new.Policy.Version()}
	more := &gains{u: u, old: was, new: is}
	more.access()
	less := &gains{u: u, old: is, new: was}
	less.access()
	d.Losses = turned(less.sorted())
	more.guards()
	more.elevations(old.Bundle, new.Bundle)
	d.Gains = more.sorted()
	d.guardSets(was, is)
	less.guards()
	less.elevations(new.Bundle, old.Bundle)
	return d, len(more.list) == 0 && len(less.list) == 0
}

func (d *Difference) guardSets(was, is *side) {
	d.Protected, d.Unprotected = onlyIn(is.principals(), was.principals())
	d.Privileged, d.Ordinary = onlyIn(names(is.guarded.Groups), names(was.guarded.Groups))
	d.Authority, d.Plain = onlyIn(is.guarded.Attributes, was.guarded.Attributes)
}

// onlyIn returns what is only in a, and only in b, sorted.
func onlyIn(a, b []string) (inA, inB []string) {
	rest := func(x, y []string) []string {
		list := slices.DeleteFunc(slices.Clone(x), func(s string) bool { return slices.Contains(y, s) })
		slices.Sort(list)
		return slices.Compact(list)
	}
	return rest(a, b), rest(b, a)
}

func names[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = string(n)
	}
	return out
}

// principals are the subjects that make whoever they match protected.
func (s *side) principals() []string {
	out := make([]string, len(s.guarded.Principals))
	for i, p := range s.guarded.Principals {
		out[i] = strings.TrimPrefix(acl.SubjectText(p), "in ")
	}
	return out
}

// gains finds what new gives and old does not.
type gains struct {
	u        *universe
	old, new *side
	list     []Change
}

func (g *gains) sorted() []Change {
	list := slices.Clone(g.list)
	key := func(c Change) string {
		return strings.Join([]string{c.Subject, c.Target, c.By, strings.Join(c.Actions, " "), strings.Join(c.Attributes, " "), c.Note}, "\x00")
	}
	slices.SortFunc(list, func(a, b Change) int { return strings.Compare(key(a), key(b)) })
	list = slices.CompactFunc(list, func(a, b Change) bool { return key(a) == key(b) })
	if list == nil {
		list = []Change{}
	}
	return list
}

// access compares what statements and boundaries say.
func (g *gains) access() {
	for _, r := range g.new.allows {
		if r.isOver(g.new.program.At) {
			continue
		}
		rest := maps.Clone(r.cells)
		for _, o := range g.old.allows {
			if len(rest) > 0 && o.covers(r) {
				for _, c := range o.gives(r, rest) {
					delete(rest, c)
				}
			}
		}
		g.add(r, r.who, rest, r.note())
	}
	g.denies()
	g.limits()
}

// denies finds what is no longer denied and may be allowed.
func (g *gains) denies() {
	for _, o := range g.old.denies {
		rest := maps.Clone(o.cells)
		for _, r := range g.new.denies {
			if len(rest) == 0 || !r.covers(o) {
				continue
			}
			sameBase := r.base == o.base && r.reach.Scope == o.reach.Scope
			for c := range rest {
				moves := c.action == acl.ActionMoveIn || c.action == acl.ActionMoveOut // a deny blocks them at its base from above, too
				if r.cells[c] && (!moves || sameBase) {
					delete(rest, c)
				}
			}
		}
		g.add(o, o.who, g.reachable(o, rest), "no longer denied")
	}
}

// reachable returns the cells that some new allow may give where a row matches.
func (g *gains) reachable(o *row, rest map[cell]bool) map[cell]bool {
	out := make(map[cell]bool)
	for c := range rest {
		for _, r := range g.new.allows {
			moves := c.action == acl.ActionMoveIn || c.action == acl.ActionMoveOut
			if r.cells[c] && !r.isOver(g.new.program.At) && g.mayHave(o.who, r) && (moves || !r.placeMisses(o)) {
				out[c] = true
				break
			}
		}
	}
	return out
}

// mayHave reports whether somebody among whom may have what a row gives: as one whom the row is for or, since denies and boundaries bind
// whoever acts for another as well, in the name of one.
func (g *gains) mayHave(whom *who, r *row) bool {
	return !r.who.misses(whom) || slices.ContainsFunc(g.new.allows, func(p *row) bool {
		return p.cells[cell{acl.ActionProxy, ""}] && !p.isOver(g.new.program.At) && !p.who.misses(whom)
	})
}

// limits finds what a boundary no longer keeps back.
func (g *gains) limits() {
	for _, o := range g.old.limits {
		if slices.ContainsFunc(g.new.limits, func(l *limit) bool { return g.tighter(l, o) }) {
			continue
		}
		for _, r := range g.new.allows {
			if r.isOver(g.new.program.At) || !g.mayHave(o.who, r) {
				continue
			}
			rest := maps.Clone(r.cells)
			for _, p := range o.permits {
				if p.covers(r) {
					for _, c := range p.gives(r, rest) {
						if c.action != acl.ActionMoveIn && c.action != acl.ActionMoveOut {
							delete(rest, c)
						}
					}
				}
			}
			by, whom := *r, whoAllOf([]*who{r.who, o.who})
			if r.who.misses(o.who) { // what it has is another's, under proxy
				whom = o.who
			}
			by.Place = o.Place
			g.add(&by, whom, rest, "no longer limited; allowed by "+r.Name)
		}
	}
}

// tighter reports whether l limits whatever o limits, and permits nothing more.
func (g *gains) tighter(l, o *limit) bool {
	if !l.who.covers(o.who) || !implied([]acl.Conditions{l.when}, []acl.Conditions{o.when}) {
		return false
	}
	moves := slices.ContainsFunc(g.new.allows, func(r *row) bool {
		return r.cells[cell{acl.ActionMoveIn, ""}] || r.cells[cell{acl.ActionMoveOut, ""}]
	})
	for base := range o.bases {
		if moves && !l.bases[base] { // a boundary blocks a move from above by the bases that it names
			return false
		}
	}
	for _, p := range l.permits {
		rest := maps.Clone(p.cells)
		for _, q := range o.permits {
			if len(rest) > 0 && q.covers(p) {
				for _, c := range q.gives(p, rest) {
					delete(rest, c)
				}
			}
		}
		if len(rest) > 0 {
			return false
		}
	}
	return true
}

// add notes cells of a row.
func (g *gains) add(r *row, w *who, cells map[cell]bool, note string) {
	if len(cells) == 0 {
		return
	}
	for _, group := range g.u.group(cells) {
		g.list = append(g.list, Change{
			Subject: w.String(), Actions: group.actions, Attributes: group.attributes, Target: r.target(),
			By: r.Name, File: r.File, Line: r.Line, Note: note,
		})
	}
}
