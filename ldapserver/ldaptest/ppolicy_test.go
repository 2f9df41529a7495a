package ldaptest_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/directory/ber"
	"gatehouse/ldapserver/ldaptest"
)

// pwdPolicy is a policy entry below ou=policies; "default" brings the container.
func pwdPolicy(cn string, lines ...string) string {
	text := fmt.Sprintf("dn: cn=%s,ou=policies,%s\nobjectClass: applicationProcess\nobjectClass: pwdPolicy\nobjectClass: gatehousePwdPolicy\ncn: %[1]s\n"+
		"pwdAttribute: userPassword\n%[3]s\n", cn, ldaptest.Base, strings.Join(lines, "\n"))
	if cn == "default" {
		text = "dn: ou=policies," + ldaptest.Base + "\nobjectClass: organizationalUnit\nou: policies\n\n" + text
	}
	return text
}

// says is what an answer to a bind carries: the result, and the controls in words.
func says(t *testing.T, c *ldap.Conn, dn, password string, controls ...ldap.Control) string {
	t.Helper()
	r, err := c.SimpleBind(&ldap.SimpleBindRequest{Username: dn, Password: password, Controls: controls, AllowEmptyPassword: true})
	text := "0"
	if err != nil {
		le, ok := errors.AsType[*ldap.Error](err)
		if !ok {
			t.Fatal(err)
		}
		text = fmt.Sprint(le.ResultCode)
		if le.Err != nil && le.Err.Error() != "" {
			text += " " + le.Err.Error()
		}
	}
	if r == nil {
		return text
	}
	for _, control := range r.Controls {
		switch control := control.(type) {
		case *ldap.ControlBeheraPasswordPolicy:
			text += fmt.Sprintf(" [expire %d grace %d error %d]", control.Expire, control.Grace, control.Error)
		case *ldap.ControlVChuPasswordMustChange:
			text += " [must change]"
		case *ldap.ControlVChuPasswordWarning:
			text += fmt.Sprintf(" [warning %d]", control.Expire)
		default:
			text += fmt.Sprintf(" [%s]", control)
		}
	}
	return text
}

// people in every state that a bind can find.
func passwordWorld(t *testing.T, clk *clock) *world {
	t.Helper()
	clk.at = clk.at.Truncate(time.Second)
	at := func(ago time.Duration) string { return clk.now().Add(-ago).UTC().Format("20060102150405Z") }
	ldif := strings.Join([]string{
		pwdPolicy("default", "pwdLockout: TRUE", "pwdMaxFailure: 3", "pwdLockoutDuration: 600", "pwdMaxAge: 86400", "pwdExpireWarning: 3600",
			"pwdMustChange: TRUE", "pwdInHistory: 2", "pwdCheckQuality: 2", "pwdMinLength: 8"),
		pwdPolicy("grace", "pwdMaxAge: 86400", "pwdGraceAuthNLimit: 20"),
		person("fine"),
		person("locked", "pwdAccountLockedTime: "+at(time.Minute)),
		person("disabled", "nsAccountLock: TRUE"),
		person("later", "pwdStartTime: 20990101000000Z"),
		person("ended", "pwdEndTime: 20200101000000Z"),
		person("expiring", "pwdChangedTime: "+at(86400*time.Second-30*time.Minute)),
		person("expired", "pwdChangedTime: "+at(48*time.Hour)),
		person("graced", "pwdChangedTime: "+at(48*time.Hour), "pwdPolicySubentry: cn=grace,ou=policies,"+ldaptest.Base),
		person("reset", "pwdReset: TRUE"),
	}, "\n")
	return newWorld(t, passwordPolicy(), ldaptest.WithLDIF(ldif), ldaptest.WithClock(clk.now))
}

