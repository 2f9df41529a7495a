package dit_test

import (
	"context"
	"strings"
	"testing"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/directory/password"
)

func TestSimpleBind(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.person("locked", 10003, "pwdAccountLockedTime: 000001010000Z")
	for _, tt := range []struct {
		name string
		t    acl.Transport
		req  *directory.BindRequest
		code directory.ResultCode
		dn   string
	}{
		{"right", loopback, simple(alice, "secret-alice"), 0, alice},
		{"name as written by the client", loopback, simple("UID=alice, "+people, "secret-alice"), 0, alice},
		{"wrong", loopback, simple(alice, "secret-bob"), directory.InvalidCredentials, ""},
		{"case of the password", loopback, simple(alice, "Secret-alice"), directory.InvalidCredentials, ""},
		{"unknown", loopback, simple(carol, "secret-carol"), directory.InvalidCredentials, ""},
		{"no password stored", loopback, simple(people, "secret-people"), directory.InvalidCredentials, ""},
		{"disabled", loopback, simple("uid=locked,"+people, "secret-locked"), directory.InvalidCredentials, ""},
		{"root DSE with a password", loopback, simple("", "secret"), directory.InvalidCredentials, ""},
		{"schema", loopback, simple("cn=Subschema", "secret"), directory.InvalidCredentials, ""},
		{"operator by name", loopback, simple(acl.OperatorDN, "secret-operator"), directory.InvalidCredentials, ""},
		{"empty password", loopback, simple(alice, ""), directory.UnwillingToPerform, ""},
		{"empty password for nobody", loopback, simple(carol, ""), directory.UnwillingToPerform, ""},
		{"anonymous", loopback, simple("", ""), 0, ""},
		{"anonymous in the clear", remote, simple("", ""), 0, ""},
		{"in the clear", remote, simple(alice, "secret-alice"), directory.ConfidentialityRequired, ""},
		{"nobody in the clear", remote, simple(carol, "x"), directory.ConfidentialityRequired, ""},
		{"version 2", loopback, &directory.BindRequest{Version: 2, Name: alice, Password: []byte("secret-alice")}, directory.ProtocolError, ""},
		{"malformed name", loopback, simple("alice", "x"), directory.InvalidDNSyntax, ""},
		{"unknown mechanism", loopback, &directory.BindRequest{Version: 3, Mechanism: "GSSAPI"}, directory.AuthMethodNotSupported, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := &fixture{TB: t, d: f.d}
			s, _, err := f.d.Bind(t.Context(), acl.NewSession(tt.t), tt.req)
			f.wants(err, tt.code)
			if s == nil || s.Identity().DN != tt.dn || s.IsAnonymous() != (tt.dn == "") {
				t.Fatalf("session of %+v", s.Identity())
			}
			if tt.code == directory.InvalidCredentials && (diagnostic(err) != "" || matched(err) != "") {
				t.Errorf("a failed bind says %q, %q", diagnostic(err), matched(err))
			}
		})
	}
}

func TestFailedBindCostsOneHash(t *testing.T) {
	t.Parallel()
	var hasher *password.Hasher
	f := newFixture(t, func(o *dit.Options) { hasher = o.Hasher })
	f.person("locked", 10003, "pwdAccountLockedTime: 000001010000Z")
	f.person("fast", 10004)
	f.ok(f.modify(f.as(adminDN), "uid=fast,"+people, "replace userPassword: {SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3"))
	for _, dn := range []string{alice, carol, people, "uid=locked," + people, "uid=fast," + people, "uid=x,dc=elsewhere", "cn=Subschema"} {
		before := hasher.Stats().Hashes
		_, _, err := f.d.Bind(t.Context(), acl.NewSession(loopback), simple(dn, "wrong"))
		f.wants(err, directory.InvalidCredentials)
		if n := hasher.Stats().Hashes - before; n != 1 {
			t.Errorf("%s: %d hashes", dn, n)
		}
	}
	before := hasher.Stats().Hashes
	_, _, err := f.d.Bind(t.Context(), acl.NewSession(remote), simple(alice, "wrong"))
	f.wants(err, directory.ConfidentialityRequired)
	if n := hasher.Stats().Hashes - before; n != 0 {
		t.Errorf("a bind that the transport refuses: %d hashes", n)
	}
}

