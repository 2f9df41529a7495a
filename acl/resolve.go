package acl

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"gatehouse/directory"
)

var (
	errUnknownTest = errors.New("acl: unknown relation")
	errNoDirectory = errors.New("acl: a rule asks for more than the target can tell")
)

// resolved is what one policy makes of one session at one state of the directory. Immutable, but for csn.
//
// It holds for a later state, too, as long as the authority of the session's entry is the same: that moves with the entry, its
// links, the nesting of groups, dynamic groups, grants, and names. A policy that asks for more than that (see Policy.volatile)
// resolves after every change.
type resolved struct {
	policy    *Policy
	view      *view
	slots     bitset
	csn       atomic.Uint64 // the newest state for which it is known to hold; zero: none
	authority uint64
	until     time.Time // when the answer may change by time alone; zero: never
	id        directory.EntryID
	ndn       directory.NDN              // of id
	groups    map[directory.NDN]struct{} // all that the entry is in, if the policy asks for groups
	same      map[int][]string           // equality keys of the entry's own values, if the policy asks
	elevated  map[string]struct{}        // by grants, if the policy asks
	idle      idle
}

// isTimely reports whether nothing has changed by time alone.
func (r *resolved) isTimely(now time.Time) bool { return r.until.IsZero() || now.Before(r.until) }

// holdsAt reports whether r is known to hold at csn. Nothing in the directory is about a session that is no entry.
func (r *resolved) holdsAt(csn directory.CSN) bool {
	return r.id == 0 || csn != 0 && r.csn.Load() >= uint64(csn)
}

// Refresh brings what the policy makes of the session up to date: memberships, grants, the session's own entry, the time. A server
// calls it before each operation and every few hundred entries of a long one. It costs next to nothing while nothing changes that
// is about the session. On an error everything is denied until the next Refresh.
func (p *Policy) Refresh(s *Session, d Directory) error {
	if p == nil || s == nil {
		return nil
	}
	if s.real != nil {
		if err := p.Refresh(s.real, d); err != nil {
			return err
		}
	}
	if s.base != nil {
		if err := p.Refresh(s.base, d); err != nil {
			return err
		}
	}
	csn, now := d.CSN(), d.Now()
	if r := s.known(p); r != nil && r.isTimely(now) {
		if r.holdsAt(csn) {
			return nil
		}
		if csn != 0 && r.csn.Load() != 0 && !p.volatile {
			if authority, err := d.Authority(r.id); err == nil && authority == r.authority {
				raise(&r.csn, csn)
				return nil
			}
		}
	}
	r, err := p.resolve(s, d)
	s.keep(r, now)
	return err
}

// IsCurrent reports whether Refresh would have nothing to do at csn and the time now.
func (p *Policy) IsCurrent(s *Session, csn directory.CSN, now time.Time) bool {
	r := s.known(p)
	return r != nil && r.holdsAt(csn) && r.isTimely(now) && (s.real == nil || p.IsCurrent(s.real, csn, now))
}

// known returns what the policy made of the session, nil for nothing.
func (s *Session) known(p *Policy) *resolved {
	if r := s.resolved.Load(); r != nil && r.policy == p {
		return r
	}
	if r := s.previous.Load(); r != nil && r.policy == p {
		return r
	}
	return nil
}

// keep makes r what its policy makes of the session, unless something newer is there. Two policies have a place, so that what
// still runs under the old one and what runs under the new one do not take it from each other.
func (s *Session) keep(r *resolved, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := &s.resolved
	if old := at.Load(); old != nil && old.policy != r.policy {
		if old.policy.generation < r.policy.generation {
			s.previous.Store(old)
		} else {
			at = &s.previous
		}
	}
	old := at.Load()
	if old != nil && old.policy == r.policy && r.csn.Load() != 0 && old.csn.Load() > r.csn.Load() && old.isTimely(now) {
		return
	}
	at.Store(r)
}

// of returns what the policy makes of the session. d is used if it is not known yet; nil will do for a session that is no entry.
func (p *Policy) of(s *Session, d Directory) *resolved {
	if r := s.known(p); r != nil {
		return r
	}
	r, _ := p.resolve(s, d)
	if r.view != p.closed || d != nil {
		s.keep(r, time.Time{})
	}
	return r
}

// resolve finds the facts of a session. It always returns something: on an error what denies everything.
func (p *Policy) resolve(s *Session, d Directory) (*resolved, error) {
	id := s.Identity()
	r := &resolved{policy: p, view: p.closed}
	now := time.Now()
	if d != nil {
		now = d.Now()
		r.csn.Store(uint64(d.CSN()))
	}
	if id.Kind == KindEntry {
		r.id, r.ndn = id.ID, id.NDN
	}
	switch of := p.ofBase(s, r, now); {
	case of != nil && !p.usesControls:
		return of, nil
	case of != nil:
		r.authority, r.ndn, r.until, r.groups, r.same, r.elevated = of.authority, of.ndn, of.until, of.groups, of.same, of.elevated
	case r.id != 0:
		if err := p.entryFacts(r, d, now); err != nil {
			return r, err
		}
	}
	var err error
	if r.slots, err = p.slotsOf(s, r, d, now, false); err == nil {
		r.view = p.viewOf(r.slots, false)
	}
	return r, err
}

// ofBase returns what is known of the session that a request with controls came through, if it holds for r as well.
func (p *Policy) ofBase(s *Session, r *resolved, now time.Time) *resolved {
	if s.base == nil {
		return nil
	}
	b := s.base.known(p)
	if b == nil || b.view.closed || b.id != r.id || !b.holdsAt(directory.CSN(r.csn.Load())) || !b.isTimely(now) {
		return nil
	}
	return b
}

// entryFacts reads what the rules ask of the session's own entry.
func (p *Policy) entryFacts(r *resolved, d Directory, now time.Time) error {
	if d == nil {
		if p.usesGroups || p.usesGrants || len(p.sameTypes) > 0 {
			return errNoDirectory
		}
		return nil
	}
	t, err := d.ByID(r.id)
	if err != nil {
		return fmt.Errorf("entry of the session: %w", err)
	}
	ndn, err := t.NDN()
	if err != nil {
		return fmt.Errorf("name of the session's entry: %w", err)
	}
	r.ndn = directory.NDN(strings.Clone(string(ndn)))
	if r.authority, err = d.Authority(r.id); err != nil {
		return fmt.Errorf("authority of the session's entry: %w", err)
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
	if p.usesGrants {
		if err := r.findGrants(d, t, now); err != nil {
			return fmt.Errorf("grants of the session: %w", err)
		}
	}
	if len(p.sameTypes) > 0 {
		if r.same, err = p.ownValues(t); err != nil {
			return fmt.Errorf("values of the session's entry: %w", err)
		}
	}
	return nil
}

// findGrants finds the elevations that are active now, and when that changes.
func (r *resolved) findGrants(d Directory, t Target, now time.Time) error {
	r.elevated = make(map[string]struct{})
	return d.Grants(t, func(g Grant) bool {
		switch {
		case before(now, g.NotBefore, &r.until):
		case before(now, g.NotAfter, &r.until):
			r.elevated[strings.Clone(g.Elevation)] = struct{}{}
		}
		return true
	})
}
