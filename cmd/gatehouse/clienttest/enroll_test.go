package clienttest

import (
	"strings"
	"testing"
)

// TestEnroll takes a host from nothing to a login with the commands of an administrator, and no line of LDIF: a user and a group are
// made on the local socket, the host is enrolled, SSSD starts with the files that this has written.
func TestEnroll(t *testing.T) {
	t.Parallel()
	h := NewHost(t)
	h.Gatehouse(ServerOptions{})
	h.WriteFile("/etc/gatehouse/zoe.pw", password("zoe")+"\n", 0o600)
	h.WriteFile("/etc/gatehouse/zoe2.pw", password("zoe-again")+"\n", 0o600)
	h.Run("gatehouse", "user", "add", "zoe", "--name", "Zoe Zander", "--new-password-file", "/etc/gatehouse/zoe.pw", "--shell", "/bin/bash")
	h.Run("gatehouse", "group", "add", "designers", "--member", "zoe")
	h.Run("gatehouse", "group", "add", "staff2", "--member", "group:designers")
	r := h.Exec("", "gatehouse", "host", "enroll", "client.example.com", "--data", DataDir, "--server-url", "ldaps://"+ServerName,
		"--output-dir", "/", "--test-user", "zoe", "--test-password-file", "/etc/gatehouse/zoe.pw")
	if r.Exit != 0 {
		t.Fatal(r)
	}
	wants(t, r.Stderr, "test: bind as the host: cn=client.example.com,ou=hosts,"+Base, "test: groups: designers staff2", "test: log in: the password is right")

	h.UseNSS("sss")
	h.ShowOnFailure("/var/log/sssd/*.log")
	h.Start("sssd", "sssd", "-i")
	h.Eventually("SSSD knows zoe", func() error {
		_, err := h.Try("getent", "passwd", "zoe")
		return err
	})
	wants(t, h.Run("getent", "passwd", "zoe"), ":Zoe Zander:", ":/home/zoe:/bin/bash")
	wants(t, h.Run("id", "zoe"), "(designers)", "(staff2)")
	mayLogin(t, h, "zoe", password("zoe"))

	h.Run("gatehouse", "user", "passwd", "zoe", "--new-password-file", "/etc/gatehouse/zoe2.pw")
	mayNotLogin(t, h, "zoe", password("zoe"))
	mayLogin(t, h, "zoe", password("zoe-again"))
	h.Run("gatehouse", "user", "disable", "zoe")
	mayNotLogin(t, h, "zoe", password("zoe-again"))
	h.Run("gatehouse", "user", "enable", "zoe")
	mayLogin(t, h, "zoe", password("zoe-again"))
	if shown := h.Run("gatehouse", "user", "show", "zoe"); !strings.Contains(shown, "account           active") {
		t.Errorf("shown:\n%s", shown)
	}
	h.Run("gatehouse", "host", "disable", "client.example.com")
	if r := h.Exec("", "gatehouse", "host", "ls", "--status", "disabled"); !strings.Contains(r.Stdout, "client.example.com") {
		t.Errorf("disabled hosts: %s", r)
	}
}
