package clienttest

import (
	"encoding/base64"
	"strings"
	"testing"
)

// oddPassword has what programs treat specially.
const oddPassword = "pä \"s's\\:%s$w{0}#"

// everybody is People, and pat with an odd password.
var everybody = People + `
dn: uid=pat,ou=people,` + Base + `
objectClass: inetOrgPerson
objectClass: posixAccount
uid: pat
cn: Pat Odd
sn: Odd
mail: pat@example.com
uidNumber: 10009
gidNumber: 20001
homeDirectory: /home/pat
userPassword:: ` + base64.StdEncoding.EncodeToString([]byte(oddPassword)) + "\n"

// attempt is one login at a server.
type attempt struct {
	user, password string
	ok             bool
}

// attempts are logins that every server decides alike. olaf has no Unix account: servers that need one do not know him.
func attempts(needsUnix bool) []attempt {
	return []attempt{
		{"alice", "alice-Secret-1", true},
		{"bob", "bob-Secret-1", true},
		{"olaf", "olaf-Secret-1", !needsUnix},
		{"pat", oddPassword, true},
		{"alice", "wrong", false},
		{"alice", "alice-Secret-1x", false},
		{"alice", "bob-Secret-1", false},
		{"nobody-here", "alice-Secret-1", false},
		{"*", "alice-Secret-1", false},
		{"a*", "alice-Secret-1", false},
		{"alice)(uid=*", "alice-Secret-1", false},
	}
}

// ofGroup are logins where only members of developers are let in: bob, and alice through kernel.
func ofGroup() []attempt {
	return []attempt{
		{"alice", "alice-Secret-1", true},
		{"bob", "bob-Secret-1", true},
		{"bob", "wrong", false},
		{"carol", "carol-Secret-1", false},
		{"nobody-here", "carol-Secret-1", false},
	}
}

// try makes logins, and compares who was let in.
func try(t *testing.T, list []attempt, login func(user, password string) (ok bool, said string)) {
	t.Helper()
	for _, a := range list {
		if ok, said := login(a.user, a.password); ok != a.ok {
			t.Errorf("%s with %q: let in %v, want %v\n%s", a.user, a.password, ok, a.ok, said)
		}
	}
}

// selfSigned makes the certificate that servers of Debian have for themselves.
func (h *Host) selfSigned() {
	h.t.Helper()
	h.Shell(`openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 10 -subj /CN=` + HostName + ` \
		-keyout /etc/ssl/private/ssl-cert-snakeoil.key -out /etc/ssl/certs/ssl-cert-snakeoil.pem 2>/dev/null
		chgrp ssl-cert /etc/ssl/private/ssl-cert-snakeoil.key; chmod 640 /etc/ssl/private/ssl-cert-snakeoil.key`)
}

// withStartTLS are the flags for a server that is reached over ldap:// with StartTLS.
var withStartTLS = []string{"--url", "ldap://" + ServerName}[:2:2]

// status asks for a page and returns the status.
func (h *Host) status(url string, more ...string) string {
	h.t.Helper()
	return strings.TrimSpace(h.Run(append([]string{"curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", url}, more...)...))
}

// page makes logins at a web server.
func (h *Host) page(url string) func(user, password string) (bool, string) {
	return func(user, password string) (bool, string) {
		h.t.Helper()
		code := h.status(url, "-u", user+":"+password)
		return code == "200", code
	}
}
