package acl

import (
	"slices"
	"sync"
)

// Proxy returns the session in which real acts as the identity of s (RFC 4370): it has what policies grant that identity, and
// whatever denies or limits either of the two. Transport, authentication level and method are those of the real one, and no
// statement gives password.* or mfa.* by the relation self. A session of a proxied session stands for the same real one.
func (s *Session) Proxy(real *Session) *Session {
	if real.real != nil {
		real = real.real
	}
	id, who := *s.Identity(), real.Identity()
	id.Method, id.Level, id.At = who.Method, who.Level, who.At
	p := newSession(real.transport, &id)
	p.elevated, p.controls, p.real = s.elevated, real.controls, real
	return p
}

// Real returns the session of who acts if the identity is another's, see [Session.Proxy]; otherwise nil.
func (s *Session) Real() *Session { return s.real }

// impersonal are the actions that self does not give to a proxied session.
const impersonal Actions = 1<<ActionPasswordChange | 1<<ActionPasswordReset | 1<<ActionMFAEnroll | 1<<ActionMFAReset

// limits keeps the rows that proxied sessions need and others do not.
type limits struct {
	mu   sync.Mutex
	rows map[[2]*row]*row // by the rows with self and without
}

// limitRowsMax bounds the rows that one proxied session keeps.
const limitRowsMax = 256

// decideProxied puts what the real identity is denied onto the rights of the one that it acts as.
func (p *Policy) decideProxied(s *Session, rights Rights, z *zone, m *Memo) Rights {
	real := p.of(s.real, rights.on.Directory())
	if real.view.closed {
		return Rights{}
	}
	row, err := p.viewOf(real.slots, true).in(z).decide(real, rights.on, m)
	if err != nil {
		return Rights{}
	}
	rights.limit = &Rights{row: row, by: real, on: rights.on}
	return rights
}

// unlimited is the one statement of a view that limits: it gives everything, so that what denies and what limits is left.
func unlimited(c *columns) *rule {
	st := &Statement{
		Effect: Allow, Subject: Anyone{}, Actions: 1<<actionEnd - 2,
		Reach:      Reach{Protected: true, Privileged: true},
		Attributes: Attributes{User: true, Operational: true, Secret: true, OIDs: []string{"*"}},
	}
	columns := make(bitset, c.words)
	for col := range c.classes {
		columns.add(col)
	}
	return &rule{Statement: st, when: always, subject: always, reach: always, who: always, static: true, columns: columns}
}

// withoutSelf returns the row for what the tests of the table have found, with impersonal actions only as far as they are given
// without the relation self, too.
func (t *table) withoutSelf(s *Session, r *row, m *Memo) *row {
	self := t.view.policy.selfTest
	if t.single != nil || self < 0 || !m.tests.has(self) || r.actions&impersonal == 0 {
		return r
	}
	m.tests.drop(self)
	return s.limits.withhold(r, t.find(m.tests, m))
}

// withhold returns the row r without the impersonal actions that no statement gives which is in other as well.
func (l *limits) withhold(r, other *row) *row {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := [2]*row{r, other}
	if kept := l.rows[key]; kept != nil {
		return kept
	}
	if l.rows == nil || len(l.rows) >= limitRowsMax {
		l.rows = make(map[[2]*row]*row)
	}
	m := r.matched
	m.never = m.impersonal(r.policy, other.matched)
	l.rows[key] = newRow(r.policy, m, r.guard)
	return l.rows[key]
}

// impersonal returns the impersonal actions that no statement gives which matches in both cases.
func (m matched) impersonal(p *Policy, other matched) Actions {
	m.allows = slices.DeleteFunc(slices.Clone(m.allows), func(st *rule) bool { return !slices.Contains(other.allows, st) })
	return impersonal &^ newRow(p, m, 0).actions
}
