package acl

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"gatehouse/directory"
	"gatehouse/directory/filter"
)

var (
	errUnknownTest = errors.New("acl: unknown relation")
	errNoDirectory = errors.New("acl: a rule asks for more than the target can tell")
)

// slot is a fact of the session alone: an atom of a subject, or conditions.
type slot struct {
	subject    Subject
	filter     *filter.Compiled // of Matching
	conditions *Conditions
	expires    Instant
}

// resolved is what one policy makes of one session at one state of the directory. Immutable.
type resolved struct {
	policy *Policy
	view   *view
	csn    directory.CSN
	until  time.Time // when the answer may change by time alone; zero: never
	id     directory.EntryID
	ndn    directory.NDN
	groups map[directory.NDN]struct{} // all that the entry is in, if the policy asks for groups
	same   map[int][]string           // equality keys of the entry's own values, if the policy asks
}

// Refresh brings what the policy makes of the session up to date: memberships, the session's own entry, the time. A server calls
// it before each operation and every few hundred entries of a long one; it costs next to nothing while nothing changes. On an
// error everything is denied until the next Refresh.
func (p *Policy) Refresh(s *Session, d Directory) error {
	if p == nil || s == nil {
		return nil
	}
	csn := d.CSN()
	if r := s.resolved.Load(); r != nil && r.policy == p && csn != 0 && (r.csn == csn || r.id == 0) &&
		(r.until.IsZero() || d.Now().Before(r.until)) {
		return nil
	}
	r, err := p.resolve(s, d)
	s.resolved.Store(r)
	return err
}

// IsCurrent reports whether Refresh would have nothing to do at csn and the time now.
func (p *Policy) IsCurrent(s *Session, csn directory.CSN, now time.Time) bool {
	r := s.resolved.Load()
	return r != nil && r.policy == p && (r.csn == csn || r.id == 0) && (r.until.IsZero() || now.Before(r.until))
}

// of returns what the policy makes of the session. d is used if it is not known yet; nil will do for a session that is no entry.
func (p *Policy) of(s *Session, d Directory) *resolved {
	if r := s.resolved.Load(); r != nil && r.policy == p {
		return r
	}
	r, _ := p.resolve(s, d)
	if r.view != p.closed || d != nil {
		s.resolved.Store(r)
	}
	return r
}

// resolve finds the facts of a session. It always returns something: on an error what denies everything.
func (p *Policy) resolve(s *Session, d Directory) (*resolved, error) {
	id := s.Identity()
	r := &resolved{policy: p, view: p.closed}
	now := time.Now()
	if d != nil {
		r.csn, now = d.CSN(), d.Now()
	}
	if id.Kind == KindEntry {
		r.id, r.ndn = id.ID, id.NDN
		if err := p.entryFacts(r, d); err != nil {
			return r, err
		}
	}
	slots, err := p.slotsOf(s, r, d, now, false)
	if err == nil {
		r.view = p.viewOf(slots)
	}
	return r, err
}

// entryFacts reads what the rules ask of the session's own entry.
func (p *Policy) entryFacts(r *resolved, d Directory) error {
	if !p.usesGroups && len(p.sameTypes) == 0 {
		return nil
	}
	if d == nil {
		return errNoDirectory
	}
	t, err := d.ByID(r.id)
	if err != nil {
		return fmt.Errorf("entry of the session: %w", err)
	}
	if p.usesGroups {
		r.groups = make(map[directory.NDN]struct{})
		err := d.Groups(t, func(group directory.NDN) bool {
			r.groups[directory.NDN(strings.Clone(string(group)))] = struct{}{}
			return true
		})
		if err != nil {
			return fmt.Errorf("groups of the session: %w", err)
		}
	}
	if len(p.sameTypes) > 0 {
		if r.same, err = p.ownValues(t); err != nil {
			return fmt.Errorf("values of the session's entry: %w", err)
		}
	}
	return nil
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
	own := id.Kind == KindEntry && id.NDN != OperatorDN || id.Kind == KindOperator
	switch a := sl.subject.(type) {
	case Anonymous:
		return id.Kind == KindAnonymous, nil
	case Authenticated:
		return id.Kind != KindAnonymous, nil
	case anEntry:
		return r.id != 0, nil
	case Name:
		return own && id.NDN == a.NDN, nil
	case Subtree:
		return own && id.NDN.IsUnder(a.Base), nil
	case Elevated:
		for _, name := range s.elevated {
			if name == a.Elevation {
				return true, nil
			}
		}
		return false, nil
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