func TestFailedBindIsAnonymous(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	s, _, err := f.d.Bind(t.Context(), f.as(adminDN), simple(alice, "wrong"))
	f.wants(err, directory.InvalidCredentials)
	if !s.IsAnonymous() {
		t.Error("a failed bind keeps the identity")
	}
}

func plain(text string) *directory.BindRequest {
	return &directory.BindRequest{
		Version: 3, Mechanism: "PLAIN", HasCredentials: true, Credentials: []byte(strings.ReplaceAll(text, "|", "\x00")),
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, tt := range []struct {
		name, text string
		code       directory.ResultCode
	}{
		{"user name", "|alice|secret-alice", 0},
		{"u:", "|u:alice|secret-alice", 0},
		{"dn:", "|dn:" + alice + "|secret-alice", 0},
		{"DN", "|" + alice + "|secret-alice", 0},
		{"as oneself", "dn:" + alice + "|alice|secret-alice", 0},
		{"as another", "dn:" + bob + "|alice|secret-alice", directory.InvalidCredentials},
		{"wrong", "|alice|x", directory.InvalidCredentials},
		{"unknown", "|carol|x", directory.InvalidCredentials},
		{"not a name", "|dn:x|x", directory.InvalidCredentials},
		{"empty password", "|alice|", directory.UnwillingToPerform},
		{"no user", "||x", directory.ProtocolError},
		{"malformed", "alice", directory.ProtocolError},
		{"too many parts", "|alice|x|y", directory.ProtocolError},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := &fixture{TB: t, d: f.d}
			s, _, err := f.d.Bind(t.Context(), acl.NewSession(loopback), plain(tt.text))
			f.wants(err, tt.code)
			if err == nil && (s.Identity().DN != alice || s.Identity().Method != acl.MethodSASLPlain) {
				t.Errorf("%+v", s.Identity())
			}
		})
	}
	_, _, err := f.d.Bind(t.Context(), acl.NewSession(remote), plain("|alice|secret-alice"))
	f.wants(err, directory.ConfidentialityRequired)
	_, _, err = f.d.Bind(t.Context(), acl.NewSession(loopback), &directory.BindRequest{Version: 3, Mechanism: "PLAIN"})
	f.wants(err, directory.SASLBindInProgress)
	f.person("alice2", 10005, "uid: alice")
	_, _, err = f.d.Bind(t.Context(), acl.NewSession(loopback), plain("|alice|secret-alice"))
	f.wants(err, directory.InvalidCredentials) // two entries with one user name
}

func TestExternal(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(o *dit.Options) {
		o.Identity = []dit.IdentityRule{
			{Name: "root", To: acl.OperatorDN},
			{Name: "uidNumber=33+gidNumber=33,cn=peercred,cn=external,cn=auth", To: reader},
			{Name: "cn=client,o=Example", To: alice},
			{Name: "cn=gone,o=Example", To: carol},
		}
	})
	peer := func(uid, gid uint32) acl.Transport {
		return acl.Transport{LocalSocket: true, HasPeerCreds: true, PeerUID: uid, PeerGID: gid}
	}
	for _, tt := range []struct {
		name  string
		t     acl.Transport
		authz string
		code  directory.ResultCode
		kind  acl.Kind
		dn    string
		level int
	}{
		{"root", peer(0, 0), "", 0, acl.KindOperator, acl.OperatorDN, 1},
		{"by name", peer(33, 33), "", 0, acl.KindEntry, reader, 1},
		{"unmapped", peer(1000, 100), "", 0, acl.KindExternal, "gidNumber=100+uidNumber=1000,cn=peercred,cn=external,cn=auth", 1},
		{"certificate", acl.Transport{TLSBits: 256, ClientCertSubject: "CN=client,O=Example"}, "", 0, acl.KindEntry, alice, 2},
		{"certificate for a missing entry", acl.Transport{TLSBits: 256, ClientCertSubject: "CN=gone,O=Example"}, "", directory.InvalidCredentials, 0, "", 0},
		{"unmapped certificate", acl.Transport{TLSBits: 256, ClientCertSubject: "CN=other,O=Example"}, "", 0, acl.KindExternal, "CN=other,O=Example", 2},
		{"as itself", peer(33, 33), "dn:" + reader, 0, acl.KindEntry, reader, 1},
		{"as another", peer(33, 33), "dn:" + adminDN, directory.InvalidCredentials, 0, "", 0},
		{"nothing proved", loopback, "", directory.InappropriateAuthentication, 0, "", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := &fixture{TB: t, d: f.d}
			s, _, err := f.d.Bind(t.Context(), acl.NewSession(tt.t), &directory.BindRequest{Version: 3, Mechanism: "external", Credentials: []byte(tt.authz)})
			f.wants(err, tt.code)
			if id := s.Identity(); id.Kind != tt.kind || id.DN != tt.dn || id.Level != tt.level {
				t.Errorf("%+v", id)
			}
		})
	}
}

