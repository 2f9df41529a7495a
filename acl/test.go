package acl

import (
	"slices"

	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
)

// test is a fact of the target that rules ask for: a filter, or a relation between the session and the target.
type test struct {
	filter   *filter.Compiled
	source   directory.Filter // that filter was compiled from, for explanations
	bit      int              // of a filter on stored attributes: its bit in the labels of an entry; -1 where it is evaluated each time
	subject  Subject
	types    []*schema.AttributeType // with subtypes
	relation int                     // number among the relations
}

// isRelation reports whether the test is about the session, too.
func (t *test) isRelation() bool { return t.filter == nil }

// Labels: an entry's mark holds the generation of the policy and the results of its filters on stored attributes.
const (
	labelsMax      = 40
	generationsMax = 1<<(64-labelsMax) - 1
)

// labelsOf returns the results of all filters on stored attributes.
func (p *Policy) labelsOf(e *directory.Entry, facts filter.Source, w *work) (uint64, error) {
	mark := e.Mark()
	if mark>>labelsMax == p.generation {
		return mark & (1<<labelsMax - 1), nil
	}
	labels := uint64(0)
	for _, t := range p.tests {
		if t.filter == nil || t.bit < 0 {
			continue
		}
		truth, err := t.filter.MatchWith(facts, &w.filter)
		if err != nil {
			return 0, err
		}
		if truth == filter.True {
			labels |= 1 << t.bit
		}
	}
	if p.generation <= generationsMax {
		e.SetMark(p.generation<<labelsMax | labels)
	}
	return labels, nil
}

// work is the memory that tests need.
type work struct {
	filter filter.Scratch
	key    []byte
}

// examine makes every test of the list for one target and sets it in tests. labelled says that one of them has a bit, idle which
// relations are known not to hold.
func (p *Policy) examine(list []int, labelled bool, idle uint64, r *resolved, t Source, w *work, tests bitset) error {
	labels := uint64(0)
	if labelled {
		e := t.Entry()
		if mark := e.Mark(); mark>>labelsMax == p.generation {
			labels = mark
		} else {
			var err error
			if labels, err = p.labelsOf(e, t.Facts(), w); err != nil {
				return err
			}
		}
	}
	for _, n := range list {
		is := false
		x := p.tests[n]
		switch {
		case x.filter != nil && x.bit >= 0:
			is = labels>>x.bit&1 == 1
		case x.filter != nil:
			truth, err := x.filter.MatchWith(t.Facts(), &w.filter)
			if err != nil {
				return err
			}
			is = truth == filter.True
		case idle>>x.relation&1 == 0:
			var err error
			if is, err = p.relates(x, r, t, w); err != nil {
				return err
			}
		}
		if is {
			tests.add(n)
		} else {
			tests.drop(n)
		}
	}
	return nil
}

// relates reports whether a relation holds. Only an identity that is an entry has relations.
func (p *Policy) relates(x *test, r *resolved, t Source, w *work) (bool, error) {
	if r.id == 0 {
		return false, nil
	}
	switch x.subject.(type) {
	case Self:
		return t.ID() == r.id, nil
	case Ancestor:
		ndn, err := t.NDN()
		return err == nil && ndn.IsUnder(r.ndn), err
	case NamedIn:
		return p.names(x.types, r.ndn, t, w)
	case GroupIn:
		for group := range r.groups {
			if is, err := p.names(x.types, group, t, w); is || err != nil {
				return is, err
			}
		}
		return false, nil
	case Same:
		return p.shares(x.types, r, t, w)
	default:
		return false, errUnknownTest
	}
}

// names reports whether a name is a value of one of the attributes of the target.
func (p *Policy) names(types []*schema.AttributeType, name directory.NDN, t Source, w *work) (bool, error) {
	facts := t.Facts()
	for _, typ := range types {
		if p.isReference(typ) {
			if is, err := facts.HasReference(nil, typ, name, false); is || err != nil {
				return is, err
			}
			continue
		}
		for _, a := range t.Entry().Attributes() {
			if a.Desc.TypeNo != typ.No {
				continue
			}
			for rest := a.Set(); len(rest) > 0; {
				var v []byte
				v, rest = directory.NextValue(rest)
				key, err := p.schema.AppendNDN(w.key[:0], string(v))
				if w.key = key[:0]; err == nil && string(key) == string(name) {
					return true, nil
				}
			}
		}
	}
	return false, nil
}

func (p *Policy) isReference(t *schema.AttributeType) bool {
	return t.Flags&directory.FlagReference != 0 || t.No == p.columns.memberOf
}

// shares reports whether the target has a value that the session's entry has as well.
func (p *Policy) shares(types []*schema.AttributeType, r *resolved, t Source, w *work) (bool, error) {
	for _, typ := range types {
		own := r.same[typ.No]
		if len(own) == 0 {
			continue
		}
		if p.isReference(typ) {
			for _, name := range own {
				if is, err := t.Facts().HasReference(nil, typ, directory.NDN(name), false); is || err != nil {
					return is, err
				}
			}
			continue
		}
		for _, a := range t.Entry().Attributes() {
			if a.Desc.TypeNo != typ.No {
				continue
			}
			for rest := a.Set(); len(rest) > 0; {
				var v []byte
				v, rest = directory.NextValue(rest)
				key, err := p.schema.AppendEqualityKey(w.key[:0], a.Desc, v)
				if w.key = key[:0]; err != nil {
					continue
				}
				for _, k := range own {
					if string(key) == k {
						return true, nil
					}
				}
			}
		}
	}
	return false, nil
}

// ownValues collects what Same compares with.
func (p *Policy) ownValues(t Source) (map[int][]string, error) {
	same := make(map[int][]string)
	for _, typ := range p.sameTypes {
		if p.isReference(typ) {
			names, err := t.Directory().Names(t, typ)
			if err != nil {
				return nil, err
			}
			for _, n := range names {
				same[typ.No] = append(same[typ.No], string(n))
			}
			continue
		}
		for _, a := range t.Entry().Attributes() {
			if a.Desc.TypeNo != typ.No {
				continue
			}
			for v := range a.Values() {
				key, err := p.schema.EqualityKey(a.Desc, v)
				if err == nil && !slices.Contains(same[typ.No], string(key)) {
					same[typ.No] = append(same[typ.No], string(key))
				}
			}
		}
	}
	return same, nil
}
