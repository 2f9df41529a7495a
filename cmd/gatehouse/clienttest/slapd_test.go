package clienttest

import (
	"crypto/sha1" // what slapd stores by default
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
)

// slapdConfig is the server that is left: the schema of Debian, a default password policy, an index or two.
const slapdConfig = `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
moduleload unique
attributetype ( 1.3.6.1.4.1.32473.1.1 NAME 'badgeNumber' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
objectclass ( 1.3.6.1.4.1.32473.2.1 NAME 'badgeHolder' SUP top AUXILIARY MAY badgeNumber )
database mdb
suffix dc=example,dc=com
rootdn cn=manager,dc=example,dc=com
directory %s
maxsize 1073741824
index objectClass,uid,uidNumber,badgeNumber eq
access to attrs=userPassword by self write by anonymous auth by * none
access to * by users read
overlay ppolicy
ppolicy_default cn=standard,ou=policies,dc=example,dc=com
`

// fromSlapd loads LDIF into a slapd and returns its exports: the configuration and the data.
func fromSlapd(t *testing.T, text string) (config, data string) {
	t.Helper()
	dir := t.TempDir()
	conf, confDir, db := filepath.Join(dir, "slapd.conf"), filepath.Join(dir, "slapd.d"), filepath.Join(dir, "db")
	for _, d := range []string{confDir, db} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(conf, fmt.Appendf(nil, slapdConfig, db), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(input, name string, args ...string) string {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Env = append(os.Environ(), "PATH="+os.Getenv("PATH")+":/usr/sbin")
		cmd.Stdin = strings.NewReader(input)
		out, err := cmd.Output()
		var ended *exec.ExitError
		if errors.As(err, &ended) {
			t.Fatalf("%s %q: %v\n%s", name, args, err, ended.Stderr)
		} else if err != nil {
			t.Fatalf("%s: %v (testdata/peers/install.sh installs it)", name, err)
		}
		return string(out)
	}
	run(text, "/usr/sbin/slapadd", "-q", "-f", conf)
	run("", "/usr/sbin/slaptest", "-Q", "-f", conf, "-F", confDir) // which wants to see the database
	return run("", "/usr/sbin/slapcat", "-n", "0", "-F", confDir), run("", "/usr/sbin/slapcat", "-n", "1", "-F", confDir)
}

// cryptPassword is the password of everybody whose password crypt(3) has hashed.
const cryptPassword = "old-Secret-CRYPT"

// oldPassword returns the password of user i of the old directory, and the scheme that it is stored with.
func oldPassword(i int) (clear, scheme string) {
	schemes := []string{"SSHA", "SSHA", "SSHA", "SSHA", "SHA", "5", "6", "2b", "y", "SSHA"}
	if scheme = schemes[i/7%10]; len(scheme) <= 2 {
		return cryptPassword, scheme
	}
	return fmt.Sprintf("old-Secret-%d", i), scheme
}

// oldDirectory returns LDIF of n users of the directory that is left, with passwords of many schemes.
func oldDirectory(h *Host, n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "dn: %s\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: example\n\n", Base)
	for _, ou := range []string{"people", "groups", "policies"} {
		fmt.Fprintf(&b, "dn: ou=%s,%s\nobjectClass: organizationalUnit\nou: %s\n\n", ou, Base, ou)
	}
	fmt.Fprintf(&b, "dn: cn=standard,ou=policies,%s\nobjectClass: device\nobjectClass: pwdPolicy\ncn: standard\npwdAttribute: userPassword\n"+
		"pwdLockout: TRUE\npwdMaxFailure: 5\npwdMustChange: TRUE\npwdMinLength: 8\npwdCheckQuality: 2\n\n", Base)
	crypted := map[string]string{}
	for scheme, salt := range map[string]string{"5": "$5$saltsaltsalt", "6": "$6$saltsaltsalt", "2b": "$2b$06$abcdefghijklmnopqrstuu", "y": "$y$j8T$saltsaltsalt"} {
		crypted[scheme] = strings.TrimSpace(h.Run("python3", "-W", "ignore", "-c", "import crypt,sys; print(crypt.crypt(sys.argv[1], sys.argv[2]))", cryptPassword, salt))
	}
	for i := range n {
		clear, scheme := oldPassword(i)
		stored := "{CRYPT}" + crypted[scheme]
		switch scheme {
		case "SSHA":
			sum := sha1.Sum([]byte(clear + "salt"))
			stored = "{SSHA}" + base64.StdEncoding.EncodeToString(append(sum[:], "salt"...))
		case "SHA":
			sum := sha1.Sum([]byte(clear))
			stored = "{SHA}" + base64.StdEncoding.EncodeToString(sum[:])
		}
		fmt.Fprintf(&b, "dn: uid=old%05d,ou=people,%s\nobjectClass: inetOrgPerson\nobjectClass: posixAccount\nobjectClass: shadowAccount\n"+
			"objectClass: badgeHolder\nuid: old%05d\ncn: Old %d\nsn: %d\nbadgeNumber: B%d\nuidNumber: %d\ngidNumber: 20001\nhomeDirectory: /home/old%05d\n"+
			"loginShell: /bin/sh\nuserPassword: %s\n", i, Base, i, i, i, i, 30000+i, i, stored)
		if i == 1 {
			b.WriteString("pwdAccountLockedTime: 000001010000Z\n")
		}
		if i == 2 {
			b.WriteString("pwdReset: TRUE\n")
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "dn: cn=crew,ou=groups,%s\nobjectClass: posixGroup\ncn: crew\ngidNumber: 20001\n", Base)
	for i := range n {
		fmt.Fprintf(&b, "memberUid: old%05d\n", i)
	}
	return b.String()
}

// eachLogin is for those who have an hour: a sample of the users shows each scheme.
var eachLogin = flag.Bool("each-login", false, "log in each of the 10,000 users that came from slapd, instead of a sample")

// TestSlapdMovesOver: a directory of slapd with 10,000 users comes over with one import, and they log in through SSSD with what they had.
func TestSlapdMovesOver(t *testing.T) {
	t.Parallel()
	const users = 10000
	logins := 40
	if *eachLogin {
		logins = users
	}
	h := NewHost(t)
	config, data := fromSlapd(t, oldDirectory(h, users))
	h.WriteFile("/var/tmp/config.ldif", config, 0o600)
	h.WriteFile("/var/tmp/data.ldif", data, 0o600)
	h.Gatehouse(ServerOptions{Import: []string{"--slapd-config", "/var/tmp/config.ldif", "/var/tmp/data.ldif"}})
	h.ClientConfig("sssd", "--schema", "rfc2307")
	h.UseNSS("sss")
	h.ShowOnFailure("/var/log/sssd/*.log")
	h.Start("sssd", "sssd", "-i")
	h.Eventually("SSSD knows the users", func() error {
		_, err := h.Try("getent", "passwd", "old00000")
		return err
	})
	t.Run("logins", func(t *testing.T) {
		h := h.For(t)
		for i := 3; i < users; i += users / logins {
			clear, scheme := oldPassword(i)
			if r := h.Login(fmt.Sprintf("old%05d", i), clear); r.Exit != 0 {
				t.Errorf("user %d, whose password is stored with %s, cannot log in: %s", i, scheme, r)
			}
		}
		mayNotLogin(t, h, "old00003", "wrong")
		clear, _ := oldPassword(1)
		mayNotLogin(t, h, "old00001", clear) // was locked
		clear, _ = oldPassword(2)
		r := h.Login("old00002", clear)
		wants(t, r.Stdout+r.Stderr, "Password expired. Change your password now.") // was reset
	})
	t.Run("whoever binds", func(t *testing.T) {
		socket, err := h.For(t).Dial("127.0.0.1:389")
		if err != nil {
			t.Fatal(err)
		}
		c := ldap.NewConn(socket, false)
		c.Start()
		defer c.Close()
		for i := 3; i < users; i += 11 {
			clear, scheme := oldPassword(i)
			if err := c.Bind(fmt.Sprintf("uid=old%05d,ou=people,%s", i, Base), clear); err != nil {
				t.Fatalf("user %d, whose password is stored with %s: %v", i, scheme, err)
			}
		}
	})
}