// TestWhatABindIsTold is the table of what SSSD makes of an answer, and what those are told who do not ask.
func TestWhatABindIsTold(t *testing.T) {
	t.Parallel()
	w := passwordWorld(t, newClock())
	asking := ldap.NewControlBeheraPasswordPolicy()
	const nothing = " [expire -1 grace -1 error -1]"
	for _, tt := range []struct {
		uid, password string
		asked, plain  string
	}{
		{"fine", "fine-secret", "0" + nothing, "0"},
		{"fine", "wrong", "49" + nothing, "49"},
		{"nobody", "wrong", "49" + nothing, "49"},
		{"locked", "locked-secret", "49 [expire -1 grace -1 error 1]", "49"},
		{"locked", "wrong", "49 [expire -1 grace -1 error 1]", "49"},
		{"disabled", "disabled-secret", "49 [expire -1 grace -1 error 1]", "49"},
		{"later", "later-secret", "49 [expire -1 grace -1 error 1]", "49"},
		{"ended", "ended-secret", "49 [expire -1 grace -1 error 1]", "49"},
		{"expiring", "expiring-secret", "0 [expire 1800 grace -1 error -1] [warning 1800]", "0 [warning 1800]"},
		{"expired", "expired-secret", "49 [expire -1 grace -1 error 0] [must change]", "49 [must change]"},
		{"expired", "wrong", "49" + nothing, "49"},
		{"graced", "graced-secret", "0 [expire -1 grace 19 error -1] [must change]", "0 [must change]"},
		{"reset", "reset-secret", "0 [expire -1 grace -1 error 2] [must change]", "0 [must change]"},
	} {
		if got := says(t, w.Dial(), "uid="+tt.uid+inPeople, tt.password, asking); got != tt.asked {
			t.Errorf("%s with %s, asking: %s, want %s", tt.uid, tt.password, got, tt.asked)
		}
		if got := says(t, w.Dial(), "uid="+tt.uid+inPeople, tt.password); got != tt.plain {
			t.Errorf("%s with %s: %s, want %s", tt.uid, tt.password, got, tt.plain)
		}
	}
	if got := says(t, w.Dial(), "", "", asking); got != "0"+nothing {
		t.Errorf("anonymous: %s", got)
	}
}

// TestPasswordToolsAreTold drives OpenLDAP's clients.
func TestPasswordToolsAreTold(t *testing.T) {
	t.Parallel()
	w := passwordWorld(t, newClock())
	who := func(uid, password string) (string, int) {
		return w.tool("", "ldapwhoami", "-x", "-e", "ppolicy", "-D", "uid="+uid+inPeople, "-w", password)
	}
	for _, tt := range []struct {
		uid, password string
		code          int
		text          string
	}{
		{"fine", "fine-secret", 0, "dn:uid=fine"},
		{"locked", "locked-secret", 49, "Account locked"},
		{"expiring", "expiring-secret", 0, "Password expires in 1800 seconds"},
		{"expired", "expired-secret", 49, "Password expired"},
		{"graced", "graced-secret", 0, "Password expired, 19 grace logins remain"},
		{"reset", "reset-secret", 1, "Insufficient access (50)"},
	} {
		out, code := who(tt.uid, tt.password)
		if code != tt.code || !strings.Contains(out, tt.text) {
			t.Errorf("%s: %d, %s", tt.uid, code, out)
		}
	}
	passwd := func(uid, old, fresh string, more ...string) (string, int) {
		return w.tool("", "ldappasswd", append([]string{"-x", "-e", "ppolicy", "-D", "uid=" + uid + inPeople, "-w", old, "-s", fresh}, more...)...)
	}
	for _, tt := range []struct {
		uid, fresh string
		more       []string
		code       int
		text       string
	}{
		{"fine", "short", nil, 1, "ppolicy: error=6"},
		{"fine", "fine-secret", nil, 1, "was used before"},
		{"fine", "another-secret", []string{"-a", "wrong"}, 1, "old password is wrong"},
		{"fine", "another-secret", []string{"-a", "fine-secret"}, 0, ""},
		{"reset", "another-secret", nil, 0, ""},
	} {
		if out, code := passwd(tt.uid, tt.uid+"-secret", tt.fresh, tt.more...); code != tt.code || !strings.Contains(out, tt.text) {
			t.Errorf("%s to %s: %d, %s", tt.uid, tt.fresh, code, out)
		}
	}
	if out, code := who("reset", "another-secret"); code != 0 {
		t.Errorf("reset, then changed: %d, %s", code, out)
	}
	// SSSD changes an expired password on the connection whose bind failed.
	c := w.Dial()
	if got := says(t, c, "uid=expired"+inPeople, "expired-secret"); !strings.HasPrefix(got, "49") {
		t.Errorf("expired: %s", got)
	}
	if _, err := change(c, "uid=expired"+inPeople, "expired-secret", "another-secret"); err != nil {
		t.Errorf("an expired password is not changed: %v", err)
	}
	if out, code := who("expired", "another-secret"); code != 0 {
		t.Errorf("expired, then changed: %d, %s", code, out)
	}
}

