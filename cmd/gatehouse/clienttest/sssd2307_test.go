package clienttest

import (
	"fmt"
	"strings"
	"testing"
)

// manyPeople returns LDIF of n users u00000, u00001, ... with the numbers from 30000 on, and the group "many" of all of them.
func manyPeople(n int) string {
	var b, members strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "dn: uid=u%05d,ou=people,%s\nobjectClass: inetOrgPerson\nobjectClass: posixAccount\nuid: u%05d\ncn: User %d\nsn: %d\n"+
			"uidNumber: %d\ngidNumber: 20001\nhomeDirectory: /home/u%05d\nloginShell: /bin/bash\n\n", i, Base, i, i, i, 30000+i, i)
		fmt.Fprintf(&members, "memberUid: u%05d\n", i)
	}
	fmt.Fprintf(&b, "dn: cn=many,ou=groups,%s\nobjectClass: posixGroup\ncn: many\ngidNumber: 29999\n%s\n", Base, members.String())
	return b.String()
}

// TestSSSD2307 is a host of RFC 2307 that lists everybody, over StartTLS, with a tap in between.
func TestSSSD2307(t *testing.T) {
	t.Parallel()
	const users = 2500
	h := NewHost(t)
	h.Gatehouse(ServerOptions{LDIF: People + "\n" + manyPeople(users)})
	tap := NewTap(t, h)
	// Periods of minutes are seconds here; nothing else is added to what is printed.
	h.WriteFile("/etc/sssd/conf.d/periods.conf", `[nss]
enum_cache_timeout = 1
[domain/gatehouse]
ldap_enumeration_refresh_timeout = 4
ldap_enumeration_refresh_offset = 0
ldap_sudo_smart_refresh_interval = 2
ldap_sudo_full_refresh_interval = 5
ldap_sudo_random_offset = 0
`, 0o600)
	startSSSD(h, "--schema", "rfc2307", "--enumerate", "--url", "ldap://"+TapName)
	t.Run("everybody is listed, in pages", func(t *testing.T) {
		h := h.For(t)
		h.Eventually("all are listed", func() error {
			if n := strings.Count(h.Run("getent", "passwd"), "\nu"); n < users {
				return fmt.Errorf("%d users", n)
			}
			return nil
		})
		pages := tap.Requests(searches("(objectClass=posixAccount)(uid=*)(uidNumber=*)"))
		if len(pages) < 3 {
			t.Errorf("%d users came in %d pages:\n%s", users, len(pages), list(pages))
		}
		if failed := tap.Requests(func(r *Request) bool { return r.Result > 0 }); len(failed) > 0 {
			t.Errorf("requests were refused:\n%s", list(failed))
		}
	})
	t.Run("groups by memberUid", func(t *testing.T) {
		h := h.For(t)
		wants(t, h.Run("getent", "group", "backup-operators"), "backup-operators:*:20005:", "alice", "bob")
		wants(t, h.Run("getent", "group", "crew"), "crew:*:20001:", "alice", "bob", "carol")
		if got, want := ids(h, "alice"), "20001 20002 20003 20004 20005 20011 20012"; got != want {
			t.Errorf("id -G alice: %s, want %s", got, want)
		}
		if n := strings.Count(h.Run("getent", "group", "many"), ","); n != users-1 {
			t.Errorf("the group of all has %d members", n+1)
		}
	})
	t.Run("what changes is seen", func(t *testing.T) {
		h := h.For(t)
		tap.Forget()
		h.Modify("dn: uid=new,ou=people," + Base + "\nchangetype: add\nobjectClass: account\nobjectClass: posixAccount\nuid: new\ncn: New\n" +
			"uidNumber: 10900\ngidNumber: 20001\nhomeDirectory: /home/new\n")
		h.Modify("dn: cn=engineering,ou=groups," + Base + "\nchangetype: modify\nadd: member\nmember: uid=carol,ou=people," + Base + "\n")
		h.Eventually("a new user is listed", func() error {
			if !strings.Contains(h.Run("getent", "passwd"), "\nnew:*:10900:") {
				return fmt.Errorf("asked: %s", list(tap.Requests(searches())))
			}
			return nil
		})
		h.Eventually("a new member is listed", func() error {
			for line := range strings.Lines(h.Run("getent", "group")) {
				if strings.HasPrefix(line, "engineering:*:20004:") && strings.Contains(line, "carol") {
					return nil
				}
			}
			return fmt.Errorf("asked: %s", list(tap.Requests(searches("posixGroup"))))
		})
		if incremental := tap.Requests(searches("(objectClass=posixAccount)(uid=*)", "(entryUSN>=")); len(incremental) == 0 {
			t.Errorf("nobody asked for what has changed alone:\n%s", list(tap.Requests(searches())))
		}
	})
	t.Run("sudo rules", func(t *testing.T) {
		h := h.For(t)
		sudoRules(t, h)
		tap.Forget()
		h.Modify("dn: cn=new rule,ou=sudoers," + Base + "\nchangetype: add\nobjectClass: sudoRole\ncn: new rule\nsudoUser: carol\n" +
			"sudoHost: ALL\nsudoCommand: /usr/bin/new\n")
		h.Eventually("a new rule counts", func() error {
			if out := h.Run("sudo", "-l", "-U", "carol"); !strings.Contains(out, "/usr/bin/new") {
				return fmt.Errorf("%s\nasked: %s", out, list(tap.Requests(searches("sudoRole"))))
			}
			return nil
		})
		h.Eventually("SSSD asks for new rules alone", func() error {
			if len(tap.Requests(searches("(objectClass=sudoRole)(entryUSN>="))) == 0 {
				return fmt.Errorf("asked: %s", list(tap.Requests(searches("sudoRole"))))
			}
			return nil
		})
		h.Modify("dn: cn=new rule,ou=sudoers," + Base + "\nchangetype: delete\n")
		h.Eventually("a rule that is gone counts no more, after a full refresh", func() error {
			if out := h.Run("sudo", "-l", "-U", "carol"); strings.Contains(out, "/usr/bin/new") {
				return fmt.Errorf("%s\nasked: %s", out, list(tap.Requests(searches("sudoRole"))))
			}
			return nil
		})
	})
	t.Run("automount", func(t *testing.T) { automount(t, h.For(t)) })
}
