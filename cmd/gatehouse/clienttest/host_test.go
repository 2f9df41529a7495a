package clienttest

import (
	"strings"
	"testing"
)

func TestMain(m *testing.M) { Main(m) }

// TestHost: a host has a network, a name and a root of its own, its programs reach the server in it, and nothing of what they do is
// left on this machine or in the root that hosts share.
func TestHost(t *testing.T) {
	t.Parallel()
	h := NewHost(t)
	s := h.Gatehouse(ServerOptions{})
	if got := h.Run("hostname", "-f"); got != HostName+"\n" {
		t.Errorf("hostname -f printed %q", got)
	}
	for _, url := range []string{"ldap://" + ServerName, "ldaps://" + ServerName} {
		out := h.Run("ldapwhoami", "-x", "-H", url, "-D", Admin, "-w", AdminPassword)
		if !strings.Contains(out, "dn:"+Admin) {
			t.Errorf("%s: whoami said %q", url, out)
		}
	}
	h.Modify("dn: cn=made,ou=groups," + Base + "\nchangetype: add\nobjectClass: groupOfNames\ncn: made\nmember: " + Admin + "\n")
	if out := h.Run("ldapsearch", "-LLL", "-Q", "-Y", "EXTERNAL", "(cn=made)", "member"); !strings.Contains(out, "member: "+Admin) {
		t.Errorf("the group is not there: %s", out)
	}
	s.Stop()
	if r := h.Exec("", "ldapwhoami", "-x", "-H", "ldap://"+ServerName); r.Exit == 0 {
		t.Error("a server that was stopped answers")
	}
	s.Start()
	h.Run("ldapwhoami", "-x", "-H", "ldap://"+ServerName)
}
