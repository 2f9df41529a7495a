package dit

import (
	"fmt"
	"os"
	"strings"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/storage"
)

// IdentityRule says who a proved identity acts as. Name is the DN of the identity, as the transport makes it, or one of the words
// "root" (a local peer with uid 0) and "server" (a local peer with the server's own uid). To is the DN of an entry, or the
// operator's.
type IdentityRule struct {
	Name string
	To   string
}

// identityRule is an IdentityRule with its names normalized.
type identityRule struct {
	word     string
	ndn      directory.NDN
	to       directory.NDN
	operator bool
}

// SetIdentityRules takes other rules from the next bind on.
func (d *Directory) SetIdentityRules(rules []IdentityRule) error {
	made := make([]identityRule, 0, len(rules))
	for _, r := range rules {
		var m identityRule
		var err error
		if r.Name == "root" || r.Name == "server" {
			m.word = r.Name
		} else if _, m.ndn, err = d.schema.ParseName(r.Name); err != nil {
			return fmt.Errorf("identity rule %q: %w", r.Name, err)
		}
		if _, m.to, err = d.schema.ParseName(r.To); err != nil {
			return fmt.Errorf("identity rule %q: target %q: %w", r.Name, r.To, err)
		}
		m.operator = m.to == acl.OperatorDN
		made = append(made, m)
	}
	d.identity.Store(&made)
	return nil
}

// proved returns the identity that the transport has proved, as a DN, and the level that it is worth.
func proved(t *acl.Transport) (dn string, level int, ok bool) {
	switch {
	case t.ClientCertSubject != "":
		return t.ClientCertSubject, 2, true
	case t.LocalSocket && t.HasPeerCreds:
		return fmt.Sprintf("gidNumber=%d+uidNumber=%d,cn=peercred,cn=external,cn=auth", t.PeerGID, t.PeerUID), 1, true
	default:
		return "", 0, false
	}
}

// bindExternal is SASL EXTERNAL (RFC 4422 appendix A). An identity that no rule maps keeps its own name and has the rights of
// one that is no entry.
func (d *Directory) bindExternal(s *acl.Session, req *directory.BindRequest) (*acl.Session, error) {
	t := s.Transport()
	dn, level, ok := proved(t)
	if !ok {
		return nil, directory.Errorf(directory.InappropriateAuthentication, "EXTERNAL needs a client certificate or a local socket")
	}
	id := acl.Identity{Kind: acl.KindExternal, DN: dn, Method: acl.MethodSASLExternal, Level: level, At: d.now()}
	if _, ndn, err := d.schema.ParseName(dn); err == nil {
		id.NDN = ndn
	}
	rule := d.ruleFor(t, id.NDN)
	switch {
	case rule == nil:
	case rule.operator:
		id.Kind, id.DN, id.NDN = acl.KindOperator, acl.OperatorDN, acl.OperatorDN
	default:
		sn := d.store.Snapshot()
		defer sn.Close()
		id.Kind, id.CSN = acl.KindEntry, sn.CSN()
		who := func(sn *storage.Snapshot) (directory.EntryID, error) { return sn.Lookup(rule.to) }
		entry, err := d.bindable(s, sn, who, &id)
		if err != nil {
			return nil, err
		}
		if entry == nil || !d.isUsable(sn, entry) {
			return nil, errCredentials
		}
	}
	bound := s.Authenticated(id)
	if len(req.Credentials) > 0 && !d.isAuthzID(string(req.Credentials), bound) {
		return nil, errCredentials
	}
	return bound, nil
}

func (d *Directory) ruleFor(t *acl.Transport, ndn directory.NDN) *identityRule {
	rules := *d.identity.Load()
	for i := range rules {
		r := &rules[i]
		local := t.ClientCertSubject == "" && t.LocalSocket && t.HasPeerCreds
		switch {
		case r.word == "root" && local && t.PeerUID == 0,
			r.word == "server" && local && int(t.PeerUID) == os.Getuid(),
			r.word == "" && ndn != "" && r.ndn == ndn:
			return r
		}
	}
	return nil
}

// isAuthzID reports whether an authorization identity (RFC 4513 section 5.2.1.8) is the session's own. Acting as another comes
// with proxied authorization.
func (d *Directory) isAuthzID(authz string, s *acl.Session) bool {
	name, isDN := strings.CutPrefix(authz, "dn:")
	if !isDN {
		return false
	}
	_, ndn, err := d.schema.ParseName(name)
	return err == nil && ndn == s.Identity().NDN
}
