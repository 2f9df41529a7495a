package dit_test

import (
	"testing"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/directory/password"
)

func (f *fixture) canBind(dn, pw string) bool {
	f.Helper()
	_, _, err := f.d.Bind(f.Context(), acl.NewSession(loopback), simple(dn, pw))
	if err != nil {
		f.wants(err, directory.InvalidCredentials)
	}
	return err == nil
}

func TestPasswordModify(t *testing.T) {
	t.Parallel()
	const fresh = "a new password"
	for _, tt := range []struct {
		name          string
		as            string
		t             acl.Transport
		user, old, pw string
		code          directory.ResultCode
		changed       string // whose password is the new one
	}{
		{name: "own", as: alice, pw: fresh, changed: alice},
		{name: "own, by name", as: alice, user: alice, pw: fresh, changed: alice},
		{name: "own, by user name", as: alice, user: "u:alice", pw: fresh, changed: alice},
		{name: "own, old right", as: alice, old: "secret-alice", pw: fresh, changed: alice},
		{name: "own, old wrong", as: alice, old: "x", pw: fresh, code: directory.InvalidCredentials},
		{name: "another's, hidden", as: alice, user: bob, pw: fresh, code: directory.NoSuchObject},
		{name: "another's, missing", as: alice, user: carol, pw: fresh, code: directory.NoSuchObject},
		{name: "another's, with the old one", as: alice, user: bob, old: "secret-bob", pw: fresh, code: directory.NoSuchObject},
		{name: "another's, visible", as: reader, user: bob, pw: fresh, code: directory.InsufficientAccessRights},
		{name: "reset", as: adminDN, user: bob, pw: fresh, changed: bob},
		{name: "reset, whatever old", as: adminDN, user: bob, old: "x", pw: fresh, changed: bob},
		{name: "reset by a writer", as: writer, user: bob, pw: fresh, changed: bob},
		{name: "reset of nobody", as: adminDN, user: carol, pw: fresh, code: directory.NoSuchObject},
		{name: "entry that takes no password", as: adminDN, user: groups + "x", pw: fresh, code: directory.NoSuchObject},
		{name: "group", as: adminDN, user: staff, pw: fresh, code: directory.ObjectClassViolation},
		{name: "unbound", user: alice, old: "secret-alice", pw: fresh, changed: alice},
		{name: "unbound, wrong", user: alice, old: "x", pw: fresh, code: directory.InvalidCredentials},
		{name: "unbound, nobody", user: carol, old: "x", pw: fresh, code: directory.InvalidCredentials},
		{name: "unbound, no old one", user: alice, pw: fresh, code: directory.UnwillingToPerform},
		{name: "unbound, no user", old: "secret-alice", pw: fresh, code: directory.UnwillingToPerform},
		{name: "in the clear", t: remote, user: alice, old: "secret-alice", pw: fresh, code: directory.ConfidentialityRequired},
		{name: "a hash", as: adminDN, user: bob, pw: "{SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3", code: directory.ConstraintViolation},
		{name: "an unknown scheme", as: alice, pw: "{NOSUCH}x", code: directory.ConstraintViolation},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			s := f.as(tt.as)
			if tt.t.Peer.IsValid() {
				s = acl.NewSession(tt.t)
			}
			req := &directory.PasswordModifyRequest{UserIdentity: tt.user, HasUserIdentity: tt.user != "", NewPassword: []byte(tt.pw)}
			if tt.old != "" {
				req.OldPassword = []byte(tt.old)
			}
			generated, err := f.d.ModifyPassword(t.Context(), s, req)
			f.wants(err, tt.code)
			if generated != nil {
				t.Error("a password was generated that nobody asked for")
			}
			for _, dn := range []string{alice, bob} {
				if got, want := f.canBind(dn, tt.pw), dn == tt.changed; got != want {
					t.Errorf("%s binds with the new password: %v", dn, got)
				}
			}
			if tt.changed == "" && (!f.canBind(alice, "secret-alice") || !f.canBind(bob, "secret-bob")) {
				t.Error("a refused change took the old password")
			}
		})
	}
}

func TestPasswordModifyGenerates(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	generated, err := f.d.ModifyPassword(t.Context(), f.as(alice), &directory.PasswordModifyRequest{})
	f.ok(err)
	if len(generated) < 16 || !f.canBind(alice, string(generated)) || f.canBind(alice, "secret-alice") {
		t.Errorf("%d bytes were generated", len(generated))
	}
}

func TestOwnPasswordWithoutPasswordBind(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(o *dit.Options) { o.Identity = []dit.IdentityRule{{Name: "root", To: alice}} })
	local := acl.Transport{LocalSocket: true, HasPeerCreds: true}
	s, _, err := f.d.Bind(t.Context(), acl.NewSession(local), &directory.BindRequest{Version: 3, Mechanism: "EXTERNAL"})
	f.ok(err)
	_, err = f.d.ModifyPassword(t.Context(), s, &directory.PasswordModifyRequest{NewPassword: []byte("fresh one")})
	f.wants(err, directory.UnwillingToPerform)
	f.wants(f.modify(s, alice, "replace userPassword: fresh one"), directory.UnwillingToPerform)
	_, err = f.d.ModifyPassword(t.Context(), s, &directory.PasswordModifyRequest{OldPassword: []byte("secret-alice"), NewPassword: []byte("fresh one")})
	f.ok(err)
}

