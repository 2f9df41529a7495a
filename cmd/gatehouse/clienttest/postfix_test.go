package clienttest

import (
	"slices"
	"strings"
	"testing"
)

// TestPostfix asks the printed maps, directly and through proxymap as the chrooted daemons do.
func TestPostfix(t *testing.T) {
	t.Parallel()
	for name, flags := range map[string][]string{"ldaps": nil, "StartTLS": withStartTLS} {
		t.Run(name, func(t *testing.T) {
			h := NewHost(t)
			h.Gatehouse(ServerOptions{LDIF: everybody})
			h.ClientConfig("postfix", flags...)
			h.Run("cp", "/usr/share/postfix/main.cf.debian", "/etc/postfix/main.cf")
			for _, c := range []struct{ table, key, want string }{
				{"recipients", "alice@example.com", "alice@example.com"},
				{"recipients", "ALICE@example.com", "alice@example.com"},
				{"recipients", "nobody-here@example.com", ""},
				{"recipients", "*", ""},
				{"recipients", "alice*@example.com", ""},
				{"senders", "alice@example.com", "alice"},
				{"senders", "nobody-here@example.com", ""},
				{"groups", "crew@example.com", "alice@example.com,bob@example.com,carol@example.com"},
				{"groups", "engineering@example.com", "alice@example.com,bob@example.com"}, // groups in groups
				{"groups", "www@example.com", "bob@example.com"},
				{"groups", "crew@elsewhere.example", ""},
				{"groups", "nothing@example.com", ""},
				{"groups", "app-lookup@example.com", ""}, // who has rights is nobody's business
				{"groups", "*@example.com", ""},
			} {
				r := h.Exec("", "postmap", "-q", c.key, "ldap:/etc/postfix/gatehouse-"+c.table+".cf")
				got := strings.Split(strings.TrimSpace(r.Stdout), ",")
				slices.Sort(got)
				if list := strings.Join(got, ","); list != c.want || r.Stderr != "" {
					t.Errorf("%s of %s: %q, want %q\n%s", c.key, c.table, list, c.want, r.Stderr)
				}
			}
		})
	}
}