func TestUpgrade(t *testing.T) {
	t.Parallel()
	up := password.NewUpgrader(8)
	f := newFixture(t, func(o *dit.Options) { o.Upgrader = up })
	defer up.Close()
	f.ok(f.modify(f.as(adminDN), alice, "replace userPassword: {SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3"))
	stamp := f.one(alice, "modifyTimestamp")
	f.clock.Store(100)
	csn := f.store.Published()
	_, _, err := f.d.Bind(t.Context(), acl.NewSession(loopback), simple(alice, "secret"))
	f.ok(err)
	done := make(chan struct{})
	up.Offer(1<<40, func(context.Context) { close(done) })
	<-done // upgrades run one after another
	if f.store.Published() == csn {
		t.Fatal("nothing was upgraded")
	}
	if got := f.one(alice, "modifyTimestamp"); got != stamp {
		t.Errorf("an upgrade moved modifyTimestamp from %s to %s", stamp, got)
	}
	_, _, err = f.d.Bind(t.Context(), acl.NewSession(loopback), simple(alice, "secret"))
	f.ok(err)
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	set := func(s *acl.Session, dn string) error {
		_, err := f.d.ModifyPassword(t.Context(), s, &directory.PasswordModifyRequest{UserIdentity: dn, HasUserIdentity: dn != "", NewPassword: []byte("secret-new")})
		return err
	}
	mine, other := f.as(alice), f.as(alice)
	f.ok(set(mine, ""))
	f.ok(f.d.Check(mine))
	f.ok(f.d.Check(other)) // one's own change ends no session
	f.ok(set(f.as(adminDN), alice))
	f.wants(f.d.Check(mine), directory.StrongerAuthRequired)
	_, err := f.search(other, query{base: alice})
	f.wants(err, directory.StrongerAuthRequired)
	f.wants(f.modify(other, alice, "add title: x"), directory.StrongerAuthRequired)

	bobs := f.as(bob)
	f.ok(f.d.ModifyDN(t.Context(), f.operator(), &directory.ModifyDNRequest{DN: bob, NewRDN: "uid=robert", DeleteOldRDN: true}))
	f.ok(f.d.Check(bobs))
	if got := bobs.AuthzID(); got != "dn:uid=robert,"+people {
		t.Errorf("after a rename the session is %q", got)
	}
	f.compareLists(f.read(bobs, "uid=robert,"+people, "uid"), "uid: robert")
	f.ok(f.d.Delete(t.Context(), f.operator(), &directory.DeleteRequest{DN: "uid=robert," + people}))
	f.wants(f.d.Check(bobs), directory.StrongerAuthRequired)

	admin := f.as(adminDN)
	f.ok(f.d.ModifyDN(t.Context(), f.operator(), &directory.ModifyDNRequest{DN: adminDN, NewRDN: "cn=former", DeleteOldRDN: true}))
	f.wants(f.modify(admin, alice, "add title: x"), directory.NoSuchObject) // no administrator any more
	disabled := f.as(reader)
	f.ok(f.modify(f.operator(), reader, "add pwdAccountLockedTime: 000001010000Z"))
	f.wants(f.d.Check(disabled), directory.StrongerAuthRequired)
}