// TestUnlock: account.unlock is the right, and it opens nothing else.
func TestUnlock(t *testing.T) {
	t.Parallel()
	fine := "uid=fine" + inPeople
	ldif := pwdPolicy("default", "pwdLockout: TRUE", "pwdMaxFailure: 1") + "\n" + person("fine") + "\n" + person("disabled", "nsAccountLock: TRUE")
	w := newWorld(t, passwordPolicy(
		allow("unlock", `dn: "uid=helper,ou=people,dc=example,dc=com"`, `base: "ou=people,dc=example,dc=com"`, "discover, account.unlock"),
	), ldaptest.WithLDIF(ldif))
	helper := w.as("helper")
	for _, tt := range []struct {
		name    string
		changes []string
		want    uint16
	}{
		{"pwdAccountLockedTime", []string{"delete pwdAccountLockedTime"}, 0},
		{"pwdFailureTime", []string{"delete pwdFailureTime"}, 0},
		{"both", []string{"delete pwdFailureTime", "delete pwdAccountLockedTime"}, 0},
		{"replaced by nothing", []string{"replace pwdAccountLockedTime"}, 0},
		{"more", []string{"delete pwdAccountLockedTime", "replace description x"}, ldap.LDAPResultInsufficientAccessRights},
		{"another time", []string{"replace pwdAccountLockedTime 20990101000000Z"}, ldap.LDAPResultInsufficientAccessRights},
	} {
		if w.binds("fine", "wrong") || w.binds("fine", "fine-secret") {
			t.Fatalf("%s: not locked", tt.name)
		}
		answers(t, tt.name, modify(helper, fine, tt.changes...), tt.want)
		if got := w.binds("fine", "fine-secret"); got != (tt.want == 0) {
			t.Errorf("%s: unlocked: %v", tt.name, got)
		}
	}
	disabled := "uid=disabled" + inPeople
	answers(t, "what an administrator has disabled", modify(helper, disabled, "delete pwdAccountLockedTime"), ldap.LDAPResultInsufficientAccessRights)
	answers(t, "of oneself", modify(w.as("alice"), "uid=alice"+inPeople, "delete pwdFailureTime"), ldap.LDAPResultInsufficientAccessRights)
	answers(t, "of whom nobody sees", modify(w.as("alice"), fine, "delete pwdFailureTime"), ldap.LDAPResultNoSuchObject)
}

