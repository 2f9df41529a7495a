package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

const corpBase = "dc=corp,dc=example"

// oldHashes are hashes of "secret", as OpenLDAP and its modules write them.
var oldHashes = []string{
	"{SSHA}Ixooitc02yvgfHpp/dEYx1aGj+dx36xA",
	"{CRYPT}$6$Df6kUjb4$FXJzIc7dKvoEwTFt1A0prmEUv/40zsWKUc0zKBS2iK7P0GogPeLceAohSPhrK2xdUVzWf0XdjNRiNAdcc25EX/",
	"{ARGON2}$argon2i$v=19$m=4096,t=3,p=1$npSXxGpMVBV8RI5FrmxekA$Nk6k51AV3CdodNZaEQrF1d+t0IElbyT16HIrEE0Mq0A",
	"{PBKDF2}10000$c2FsdHNhbHQ$1J.qbHg9k9gwJP/TEZO8JAMHRzQ",
	"{PBKDF2-SHA512}10000$c2FsdHNhbHQ$EPayD5uUBTEtWAVc5A/BDE94P92z1URuIGFG9dqerao2JkZSst3YhD65O7HTph4C35dJC0A.v6qfI/hRXA.w1A",
	"{SSHA512}aCu7JRc+kLsuEmFs1zTY+AiP7DSGnjjG+dH28Dp+E5usqoAixeTPihKqZmkWal4mUfp63tqvCAkFV1LKTDFH6XNhbHRzYWx0",
	"{CRYPT}$y$j9T$saltsaltsaltsalt$.Zt5W26jjocuW0wIHGgB6AJelofw6GEpOypHGyow2y5",
	"{CRYPT}$2b$06$abcdefghijklmnopqrstuuxLa0AkDDSrQ9VwNnETzOsObiucpMYgC",
}

const slapdConf = `modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
moduleload memberof
moduleload refint
moduleload unique
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
include corp.schema
sizelimit size.soft=100 size.hard=250
database mdb
suffix dc=corp,dc=example
rootdn cn=root,dc=corp,dc=example
rootpw rootsecret
directory db
maxsize 1073741824
index uid,mail eq,sub
index corpBadge eq
limits dn.exact="uid=u00002,ou=people,dc=corp,dc=example" size=unlimited
access to attrs=userPassword by self write by anonymous auth by * none
access to * by users read
overlay ppolicy
ppolicy_default cn=standard,ou=policies,dc=corp,dc=example
overlay memberof
overlay refint
refint_attributes member manager
overlay unique
unique_uri ldap:///ou=people,dc=corp,dc=example?mail?sub
`

const corpSchema = `objectidentifier Corp 1.3.6.1.4.1.99999
attributetype ( Corp:1.1 NAME 'corpBadge' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
objectclass ( Corp:2.1 NAME 'corpPerson' SUP top AUXILIARY MAY corpBadge )
`

// slapdState are users with state of the password policy.
var slapdState = map[string][]string{
	"locked":  {"pwdAccountLockedTime: 000001010000Z"},
	"failing": {"pwdFailureTime: NOW.000001Z", "pwdFailureTime: NOW.000002Z"},
	"reset":   {"pwdReset: TRUE"},
	"expired": {"pwdChangedTime: 20200101000000Z"},
	"former":  {"pwdHistory: 20200101000000Z#1.3.6.1.4.1.1466.115.121.1.40#38#{SSHA}Ixooitc02yvgfHpp/dEYx1aGj+dx36xA"},
}

