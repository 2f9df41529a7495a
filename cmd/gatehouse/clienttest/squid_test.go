package clienttest

import "testing"

func startSquid(t *testing.T, flags ...string) *Host {
	t.Helper()
	h := NewHost(t)
	h.Gatehouse(ServerOptions{LDIF: everybody})
	h.ClientConfig("squid", flags...)
	h.ShowOnFailure("/var/log/squid/*.log")
	h.WriteFile("/var/www/html/page", "a page\n", 0o644)
	h.Start("web", "lighttpd", "-D", "-f", "/etc/lighttpd/lighttpd.conf")
	h.Start("squid", "squid", "-N")
	h.Eventually("Squid and the page answer", func() error {
		if _, err := h.Try("curl", "-s", "-x", "http://127.0.0.1:3128", "http://127.0.0.1/page"); err != nil {
			return err
		}
		_, err := h.Try("curl", "-sf", "http://127.0.0.1/page")
		return err
	})
	return h
}

func (h *Host) proxyLogin(user, password string) (bool, string) {
	h.t.Helper()
	code := h.status("http://127.0.0.1/page", "-x", "http://127.0.0.1:3128", "-U", user+":"+password)
	return code == "200", code
}

// TestSquid uses the proxy with names and passwords.
func TestSquid(t *testing.T) {
	t.Parallel()
	h := startSquid(t)
	try(t, attempts(false), h.proxyLogin)
	if code := h.status("http://127.0.0.1/page", "-x", "http://127.0.0.1:3128"); code != "407" {
		t.Errorf("without a login: %s, want 407", code)
	}
}

// TestSquidGroup lets only members of a group in, over ldap:// with StartTLS.
func TestSquidGroup(t *testing.T) {
	t.Parallel()
	h := startSquid(t, append(withStartTLS, "--group", "developers")...)
	try(t, ofGroup(), h.proxyLogin)
}
