package acl

import (
	"slices"
	"sync/atomic"
	"time"

	"gatehouse/directory"
)

// Kind says what sort of identity a session has. The zero Kind is anonymous.
type Kind uint8

// The kinds of identity.
const (
	KindAnonymous Kind = iota
	KindEntry          // an entry of the directory, by its ID
	KindOperator       // cn=operator,cn=gatehouse: who holds the machine
	KindExternal       // authenticated, but no entry of ours
)

// AuthMethod is the way in which a session was authenticated. The zero AuthMethod is anonymous.
type AuthMethod uint8

// The methods, with the names of policies.
const (
	MethodAnonymous AuthMethod = iota
	MethodSimple
	MethodSASLPlain
	MethodSASLSCRAM
	MethodSASLExternal
)

var methodNames = [...]string{"anonymous", "simple", "sasl-plain", "sasl-scram", "sasl-external"}

// String returns the name that policies use.
func (m AuthMethod) String() string {
	if int(m) < len(methodNames) {
		return methodNames[m]
	}
	return "unknown"
}

// WithPassword reports whether the method proved a password.
func (m AuthMethod) WithPassword() bool {
	return m == MethodSimple || m == MethodSASLPlain || m == MethodSASLSCRAM
}

// OperatorDN is the name of the operator: whoever holds the machine that the server runs on.
const OperatorDN = "cn=operator,cn=gatehouse"

// Identity is who a session is. An entry is known by ID: DN and NDN are its name when last looked at, since a rename does
// not end a session.
type Identity struct {
	Kind   Kind
	ID     directory.EntryID // of KindEntry
	DN     string            // as printed; empty for anonymous
	NDN    directory.NDN
	Method AuthMethod
	Level  int           // auth-level of policies: 0 anonymous, 1 password or key, 2 client certificate
	At     time.Time     // when it was authenticated
	CSN    directory.CSN // the state of the directory that it was authenticated against
}

// A Session is one state of one connection: its identity and transport. A bind, or StartTLS, makes a new one; only the
// name of its entry is kept up to date. Safe for concurrent use.
type Session struct {
	identity  atomic.Pointer[Identity]
	checked   atomic.Uint64 // the CSN of the last Refresh
	transport Transport
	resolved  atomic.Pointer[resolved] // what the policy of the moment makes of the session
	elevated  []string                 // the elevations that are active
	controls  []string                 // OIDs of the request's controls
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

// Identity returns who the session is. It must not be changed.
func (s *Session) Identity() *Identity { return s.identity.Load() }

// CheckedAt returns the state of the directory that the identity was last compared with.
func (s *Session) CheckedAt() directory.CSN { return directory.CSN(s.checked.Load()) }

// Refresh notes that the identity was compared with the directory at csn, and the name that its entry has there.
func (s *Session) Refresh(csn directory.CSN, dn string, ndn directory.NDN) {
	if id := s.Identity(); id.NDN != ndn {
		renamed := *id
		renamed.DN, renamed.NDN = dn, ndn
		s.identity.Store(&renamed)
		s.resolved.Store(nil)
	}
	s.checked.Store(uint64(csn))
}

// Transport returns what is known about the connection. It must not be changed.
func (s *Session) Transport() *Transport { return &s.transport }

// WithElevations returns a session in which the elevations named are active.
func (s *Session) WithElevations(names ...string) *Session {
	e := newSession(s.transport, s.Identity())
	e.elevated, e.controls = names, s.controls
	return e
}

// WithControls returns the session of one request that carries controls with these OIDs.
func (s *Session) WithControls(oids ...string) *Session {
	c := newSession(s.transport, s.Identity())
	c.elevated, c.controls = s.elevated, oids
	return c
}

func (s *Session) carries(oid string) bool { return slices.Contains(s.controls, oid) }

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
