package clienttest

import "testing"

// TestLighttpd protects a page of lighttpd, over ldaps:// and with StartTLS for a group.
func TestLighttpd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		flags []string
		want  []attempt
	}{
		{"ldaps", nil, attempts(false)},
		{"group", append(withStartTLS, "--group", "kernel"), []attempt{
			{"alice", "alice-Secret-1", true}, {"alice", "wrong", false}, {"bob", "bob-Secret-1", false},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := NewHost(t)
			h.Gatehouse(ServerOptions{LDIF: everybody})
			h.ClientConfig("lighttpd", c.flags...)
			h.ShowOnFailure("/var/log/lighttpd/error.log")
			h.WriteFile("/var/www/html/private/index.html", "let in\n", 0o644)
			h.Run("lighty-enable-mod", "gatehouse")
			h.Start("lighttpd", "lighttpd", "-D", "-f", "/etc/lighttpd/lighttpd.conf")
			h.Eventually("lighttpd answers", func() error { _, err := h.Try("curl", "-s", "http://127.0.0.1/"); return err })
			try(t, c.want, h.page("http://127.0.0.1/private/"))
			if code := h.status("http://127.0.0.1/private/"); code != "401" {
				t.Errorf("without a login: %s, want 401", code)
			}
		})
	}
}

// TestNginx protects a server of nginx by auth_request, over ldaps:// and with StartTLS for a group.
func TestNginx(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		flags []string
		want  []attempt
	}{
		{"ldaps", nil, attempts(false)},
		{"group", append(withStartTLS, "--group", "kernel"), []attempt{
			{"alice", "alice-Secret-1", true}, {"alice", "wrong", false}, {"bob", "bob-Secret-1", false},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := NewHost(t)
			server := h.Gatehouse(ServerOptions{LDIF: everybody})
			h.ClientConfig("nginx", c.flags...)
			h.ShowOnFailure("/var/log/nginx/error.log")
			h.WriteFile("/var/www/html/index.html", "let in\n", 0o644)
			h.Run("rm", "/etc/nginx/sites-enabled/default")
			h.WriteFile("/etc/nginx/sites-enabled/test", `server {
	listen 127.0.0.1:80;
	root /var/www/html;
	include snippets/gatehouse.conf;
	location / { add_header X-Who $gatehouse_user; }
	location = /open { auth_request off; return 204; }
}
`, 0o644)
			h.Shell("install -d -o www-data -g www-data -m 750 /run/gatehouse-nginx") // what the unit does
			h.Start("nginx-login", "runuser", "-u", "www-data", "--", "/usr/local/lib/gatehouse/nginx-login")
			h.Start("nginx", "nginx", "-g", "daemon off;")
			h.Eventually("nginx and what it asks answer", func() error {
				_, err := h.Try("curl", "-sf", "-u", "alice:alice-Secret-1", "http://127.0.0.1/")
				return err
			})
			try(t, c.want, h.page("http://127.0.0.1/"))
			try(t, c.want, h.page("http://127.0.0.1/")) // some are remembered now
			wants(t, h.Run("curl", "-s", "-D", "-", "-u", "alice:alice-Secret-1", "http://127.0.0.1/"), "X-Who: alice", "let in")
			wants(t, h.Run("curl", "-s", "-D", "-", "http://127.0.0.1/"), "401", "WWW-Authenticate: Basic")
			if code := h.status("http://127.0.0.1/open"); code != "204" {
				t.Errorf("what is not protected: %s, want 204", code)
			}
			server.Stop()
			if code := h.status("http://127.0.0.1/", "-u", "carol:carol-Secret-1"); code != "500" && code != "503" {
				t.Errorf("without the directory: %s", code)
			}
		})
	}
}
