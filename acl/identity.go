package acl

import (
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
