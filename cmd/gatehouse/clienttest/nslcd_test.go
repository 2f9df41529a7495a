package clienttest

import (
	"strings"
	"testing"
)

// startNslcd configures nslcd with what client-config prints, and returns when it knows alice.
func startNslcd(h *Host, flags ...string) *Daemon {
	h.t.Helper()
	h.ClientConfig("nslcd", flags...)
	h.UseNSS("ldap")
	d := h.Start("nslcd", "nslcd", "-n")
	h.Eventually("nslcd knows alice", func() error {
		_, err := h.Try("getent", "passwd", "alice")
		return err
	})
	return d
}

// TestNslcd is a host without SSSD: nslcd for names and logins, sudo-ldap, and the automounter's own way to the directory.
func TestNslcd(t *testing.T) {
	t.Parallel()
	h := NewHost(t)
	h.Gatehouse(ServerOptions{LDIF: People + "\n" + Accounts + "\n" + manyPeople(1200)})
	nslcd := startNslcd(h)
	t.Run("users and groups", func(t *testing.T) {
		h := h.For(t)
		const alice = "alice:x:10001:20001:Alice Archer:/home/alice:/bin/bash\n"
		if got := h.Run("getent", "passwd", "alice"); got != alice {
			t.Errorf("by name: %q", got)
		}
		if got := h.Run("getent", "passwd", "10001"); got != alice {
			t.Errorf("by number: %q", got)
		}
		if r := h.Exec("", "getent", "passwd", "olaf"); r.Exit != 2 {
			t.Errorf("olaf, who has no Unix account, is known: %s", r)
		}
		wants(t, h.Run("getent", "group", "crew"), "crew:*:20001:", "alice", "bob", "carol")
		wants(t, h.Run("getent", "group", "20003"), "developers:*:20003:", "bob", "alice")
		wants(t, h.Run("getent", "group", "backup-operators"), "backup-operators:*:20005:", "alice", "bob")
		if n := strings.Count(h.Run("getent", "passwd"), "\nu0"); n != 1200 {
			t.Errorf("%d users are listed", n)
		}
		if n := strings.Count(h.Run("getent", "group", "many"), ","); n != 1199 {
			t.Errorf("the group of all has %d members", n+1)
		}
		if got, want := ids(h, "alice"), "20001 20002 20003 20004 20005 20011 20012"; got != want {
			t.Errorf("id -G alice: %s, want %s", got, want)
		}
		wants(t, h.Run("getent", "netgroup", "admins"), "(client.example.com,alice,example.com)", "( ,carol,)")
		wants(t, h.Run("getent", "services", "gatehouse-test"), "7389/tcp")
		wants(t, h.Run("getent", "hosts", "printer"), "192.0.2.77")
		if shadow := h.Run("getent", "shadow", "alice"); !strings.HasPrefix(shadow, "alice:*:") {
			t.Errorf("a hash is shown, or no shadow entry: %q", shadow)
		}
	})
	t.Run("logins", func(t *testing.T) {
		h := h.For(t)
		mayLogin(t, h, "carol", password("carol"))
		mayNotLogin(t, h, "carol", "wrong")
		mayNotLogin(t, h, "locked", password("locked"))
		mayNotLogin(t, h, "disabled", password("disabled"))
		mayNotLogin(t, h, "nobody-of-this-name", "wrong")
		h.Modify("dn: uid=warned,ou=people," + Base + "\nchangetype: modify\nreplace: userPassword\nuserPassword: " + password("warned") + "\n")
		mayLogin(t, h, "warned", password("warned"), "Password will expire in")
		for user, text := range map[string]string{
			"graced": "Password expired, 2 grace logins left", "mustchange": "new one required", "expired": "",
		} {
			r := h.Login(user, password(user)) // as pam_ldap has it, a grace login is there to change the password
			if r.Exit == 0 {
				t.Errorf("%s gets in: %s", user, r)
			}
			wants(t, r.Stdout+r.Stderr, text)
		}
		const next = "correct horse battery 9"
		if r := h.Exec(password("mustchange")+"\n"+next+"\n"+next+"\n", "pamtester", "test", "mustchange", "authenticate",
			"chauthtok(PAM_CHANGE_EXPIRED_AUTHTOK)"); r.Exit != 0 {
			t.Errorf("mustchange cannot change the password: %s", r)
		}
		mayLogin(t, h, "mustchange", next)
	})
	t.Run("password change", func(t *testing.T) { changePassword(t, h.For(t)) })
	t.Run("one group, RFC 2307, StartTLS", func(t *testing.T) {
		h := h.For(t)
		nslcd.Stop()
		startNslcd(h, "--group", "crew", "--schema", "rfc2307", "--url", "ldap://"+ServerName, "--new-password")
		mayLogin(t, h, "alice", "a much longer Secret 7")
		if r := h.Login("guessed", password("guessed")); r.Exit == 0 {
			t.Errorf("guessed is not in the group that may log in: %s", r)
		}
		wants(t, h.Run("getent", "group", "engineering"), "engineering:*:20004:", "alice", "bob")
		if got, want := ids(h, "alice"), "20001 20002 20003 20004 20005 20011 20012"; got != want {
			t.Errorf("id -G alice: %s, want %s", got, want)
		}
	})
	t.Run("sudo", func(t *testing.T) {
		h := h.For(t)
		h.ClientConfig("sudo-ldap")
		sudoRules(t, h)
		h.ClientConfig("sudo-ldap", "--url", "ldap://"+ServerName, "--new-password")
		sudoRules(t, h)
	})
	t.Run("automount", func(t *testing.T) {
		h := h.For(t)
		h.ClientConfig("autofs")
		automount(t, h)
		h.ClientConfig("autofs", "--url", "ldap://"+ServerName, "--new-password")
		automount(t, h)
	})
}
