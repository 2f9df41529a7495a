package clienttest

import (
	"strings"
	"testing"
)

// startApache makes a host with Apache on port 80 whose /private is protected by the printed file, and by one location for each of
// the requirements, which take the place of the printed one.
func startApache(t *testing.T, requirements map[string]string, flags ...string) *Host {
	t.Helper()
	h := NewHost(t)
	h.Gatehouse(ServerOptions{LDIF: everybody})
	h.ClientConfig("apache", flags...)
	h.ShowOnFailure("/var/log/apache2/error.log")
	const conf = "/etc/apache2/conf-available/gatehouse.conf"
	printed := h.ReadFile(conf)
	_, block, _ := strings.Cut(printed, `<Location "/private">`)
	for place, require := range requirements {
		h.WriteFile("/var/www/html"+place+"/index.html", "let in\n", 0o644)
		changed := strings.Replace(`<Location "`+place+`">`+block, "\n\tRequire valid-user\n", "\n\t"+require+"\n", 1)
		if !strings.Contains(changed, "\n\t"+require+"\n") {
			t.Fatalf("the printed file has no Require valid-user:\n%s", printed)
		}
		h.WriteFile("/etc/apache2/conf-enabled"+place+".conf", changed, 0o600)
	}
	h.WriteFile("/var/www/html/private/index.html", "let in\n", 0o644)
	h.WriteFile("/etc/apache2/conf-enabled/name.conf", "ServerName client.example.com\n", 0o644)
	h.Run("a2enmod", "-q", "authnz_ldap")
	h.Run("a2enconf", "-q", "gatehouse")
	h.Start("apache", "apachectl", "-D", "FOREGROUND")
	h.Eventually("Apache answers", func() error { _, err := h.Try("curl", "-s", "http://127.0.0.1/"); return err })
	return h
}

// TestApache logs in at Apache with the printed file and with every kind of requirement.
func TestApache(t *testing.T) {
	t.Parallel()
	const groups = ",ou=groups," + Base
	h := startApache(t, map[string]string{
		"/user":      "Require ldap-user bob carol",
		"/group":     "Require ldap-group cn=kernel" + groups,
		"/nested":    "Require ldap-group cn=engineering" + groups,
		"/unique":    "Require ldap-group cn=www" + groups,
		"/roles":     "Require ldap-group cn=app-lookup,ou=roles," + Base,
		"/attribute": "Require ldap-attribute mail=bob@example.com",
		"/password":  "Require ldap-attribute userPassword=bob-Secret-1",
		"/filter":    "Require ldap-filter |(sn=Baker)(sn=Office)",
		"/dn":        "Require ldap-dn uid=bob,ou=people," + Base,
	})
	for _, c := range []struct{ place, login, want string }{
		{"/private", "alice:alice-Secret-1", "200"},
		{"/private", "olaf:olaf-Secret-1", "200"},
		{"/private", "alice:wrong", "401"},
		{"/private", "alice:", "401"},
		{"/private", "nobody-here:alice-Secret-1", "401"},
		{"/private", "*:alice-Secret-1", "401"},
		{"/private", "apache:alice-Secret-1", "401"},
		{"/private", "", "401"},
		{"/user", "bob:bob-Secret-1", "200"},
		{"/user", "alice:alice-Secret-1", "401"},
		{"/group", "alice:alice-Secret-1", "200"},
		{"/group", "bob:bob-Secret-1", "401"},
		{"/nested", "alice:alice-Secret-1", "200"}, // through kernel and developers
		{"/nested", "bob:bob-Secret-1", "200"},
		{"/nested", "carol:carol-Secret-1", "401"},
		{"/unique", "bob:bob-Secret-1", "200"},
		{"/unique", "alice:alice-Secret-1", "401"},
		{"/roles", "alice:alice-Secret-1", "401"}, // the account does not see who has rights
		{"/attribute", "bob:bob-Secret-1", "200"},
		{"/attribute", "alice:alice-Secret-1", "401"},
		{"/password", "bob:bob-Secret-1", "401"}, // nobody compares passwords
		{"/filter", "bob:bob-Secret-1", "200"},
		{"/filter", "olaf:olaf-Secret-1", "200"},
		{"/filter", "alice:alice-Secret-1", "401"},
		{"/dn", "bob:bob-Secret-1", "200"},
		{"/dn", "alice:alice-Secret-1", "401"},
	} {
		args := []string{"curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://127.0.0.1" + c.place + "/"}
		if c.login != "" {
			args = append(args, "-u", c.login)
		}
		if got := h.Run(args...); got != c.want {
			t.Errorf("%s as %q: %s, want %s", c.place, c.login, got, c.want)
		}
	}
}

// TestApacheGroup lets only members of a group in, over ldap:// with StartTLS.
func TestApacheGroup(t *testing.T) {
	t.Parallel()
	h := startApache(t, nil, "--group", "developers", "--url", "ldap://"+ServerName)
	for login, want := range map[string]string{"bob:bob-Secret-1": "200", "alice:alice-Secret-1": "200", "carol:carol-Secret-1": "401", "bob:wrong": "401"} {
		if got := h.Run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-u", login, "http://127.0.0.1/private/"); got != want {
			t.Errorf("%s: %s, want %s", login, got, want)
		}
	}
}
