package ldaptest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/ldapserver/ldaptest"
)

// askedBySSSD is the attribute list that SSSD sends for every user: some are in no schema of ours, some come twice.
var askedBySSSD = strings.Split("objectClass, uid, userPassword, uidNumber, gidNumber, gecos, homeDirectory, loginShell, krbPrincipalName, cn, "+
	"modifyTimestamp, modifyTimestamp, shadowLastChange, shadowMin, shadowMax, shadowWarning, shadowInactive, shadowExpire, shadowFlag, "+
	"krbLastPwdChange, krbPasswordExpiration, pwdAttribute, authorizedService, accountExpires, userAccountControl, nsAccountLock, host, rhost, "+
	"loginDisabled, loginExpirationTime, loginAllowedTimeMap, sshPublicKey, userCertificate;binary, mail, objectClass, UID, dn, nosuch;x", ", ")

// TestAttributesOfHosts: an attribute that the schema does not know is left out without a word, one that is asked for twice comes once.
func TestAttributesOfHosts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", ldaptest.WithLDIF(account("ann", 5001, "mail: ann@example.com", "objectClass: hostObject", "host: a", "host: !b",
		"objectClass: authorizedServiceObject", "authorizedService: sshd", "sshPublicKey: ssh-ed25519 AAAA ann", "loginShell: /bin/sh",
		"objectClass: shadowAccount", "shadowMax: 90", "gecos: Ann")))
	r, err := w.DialAdmin().Search(ldap.NewSearchRequest(inUnixPeople("ann"), ldap.ScopeBaseObject, ldap.NeverDerefAliases, 0, 0, false,
		"(objectClass=posixAccount)", askedBySSSD, nil))
	if err != nil || len(r.Entries) != 1 {
		t.Fatal(r, err)
	}
	var got []string
	for _, a := range r.Entries[0].Attributes {
		got = append(got, a.Name)
	}
	slices.Sort(got)
	want := strings.Fields("authorizedService cn gecos gidNumber homeDirectory host loginShell mail modifyTimestamp objectClass shadowLastChange shadowMax sshPublicKey uid uidNumber")
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestLevels: the groups of somebody come level by level, as SSSD asks for them with rfc2307bis, and a circle ends.
func TestLevels(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", ldaptest.WithLDIF(unixLDIF))
	c := w.DialAdmin()
	seen := map[string]bool{}
	level := []string{inUnixPeople("Dot")}
	for depth := 0; len(level) > 0; depth++ {
		if depth > 5 {
			t.Fatal("a circle has no end")
		}
		var next []string
		for _, dn := range level {
			names, err := search(c, "ou=groups,"+ldaptest.Base, "(&(member="+dn+")(objectClass=posixGroup)(cn=*))")
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range names {
				if !seen[n] {
					seen[n] = true
					next = append(next, n)
				}
			}
		}
		level = next
	}
	if len(seen) != 2 || !seen[inUnixGroups("loop1")] || !seen[inUnixGroups("loop2")] {
		t.Errorf("got %v", seen)
	}
}

// TestMembershipChangesAreSeen: whatever changes who is in a group moves its modifyTimestamp and entryUSN, so that a host that asks for
// what is newer than the newest it has seen finds it.
func TestMembershipChangesAreSeen(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	w := newWorld(t, "", ldaptest.WithLDIF(unixLDIF), ldaptest.WithClock(func() time.Time { return now }))
	c := w.DialAdmin()
	for _, test := range []struct {
		name   string
		change func() error
		group  string
	}{
		{"a member comes", func() error { return modify(c, inUnixGroups("new"), "add member "+inUnixPeople("cat")) }, "new"},
		{"a member goes", func() error { return modify(c, inUnixGroups("new"), "delete member "+inUnixPeople("cat")) }, "new"},
		{"a unique member comes", func() error { return modify(c, inUnixGroups("unique"), "add uniqueMember "+inUnixPeople("cat")) }, "unique"},
		{"a name comes", func() error { return modify(c, inUnixGroups("old"), "add memberUid cat") }, "old"},
		{"a name goes", func() error { return modify(c, inUnixGroups("old"), "delete memberUid cat") }, "old"},
		{"all members are replaced", func() error { return modify(c, inUnixGroups("new"), "replace member "+inUnixPeople("ben")) }, "new"},
		{"a member is deleted", func() error { return remove(c, inUnixPeople("cat")) }, "outer"},
	} {
		newest := now.Format("20060102150405Z")
		usn := valuesAsked(t, c, inUnixGroups(test.group), "entryUSN")
		now = now.Add(time.Minute)
		answers(t, test.name, test.change(), ldap.LDAPResultSuccess)
		for _, filter := range []string{
			"(&(objectClass=posixGroup)(cn=*)(modifyTimestamp>=" + newest + ")(!(modifyTimestamp=" + newest + ")))",
			"(&(objectClass=posixGroup)(cn=*)(entryUSN>=" + usn + ")(!(entryUSN=" + usn + ")))",
		} {
			names, err := search(c, "ou=groups,"+ldaptest.Base, filter)
			if err != nil || !slices.Contains(names, inUnixGroups(test.group)) {
				t.Errorf("%s: %s finds %q, %v", test.name, filter, names, err)
			}
		}
	}
}
