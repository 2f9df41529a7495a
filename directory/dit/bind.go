package dit

import (
	"context"
	"strings"
	"time"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/account"
	"gatehouse/storage"
)

// The answers of a bind. errCredentials is the one answer of a bind that failed, whatever the reason: a missing, disabled, locked or
// forbidden entry, one without a password, a wrong or expired password.
var (
	errCredentials     = &directory.Error{Code: directory.InvalidCredentials}
	errUnauthenticated = directory.Errorf(directory.UnwillingToPerform, "a bind with a name and an empty password is refused")
	errUnprotected     = directory.Errorf(directory.ConfidentialityRequired, "use TLS: a password would cross the network in clear text")
)

// Bind authenticates (RFC 4511 section 4.2, RFC 4513). The session that it returns takes the place of s; where the bind failed, it is
// anonymous. The state is what the password policy says of a bind that succeeded; an error carries its own.
func (d *Directory) Bind(ctx context.Context, s *acl.Session, req *directory.BindRequest) (*acl.Session, directory.PasswordState, error) {
	anonymous := s.Anonymous()
	bound := &authenticated{session: anonymous}
	var err error
	switch {
	case req.Version != 3:
		err = directory.Errorf(directory.ProtocolError, "LDAP version %d is not spoken here, only 3", req.Version)
	case req.Mechanism == "":
		bound, err = d.bindSimple(ctx, anonymous, req)
	case strings.EqualFold(req.Mechanism, "EXTERNAL"):
		bound.session, err = d.bindExternal(anonymous, req)
	case strings.EqualFold(req.Mechanism, "PLAIN"):
		bound, err = d.bindPlain(ctx, anonymous, req)
	default:
		err = directory.Errorf(directory.AuthMethodNotSupported, "unknown SASL mechanism")
	}
	if err != nil {
		return anonymous, directory.PasswordState{}, err
	}
	return bound.session, bound.told, nil
}

func (d *Directory) bindSimple(ctx context.Context, s *acl.Session, req *directory.BindRequest) (*authenticated, error) {
	switch {
	case len(req.Password) > 0:
	case req.Name == "":
		return &authenticated{session: s}, nil
	default:
		return nil, errUnauthenticated
	}
	if !mayCarryPassword(d.Policy(), s) {
		return nil, errUnprotected
	}
	n, err := d.parseName(req.Name)
	if err != nil {
		return nil, err
	}
	who := func(sn *storage.Snapshot) (directory.EntryID, error) { return sn.Lookup(n.ndn) }
	a, err := d.authenticate(ctx, s, who, req.Password, acl.MethodSimple, account.Right)
	if err != nil {
		return nil, err
	}
	d.offerUpgrade(a, req.Password)
	return a, nil
}

// authenticated is a bind that succeeded.
type authenticated struct {
	attempt
	session *acl.Session
	told    directory.PasswordState
}

// authenticate verifies a password. A failure costs one hash of the configured cost, whatever was wrong, and a place at the workers
// is taken whether or not there is an entry, so that busy tells nothing.
func (d *Directory) authenticate(ctx context.Context, s *acl.Session, who finder, clear []byte, method acl.AuthMethod, right account.Event) (*authenticated, error) {
	a := &authenticated{attempt: attempt{spent: spent{began: time.Now()}}}
	id, err := d.account(s, who, &a.attempt)
	if err != nil {
		return nil, err
	}
	decided, err := d.try(ctx, &a.attempt, clear, right)
	if err != nil {
		return nil, err
	}
	if decided.Reason != account.Granted {
		return nil, refusedBind(decided.Told)
	}
	a.told = decided.Told
	id.Kind, id.Method, id.Level, id.At = acl.KindEntry, method, 1, d.now()
	a.session = s.Authenticated(id)
	return a, nil
}

// account reads what decides about the entry to be authenticated. Without an entry that may bind there is nothing. The snapshot is
// not held while the password is hashed.
func (d *Directory) account(s *acl.Session, who finder, a *attempt) (acl.Identity, error) {
	sn := d.store.Snapshot()
	defer sn.Close()
	id := acl.Identity{CSN: sn.CSN()}
	entry, err := d.bindable(s, sn, who, &id)
	if err != nil || entry == nil {
		return id, err
	}
	return id, a.read(d, sn, id.ID, entry)
}

// bindable returns the entry that a session may authenticate as, nil if there is none, and fills in who it is. Whether the account
// may be used is not asked.
func (d *Directory) bindable(s *acl.Session, sn *storage.Snapshot, who finder, id *acl.Identity) (*directory.Entry, error) {
	policy := d.Policy()
	if err := d.checkWith(policy, s, sn); err != nil { // before the look-up, so that it tells nothing
		return nil, err
	}
	found, err := who(sn)
	switch {
	case isNotFound(err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	c := candidate{d: d, s: s, sn: sn, id: found}
	if err := c.load(); err != nil {
		return nil, err
	}
	if !policy.Decide(s, &c).Allows(acl.ActionBind) {
		return nil, nil
	}
	id.ID = found
	if id.DN, err = sn.DN(found); err != nil {
		return nil, err
	}
	id.NDN, err = sn.NDN(found)
	return c.entry, err
}

// isUsable reports whether an account may be used at all at the time of a state: it is not disabled, not before its time, not after
// its end. That holds for certificates and for sessions that go on, too.
func (d *Directory) isUsable(sn *storage.Snapshot, e *directory.Entry) bool {
	s := d.attr.account.stateOf(e)
	return s.Usable(d.policyTime(sn)) == account.Granted
}
