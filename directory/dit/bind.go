package dit

import (
	"bytes"
	"context"
	"log/slog"
	"strings"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/password"
	"gatehouse/storage"
)

// The answers of a bind. errCredentials is the one answer of a bind that failed, whatever the reason: a missing, disabled or
// forbidden entry, one without a password, a wrong password.
var (
	errCredentials     = &directory.Error{Code: directory.InvalidCredentials}
	errUnauthenticated = directory.Errorf(directory.UnwillingToPerform, "a bind with a name and an empty password is refused")
	errUnprotected     = directory.Errorf(directory.ConfidentialityRequired, "use TLS: a password would cross the network in clear text")
)

// Bind authenticates (RFC 4511 section 4.2, RFC 4513). The session that it returns takes the place of s; where the bind failed, it is
// anonymous.
func (d *Directory) Bind(ctx context.Context, s *acl.Session, req *directory.BindRequest) (*acl.Session, error) {
	anonymous := s.Anonymous()
	var bound *acl.Session
	var err error
	switch {
	case req.Version != 3:
		err = directory.Errorf(directory.ProtocolError, "LDAP version %d is not spoken here, only 3", req.Version)
	case req.Mechanism == "":
		bound, err = d.bindSimple(ctx, anonymous, req)
	case strings.EqualFold(req.Mechanism, "EXTERNAL"):
		bound, err = d.bindExternal(anonymous, req)
	case strings.EqualFold(req.Mechanism, "PLAIN"):
		bound, err = d.bindPlain(ctx, anonymous, req)
	default:
		err = directory.Errorf(directory.AuthMethodNotSupported, "unknown SASL mechanism")
	}
	if err != nil {
		return anonymous, err
	}
	return bound, nil
}

func (d *Directory) bindSimple(ctx context.Context, s *acl.Session, req *directory.BindRequest) (*acl.Session, error) {
	switch {
	case len(req.Password) > 0:
	case req.Name == "":
		return s, nil
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
	a, err := d.authenticate(ctx, s, who, req.Password, acl.MethodSimple)
	if err != nil {
		return nil, err
	}
	d.offerUpgrade(a, req.Password)
	return a.session, nil
}

// authenticated is a bind that succeeded.
type authenticated struct {
	session *acl.Session
	id      directory.EntryID
	stored  [][]byte // the passwords of the entry, of which one was right
	verdict password.Verdict
}

// authenticate verifies a password. The place at the workers is taken before the entry is looked up, so that busy tells nothing,
// and a failure costs one hash of the configured cost, whatever was wrong.
func (d *Directory) authenticate(ctx context.Context, s *acl.Session, who finder, clear []byte, method acl.AuthMethod) (*authenticated, error) {
	slot, err := d.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer slot.Release()
	a, id, err := d.account(s, who)
	if err != nil {
		return nil, err
	}
	a.verdict = slot.VerifyEntry(uint64(a.id), a.stored, clear)
	if !a.verdict.OK {
		if a.verdict.Unusable > 0 {
			d.log.LogAttrs(ctx, slog.LevelWarn, "stored passwords cannot be verified",
				slog.String("dn", id.DN), slog.Int("values", a.verdict.Unusable))
		}
		return nil, errCredentials
	}
	id.Kind, id.Method, id.Level, id.At = acl.KindEntry, method, 1, d.now()
	a.session = s.Authenticated(id)
	return a, nil
}

// account reads the passwords of the entry to be authenticated. Without an entry that may bind it has none. The snapshot is not
// held while the password is hashed.
func (d *Directory) account(s *acl.Session, who finder) (*authenticated, acl.Identity, error) {
	sn := d.store.Snapshot()
	defer sn.Close()
	id := acl.Identity{CSN: sn.CSN()}
	entry, err := d.bindable(s, sn, who, &id)
	if err != nil || entry == nil {
		return &authenticated{}, id, err
	}
	a := &authenticated{id: id.ID}
	for v := range entry.Get(d.attr.userPassword).Values() {
		a.stored = append(a.stored, v)
	}
	return a, id, nil
}

// bindable returns the entry that a session may authenticate as, nil if there is none, and fills in who it is.
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
	if !policy.Decide(s, &c).Allows(acl.ActionBind) || d.isDisabled(c.entry) {
		return nil, nil
	}
	id.ID = found
	if id.DN, err = sn.DN(found); err != nil {
		return nil, err
	}
	id.NDN, err = sn.NDN(found)
	return c.entry, err
}

// lockedForGood is the pwdAccountLockedTime of an account that an administrator has locked (draft-behera-ldap-password-policy-10,
// section 5.3.3).
const lockedForGood = "000001010000Z"

// isDisabled reports whether an administrator has disabled the account, in the forms of OpenLDAP and 389-DS.
func (d *Directory) isDisabled(e *directory.Entry) bool {
	if desc := d.attr.pwdAccountLockedTime; desc != nil && string(e.Get(desc).First()) == lockedForGood {
		return true
	}
	desc := d.attr.nsAccountLock
	return desc != nil && bytes.EqualFold(e.Get(desc).First(), []byte("true"))
}
