package acl

import (
	"time"

	"gatehouse/directory"
)

// ServerNDN is the normalized name of the target of server functions: control, extop and the policy.
const ServerNDN directory.NDN = "cn=gatehouse"

// SeesAll reports whether the session may discover every entry, so that hidden ones need not be looked for.
func (p *Policy) SeesAll(s *Session) bool {
	if p == nil || p.program == nil || s == nil {
		return false
	}
	return p.of(s, nil).view.seesAll() && (s.real == nil || p.viewOf(p.of(s.real, nil).slots, true).seesAll())
}

func (v *view) seesAll() bool {
	if v.closed {
		return false
	}
	if known := v.sees.Load(); known != 0 {
		return known == 2
	}
	all := v.policy.all.zones
	sees := len(all) > 0
	for _, z := range all {
		sees = sees && v.in(z).certainly(1<<ActionDiscover)
	}
	v.sees.Store(1)
	if sees {
		v.sees.Store(2)
	}
	return sees
}

// IsTraversable reports whether a search below a base that the session may not discover is answered: some statement that can
// apply to the session may show it an entry, and has its base at or below the one of the search, which itself is never returned.
func (p *Policy) IsTraversable(s *Session, base directory.NDN) bool {
	if p == nil || p.program == nil || s == nil {
		return false
	}
	r := p.of(s, nil)
	for _, st := range r.view.allows {
		if !st.Actions.Has(ActionDiscover) {
			continue
		}
		for _, b := range st.Reach.Bases {
			if b.IsUnder(base) && b != "" {
				return true
			}
		}
	}
	return false
}

// IsUnlimited reports whether the search limits do not hold for the session: for the operator, and for whoever may write the
// policy.
func (p *Policy) IsUnlimited(s *Session) bool {
	if p == nil || p.program == nil || s == nil {
		return false
	}
	v := p.of(s, nil).view
	if v.closed || s.real != nil && !p.IsUnlimited(s.real) {
		return false
	}
	return s.Identity().Kind == KindOperator || v.in(p.zoneOf(ServerNDN)).certainly(1<<ActionPolicyWrite)
}

// MayBind reports whether a bind with a password could succeed over the session's transport. Otherwise it is answered
// with confidentialityRequired before anything is looked up.
func (p *Policy) MayBind(s *Session) bool {
	if p == nil || p.program == nil || s == nil {
		return false
	}
	if s.transport.Protected() {
		return true
	}
	if p.anyBind(p.of(s, nil).view) {
		return true
	}
	r := &resolved{policy: p}
	slots, err := p.slotsOf(s, r, nil, time.Now(), true)
	return err == nil && !p.anyBind(p.viewOf(slots, false))
}

// anyBind reports whether some entry may be bound as.
func (p *Policy) anyBind(v *view) bool {
	for _, z := range p.all.zones {
		if !v.closed && v.in(z).perhaps(1<<ActionBind) {
			return true
		}
	}
	return false
}
