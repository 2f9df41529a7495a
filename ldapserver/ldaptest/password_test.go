package ldaptest_test

import (
	"context"
	"log/slog"
	"regexp"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/ldapserver"
	"gatehouse/ldapserver/ldaptest"
)

// passwordPolicy: people change their own password, uid=helper resets others', cn=bosses are administrators.
func passwordPolicy(more ...string) string {
	return statements(append(more,
		allow("own", "self: true", `base: "ou=people,dc=example,dc=com"`, "view, password.change", anyName),
		allow("helpdesk", `dn: "uid=helper,ou=people,dc=example,dc=com"`, `base: "ou=people,dc=example,dc=com"`, "discover, password.reset"),
		allow("bosses", `group: "cn=bosses,ou=groups,dc=example,dc=com"`, `base: "ou=frozen,dc=example,dc=com"`, "write", "attributes: [description]"),
	)...)
}

// change is the extended operation; it returns what the server generated.
func change(c *ldap.Conn, who, old, fresh string) (string, error) {
	r, err := c.PasswordModify(ldap.NewPasswordModifyRequest(who, old, fresh))
	if err != nil {
		return "", err
	}
	return r.GeneratedPassword, nil
}

// binds reports whether somebody signs in with a password.
func (w *world) binds(uid, password string) bool {
	w.t.Helper()
	return code(w.t, w.Dial().Bind("uid="+uid+inPeople, password)) == ldap.LDAPResultSuccess
}

// wantPassword holds which of two passwords is the one.
func (w *world) wantPassword(what, uid, is, isNot string) {
	w.t.Helper()
	if !w.binds(uid, is) || isNot != "" && w.binds(uid, isNot) {
		w.t.Errorf("%s: the password of %s is not the one that it should be", what, uid)
	}
}

// TestPasswordOwn: the owner of a connection that was authenticated with the password needs no old one; an old one that is sent must be
// right (3.1, own entry on a bound connection).
func TestPasswordOwn(t *testing.T) {
	t.Parallel()
	alice := "uid=alice" + inPeople
	for _, tt := range []struct {
		name string
		do   func(c *ldap.Conn) error
		want uint16
	}{
		{"the extended operation without an identity", func(c *ldap.Conn) error { return reset(c, "", "fresh-secret") }, 0},
		{"the extended operation with the own name", func(c *ldap.Conn) error { return reset(c, alice, "fresh-secret") }, 0},
		{"the extended operation with dn: and the own name", func(c *ldap.Conn) error { return reset(c, "dn:"+alice, "fresh-secret") }, 0},
		{"the extended operation with u: and the own uid", func(c *ldap.Conn) error { return reset(c, "u:alice", "fresh-secret") }, 0},
		{"a modify that replaces", func(c *ldap.Conn) error { return modify(c, alice, "replace userPassword fresh-secret") }, 0},
		{"the old password", func(c *ldap.Conn) error { _, err := change(c, "", "alice-secret", "fresh-secret"); return err }, 0},
		{"a wrong old password", func(c *ldap.Conn) error { _, err := change(c, "", "wrong", "fresh-secret"); return err }, 49},
		{"delete old and add new", func(c *ldap.Conn) error {
			return modify(c, alice, "delete userPassword alice-secret", "add userPassword fresh-secret")
		}, 0},
		{"delete a wrong one and add new", func(c *ldap.Conn) error {
			return modify(c, alice, "delete userPassword wrong", "add userPassword fresh-secret")
		}, 49},
		{"a value with a scheme", func(c *ldap.Conn) error {
			return modify(c, alice, "replace userPassword {SSHA}aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
		}, ldap.LDAPResultConstraintViolation},
		{"a value with the scheme of clear text", func(c *ldap.Conn) error { return reset(c, "", "{CLEARTEXT}fresh-secret") }, ldap.LDAPResultConstraintViolation},
		{"another attribute with it, without the right to that", func(c *ldap.Conn) error {
			return modify(c, alice, "replace userPassword fresh-secret", "replace title x")
		}, ldap.LDAPResultInsufficientAccessRights},
		{"another's", func(c *ldap.Conn) error { return reset(c, "uid=carl"+inPeople, "fresh-secret") }, ldap.LDAPResultNoSuchObject},
		{"another's with the right old password", func(c *ldap.Conn) error {
			_, err := change(c, "uid=carl"+inPeople, "carl-secret", "fresh-secret")
			return err
		}, ldap.LDAPResultNoSuchObject},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, passwordPolicy())
			c := w.as("alice")
			answers(t, tt.name, tt.do(c), tt.want)
			if tt.want == 0 {
				w.wantPassword(tt.name, "alice", "fresh-secret", "alice-secret")
			} else {
				w.wantPassword(tt.name, "alice", "alice-secret", "fresh-secret")
			}
			if who, err := c.WhoAmI(nil); err != nil || who.AuthzID != "dn:"+alice {
				t.Errorf("afterwards the connection is %+v, %v", who, err)
			}
		})
	}
}

