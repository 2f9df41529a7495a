package clienttest

import (
	"strings"
	"testing"
)

// startNslcd starts nslcd for PAM.
func (h *Host) startNslcd() {
	h.t.Helper()
	h.Shell("install -d -o nslcd -g nslcd /run/nslcd")
	h.Start("nslcd", "nslcd", "-n")
	h.Eventually("nslcd answers", func() error { _, err := h.Try("test", "-S", "/run/nslcd/socket"); return err })
}

// TestMariaDB logs in at MariaDB through PAM and nslcd.
func TestMariaDB(t *testing.T) {
	t.Parallel()
	h := NewHost(t)
	h.Gatehouse(ServerOptions{LDIF: everybody})
	h.ClientConfig("mariadb", "--group", "developers")
	h.startNslcd()
	h.Shell("install -d -o mysql -g mysql /run/mysqld")
	h.Start("mariadb", "mariadbd", "--user=mysql")
	h.Eventually("MariaDB answers", func() error { _, err := h.Try("mariadb", "-e", "select 1"); return err })
	for _, name := range []string{"alice", "bob", "carol", "olaf"} {
		h.Run("mariadb", "-e", "CREATE USER "+name+"@'%' IDENTIFIED VIA pam USING 'mariadb'")
	}
	try(t, []attempt{
		{"bob", "bob-Secret-1", true}, {"bob", "wrong", false}, {"carol", "carol-Secret-1", false}, {"olaf", "olaf-Secret-1", false}, {"nobody-here", "x", false},
	}, func(user, password string) (bool, string) {
		r := h.Exec("", "mariadb", "-h", "127.0.0.1", "-u", user, "-p"+password, "-Ne", "select current_user()")
		return r.Exit == 0 && strings.TrimSpace(r.Stdout) == user+"@%", r.String()
	})
}

// TestPAM logs in through the printed PAM service, without NSS.
func TestPAM(t *testing.T) {
	t.Parallel()
	h := NewHost(t)
	h.Gatehouse(ServerOptions{LDIF: everybody})
	h.ClientConfig("pam", withStartTLS...)
	h.startNslcd()
	h.WriteFile("/etc/pam.d/some-server", "@include gatehouse\n", 0o644)
	try(t, attempts(true)[:8], func(user, password string) (bool, string) {
		r := h.Exec(password+"\n", "pamtester", "some-server", user, "authenticate", "acct_mgmt")
		return r.Exit == 0, r.String()
	})
}
