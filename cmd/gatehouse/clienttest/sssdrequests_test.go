package clienttest

import (
	"fmt"
	"strings"
	"testing"
)

// TestSSSDRequests counts what SSSD asks for.
func TestSSSDRequests(t *testing.T) {
	t.Parallel()
	const members = 300
	h := NewHost(t)
	var group strings.Builder
	fmt.Fprintf(&group, "dn: cn=large,ou=groups,%s\nobjectClass: groupOfNames\nobjectClass: posixGroup\ncn: large\ngidNumber: 29998\n", Base)
	for i := range members {
		fmt.Fprintf(&group, "member: uid=u%05d,ou=people,%s\n", i, Base)
	}
	h.Gatehouse(ServerOptions{LDIF: People + "\n" + manyPeople(members) + "\n" + group.String()})
	tap := NewTap(t, h)
	startSSSD(h, "--group", "kernel", "--url", "ldaps://"+TapName)
	h.Eventually("the rules of sudo and all else that begins is there", func() error {
		if r := h.Exec("", "sudo", "-l", "-U", "alice"); !strings.Contains(r.Stdout, "/sbin/reboot") {
			return fmt.Errorf("%s", r)
		}
		return nil
	})
	t.Run("a group of 300 costs two searches", func(t *testing.T) {
		h := h.For(t)
		tap.Forget()
		if n := strings.Count(h.Run("getent", "group", "large"), ","); n != members-1 {
			t.Errorf("the group has %d members", n+1)
		}
		all := tap.Requests(func(*Request) bool { return true })
		if len(all) != 2 || len(tap.Requests(searches())) != 2 {
			t.Errorf("it cost %d requests:\n%s", len(all), list(all))
		}
		if deref := all[len(all)-1]; !strings.Contains(strings.Join(deref.Controls, " "), "1.3.6.1.4.1.4203.666.5.16!") || deref.Result != 0 {
			t.Errorf("the last is no dereference: %s", &deref)
		}
	})
	t.Run("a login", func(t *testing.T) {
		h := h.For(t)
		h.Exec("", "getent", "passwd", "pam_unix_non_existent:") // which pam_unix asks about, once in a while
		tap.Forget()
		mayLogin(t, h, "alice", password("alice"))
		// On the long connection: the user, and the groups, level by level. On one of its own: the root DSE and the bind. And the
		// access filter.
		asked := map[string]int{}
		for _, r := range tap.Requests(func(*Request) bool { return true }) {
			switch {
			case r.Op == "search" && r.DN == "":
				asked["root DSE"]++
			case r.Op == "search" && strings.Contains(strings.ToLower(r.Filter), "memberof="):
				asked["access filter"]++
			case r.Op == "search" && strings.Contains(strings.ToLower(r.Filter), "(member="):
				asked["groups"]++
			case r.Op == "search":
				asked["user"]++
			default:
				asked[r.Op]++
			}
		}
		// alice is in 4 groups that name her, and those are in 4: 8 names, and herself.
		for what, most := range map[string]int{"root DSE": 1, "bind": 1, "unbind": 1, "user": 1, "groups": 9, "access filter": 1} {
			if asked[what] > most {
				t.Errorf("%d requests for %s, want at most %d", asked[what], what, most)
			}
			delete(asked, what)
		}
		if len(asked) > 0 || t.Failed() {
			t.Errorf("it cost %v more:\n%s", asked, list(tap.Requests(func(*Request) bool { return true })))
		}
	})
	t.Run("only members of the group get in", func(t *testing.T) {
		h := h.For(t)
		r := h.Login("carol", password("carol"))
		if r.Exit == 0 || !strings.Contains(r.Stderr, "Permission denied") {
			t.Errorf("carol is not in the group that may log in: %s", r)
		}
	})
}

// bounded is LDIF of people who may log in on some hosts, or for some services.
const bounded = `
# On this host alone, and there for one service.
dn: uid=dave,ou=people,dc=example,dc=com
objectClass: account
objectClass: posixAccount
objectClass: hostObject
objectClass: authorizedServiceObject
uid: dave
cn: Dave Here
uidNumber: 10004
gidNumber: 20001
homeDirectory: /home/dave
host: client.example.com
authorizedService: test
userPassword: dave-Secret-1

# On another host alone.
dn: uid=erin,ou=people,dc=example,dc=com
objectClass: account
objectClass: posixAccount
uid: erin
cn: Erin Elsewhere
uidNumber: 10005
gidNumber: 20001
homeDirectory: /home/erin
host: other.example.com
userPassword: erin-Secret-1
`

// TestSSSDAccess: who may log in, by the attributes host and authorizedService.
func TestSSSDAccess(t *testing.T) {
	t.Parallel()
	h := NewHost(t)
	h.Gatehouse(ServerOptions{LDIF: People + bounded})
	h.WriteFile("/etc/sssd/conf.d/access.conf", "[domain/gatehouse]\nldap_access_order = expire, host, authorized_service\n", 0o600)
	startSSSD(h)
	mayLogin(t, h, "dave", password("dave"))
	h.Run("cp", "/etc/pam.d/test", "/etc/pam.d/other")
	if r := h.Exec(password("dave")+"\n", "pamtester", "other", "dave", "authenticate", "acct_mgmt"); r.Exit == 0 {
		t.Errorf("dave logs in for a service that is not his: %s", r)
	}
	for user, why := range map[string]string{"erin": "is of another host", "carol": "is of none"} {
		if r := h.Login(user, password(user)); r.Exit == 0 || !strings.Contains(r.Stderr, "Permission denied") {
			t.Errorf("%s, who %s, logs in: %s", user, why, r)
		}
	}
}