// TestPasswordGenerated: without a new password the server makes one, for oneself and for a reset.
func TestPasswordGenerated(t *testing.T) {
	t.Parallel()
	w := newWorld(t, passwordPolicy())
	mine, err := change(w.as("alice"), "", "", "")
	answers(t, "own", err, 0)
	theirs, err := change(w.as("helper"), "uid=carl"+inPeople, "", "")
	answers(t, "reset", err, 0)
	expired, err := change(w.Dial(), "uid=dan"+inPeople, "dan-secret", "")
	answers(t, "unbound", err, 0)
	for uid, made := range map[string]string{"alice": mine, "carl": theirs, "dan": expired} {
		if len(made) < 12 {
			t.Errorf("%s got %q", uid, made)
		}
		w.wantPassword("generated", uid, made, uid+"-secret")
	}
	if _, err := change(w.as("helper"), "uid=bob"+inPeople, "", ""); code(t, err) != ldap.LDAPResultInsufficientAccessRights {
		t.Errorf("a password was made for an administrator: %v", err)
	}
}

// TestPasswordUnbound: an unbound connection with an identity and the old password is judged like a bind; without the old password it is
// refused before any look-up; what fails answers 49, whatever the reason; the connection stays anonymous.
func TestPasswordUnbound(t *testing.T) {
	t.Parallel()
	in := func(uid string) string { return "uid=" + uid + inPeople }
	ldif := pwdPolicy("default", "pwdMaxAge: 86400") + "\n" + person("expired", "pwdReset: TRUE", "pwdChangedTime: 20200101000000Z") + "\n" + person("locked", "pwdAccountLockedTime: 000001010000Z") + "\n" +
		person("disabled", "nsAccountLock: TRUE") + "\ndn: " + in("empty") + "\nobjectClass: inetOrgPerson\nuid: empty\ncn: empty\nsn: Empty\n"
	w := newWorld(t, passwordPolicy(
		deny("nobind", "anyone: true", `base: "uid=nora,ou=people,dc=example,dc=com", scope: base`, "bind"),
		deny("nochange", "anyone: true", `base: "uid=carl,ou=people,dc=example,dc=com", scope: base`, "password.change"),
	), ldaptest.WithLDIF(ldif))
	for _, tt := range []struct {
		name, who, old string
		want           uint16
	}{
		{"an expired user", in("expired"), "expired-secret", 0},
		{"an expired user by uid", "u:expired", "fresh-secret", 0},
		{"an administrator", in("bob"), "bob-secret", 0},
		{"a wrong password", in("alice"), "wrong", 49},
		{"an unknown user", in("nobody"), "x", 49},
		{"an unknown uid", "u:nobody", "x", 49},
		{"what is no name", "\x00=,", "x", 49},
		{"a locked user", in("locked"), "locked-secret", 49},
		{"a disabled user", in("disabled"), "disabled-secret", 49},
		{"a user without password", in("empty"), "x", 49},
		{"a user whom the policy lets nobody bind as", in("nora"), "nora-secret", 49},
		{"a user who may not change the password", in("carl"), "carl-secret", 49},
		{"without the old password", in("alice"), "", ldap.LDAPResultUnwillingToPerform},
		{"without the old password, of an unknown user", in("nobody"), "", ldap.LDAPResultUnwillingToPerform},
		{"without the old password, of a locked user", in("locked"), "", ldap.LDAPResultUnwillingToPerform},
		{"without an identity", "", "alice-secret", ldap.LDAPResultUnwillingToPerform},
	} {
		c := w.Dial()
		_, err := change(c, tt.who, tt.old, "fresh-secret")
		answers(t, tt.name, err, tt.want)
		if le, ok := err.(*ldap.Error); ok && tt.want == 49 && le.Err.Error() != "" {
			t.Errorf("%s says why: %q", tt.name, le.Err)
		}
		if who, err := c.WhoAmI(nil); err != nil || who.AuthzID != "" {
			t.Errorf("%s: the connection is %+v, %v", tt.name, who, err)
		}
	}
	w.wantPassword("expired", "expired", "fresh-secret", "expired-secret")
	w.wantPassword("refused", "alice", "alice-secret", "fresh-secret")
	answers(t, "an anonymous modify with the old password", modify(w.Dial(), in("alice"), "delete userPassword alice-secret", "add userPassword x-secret"),
		ldap.LDAPResultNoSuchObject)
}

