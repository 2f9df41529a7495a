package acl

import (
	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
)

// A Policy is one generation of the rules: immutable, safe for concurrent use. A nil or zero Policy denies everything.
type Policy struct {
	builtin *builtin
}

// resolved is what one policy makes of one session, kept in the session.
type resolved struct {
	policy      *Policy
	id          directory.EntryID // the own entry; zero without one
	self, other *mask             // rights on the own entry, on every other
}

func (p *Policy) resolve(s *Session) *resolved {
	if r := s.resolved.Load(); r != nil && r.policy == p {
		return r
	}
	r := p.builtin.resolve(s.Identity())
	r.policy = p
	s.resolved.Store(r)
	return r
}

// Decide returns what the session may do with the entry. An error of the target denies.
func (p *Policy) Decide(s *Session, t Target) Rights {
	if p == nil || p.builtin == nil || s == nil {
		return Rights{}
	}
	r := p.resolve(s)
	id := t.ID()
	if id == 0 {
		switch ndn, err := t.NDN(); {
		case err != nil:
			return Rights{}
		case ndn == "" || ndn == SubschemaNDN:
			return Rights{published}
		}
	}
	if id != 0 && id == r.id {
		return Rights{r.self}
	}
	return Rights{r.other}
}

// DecideChange returns what the session may do in a change that turns before into after: only what holds for both, but
// move-out is judged on before and move-in on after. before is nil for an add, after for a delete.
func (p *Policy) DecideChange(s *Session, before, after Target) Rights {
	switch {
	case before == nil && after == nil:
		return Rights{}
	case before == nil:
		return p.Decide(s, after)
	default:
		return p.Decide(s, before)
	}
}

// SeesAll reports whether the session may discover every entry, so that hidden ones need not be looked for.
func (p *Policy) SeesAll(s *Session) bool {
	return p != nil && p.builtin != nil && s != nil && Rights{p.resolve(s).other}.Discover()
}

// IsTraversable reports whether a search below a base that the session may not discover is answered: some rule may show
// it an entry at or below the base, which itself is never returned.
func (p *Policy) IsTraversable(s *Session, base directory.NDN) bool {
	if p == nil || p.builtin == nil || s == nil {
		return false
	}
	id := s.Identity()
	return id.Kind == KindEntry && id.NDN.IsUnder(base)
}

// Searchable says in which entries of a search the attribute may decide the filter.
func (p *Policy) Searchable(s *Session, t *schema.AttributeType) filter.Searchable {
	if p == nil || p.builtin == nil || s == nil {
		return filter.Never
	}
	r, d := p.resolve(s), t.Description()
	switch {
	case (Rights{r.other}).Search(d):
		return filter.Always
	case r.id != 0 && (Rights{r.self}).Search(d):
		return filter.Mixed
	default:
		return filter.Never
	}
}

// IsUnlimited reports whether the search limits do not hold for the session: administrators and the operator.
func (p *Policy) IsUnlimited(s *Session) bool {
	return p != nil && p.builtin != nil && s != nil && p.resolve(s).other == administrator
}

// MayBind reports whether a bind with a password could succeed over the session's transport. Otherwise it is answered
// with confidentialityRequired before anything is looked up.
func (p *Policy) MayBind(s *Session) bool {
	return p != nil && p.builtin != nil && s != nil && s.transport.Protected()
}