func TestPasswordByModify(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		as      string
		changes []string
		code    directory.ResultCode
		right   []string // passwords of bob afterwards
	}{
		{"own, replace", bob, []string{"replace userPassword: fresh"}, 0, []string{"fresh"}},
		{"own, delete and add", bob, []string{"delete userPassword: secret-bob", "add userPassword: fresh"}, 0, []string{"fresh"}},
		{"own, wrong old one", bob, []string{"delete userPassword: wrong", "add userPassword: fresh"}, directory.InvalidCredentials, []string{"secret-bob"}},
		{"own, a second one", bob, []string{"add userPassword: fresh"}, 0, []string{"secret-bob", "fresh"}},
		{"own, and something else", bob, []string{"replace userPassword: fresh", "replace title: King"}, directory.InsufficientAccessRights, []string{"secret-bob"}},
		{"own, a hash", bob, []string{"replace userPassword: {SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3"}, directory.ConstraintViolation, []string{"secret-bob"}},
		{"own, cleartext scheme", bob, []string{"replace userPassword: {CLEARTEXT}x"}, directory.ConstraintViolation, []string{"secret-bob"}},
		{"another's", alice, []string{"replace userPassword: fresh"}, directory.NoSuchObject, []string{"secret-bob"}},
		{"reader", reader, []string{"replace userPassword: fresh"}, directory.InsufficientAccessRights, []string{"secret-bob"}},
		{"reader, delete", reader, []string{"delete userPassword: secret-bob"}, directory.InsufficientAccessRights, []string{"secret-bob"}},
		{"reset", writer, []string{"replace userPassword: fresh"}, 0, []string{"fresh"}},
		{"reset, old one unknown", writer, []string{"delete userPassword: x", "add userPassword: fresh"}, 0, []string{"fresh"}},
		{"delete a wrong one", writer, []string{"delete userPassword: x"}, directory.NoSuchAttribute, []string{"secret-bob"}},
		{"delete", adminDN, []string{"delete userPassword"}, 0, nil},
		{"administrator, a hash", adminDN, []string{"replace userPassword: {SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3"}, 0, []string{"secret"}},
		{"administrator, cleartext scheme", adminDN, []string{"replace userPassword: {CLEARTEXT}fresh"}, 0, []string{"fresh"}},
		{"increment", adminDN, []string{"increment userPassword: 1"}, directory.ConstraintViolation, []string{"secret-bob"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.wants(f.modify(f.as(tt.as), bob, tt.changes...), tt.code)
			right := map[string]bool{}
			for _, pw := range tt.right {
				right[pw] = true
			}
			for _, pw := range []string{"secret-bob", "fresh", "secret", "x", "{CLEARTEXT}x"} {
				if got := f.canBind(bob, pw); got != right[pw] {
					t.Errorf("binds with %q: %v", pw, got)
				}
			}
		})
	}
}

// TestRefusedRequestsHashNothing makes sure that nobody makes the server hash who may not set the password.
// TestUnboundPasswordChangeCostsOneHash: a change on a connection that nobody is bound on is judged like a bind.
func TestUnboundPasswordChangeCostsOneHash(t *testing.T) {
	t.Parallel()
	var hasher *password.Hasher
	f := newFixture(t, func(o *dit.Options) { hasher = o.Hasher })
	f.person("locked", 10003, "pwdAccountLockedTime: 000001010000Z")
	try := func(who, old string) (uint64, error) {
		before := hasher.Stats().Hashes
		_, err := f.d.ModifyPassword(t.Context(), acl.NewSession(loopback), &directory.PasswordModifyRequest{
			UserIdentity: who, HasUserIdentity: true, OldPassword: []byte(old), NewPassword: []byte("another-secret"),
		})
		return hasher.Stats().Hashes - before, err
	}
	for _, who := range []string{alice, carol, people, "uid=locked," + people, "u:nobody", "u:alice", "uid=x,dc=elsewhere", "cn=Subschema", "\x00"} {
		n, err := try(who, "wrong")
		f.wants(err, directory.InvalidCredentials)
		if n != 1 {
			t.Errorf("%s: %d hashes", who, n)
		}
		n, err = try(who, "")
		f.wants(err, directory.UnwillingToPerform)
		if n != 0 {
			t.Errorf("%s without the old password: %d hashes", who, n)
		}
	}
}

func TestRefusedRequestsHashNothing(t *testing.T) {
	t.Parallel()
	var hasher *password.Hasher
	f := newFixture(t, func(o *dit.Options) { hasher = o.Hasher })
	sessions := map[string]*acl.Session{"": f.as(""), alice: f.as(alice), reader: f.as(reader)}
	before := hasher.Stats().Hashes
	for who, s := range sessions {
		if f.addAs(s, carol, append(carolLines, "userPassword: x")...) == nil {
			t.Errorf("%q may add", who)
		}
		if f.modify(s, bob, "replace userPassword: x") == nil || f.modify(s, bob, "delete userPassword: x") == nil {
			t.Errorf("%q may modify", who)
		}
		if _, err := f.d.ModifyPassword(t.Context(), s, &directory.PasswordModifyRequest{
			UserIdentity: bob, HasUserIdentity: true, NewPassword: []byte("x"),
		}); err == nil {
			t.Errorf("%q may set", who)
		}
	}
	if n := hasher.Stats().Hashes - before; n != 0 {
		t.Errorf("%d hashes", n)
	}
}
