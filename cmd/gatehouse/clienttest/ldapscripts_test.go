package clienttest

import (
	"strings"
	"testing"
)

// TestLdapscripts makes, changes and removes users and groups, with no more rights than that takes.
func TestLdapscripts(t *testing.T) {
	t.Parallel()
	for name, flags := range map[string][]string{"ldaps": nil, "StartTLS": withStartTLS} {
		t.Run(name, func(t *testing.T) {
			h := NewHost(t)
			h.Gatehouse(ServerOptions{LDIF: People})
			h.ClientConfig("ldapscripts", flags...)
			h.ShowOnFailure("/var/log/ldapscripts.log")
			h.Run("ldapaddgroup", "testers")
			h.Run("ldapadduser", "tina", "testers")
			h.Run("ldapaddusertogroup", "alice", "testers")
			wants(t, h.Run("ldapid", "tina"), "(tina)", "(testers)")
			wants(t, h.Run("ldapgid", "testers"), "(tina)", "(alice)")
			wants(t, h.Run("ldapfinger", "tina"), "homeDirectory: /home/tina")
			h.Run("ldapsetprimarygroup", "tina", "crew")
			wants(t, h.Run("ldapid", "tina"), "gid=20001(crew)")
			h.Run("ldaprenameuser", "tina", "tamara")
			h.Run("ldapdeleteuserfromgroup", "alice", "testers")
			h.Run("ldapdeleteuser", "tamara")
			h.Run("ldapdeletegroup", "testers")
			for _, refused := range [][]string{
				{"ldapadduser", "evil", "crew", "0"},
				{"ldapaddgroup", "wheel", "0"},
				{"ldapmodifyuser", "alice"},
			} {
				if r := h.Exec("changetype: modify\nreplace: uidNumber\nuidNumber: 0\n", refused...); r.Exit == 0 {
					t.Errorf("was done: %s", r)
				}
			}
			if out := h.Run("ldapfinger", "alice"); strings.Contains(out, "userPassword") || !strings.Contains(out, "uidNumber: 10001") {
				t.Errorf("alice: %s", out)
			}
		})
	}
}
