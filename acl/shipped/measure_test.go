package shipped_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
)

// measured reads one of the policies for measuring.
func measured(t *testing.T, name string) bundle.Source {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../testdata/bench", name))
	if err != nil {
		t.Fatal(err)
	}
	return bundle.Source{Name: name, Text: text}
}

// TestMeasuredPolicies loads the policies for measuring, and holds what the reader may see under one against the other.
func TestMeasuredPolicies(t *testing.T) {
	const cases = `
tests:
  - {name: base, as: "cn=sssd,ou=services,dc=example,dc=com", do: view, entry: "dc=example,dc=com", attributes: [dc, entryUUID], expect: allow}
  - {name: container, as: "cn=sssd,ou=services,dc=example,dc=com", do: view, entry: "ou=people,dc=example,dc=com", attributes: [ou, description], expect: allow}
  - {name: person, as: "cn=sssd,ou=services,dc=example,dc=com", do: view, entry: "uid=bob,ou=people,dc=example,dc=com", attributes: [mobile, memberOf], expect: allow}
  - {name: group, as: "cn=sssd,ou=services,dc=example,dc=com", do: view, entry: "cn=staff,ou=groups,dc=example,dc=com", attributes: [member, entryUSN], expect: allow}
  - {name: other group, as: "cn=sssd,ou=services,dc=example,dc=com", do: view, entry: "cn=posix,ou=groups,dc=example,dc=com", attributes: [memberUid], expect: allow}
  - {name: service, as: "cn=sssd,ou=services,dc=example,dc=com", do: view, entry: "cn=app,ou=services,dc=example,dc=com", attributes: [cn], expect: allow}
  - {name: elsewhere, as: "cn=sssd,ou=services,dc=example,dc=com", do: view, entry: "cn=helpdesk,ou=roles,dc=example,dc=com", attributes: [member], expect: allow}
  - {name: no secret, as: "cn=sssd,ou=services,dc=example,dc=com", do: read, entry: "uid=bob,ou=people,dc=example,dc=com", attributes: [totpSecret], expect: deny}
  - {name: no write, as: "cn=sssd,ou=services,dc=example,dc=com", do: write.replace, entry: "uid=bob,ou=people,dc=example,dc=com", attributes: [mobile], expect: deny}
  - {name: the loader adds, as: "cn=loader,ou=services,dc=example,dc=com", do: add-entry, entry: "uid=new,ou=people,dc=example,dc=com", expect: allow}
  - {name: with a password, as: "cn=loader,ou=services,dc=example,dc=com", do: password.reset, entry: "uid=new,ou=people,dc=example,dc=com", expect: allow}
  - {name: and writes, as: "cn=loader,ou=services,dc=example,dc=com", do: write, entry: "uid=bob,ou=people,dc=example,dc=com", attributes: [description, mail], expect: allow}
  - {name: renames, as: "cn=loader,ou=services,dc=example,dc=com", do: rename, entry: "uid=bob,ou=people,dc=example,dc=com", expect: allow}
  - {name: deletes, as: "cn=loader,ou=services,dc=example,dc=com", do: delete-entry, entry: "uid=bob,ou=people,dc=example,dc=com", expect: allow}
`
	fixture := shippedFixture(t, `- {dn: "cn=loader,ou=services,dc=example,dc=com", objectClass: [applicationProcess]}`)
	for name, statements := range map[string]int{"readers.yaml": 2, "fifty.yaml": 50} {
		source := measured(t, name)
		if n := strings.Count(string(source.Text), "\n  - id: "); n != statements {
			t.Errorf("%s has %d statements, want %d", name, n, statements)
		}
		source.Text = append(source.Text, cases...)
		b := load(t, source)
		ask, err := enact.NewTester(b, fixture, nil, contexts, now)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range b.Documents {
			if d.Name != "bench" {
				continue
			}
			for _, test := range d.Tests {
				if r := ask.Run(test); !r.OK {
					t.Errorf("%s: %s: %s", name, test.Name, r.Problem)
				}
			}
		}
	}
}
