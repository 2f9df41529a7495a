package main

import (
	"slices"
	"testing"

	"gatehouse/config"
)

// TestUsable turns addresses of listeners into those of clients.
func TestUsable(t *testing.T) {
	t.Parallel()
	cfg := &config.Config{ServerName: "ldap.example.com"}
	for _, c := range []struct{ listen, want []string }{
		{[]string{"ldap://127.0.0.1:3389", "ldaps://127.0.0.1:3636"}, []string{"ldaps://127.0.0.1:3636"}},
		{[]string{"ldap://[::]:389", "ldapi://%2Frun%2Fx", "ldaps://[::]:636"}, []string{"ldaps://ldap.example.com:636"}},
		{[]string{"ldaps://0.0.0.0:636", "ldaps://[::]:636"}, []string{"ldaps://ldap.example.com:636"}},
		{[]string{"ldaps://127.0.0.1:636", "ldaps://192.0.2.1:636"}, []string{"ldaps://192.0.2.1:636"}},
		{[]string{"ldap://:389"}, []string{"ldap://ldap.example.com:389"}},
		{[]string{"ldaps://192.0.2.1:636", "ldaps://[2001:db8::1]:636"}, []string{"ldaps://192.0.2.1:636", "ldaps://[2001:db8::1]:636"}},
		{[]string{"ldapi://%2Frun%2Fx", "systemd://"}, nil},
	} {
		if got := usable(cfg, dataDir(t.TempDir()), c.listen); !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.listen, got, c.want)
		}
	}
}
