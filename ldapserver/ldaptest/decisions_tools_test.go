package ldaptest_test

import (
	"strings"
	"testing"

	"gatehouse/acl/bundle"
	"gatehouse/ldapserver/ldaptest"
)

// munich lets bob keep the people of a branch, so that there is somebody for every operation on the tree.
var munich = "policy: munich\n" + statements(
	allow("munich", `dn: "uid=bob,ou=people,dc=example,dc=com"`, `base: "ou=munich,ou=people,dc=example,dc=com", scope: children, filter: "(objectClass=person)"`,
		"discover, add-entry, delete-entry, rename, move-out, move-in, password.reset, write", "attributes: [objectClass, uid, cn, sn, title]"))

// TestExamplesWithTools makes requests of every kind of action with the programs that people have, one that is allowed and one
// that is not. The numbers are their exit statuses, which are result codes, except for ldappasswd.
func TestExamplesWithTools(t *testing.T) {
	t.Parallel()
	x := loadExamples(t)
	w := &world{x.start(t, &bundle.Test{}), t}
	if err := w.ApplyPolicy(x.source, ldaptest.Policy(munich)); err != nil {
		t.Fatal(err)
	}
	const inMunich = ",ou=munich" + inPeople
	change := func(dn, text string) string { return "dn: " + dn + "\nchangetype: modify\n" + text + "\n" }
	someone := strings.Replace(personAt("uid=zoe"+inMunich, "zoe"), "objectClass: ldapPublicKey\n", "", 1)
	for _, tt := range []struct {
		name, as string
		args     []string
		stdin    string
		want     int
		has      string // in the output; "!" before it: not
	}{
		{"bind", "alice", []string{"ldapwhoami"}, "", 0, "dn:uid=alice"},
		{"bind with a wrong password", "", []string{"ldapwhoami", "-D", "uid=alice" + inPeople, "-w", "x"}, "", 49, "!dn:"},
		{"discover", "alice", []string{"ldapsearch", "-b", "uid=bob" + inPeople, "-s", "base", "1.1"}, "", 0, "dn: uid=bob"},
		{"discover nothing", "", []string{"ldapsearch", "-b", "uid=bob" + inPeople, "-s", "base", "1.1"}, "", 32, "!dn: uid=bob"},
		{"search", "bob", []string{"ldapsearch", "-b", ldaptest.Base, "(mail=alice@example.com)", "1.1"}, "", 0, "dn: uid=alice"},
		{"search what one may not", "bob", []string{"ldapsearch", "-b", ldaptest.Base, "(salaryBand=B4)", "1.1"}, "", 0, "!dn: uid=alice"},
		{"search what one may not, negated", "bob", []string{"ldapsearch", "-b", ldaptest.Base, "(!(salaryBand=B4))", "1.1"}, "", 0, "!dn: uid=carol"},
		{"read", "alice", []string{"ldapsearch", "-b", "uid=bob" + inPeople}, "", 0, "mail: bob@example.com"},
		{"read what one may not", "alice", []string{"ldapsearch", "-b", "uid=bob" + inPeople, "*", "+", "mobile"}, "", 0, "!mobile:"},
		{"read a hash", "alice", []string{"ldapsearch", "-b", "uid=alice" + inPeople, "*", "+", "userPassword", "@person"}, "", 0, "!userPassword:"},
		{"compare", "alice", []string{"ldapcompare", "uid=bob" + inPeople, "mail:bob@example.com"}, "", 6, "TRUE"},
		{"compare what one may not", "alice", []string{"ldapcompare", "uid=bob" + inPeople, "mobile:+49 4"}, "", 50, "!TRUE"},
		{"write", "alice", []string{"ldapmodify"}, change("uid=alice"+inPeople, "replace: mobile\nmobile: +49 9"), 0, ""},
		{"write of somebody else", "alice", []string{"ldapmodify"}, change("uid=bob"+inPeople, "replace: mobile\nmobile: +49 9"), 50, ""},
		{"write.add", "alice", []string{"ldapmodify"}, change("cn=chess"+inGroups, "add: member\nmember: uid=alice"+inPeople), 0, ""},
		{"write.add of somebody else", "alice", []string{"ldapmodify"}, change("cn=chess"+inGroups, "add: member\nmember: uid=bob"+inPeople), 50, ""},
		{"write.delete", "alice", []string{"ldapmodify"}, change("cn=chess"+inGroups, "delete: member\nmember: uid=alice"+inPeople), 0, ""},
		{"write.delete of somebody else", "alice", []string{"ldapmodify"}, change("cn=chess"+inGroups, "delete: member\nmember: uid=carol"+inPeople), 50, ""},
		{"add-entry", "bob", []string{"ldapadd"}, someone, 0, ""},
		{"add-entry by nobody in particular", "alice", []string{"ldapadd"}, strings.ReplaceAll(someone, "zoe", "yan"), 50, ""},
		{"password.reset", "bob", []string{"ldappasswd", "-s", "zoe-secret-2", "uid=zoe" + inMunich}, "", 0, ""},
		{"password.reset of somebody else", "bob", []string{"ldappasswd", "-s", "x-secret-2", "uid=alice" + inPeople}, "", 1, "(50)"},
		{"rename", "bob", []string{"ldapmodrdn", "uid=zoe" + inMunich, "uid=zora"}, "", 0, ""},
		{"rename of somebody else", "bob", []string{"ldapmodrdn", "uid=alice" + inPeople, "uid=alicia"}, "", 50, ""},
		{"move", "bob", []string{"ldapmodrdn", "-s", "ou=berlin" + inPeople, "uid=zora" + inMunich, "uid=zora"}, "", 50, ""},
		{"delete-entry", "bob", []string{"ldapdelete", "uid=zora" + inMunich}, "", 0, ""},
		{"delete-entry of somebody else", "bob", []string{"ldapdelete", "uid=alice" + inPeople}, "", 50, ""},
		{"password.change", "alice", []string{"ldappasswd", "-a", "alice-secret", "-s", "alice-secret-2"}, "", 0, ""},
		{"password.change with a wrong one", "bob", []string{"ldappasswd", "-a", "x", "-s", "bob-secret-2"}, "", 1, "(49)"},
	} {
		args := tt.args[1:]
		if tt.as != "" {
			args = append([]string{"-D", "uid=" + tt.as + inPeople, "-w", tt.as + "-secret"}, args...)
		}
		out, status := w.tool(tt.stdin, tt.args[0], args...)
		has, not := strings.CutPrefix(tt.has, "!")
		if status != tt.want || strings.Contains(out, has) == not && has != "" {
			t.Errorf("%s: %q: status %d, want %d with %s:\n%s", tt.name, tt.args, status, tt.want, tt.has, out)
		}
	}
}
