package clienttest

import (
	"embed"
	"fmt"
	"strings"
	"testing"
)

//go:embed testdata/controls
var controlScripts embed.FS

// TestControls: libraries of others search by pages, in order, with dereference and with matched values.
func TestControls(t *testing.T) {
	t.Parallel()
	const users = 300
	h := NewHost(t)
	var group strings.Builder
	fmt.Fprintf(&group, "dn: cn=large,ou=groups,%s\nobjectClass: groupOfNames\ncn: large\n", Base)
	for i := range users {
		fmt.Fprintf(&group, "member: uid=u%05d,ou=people,%s\n", i, Base)
	}
	h.Gatehouse(ServerOptions{LDIF: manyPeople(users) + group.String()})
	url := "ldap://" + ServerName
	for _, tt := range []struct {
		file, target string
		command      []string
		want         []string
	}{
		{"pythonldap.py", url, []string{"python3", "-"}, []string{
			"pages (uid=u*) 300 300", "pages (uidNumber>=10000) 300 300", "pages (cn=User *) 300 300", "sorted 300 True",
			"deref 300 uid=u00000,ou=people," + Base + " u00000 30000", "values [b'posixAccount'] []",
		}},
		{"paged_ldap3.py", ServerName, []string{"python3", "-"}, []string{"advertised True", "pages 300", "another search unwillingToPerform", "ended success 0"}},
		{"netldap.pl", ServerName, []string{"perl", "-"}, []string{"pages 300 3", "sorted 0 30299 30000"}},
		{"Pages.java", url, []string{"java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", "/tmp/java", "Pages"}, []string{"pages 300 true true"}},
	} {
		t.Run(tt.file, func(t *testing.T) {
			h := h.For(t)
			script, err := controlScripts.ReadFile("testdata/controls/" + tt.file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(tt.file, ".java") {
				h.WriteFile("/tmp/java/"+tt.file, string(script), 0o644)
				h.Run("ecj", "-17", "-proc:none", "-d", "/tmp/java", "/tmp/java/"+tt.file)
			}
			r := h.Exec(string(script), append(tt.command, tt.target, Base, Admin, AdminPassword)...)
			if got := strings.TrimSpace(r.Stdout); r.Exit != 0 || got != strings.Join(tt.want, "\n") {
				t.Errorf("%s\nwant\n%s", r, strings.Join(tt.want, "\n"))
			}
		})
	}
}
