package clienttest

import (
	"slices"
	"strings"
	"testing"
)

func startDovecot(t *testing.T, flags ...string) *Host {
	t.Helper()
	h := NewHost(t)
	h.Gatehouse(ServerOptions{LDIF: everybody})
	h.ClientConfig("dovecot", flags...)
	h.selfSigned()
	// Whoever guesses waits longer and longer; not here.
	h.WriteFile("/etc/dovecot/local.conf", "auth_failure_delay = 0\nservice anvil {\n  unix_listener anvil-auth-penalty {\n    mode = 0\n  }\n}\n", 0o644)
	h.Start("dovecot", "dovecot", "-F")
	h.Eventually("Dovecot answers", func() error { _, err := h.Try("doveadm", "user", "alice"); return err })
	return h
}

func (h *Host) dovecotLogin(user, password string) (bool, string) {
	h.t.Helper()
	r := h.Exec("", "doveadm", "auth", "test", user, password)
	return r.Exit == 0 && strings.Contains(r.Stdout, "auth succeeded"), r.String()
}

// TestDovecot logs in by a bind, looks mailboxes up, and lists them all.
func TestDovecot(t *testing.T) {
	t.Parallel()
	h := startDovecot(t)
	try(t, attempts(true), h.dovecotLogin)
	try(t, []attempt{{"alice@example.com", "alice-Secret-1", true}, {"alice@example.com", "wrong", false}}, h.dovecotLogin)
	wants(t, h.Run("doveadm", "user", "alice"), "uid\t10001", "gid\t20001", "home\t/home/alice")
	wants(t, h.Run("doveadm", "user", "alice@example.com"), "uid\t10001", "home\t/home/alice")
	if r := h.Exec("", "doveadm", "user", "olaf"); r.Exit == 0 {
		t.Errorf("olaf has no Unix account: %s", r)
	}
	names := strings.Fields(h.Run("doveadm", "user", "*"))
	slices.Sort(names)
	if want := []string{"alice", "bob", "carol", "pat"}; !slices.Equal(names, want) {
		t.Errorf("all users: %q, want %q", names, want)
	}
	h.Shell("mkdir -p /home/alice && chown 10001:20001 /home/alice")
	wants(t, h.Run("curl", "-s", "-k", "-u", "alice:alice-Secret-1", "imaps://127.0.0.1/"), "INBOX")
	if r := h.Exec("", "curl", "-s", "-k", "-u", "alice:wrong", "imaps://127.0.0.1/"); r.Exit == 0 {
		t.Errorf("IMAP with a wrong password: %s", r)
	}
}

// TestDovecotGroup lets only members of a group in, over ldap:// with StartTLS.
func TestDovecotGroup(t *testing.T) {
	t.Parallel()
	h := startDovecot(t, append(withStartTLS, "--group", "developers")...)
	try(t, ofGroup(), h.dovecotLogin)
	names := strings.Fields(h.Run("doveadm", "user", "*"))
	slices.Sort(names)
	if want := []string{"alice", "bob"}; !slices.Equal(names, want) {
		t.Errorf("all users: %q, want %q", names, want)
	}
}