// TestRefusalsOfAChangeCarryTheirError: what ldapmodify and ldappasswd get beside the text.
func TestRefusalsOfAChangeCarryTheirError(t *testing.T) {
	t.Parallel()
	w := passwordWorld(t, newClock())
	fine := "uid=fine" + inPeople
	ldif := filepath.Join(t.TempDir(), "change.ldif")
	if err := os.WriteFile(ldif, []byte("dn: "+fine+"\nchangetype: modify\nreplace: userPassword\nuserPassword: short\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, code := w.tool("", "ldapmodify", "-x", "-v", "-e", "ppolicy", "-D", fine, "-w", "fine-secret", "-f", ldif)
	if code != 19 || !regexp.MustCompile(`(?i)too short`).MatchString(out) {
		t.Errorf("%d, %s", code, out)
	}
	r := dialPassword(t, w.URL, fine, "fine-secret")
	if got := r.modifyPassword("", "short"); got != "19 error 6" {
		t.Errorf("the extended operation: %s", got)
	}
	if got := r.modifyPassword("wrong", "another-secret"); got != "49" {
		t.Errorf("a wrong old password: %s", got)
	}
	reset := dialPassword(t, w.URL, "uid=reset"+inPeople, "reset-secret")
	if got := reset.search(); got != "50 error 2" {
		t.Errorf("a search while the password has to be changed: %s", got)
	}
	if got := reset.modifyPassword("", "another-secret"); got != "0" {
		t.Errorf("the change: %s", got)
	}
	if got := reset.search(); strings.Contains(got, "error") {
		t.Errorf("a search after it: %s", got)
	}
}

// passwordConn is a connection that sends the password policy control with each request and reads it from each answer.
type passwordConn struct {
	t  *testing.T
	nc net.Conn
	in *bufio.Reader
	id int64
}

func dialPassword(t *testing.T, url, dn, password string) *passwordConn {
	t.Helper()
	nc, err := net.Dial("tcp", strings.TrimPrefix(url, "ldap://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nc.Close() })
	c := &passwordConn{t: t, nc: nc, in: bufio.NewReader(nc)}
	c.ask(construct(0x60, ber.AppendInteger(nil, ber.Integer, 3), octets(ber.OctetString, dn), octets(0x80, password)))
	return c
}

// ask returns the result code of an operation, and the error of the control if there is one.
func (c *passwordConn) ask(op []byte) string {
	c.t.Helper()
	c.id++
	control := construct(0xa0, sequence(octets(ber.OctetString, ldap.ControlTypeBeheraPasswordPolicy)))
	if _, err := c.nc.Write(sequence(ber.AppendInteger(nil, ber.Integer, c.id), op, control)); err != nil {
		c.t.Fatal(err)
	}
	for {
		tag, code, controls := readRaw(c.t, c.in)
		if tag == 0x64 {
			continue
		}
		text := fmt.Sprint(code)
		for _, control := range controls {
			raw := control.(*ldap.ControlString)
			if raw.ControlType != ldap.ControlTypeBeheraPasswordPolicy {
				continue
			}
			for d := ber.NewDecoder([]byte(raw.ControlValue)); d.Enter(ber.Sequence) >= 0 && d.More(); {
				if d.Peek() == 0x81 {
					text += fmt.Sprint(" error ", d.Integer(0x81))
				} else {
					d.Any()
				}
				break
			}
		}
		return text
	}
}

func (c *passwordConn) modifyPassword(old, fresh string) string {
	c.t.Helper()
	var parts [][]byte
	if old != "" {
		parts = append(parts, octets(0x81, old))
	}
	value := sequence(append(parts, octets(0x82, fresh))...)
	return c.ask(construct(0x77, octets(0x80, "1.3.6.1.4.1.4203.1.11.1"), octets(0x81, string(value))))
}

func (c *passwordConn) search() string {
	c.t.Helper()
	zero := ber.AppendInteger(nil, ber.Integer, 0)
	return c.ask(construct(0x63, octets(ber.OctetString, ldaptest.Base), ber.AppendInteger(nil, ber.Enumerated, 2), ber.AppendInteger(nil, ber.Enumerated, 0),
		zero, zero, ber.AppendBoolean(nil, ber.Boolean, false), octets(0x87, "objectClass"), sequence()))
}
