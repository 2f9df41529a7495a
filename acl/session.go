package acl

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gatehouse/directory"
)

// A Session is one state of one connection: its identity and transport. A bind, or StartTLS, makes a new one; only the
// name of its entry is kept up to date. Safe for concurrent use.
type Session struct {
	identity  atomic.Pointer[Identity]
	transport Transport
	elevated  []string     // elevations that are active without a grant in the directory
	controls  []string     // OIDs of the request's controls
	base      *Session     // of a request with controls: the connection's
	real      *Session     // who acts, if not the identity: see Proxy
	password  atomic.Bool  // see MayOnlySetPassword
	end       atomic.Int64 // see EndAt; 0 for none

	mu       sync.Mutex               // of what follows, where it is written
	checked  atomic.Pointer[checked]  // nil: never
	resolved atomic.Pointer[resolved] // what the newest policy makes of the session
	previous atomic.Pointer[resolved] // and the one before it, while operations under it run
	limits   limits                   // of a session with real
}

// checked says what the session's entry was when it was last compared with the directory.
type checked struct {
	csn       atomic.Uint64 // the newest state in which it is so
	authority uint64
	mark      uint64
}

// NewSession returns the anonymous session of a new connection.
func NewSession(t Transport) *Session { return newSession(t, &Identity{}) }

func newSession(t Transport, id *Identity) *Session {
	s := &Session{transport: t}
	s.identity.Store(id)
	return s
}

// Operator returns a session of the operator, for commands on the machine itself.
func Operator(t Transport, at time.Time) *Session {
	return newSession(t, &Identity{
		Kind: KindOperator, DN: OperatorDN, NDN: OperatorDN, Method: MethodSASLExternal, Level: 1, At: at,
	})
}

// Authenticated returns a session with the same transport and the identity given.
func (s *Session) Authenticated(id Identity) *Session { return newSession(s.transport, &id) }

// Anonymous returns an anonymous session with the same transport.
func (s *Session) Anonymous() *Session { return NewSession(s.transport) }

// WithTransport returns a session with the same identity and another transport: what StartTLS makes.
func (s *Session) WithTransport(t Transport) *Session { return newSession(t, s.Identity()) }

// WithElevations returns a session in which the elevations named are active, whatever grants there are.
func (s *Session) WithElevations(names ...string) *Session {
	e := newSession(s.transport, s.Identity())
	e.elevated, e.controls, e.real = names, s.controls, s.real
	return e
}

// WithControls returns the session of one request that carries controls with these OIDs. A server makes one for each request with
// controls, before it asks anything about it; what is known of the connection's session stays known.
func (s *Session) WithControls(oids ...string) *Session {
	c := newSession(s.transport, s.Identity())
	c.base, c.elevated, c.controls, c.real = s, s.elevated, oids, s.real
	c.password.Store(s.password.Load())
	c.end.Store(s.end.Load())
	if s.base != nil {
		c.base = s.base
	}
	if k := s.checked.Load(); k != nil {
		own := &checked{authority: k.authority, mark: k.mark}
		own.csn.Store(k.csn.Load())
		c.checked.Store(own)
	}
	return c
}

// RestrictToPassword says whether the session's password has to be changed before it may do anything else.
func (s *Session) RestrictToPassword(is bool) { s.password.Store(is) }

// EndAt says when the account of the session ends; the zero time is never.
func (s *Session) EndAt(t time.Time) {
	if t.IsZero() {
		s.end.Store(0)
		return
	}
	s.end.Store(max(1, t.Unix()))
}

// HasEnded reports whether the account of the session has ended. now is asked only if it ends at all.
func (s *Session) HasEnded(now func() time.Time) bool {
	end := s.end.Load()
	return end != 0 && now().Unix() >= end
}

// MayOnlySetPassword reports whether nothing is open to the session but a change of its own password. Acting as another is no way
// around it.
func (s *Session) MayOnlySetPassword() bool {
	return s.password.Load() || s.real != nil && s.real.MayOnlySetPassword()
}

func (s *Session) carries(oid string) bool { return slices.Contains(s.controls, oid) }

// Identity returns who the session is. It must not be changed.
func (s *Session) Identity() *Identity { return s.identity.Load() }

// Transport returns what is known about the connection. It must not be changed.
func (s *Session) Transport() *Transport { return &s.transport }

// IsAnonymous reports whether nobody was authenticated.
func (s *Session) IsAnonymous() bool { return s.Identity().Kind == KindAnonymous }

// AuthzID returns the authorization identity that Who am I prints (RFC 4532): empty for anonymous, "dn:" and the name
// otherwise.
func (s *Session) AuthzID() string {
	if s.IsAnonymous() {
		return ""
	}
	return "dn:" + s.Identity().DN
}

// IsChecked reports whether the session's entry was compared with the directory at csn or later, and with this mark.
func (s *Session) IsChecked(csn directory.CSN, mark uint64) bool {
	k := s.checked.Load()
	return k != nil && k.csn.Load() >= uint64(csn) && k.mark == mark
}

// Confirm notes that the session's entry is at csn what it was when it was last compared, if authority and mark are the same;
// otherwise it reports false. authority is what [Directory] calls so.
func (s *Session) Confirm(csn directory.CSN, authority, mark uint64) bool {
	k := s.checked.Load()
	if k == nil || k.authority != authority || k.mark != mark {
		return false
	}
	raise(&k.csn, csn)
	return true
}

// Refresh notes that the identity was compared with the directory at csn, and the name that its entry has there. What an older
// state says of it changes nothing. mark stands for whatever else was compared.
func (s *Session) Refresh(csn directory.CSN, authority, mark uint64, dn string, ndn directory.NDN) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.checked.Load(); k != nil && k.csn.Load() > uint64(csn) {
		return
	}
	if id := s.Identity(); id.NDN != ndn {
		renamed := *id
		renamed.DN, renamed.NDN = dn, ndn
		s.identity.Store(&renamed)
	}
	k := &checked{authority: authority, mark: mark}
	k.csn.Store(uint64(csn))
	s.checked.Store(k)
}

// raise moves a CSN forward.
func raise(at *atomic.Uint64, csn directory.CSN) {
	for old := at.Load(); old < uint64(csn); old = at.Load() {
		if at.CompareAndSwap(old, uint64(csn)) {
			return
		}
	}
}
