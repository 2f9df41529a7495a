package clienttest

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestAccounts binds as the account of every program, with what client-config --json says, and holds what it may against what it needs.
func TestAccounts(t *testing.T) {
	t.Parallel()
	h := NewHost(t)
	h.Gatehouse(ServerOptions{LDIF: People})
	h.ClientConfig("ldap.conf")
	h.WriteFile("/root/.ldaprc", "", 0o644) // the printed ldap.conf says where and how
	var clients []struct{ Name, Role string }
	if err := json.Unmarshal([]byte(h.Run("gatehouse", "client-config", "list", "--json")), &clients); err != nil {
		t.Fatal(err)
	}
	for _, c := range clients {
		if c.Role == "" {
			continue
		}
		var made struct {
			BindDN  string
			Account struct{ Password string }
		}
		printed := h.Run("gatehouse", "client-config", c.Name, "--data", DataDir, "--create-account", "--json", "--url", "ldaps://"+ServerName)
		if err := json.Unmarshal([]byte(printed), &made); err != nil {
			t.Fatal(err)
		}
		ask := func(filter string, attributes ...string) string {
			t.Helper()
			args := append([]string{"ldapsearch", "-x", "-LLL", "-o", "ldif-wrap=no", "-D", made.BindDN, "-w", made.Account.Password, filter}, attributes...)
			return h.Run(args...)
		}
		people := ask("(uid=alice)", "uid", "memberOf", "userPassword", "uidNumber", "sshPublicKey", "*", "+")
		wants(t, people, "uid: alice", "memberOf: cn=kernel,ou=groups,"+Base)
		for attribute, roles := range map[string]string{"uidNumber:": "sssd-hosts unix-lookup", "sshPublicKey:": "sssd-hosts", "userPassword:": "", "pwdHistory:": ""} {
			if got, want := strings.Contains(people, attribute), strings.Contains(roles, c.Role); got != want {
				t.Errorf("%s sees %s %v, want %v", c.Name, attribute, got, want)
			}
		}
		if got, want := strings.Contains(ask("(uid=olaf)", "uid"), "olaf"), c.Role == "app-lookup"; got != want {
			t.Errorf("%s sees somebody without a Unix account: %v, want %v", c.Name, got, want)
		}
		if got, want := strings.Contains(ask("(objectClass=sudoRole)", "cn"), "cn: "), c.Role == "sssd-hosts"; got != want {
			t.Errorf("%s sees sudo rules: %v, want %v", c.Name, got, want)
		}
		for _, filter := range []string{"(userPassword=*)", "(cn=app-lookup)", "(cn=admin)", "(!(userPassword=x))"} {
			if out := ask(filter, "1.1"); strings.Contains(out, "dn:") && filter[1] != '!' || strings.Contains(out, "ou=roles,") && strings.Contains(out, "cn=") {
				t.Errorf("%s finds with %s:\n%s", c.Name, filter, out)
			}
		}
		if c.Name == "ldapscripts" {
			continue // it may
		}
		if r := h.Exec("dn: uid=alice,ou=people,"+Base+"\nchangetype: modify\nreplace: mail\nmail: x@example.com\n",
			"ldapmodify", "-x", "-D", made.BindDN, "-w", made.Account.Password); r.Exit == 0 {
			t.Errorf("%s changes people: %s", c.Name, r)
		}
	}
}
