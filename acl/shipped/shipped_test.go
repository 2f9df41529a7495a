package shipped_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
	"gatehouse/acl/shipped"
	"gatehouse/directory"
	"gatehouse/directory/schema"
)

var (
	contexts = []directory.NDN{"dc=example,dc=com"}
	now      = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
)

func load(t testing.TB, given ...bundle.Source) *bundle.Bundle {
	t.Helper()
	b, err := bundle.Load(given, bundle.Options{Shipped: shipped.Sources(), NamingContexts: contexts, Now: now, Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// shippedFixture is the fixture of the shipped policies with some more lines.
func shippedFixture(t testing.TB, more string) *bundle.Fixture {
	t.Helper()
	source := shipped.Fixture()
	source.Text = append(source.Text, more...)
	fixture, err := bundle.LoadFixture(source, nil)
	if err != nil {
		t.Fatal(err)
	}
	return fixture
}

func tester(t testing.TB, b *bundle.Bundle) *enact.Tester {
	t.Helper()
	tester, err := enact.NewTester(b, shippedFixture(t, ""), schema.Standard(), contexts, now)
	if err != nil {
		t.Fatal(err)
	}
	return tester
}

// TestInline asks the inline tests of the shipped policies.
func TestInline(t *testing.T) {
	for _, r := range tester(t, load(t)).All() {
		if !r.OK {
			t.Errorf("%s: %s: %s", r.Document, r.Test.Name, r.Problem)
		}
	}
}

// TestNames holds the names that the policies use against what every installation has.
func TestNames(t *testing.T) {
	server := []directory.NDN{"", "cn=subschema", "cn=gatehouse", "cn=operator,cn=gatehouse"}
	for name, use := range load(t).Names() {
		if name.Anchor == bundle.AnchorRoot && !slices.Contains(server, name.NDN) {
			t.Errorf("%s: %q (use %d) is a name of one installation", name.Pos, name.Text, use)
		}
	}
}

// TestGroups holds the groups that init makes against those that have a role.
func TestGroups(t *testing.T) {
	made := make(map[string]bool)
	for _, g := range shipped.Groups() {
		made[`cn=`+g.Name+`,ou=roles,${suffix}`] = false
		if g.Description == "" {
			t.Errorf("%s has no description", g.Name)
		}
	}
	for name, use := range load(t).Names() {
		if use != bundle.UseGroup {
			continue
		}
		if _, is := made[name.Text]; !is {
			t.Errorf("%s: %s has a role and is not made by init", name.Pos, name.Text)
		}
		made[name.Text] = true
	}
	for name, used := range made {
		if !used {
			t.Errorf("%s is made by init and has no role", name)
		}
	}
}

// TestReadyMadeRolesSeeWhatEveryClientAsksFor names the attributes that clients need whatever they are for.
func TestReadyMadeRolesSeeWhatEveryClientAsksFor(t *testing.T) {
	holders := map[string]string{
		"app-lookup": "cn=app,ou=services", "unix-lookup": "cn=mail,ou=services", "sssd-hosts": "cn=sssd,ou=services", "helpdesk": "uid=dave,ou=people", "hr": "uid=carol,ou=people",
		"branch-admins": "uid=erin,ou=people", "auditors": "uid=grace,ou=people", "replicas": "cn=replica,ou=services",
	}
	b := load(t)
	ask := tester(t, b)
	s := schema.Standard()
	for _, g := range shipped.Groups() {
		name := func(dn string) *bundle.Name {
			_, ndn, err := s.ParseName(dn)
			if err != nil {
				t.Fatal(err)
			}
			return &bundle.Name{Text: dn, NDN: ndn}
		}
		test := &bundle.Test{
			As: name(holders[g.Name] + ",dc=example,dc=com"), Via: bundle.DefaultVia(false), Do: bundle.ActionView,
			Entry: name("uid=alice,ou=people,dc=example,dc=com"), Expect: bundle.Allow,
		}
		for _, a := range []string{"objectClass", "entryUUID", "entryDN", "createTimestamp", "modifyTimestamp", "memberOf"} {
			test.Attributes = append(test.Attributes, bundle.Attribute{Kind: bundle.AttributeType, Text: a, Desc: s.TypeByName(a).Description()})
		}
		if r := ask.Run(test); !r.OK {
			t.Errorf("%s: %s", g.Name, r.Problem)
		}
	}
}

// TestAnonymousLookup switches the policy on that is off as shipped.
func TestAnonymousLookup(t *testing.T) {
	i := slices.IndexFunc(shipped.Sources(), func(s bundle.Source) bool { return s.Name == "shipped/anonymous-lookup.yaml" })
	on := shipped.Sources()[i]
	text, _, _ := strings.Cut(string(on.Text), "\ntests:")
	on.Text = []byte(strings.Replace(text, "enforce: disabled\n", "", 1) + `
tests:
  - {name: a printer reads addresses, as: anonymous, via: {ip: 192.0.2.1}, do: view, entry: "uid=bob,ou=people,dc=example,dc=com", attributes: [objectClass, entryUUID, entryDN, createTimestamp, modifyTimestamp, memberOf, cn, sn, givenName, displayName, mail, telephoneNumber, facsimileTelephoneNumber], expect: allow, by: anonymous-lookup.addresses}
  - {name: no account, as: anonymous, via: {ip: 192.0.2.1}, do: read, entry: "uid=alice,ou=people,dc=example,dc=com", attributes: [uidNumber], expect: deny}
  - {name: no group, as: anonymous, via: {ip: 192.0.2.1}, do: discover, entry: "cn=posix,ou=groups,dc=example,dc=com", expect: deny}
  - {name: no service, as: anonymous, via: {ip: 192.0.2.1}, do: discover, entry: "cn=app,ou=services,dc=example,dc=com", expect: deny}
  - {name: an old host reads accounts, as: anonymous, via: {ip: 192.0.2.129}, do: view, entry: "uid=unix,ou=people,dc=example,dc=com", attributes: [objectClass, entryUUID, entryDN, createTimestamp, modifyTimestamp, memberOf, uid, uidNumber, gidNumber, gecos, cn, homeDirectory, loginShell], expect: allow, by: anonymous-lookup.users}
  - {name: no password, as: anonymous, via: {ip: 192.0.2.129}, do: read, entry: "uid=unix,ou=people,dc=example,dc=com", attributes: [userPassword], expect: deny}
  - {name: no mail address, as: anonymous, via: {ip: 192.0.2.129}, do: read, entry: "uid=alice,ou=people,dc=example,dc=com", attributes: [mail], expect: deny}
  - {name: nobody without an account, as: anonymous, via: {ip: 192.0.2.129}, do: discover, entry: "uid=bob,ou=people,dc=example,dc=com", expect: deny}
  - {name: groups, as: anonymous, via: {ip: 192.0.2.129}, do: view, entry: "cn=posix,ou=groups,dc=example,dc=com", attributes: [objectClass, entryUUID, entryDN, createTimestamp, modifyTimestamp, memberOf, cn, gidNumber, memberUid, member, uniqueMember], expect: allow, by: anonymous-lookup.groups}
  - {name: no other groups, as: anonymous, via: {ip: 192.0.2.129}, do: discover, entry: "cn=staff,ou=groups,dc=example,dc=com", expect: deny}
  - {name: nor who has rights, as: anonymous, via: {ip: 192.0.2.129}, do: discover, entry: "cn=app-lookup,ou=roles,dc=example,dc=com", expect: deny}
  - {name: nothing from elsewhere, as: anonymous, via: {ip: 198.51.100.1}, do: discover, entry: "uid=alice,ou=people,dc=example,dc=com", expect: deny}
  - {name: nor without an address, as: anonymous, do: discover, entry: "uid=alice,ou=people,dc=example,dc=com", expect: deny}
`)
	b := load(t, on)
	ask := tester(t, b)
	asked := 0
	for _, d := range b.Documents {
		if d.Name != "anonymous-lookup" {
			continue
		}
		for _, test := range d.Tests {
			asked++
			if r := ask.Run(test); !r.OK {
				t.Errorf("%s: %s", test.Name, r.Problem)
			}
		}
	}
	if asked != 13 {
		t.Errorf("%d tests were asked", asked)
	}
}

// TestFormat holds the files against the one layout.
func TestFormat(t *testing.T) {
	for _, s := range shipped.Sources() {
		text, err := bundle.Format(s)
		if err != nil {
			t.Fatal(err)
		}
		if string(text) != string(s.Text) {
			t.Errorf("%s is not laid out as gatehouse policy fmt does", s.Name)
		}
	}
}
