package clienttest

import (
	"embed"
	"strings"
	"testing"
)

//go:embed testdata/changes
var changeScripts embed.FS

// TestChangesWithPythonLDAP: python-ldap asserts, reads before and after, cancels, and follows by content synchronization.
func TestChangesWithPythonLDAP(t *testing.T) {
	t.Parallel()
	h := NewHost(t)
	h.Gatehouse(ServerOptions{LDIF: manyPeople(30)})
	for _, tt := range []struct {
		file string
		want []string
	}{
		{"controls.py", []string{
			"read False True True", "assert (title=chief) ok", "assert (title=nobody) failed", "assert (userPassword=*) failed",
			"renamed uid=u99999,ou=people," + Base, "deleted uid=u99999,ou=people," + Base + " [b'chief']", "cancel of nothing", "cancelled",
		}},
		{"syncrepl.py", []string{
			"at first 29", "again []", "then ['added unew', 'changed u00002', 'deleted u00003']", "refreshed 29",
			"['added ulast']", "['changed u00004']", "['deleted u00005']", "['added u00005']", "['deleted ulast']", "back ['deleted unew']",
		}},
	} {
		script, err := changeScripts.ReadFile("testdata/changes/" + tt.file)
		if err != nil {
			t.Fatal(err)
		}
		r := h.Exec(string(script), "python3", "-", "ldap://"+ServerName, Base, Admin, AdminPassword)
		if got := strings.TrimSpace(r.Stdout); r.Exit != 0 || got != strings.Join(tt.want, "\n") {
			t.Errorf("%s: %s\nwant\n%s", tt.file, r, strings.Join(tt.want, "\n"))
		}
	}
}
