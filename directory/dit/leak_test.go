package dit_test

import (
	"fmt"
	"strings"
	"testing"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/directory/password"
)

// These tests hold the rules of what must not leak; their numbers are those of the policy specification.

// TestL1HiddenIsMissing compares every operation on an entry that is hidden with the same one on an entry that does not exist.
func TestL1HiddenIsMissing(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, who := range []string{"", alice} {
		s := f.as(who)
		for name, do := range operations(f, s) {
			hidden, missing := do(bob), do("uid=zzz,"+people)
			if !alike(hidden, missing) {
				t.Errorf("%s as %q: hidden %v (%q), missing %v (%q)", name, who, hidden, matched(hidden), missing, matched(missing))
			}
			if directory.CodeOf(hidden) != directory.NoSuchObject {
				t.Errorf("%s as %q: %v", name, who, hidden)
			}
		}
	}
}

func operations(f *fixture, s *acl.Session) map[string]func(dn string) error {
	ctx := f.Context()
	search := func(scope directory.Scope) func(string) error {
		return func(dn string) error {
			_, err := f.search(s, query{base: dn, scope: scope})
			return err
		}
	}
	return map[string]func(string) error{
		"base": search(directory.ScopeBase), "one": search(directory.ScopeOne), "sub": search(directory.ScopeSub),
		"compare": func(dn string) error {
			_, err := f.d.Compare(ctx, s, &directory.CompareRequest{DN: dn, Attr: "uid", Value: []byte("bob")})
			return err
		},
		"modify":      func(dn string) error { return f.modify(s, dn, "replace title: x") },
		"modify mail": func(dn string) error { return f.modify(s, dn, "delete mail: bob@example.com") },
		"password":    func(dn string) error { return f.modify(s, dn, "replace userPassword: x") },
		"delete":      func(dn string) error { return f.d.Delete(ctx, s, &directory.DeleteRequest{DN: dn}) },
		"rename": func(dn string) error {
			return f.d.ModifyDN(ctx, s, &directory.ModifyDNRequest{DN: dn, NewRDN: "uid=y"})
		},
		"add below": func(dn string) error { return f.addAs(s, "cn=x,"+dn, "objectClass: device", "cn: x") },
	}
}

// TestL1MatchedDN holds matchedDN to the deepest ancestor that may be discovered.
func TestL1MatchedDN(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, tt := range []struct{ as, dn, want string }{
		{"", "uid=zzz," + people, ""},
		{alice, "uid=zzz," + people, ""},
		{alice, "cn=x," + alice, alice},
		{alice, "cn=x,cn=y," + alice, alice},
		{reader, "uid=zzz," + people, people},
		{reader, "cn=x,uid=zzz," + people, people},
		{reader, "dc=org", ""},
	} {
		_, err := f.search(f.as(tt.as), query{base: tt.dn})
		f.wants(err, directory.NoSuchObject)
		if got := matched(err); got != tt.want {
			t.Errorf("%q as %q: matchedDN %q, want %q", tt.dn, tt.as, got, tt.want)
		}
	}
}

// TestTraversable: a base that may not be discovered is searched if something below may be, and never returned.
func TestTraversable(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	s := f.as(alice)
	for _, b := range []string{base, people, alice} {
		found, err := f.search(s, query{base: b, scope: directory.ScopeSub})
		f.ok(err)
		f.compareLists(found.names(), alice)
	}
	_, err := f.search(s, query{base: people, scope: directory.ScopeBase})
	f.wants(err, directory.NoSuchObject)
	_, err = f.search(s, query{base: groups, scope: directory.ScopeSub})
	f.wants(err, directory.NoSuchObject)
	_, err = f.search(s, query{base: "ou=nowhere," + base, scope: directory.ScopeSub})
	f.wants(err, directory.NoSuchObject)
}

// TestL3FiltersOnHiddenEntries: no filter finds, or counts, what the session may not see.
func TestL3FiltersOnHiddenEntries(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	s := f.as(alice)
	for _, tt := range []struct {
		filter string
		want   []string
	}{
		{"(uid=bob)", nil},
		{"(|(uid=bob)(uid=alice))", []string{alice}}, // L6
		{"(!(uid=bob))", []string{alice}},
		{"(userPassword=*)", nil},
		{"(!(userPassword=*))", nil}, // L5
		{"(!(userPassword=x))", nil},
		{"(|(userPassword=*)(uid=alice))", []string{alice}}, // L6
		{"(&(uid=alice)(!(userPassword=x)))", nil},
		{"(memberOf=" + staff + ")", nil}, // the group is hidden
		{"(!(memberOf=" + staff + "))", []string{alice}},
		{"(memberOf=*)", nil},
		{"(manager=" + alice + ")", nil},
	} {
		found, err := f.search(s, query{base: base, scope: directory.ScopeSub, filter: tt.filter})
		f.ok(err)
		if strings.Join(found.names(), " ") != strings.Join(tt.want, " ") {
			t.Errorf("%s: %q, want %q", tt.filter, found.names(), tt.want)
		}
	}
	if lines := f.read(s, alice, "memberOf"); len(lines) != 0 {
		t.Errorf("hidden groups are listed: %q", lines)
	}
}

