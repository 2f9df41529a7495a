package acl

import (
	"slices"
	"time"

	"gatehouse/directory/filter"
)

// slot is a fact of the session alone: an atom of a subject, or conditions.
type slot struct {
	subject    Subject
	filter     *filter.Compiled // of Matching
	conditions *Conditions
	expires    Instant
}

// slotsOf finds which slots are true. ideal takes every condition on the transport's protection as met.
func (p *Policy) slotsOf(s *Session, r *resolved, d Directory, now time.Time, ideal bool) (bitset, error) {
	slots := make(bitset, (len(p.slots)+63)/64)
	for n, sl := range p.slots {
		is := false
		if sl.conditions != nil {
			c := sl.conditions
			if ideal {
				protected := *c
				protected.TLSBits, protected.TLS = 0, idealTLS[c.TLS]
				c = &protected
			}
			is = c.hold(s, now, &r.until)
			if !sl.expires.IsZero() && !before(now, sl.expires, &r.until) {
				is = false
			}
		} else {
			var err error
			if is, err = p.isSubject(sl, s, r, d); err != nil {
				return nil, err
			}
		}
		if is {
			slots.add(n)
		}
	}
	return slots, nil
}

// isSubject decides an atom of a subject. A name, a subtree and a filter are only about identities that the server itself has
// made or stored: the name in a certificate that stands for no entry is nobody's.
func (p *Policy) isSubject(sl *slot, s *Session, r *resolved, d Directory) (bool, error) {
	id := s.Identity()
	name, own := id.NDN, id.Kind == KindOperator
	if r.id != 0 {
		name, own = r.ndn, r.ndn != OperatorDN
	}
	switch a := sl.subject.(type) {
	case Anonymous:
		return id.Kind == KindAnonymous, nil
	case Authenticated:
		return id.Kind != KindAnonymous, nil
	case anEntry:
		return r.id != 0, nil
	case Name:
		return own && name == a.NDN, nil
	case Subtree:
		return own && name.IsUnder(a.Base), nil
	case Elevated:
		_, granted := r.elevated[a.Elevation]
		return granted || slices.Contains(s.elevated, a.Elevation), nil
	case Group:
		_, is := r.groups[a.NDN]
		return is, nil
	case Matching:
		if r.id == 0 {
			return false, nil
		}
		if d == nil {
			return false, errNoDirectory
		}
		t, err := d.ByID(r.id)
		if err != nil {
			return false, err
		}
		var scratch filter.Scratch
		truth, err := sl.filter.MatchWith(t.Facts(), &scratch)
		return truth == filter.True, err
	default:
		return false, errUnknownTest
	}
}