// TestPasswordReset: of any other entry it is password.reset, whatever old password is sent; discover is not needed, and without the
// right a hidden entry is like a missing one (2.4, 3.1).
func TestPasswordReset(t *testing.T) {
	t.Parallel()
	w := newWorld(t, passwordPolicy(
		allow("blind", `dn: "uid=carl,ou=people,dc=example,dc=com"`, `base: "uid=dan,ou=people,dc=example,dc=com", scope: base`, "password.reset"),
	))
	in := func(uid string) string { return "uid=" + uid + inPeople }
	helper, carl := w.as("helper"), w.as("carl")
	answers(t, "reset", reset(helper, in("alice"), "fresh-secret"), 0)
	w.wantPassword("reset", "alice", "fresh-secret", "alice-secret")
	_, err := change(helper, in("alice"), "whatever", "other-secret")
	answers(t, "reset with a wrong old password", err, 0)
	answers(t, "reset by modify", modify(helper, in("alice"), "replace userPassword third-secret"), 0)
	answers(t, "reset by delete and add", modify(helper, in("alice"), "delete userPassword whatever", "add userPassword fourth-secret"), 0)
	w.wantPassword("reset", "alice", "fourth-secret", "third-secret")
	answers(t, "reset with a scheme", modify(helper, in("alice"), "replace userPassword {SSHA}aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), 19)
	answers(t, "an administrator", reset(helper, in("bob"), "fresh-secret"), ldap.LDAPResultInsufficientAccessRights)
	answers(t, "an administrator by modify", modify(helper, in("bob"), "replace userPassword fresh-secret"), ldap.LDAPResultInsufficientAccessRights)
	answers(t, "a missing one", reset(helper, in("nobody"), "fresh-secret"), ldap.LDAPResultNoSuchObject)
	answers(t, "a write of another attribute", modify(helper, in("alice"), "replace title x"), ldap.LDAPResultInsufficientAccessRights)

	answers(t, "hidden, with the right", reset(carl, in("dan"), "fresh-secret"), 0)
	w.wantPassword("hidden", "dan", "fresh-secret", "dan-secret")
	secret, missing := reset(carl, in("alice"), "x-secret"), reset(carl, in("nobody"), "x-secret")
	answers(t, "hidden", secret, ldap.LDAPResultNoSuchObject)
	if h, m := secret.(*ldap.Error), missing.(*ldap.Error); h.ResultCode != m.ResultCode || h.MatchedDN != m.MatchedDN || withoutReference(h) != withoutReference(m) {
		t.Errorf("hidden answers %v, missing %v", secret, missing)
	}
	answers(t, "hidden, a scheme first", modify(carl, in("alice"), "replace userPassword {SSHA}x"), ldap.LDAPResultNoSuchObject)
}

var reference = regexp.MustCompile(`reference [0-9a-z]+`)

// withoutReference is the text of a refusal without the opaque reference, which differs each time.
func withoutReference(err *ldap.Error) string {
	return reference.ReplaceAllString(err.Err.Error(), "reference")
}

// TestPasswordOfNewEntry: a userPassword of an add needs password.reset on the new entry instead of write.add (3.1).
func TestPasswordOfNewEntry(t *testing.T) {
	t.Parallel()
	people := `base: "ou=people,dc=example,dc=com"`
	w := newWorld(t, statements(
		allow("both", `dn: ["uid=helper,ou=people,dc=example,dc=com", "uid=carl,ou=people,dc=example,dc=com"]`, people, "view, add-entry, write.add", anyName),
		allow("reset", `dn: "uid=helper,ou=people,dc=example,dc=com"`, people, "password.reset"),
	))
	helper, carl := w.as("helper"), w.as("carl")
	bare := "objectClass: inetOrgPerson\ncn: x\nsn: X"
	answers(t, "with password.reset", addEntry(helper, person("new")), 0)
	w.wantPassword("new", "new", "new-secret", "")
	answers(t, "without it", addEntry(carl, person("other")), ldap.LDAPResultInsufficientAccessRights)
	answers(t, "without a password", addEntry(carl, "dn: uid=third"+inPeople+"\nuid: third\n"+bare), 0)
	answers(t, "with a scheme", addEntry(helper, "dn: uid=fourth"+inPeople+"\nuid: fourth\n"+bare+"\nuserPassword: {SSHA}aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), 19)
	answers(t, "with a scheme, without the right", addEntry(carl, "dn: uid=fifth"+inPeople+"\nuid: fifth\n"+bare+"\nuserPassword: {SSHA}aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
		ldap.LDAPResultInsufficientAccessRights)
}

// TestPasswordAge: what statements say of the age of the authentication holds for password changes, too.
func TestPasswordAge(t *testing.T) {
	t.Parallel()
	clock := newClock()
	w := newWorld(t, statements(
		allow("own", "self: true", `base: "ou=people,dc=example,dc=com"`, "view, password.change", anyName, "when: {auth-max-age: 10m}"),
	), ldaptest.WithClock(clock.now))
	c := w.as("alice")
	clock.advance(9 * time.Minute)
	answers(t, "in time", reset(c, "", "fresh-secret"), 0)
	clock.advance(2 * time.Minute)
	if got := code(t, reset(c, "", "late-secret")); got == 0 {
		t.Error("too late, without the old password: done")
	}
	if got := code(t, modify(c, "uid=alice"+inPeople, "replace userPassword late-secret")); got == 0 {
		t.Error("too late, by modify: done")
	}
	w.wantPassword("too late", "alice", "fresh-secret", "late-secret")
}

// TestPasswordExternal: who came in without a password gives the old one.
func TestPasswordExternal(t *testing.T) {
	t.Parallel()
	w := newWorld(t, passwordPolicy(), ldaptest.WithIdentityRules(
		dit.IdentityRule{Name: "root", To: "uid=alice" + inPeople}, dit.IdentityRule{Name: "server", To: "uid=alice" + inPeople},
	))
	c := w.dialSocket()
	if err := c.ExternalBind(); err != nil {
		t.Fatal(err)
	}
	answers(t, "without the old password", reset(c, "", "fresh-secret"), ldap.LDAPResultUnwillingToPerform)
	answers(t, "without it, by modify", modify(c, "uid=alice"+inPeople, "replace userPassword fresh-secret"), ldap.LDAPResultUnwillingToPerform)
	answers(t, "taking it away", modify(c, "uid=alice"+inPeople, "delete userPassword"), ldap.LDAPResultUnwillingToPerform)
	answers(t, "one more", modify(c, "uid=alice"+inPeople, "add userPassword fresh-secret"), ldap.LDAPResultUnwillingToPerform)
	w.wantPassword("without the old one", "alice", "alice-secret", "fresh-secret")
	_, err := change(c, "", "wrong", "fresh-secret")
	answers(t, "with a wrong one", err, ldap.LDAPResultInvalidCredentials)
	_, err = change(c, "", "alice-secret", "fresh-secret")
	answers(t, "with it", err, 0)
	answers(t, "delete old and add new", modify(c, "uid=alice"+inPeople, "delete userPassword fresh-secret", "add userPassword third-secret"), 0)
	w.wantPassword("with it", "alice", "third-secret", "fresh-secret")
}

// TestPasswordInTheClear: a bind or a change that its transport alone refuses answers confidentialityRequired, before any look-up.
func TestPasswordInTheClear(t *testing.T) {
	t.Parallel()
	w := newWorld(t, passwordPolicy(deny("clear", "anyone: true", `base: "${suffix}"`, "bind, password.change, password.reset", "when: {tls: none}")))
	address := serveInTheClear(t, w.Directory)
	dial := func() *ldap.Conn {
		c, err := ldap.DialURL("ldap://" + address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	in := func(uid string) string { return "uid=" + uid + inPeople }
	for name, do := range map[string]func(c *ldap.Conn) error{
		"bind":                   func(c *ldap.Conn) error { return c.Bind(in("alice"), "alice-secret") },
		"bind of nobody":         func(c *ldap.Conn) error { return c.Bind(in("nobody"), "x") },
		"change":                 func(c *ldap.Conn) error { _, err := change(c, in("alice"), "alice-secret", "fresh-secret"); return err },
		"change of nobody":       func(c *ldap.Conn) error { _, err := change(c, in("nobody"), "x", "fresh-secret"); return err },
		"change without the old": func(c *ldap.Conn) error { return reset(c, in("alice"), "fresh-secret") },
	} {
		answers(t, name, do(dial()), ldap.LDAPResultConfidentialityRequired)
	}
	w.wantPassword("in the clear", "alice", "alice-secret", "fresh-secret")
}

// serveInTheClear serves a directory on an address where loopback is no protected transport, and returns the address.
func serveInTheClear(t *testing.T, d *dit.Directory) string {
	t.Helper()
	l, err := ldapserver.ListenTCP("ldap://plain", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.LoopbackUnprotected = true
	server := ldapserver.New(ldapserver.Options{Backend: plainBackend{d}, Log: slog.New(slog.DiscardHandler)})
	go func() { _ = server.Serve(l) }() // until Shutdown
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		server.Shutdown(ctx)
	})
	return l.Addr().String()
}

type plainBackend struct{ *dit.Directory }

// Search implements [ldapserver.Backend].
func (b plainBackend) Search(ctx context.Context, s *acl.Session, req *directory.SearchRequest) (ldapserver.Search, error) {
	x, err := b.Directory.Search(ctx, s, req)
	if err != nil {
		return nil, err
	}
	return x, nil
}