// TestL5ConfidentialNeverDecides: not even an administrator finds out a hash by filters.
func TestL5ConfidentialNeverDecides(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, filter := range []string{"(userPassword=*)", "(!(userPassword=*))", "(userPassword={ARGON2}*)", "(userPassword>=a)", "(!(userPassword=a))"} {
		found, err := f.search(f.as(adminDN), query{base: base, scope: directory.ScopeSub, filter: filter})
		f.ok(err)
		if len(found) != 0 {
			t.Errorf("%s finds %q", filter, found.names())
		}
	}
}

// TestL9SecretsAreNeverReturned asks for the password in every way, as everybody.
func TestL9SecretsAreNeverReturned(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, s := range []*acl.Session{f.as(adminDN), f.as(alice), f.as(writer), f.operator()} {
		for _, attrs := range [][]string{nil, {"*"}, {"+"}, {"*", "+"}, {"userPassword"}, {"2.5.4.35"}, {"@inetOrgPerson"}, {"@person"}, {"@extensibleObject"}, {"userPassword;binary"}} {
			for _, typesOnly := range []bool{false, true} {
				found, err := f.search(s, query{base: alice, attrs: attrs, types: typesOnly})
				f.ok(err)
				for _, line := range found[alice] {
					if strings.HasPrefix(strings.ToLower(line), "userpassword") || strings.Contains(line, "argon2") {
						t.Errorf("%q as %s shows %s", attrs, s.AuthzID(), line)
					}
				}
			}
		}
	}
}

// TestL11CollisionsWithHiddenEntries: whoever may add but not see learns no more than "not allowed".
func TestL11CollisionsWithHiddenEntries(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, s := range []*acl.Session{f.as(""), f.as(alice)} {
		taken := f.addAs(s, bob, "objectClass: account", "uid: bob")
		free := f.addAs(s, "uid=zzz,"+people, "objectClass: account", "uid: zzz")
		if !alike(taken, free) {
			t.Errorf("taken %v, free %v", taken, free)
		}
	}
}

// TestL12SubordinateCounts: they count what the session may discover.
func TestL12SubordinateCounts(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.add("cn=laptop,"+alice, "objectClass: device", "cn: laptop")
	f.compareLists(f.read(f.as(reader), alice, "numSubordinates", "hasSubordinates"), "hasSubordinates: TRUE", "numSubordinates: 1")
	f.compareLists(f.read(f.as(alice), alice, "numSubordinates", "hasSubordinates"), "hasSubordinates: FALSE", "numSubordinates: 0")
	found, err := f.search(f.as(alice), query{base: base, scope: directory.ScopeSub, filter: "(hasSubordinates=TRUE)"})
	f.ok(err)
	f.compareLists(found.names())
}

// TestRefusalsComeBeforeState (L3, L10): whoever may not write learns nothing of what is there.
func TestRefusalsComeBeforeState(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	s := f.as(reader)
	for _, tt := range [][2][]string{
		{{"add mail: bob@example.com"}, {"add mail: other@example.com"}},
		{{"delete mail: bob@example.com"}, {"delete mail: other@example.com"}},
		{{"delete mail"}, {"delete title"}},
		{{"replace uid: x"}, {"replace title: x"}},
		{{"delete sn"}, {"delete title"}},
		{{"add member: " + alice}, {"add title: x"}},
		{{"replace userPassword: x"}, {"replace userPassword"}},
	} {
		a, b := f.modify(s, bob, tt[0]...), f.modify(s, bob, tt[1]...)
		if directory.CodeOf(a) != directory.InsufficientAccessRights || !alike(a, b) {
			t.Errorf("%q: %v, %q: %v", tt[0], a, tt[1], b)
		}
	}
}

// TestDiagnosticsHoldNoSecret looks for passwords in every error of a failing password operation.
func TestDiagnosticsHoldNoSecret(t *testing.T) {
	t.Parallel()
	const secret = "s3cret-in-the-clear"
	f := newFixture(t, func(o *dit.Options) {
		options := hasherOptions()
		options.Scheme, options.BcryptCost = password.Bcrypt, password.MinBcryptCost
		h, err := password.New(options)
		if err != nil {
			t.Fatal(err)
		}
		o.Hasher = h
	})
	long := strings.Repeat(secret, 5) // more than bcrypt takes
	admin := f.as(adminDN)
	_, modify := f.d.ModifyPassword(t.Context(), admin, &directory.PasswordModifyRequest{UserIdentity: bob, HasUserIdentity: true, NewPassword: []byte(long)})
	_, _, bind := f.d.Bind(t.Context(), acl.NewSession(loopback), simple(bob, secret))
	for _, err := range []error{
		modify, bind,
		f.modify(admin, bob, "replace userPassword: "+long),
		f.modify(admin, bob, "replace userPassword: {CLEARTEXT}"+long),
		f.modify(admin, bob, "delete userPassword: "+secret),
		f.modify(admin, bob, "replace userPassword: {SSHA}"+secret),
		f.addAs(admin, carol, append(carolLines, "userPassword: "+long)...),
		f.addAs(admin, carol, append(carolLines, "userPassword: {CRYPT}"+secret)...),
	} {
		if err == nil {
			t.Error("no error")
			continue
		}
		if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(text, secret) {
			t.Errorf("an error holds the password: %s", text)
		}
	}
}
