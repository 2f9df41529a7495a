package dit

import (
	"bytes"
	"context"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/account"
)

// bindPlain is SASL PLAIN (RFC 4616): [authzid] NUL authcid NUL password.
func (d *Directory) bindPlain(ctx context.Context, s *acl.Session, req *directory.BindRequest) (*authenticated, error) {
	if !mayCarryPassword(d.Policy(), s) {
		return nil, errUnprotected
	}
	if !req.HasCredentials { // the client waits for an empty challenge
		return nil, &directory.Error{Code: directory.SASLBindInProgress}
	}
	parts := bytes.SplitN(req.Credentials, []byte{0}, 4)
	if len(parts) != 3 || len(parts[1]) == 0 {
		return nil, directory.Errorf(directory.ProtocolError, "malformed PLAIN message")
	}
	authz, authc, clear := string(parts[0]), string(parts[1]), parts[2]
	if len(clear) == 0 {
		return nil, errUnauthenticated
	}
	who, _ := d.finder(authc)
	a, err := d.authenticate(ctx, s, who, clear, acl.MethodSASLPlain, account.Right)
	if err != nil {
		return nil, err
	}
	if authz != "" && authz != authc && !d.isAuthzID(authz, a.session) {
		return nil, errCredentials
	}
	d.offerUpgrade(a, clear)
	return a, nil
}
