package ldaptest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/acl"
	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
	"gatehouse/acl/shipped"
	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/directory/schema"
	"gatehouse/ldapserver/ldaptest"
)

// examples are the worked policies with their fixture, as the tests of the bundle have them.
type examples struct {
	schemaText string
	schema     *schema.Schema
	bundle     *bundle.Bundle
	ldif       string
	rules      []dit.IdentityRule
	source     bundle.Source
}

const examplesDir = "../../acl/bundle/testdata"

// noon is when a test of the examples is asked that does not say when: a Tuesday, in office hours.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func loadExamples(t testing.TB) *examples {
	t.Helper()
	read := func(name string) bundle.Source {
		text, err := os.ReadFile(filepath.Join(examplesDir, name))
		if err != nil {
			t.Fatal(err)
		}
		return bundle.Source{Name: name, Text: text}
	}
	x := &examples{schemaText: string(read("examples.schema").Text), source: read("examples.yaml")}
	b := schema.NewBuilder()
	err := b.AddFile("examples.schema", strings.NewReader(x.schemaText))
	if err == nil {
		x.schema, err = b.Build()
	}
	if err == nil {
		x.bundle, err = bundle.Load([]bundle.Source{x.source}, bundle.Options{
			Schema: x.schema, Shipped: shipped.Sources(), NamingContexts: []directory.NDN{ldaptest.Base}, Now: noon,
		})
	}
	var fixture *bundle.Fixture
	if err == nil {
		fixture, err = bundle.LoadFixture(read(bundle.FixtureFile), x.schema)
	}
	if err != nil {
		t.Fatal(err)
	}
	x.complete(fixture)
	return x
}

// own is what entries of the fixture have besides, so that there is something to read, and what they need to be entries.
var own = map[string]string{
	"uid=alice": "objectClass: exampleEmployee\nobjectClass: totpUser\nuidNumber: 10001\ngidNumber: 100\nhomeDirectory: /home/alice\n" +
		"mail: alice@example.com\ntelephoneNumber: +49 1\nmobile: +49 2\ntitle: Clerk\nemployeeNumber: 1\nsalaryBand: B4\n" +
		"totpSecret: totp-of-alice\npwdAccountLockedTime: 20260101000000Z\n",
	"uid=bob":                  "mail: bob@example.com\ntelephoneNumber: +49 3\nmobile: +49 4\n",
	"uid=carol":                "objectClass: exampleEmployee\nsalaryBand: B5\n",
	"uid=ivan":                 "telephoneNumber: +49 5\n",
	"cn=sales":                 "description: Those who sell\n",
	"cn=chess":                 "member: uid=carol,ou=people,dc=example,dc=com\n",
	"cn=web-admins":            "sudoCommand: /usr/bin/systemctl\nsudoUser: alice\n",
	"reqStart=20261124120000Z": "objectClass: auditObject\nreqType: add\nreqSession: 1\nreqDN: uid=alice,ou=people,dc=example,dc=com\n",
	"cn=audit":                 "objectClass: auditContainer\n",
	"cn=grants":                "objectClass: organizationalRole\n",
}

// auditRecord is the entry of the audit log that a test names; the name in the test is no GeneralizedTime.
const auditRecord = "reqStart=20261124120000Z,cn=audit,cn=gatehouse"

// complete makes entries that a directory takes of those of the fixture: with superiors, what their classes demand, and a
// password for whoever can have one.
func (x *examples) complete(f *bundle.Fixture) {
	have := []string{ldaptest.Base, "ou=people," + ldaptest.Base, "ou=groups," + ldaptest.Base}
	for _, e := range f.Entries {
		if _, superior, _ := strings.Cut(e.Text, ","); !slices.Contains(have, superior) && strings.HasPrefix(superior, "ou=") {
			have = append(have, superior)
			x.ldif += unit(superior) + "\n"
		}
		if e.Text == "cn=Subschema" || slices.Contains(have, e.Text) {
			continue
		}
		have = append(have, e.Text)
		rdn, _, _ := strings.Cut(e.Text, ",")
		_, name, _ := strings.Cut(rdn, "=")
		x.ldif += "dn: " + e.Text + "\n" + own[rdn]
		for _, a := range e.Attributes {
			for _, v := range a.Values {
				x.ldif += fmt.Sprintf("%s: %s\n", a.Desc.Name, v)
				switch string(v) {
				case "inetOrgPerson":
					x.ldif += fmt.Sprintf("cn: %s\nsn: Tester\nuserPassword: %[1]s-secret\n", name)
				case "applicationProcess", "device":
					x.ldif += fmt.Sprintf("objectClass: simpleSecurityObject\nuserPassword: %s-secret\n", name)
				}
			}
		}
		x.ldif += "\n"
		x.rules = append(x.rules, dit.IdentityRule{Name: "CN=" + name, To: e.Text})
	}
	x.ldif += unit("ou=munich,ou=people,"+ldaptest.Base) + "\n"
	for _, dn := range []string{"cn=audit,cn=gatehouse", auditRecord, "cn=grants,cn=gatehouse"} {
		rdn, _, _ := strings.Cut(dn, ",")
		x.ldif += "dn: " + dn + "\n" + own[rdn]
		x.ldif += strings.Replace(rdn, "=", ": ", 1) + "\n\n"
	}
}

// start starts a server on which a test of the examples can be asked: at its moment, with what it gives, and with grants of its
// elevations.
func (x *examples) start(t testing.TB, test *bundle.Test) *ldaptest.Server {
	t.Helper()
	at := test.Via.At
	if at.IsZero() {
		at = noon
	}
	grants := ""
	for _, name := range test.Via.Elevated {
		grants += fmt.Sprintf("dn: cn=%s,cn=grants,cn=gatehouse\nobjectClass: gatehouseGrant\ncn: %[1]s\ngatehouseElevation: %[1]s\ngatehouseGrantee: %s\n"+
			"gatehouseNotAfter: 20990101000000Z\n", name, test.As.Text)
	}
	s := ldaptest.NewServer(t, ldaptest.WithSchema(x.schemaText), ldaptest.WithLDIF(x.ldif), ldaptest.WithLDIF(grants),
		ldaptest.WithClock(func() time.Time { return at }), ldaptest.WithSuffix("cn=audit,cn=gatehouse", "cn=grants,cn=gatehouse"),
		ldaptest.WithIdentityRules(append(slices.Clip(x.rules),
			dit.IdentityRule{Name: "root", To: string(acl.OperatorDN)}, dit.IdentityRule{Name: "server", To: string(acl.OperatorDN)})...))
	p, err := acl.Compile(enact.Program(x.bundle, x.schema, []directory.NDN{ldaptest.Base}, at, test.Given...), x.schema)
	if err != nil {
		t.Fatal(err)
	}
	s.Directory.SetPolicy(p)
	return s
}