// corpEntries is the LDIF of a directory with many users.
func corpEntries(users int) string {
	var b strings.Builder
	entry := func(dn string, lines ...string) {
		fmt.Fprintf(&b, "dn: %s\n%s\n\n", dn, strings.Join(lines, "\n"))
	}
	entry(corpBase, "objectClass: dcObject", "objectClass: organization", "dc: corp", "o: Corp")
	for _, ou := range []string{"people", "groups", "policies"} {
		entry("ou="+ou+","+corpBase, "objectClass: organizationalUnit", "ou: "+ou)
	}
	entry("cn=standard,ou=policies,"+corpBase, "objectClass: device", "objectClass: pwdPolicy", "cn: standard", "pwdAttribute: userPassword",
		"pwdLockout: TRUE", "pwdMaxFailure: 3", "pwdInHistory: 3", "pwdMaxAge: 31536000", "pwdMustChange: TRUE")
	now := time.Now().UTC().Format("20060102150405")
	user := func(uid string, n int, more ...string) {
		entry("uid="+uid+",ou=people,"+corpBase, append([]string{
			"objectClass: inetOrgPerson", "objectClass: posixAccount", "objectClass: corpPerson", "uid: " + uid, "cn: User " + uid, "sn: User",
			fmt.Sprintf("uidNumber: %d", 10000+n), "gidNumber: 500", "homeDirectory: /home/" + uid, "mail: " + uid + "@corp.example",
			fmt.Sprintf("corpBadge: B%d", n), "userPassword: " + hashOf(n),
		}, more...)...)
	}
	for n := range users {
		user(fmt.Sprintf("u%05d", n), n, "pwdChangedTime: "+now+"Z")
	}
	for name, lines := range slapdState {
		changed := "pwdChangedTime: " + now + "Z"
		if name == "expired" {
			changed = "description: expired"
		}
		for i, line := range lines {
			lines[i] = strings.Replace(line, "NOW", now, 1)
		}
		user(name, users, append(lines, changed)...)
		users++
	}
	members := []string{"objectClass: groupOfNames", "cn: staff"}
	for n := 0; n < users-len(slapdState); n += 10 {
		members = append(members, fmt.Sprintf("member: uid=u%05d,ou=people,%s", n, corpBase))
	}
	entry("cn=staff,ou=groups,"+corpBase, members...)
	return b.String()
}

// hashOf gives most users the cheapest hash to verify, and each scheme some.
func hashOf(n int) string {
	if n%100 < len(oldHashes) {
		return oldHashes[n%100]
	}
	return oldHashes[0]
}

// exportSlapd makes a directory of slapd and exports it: config.ldif and data.ldif in dir.
func exportSlapd(t *testing.T, dir, entries string) {
	t.Helper()
	for name, text := range map[string]string{"slapd.conf": slapdConf, "corp.schema": corpSchema, "source.ldif": entries} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"mkdir", "db", "cfg"},
		{"/usr/sbin/slapadd", "-q", "-f", "slapd.conf", "-l", "source.ldif"},
		{"/usr/sbin/slaptest", "-f", "slapd.conf", "-F", "cfg"},
		{"/usr/sbin/slapcat", "-F", "cfg", "-n", "0", "-l", "config.ldif"},
		{"/usr/sbin/slapcat", "-F", "cfg", "-n", "1", "-l", "data.ldif"},
	} {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

// TestMoveFromSlapd moves 10,000 users of a slapd with one import: everybody binds with the old password, whatever its scheme, and
// schema, limits, index, default policy and the state of accounts keep their meaning.
func TestMoveFromSlapd(t *testing.T) {
	t.Parallel()
	needTools(t, "/usr/sbin/slapadd", "/usr/sbin/slapcat", "/usr/sbin/slaptest")
	const users = 10_000
	dir := t.TempDir()
	exportSlapd(t, dir, corpEntries(users))
	data := filepath.Join(dir, "data")
	gatehouse(t, "rootsecret\n", "init", "--data", data, "--base", corpBase, "--admin-password-file", "-")
	config, file := filepath.Join(dir, "config.ldif"), filepath.Join(dir, "data.ldif")

	before := gatehouse(t, "", "export", "--data", data)
	dry := gatehouse(t, "", "import", "--data", data, "--slapd-config", config, "--dry-run", file)
	wantSaid(t, dry, "olcAccess: to attrs=userPassword", "olcUniqueURI: ldap:///", "olcRootPW: ", "objectclass corpPerson: it is added to the schema",
		"olcPPolicyDefault: cn=standard", "A dry run: nothing was changed", "10005 corpPerson")
	if after := gatehouse(t, "", "export", "--data", data); after != before {
		t.Errorf("the dry run changed something: %s", firstDifference(after, before))
	}
	if _, err := os.Stat(filepath.Join(data, "gatehouse.yaml")); err == nil {
		t.Error("the dry run left a file of settings")
	}

	wantSaid(t, gatehouse(t, "", "import", "--data", data, "--slapd-config", config, file), "10021 entries in ")
	gatehouse(t, "", "check", "--data", data)
	cmd := program("serve", "--data", data, "--listen", "ldap://127.0.0.1:0")
	cmd.Env = append(cmd.Env, "GATEHOUSE_PASSWORD_UPGRADE=false") // hashing all of them anew would take minutes
	p := start(t, cmd)
	bindAll(t, p.url, users)
	checkMoved(t, p.url)
}

func wantSaid(t *testing.T, said string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(said, w) {
			t.Errorf("nothing is said of %q:\n%s", w, said)
		}
	}
}

// bindAll binds as every user, on a few connections.
func bindAll(t *testing.T, url string, users int) {
	t.Helper()
	var running sync.WaitGroup
	const connections = 8
	for c := range connections {
		running.Go(func() {
			nc, err := ldap.DialURL(url)
			if err != nil {
				t.Error(err)
				return
			}
			defer nc.Close()
			for n := c; n < users; n += connections {
				if err := nc.Bind(fmt.Sprintf("uid=u%05d,ou=people,%s", n, corpBase), "secret"); err != nil {
					t.Errorf("user %d with %.12s: %v", n, hashOf(n), err)
					return
				}
			}
		})
	}
	running.Wait()
}

// bindSlapdUser binds with the password policy control and returns what it says.
func bindSlapdUser(t *testing.T, nc *ldap.Conn, uid, password string) (code uint16, policy *ldap.ControlBeheraPasswordPolicy) {
	t.Helper()
	r := ldap.NewSimpleBindRequest("uid="+uid+",ou=people,"+corpBase, password, []ldap.Control{ldap.NewControlBeheraPasswordPolicy()})
	answer, err := nc.SimpleBind(r)
	if e, is := err.(*ldap.Error); is {
		code = e.ResultCode
	} else if err != nil {
		t.Fatal(err)
	}
	if answer != nil {
		policy, _ = ldap.FindControl(answer.Controls, ldap.ControlTypeBeheraPasswordPolicy).(*ldap.ControlBeheraPasswordPolicy)
	}
	return code, policy
}

// checkMoved looks at what came of the settings and of the state of accounts.
func checkMoved(t *testing.T, url string) {
	t.Helper()
	nc, err := ldap.DialURL(url)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if code, _ := bindSlapdUser(t, nc, "locked", "secret"); code != ldap.LDAPResultInvalidCredentials {
		t.Errorf("a locked user: result %d", code)
	}
	if code, policy := bindSlapdUser(t, nc, "reset", "secret"); code != 0 || policy == nil || policy.Error != 2 {
		t.Errorf("a user whose password was reset: result %d, %v", code, policy)
	}
	if code, policy := bindSlapdUser(t, nc, "expired", "secret"); code != ldap.LDAPResultInvalidCredentials || policy == nil || policy.Error != 0 {
		t.Errorf("a user with an expired password: result %d, %v", code, policy)
	}
	// The third failure locks: two are from slapd.
	if code, _ := bindSlapdUser(t, nc, "failing", "wrong"); code != ldap.LDAPResultInvalidCredentials {
		t.Errorf("a wrong password: result %d", code)
	}
	if code, _ := bindSlapdUser(t, nc, "failing", "secret"); code != ldap.LDAPResultInvalidCredentials {
		t.Errorf("a user with three failures: result %d", code)
	}
	if err := nc.Bind("cn=admin,"+corpBase, "rootsecret"); err != nil {
		t.Fatal(err)
	}
	found, err := nc.Search(ldap.NewSearchRequest(corpBase, ldap.ScopeWholeSubtree, 0, 0, 0, false, "(corpBadge=b1230)", []string{"uid", "memberOf", "corpBadge"}, nil))
	if err != nil || len(found.Entries) != 1 || found.Entries[0].GetAttributeValue("memberOf") != "cn=staff,ou=groups,"+corpBase {
		t.Fatalf("a search by slapd's own attribute: %v, %v", found, err)
	}
}
