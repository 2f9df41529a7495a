package clienttest

import (
	"strings"
	"testing"
)

// TestSaslauthd asks saslauthd in both of its ways, and over StartTLS with a group.
func TestSaslauthd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		flags []string
		want  []attempt
	}{
		{"bind", nil, attempts(false)},
		{"fastbind", []string{"--mode", "fastbind"}, attempts(false)},
		{"group", append(withStartTLS, "--group", "kernel"), []attempt{
			{"alice", "alice-Secret-1", true}, {"alice", "wrong", false}, {"bob", "bob-Secret-1", false},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := NewHost(t)
			h.Gatehouse(ServerOptions{LDIF: everybody})
			h.ClientConfig("saslauthd", c.flags...)
			h.Run("mkdir", "-p", "/var/run/saslauthd")
			h.Start("saslauthd", "sh", "-c", `. /etc/default/saslauthd; exec saslauthd -d -a "$MECHANISMS" -n 1 $OPTIONS`)
			h.Eventually("saslauthd answers", func() error { _, err := h.Try("test", "-S", "/var/run/saslauthd/mux"); return err })
			try(t, c.want, func(user, password string) (bool, string) {
				r := h.Exec("", "testsaslauthd", "-f", "/var/run/saslauthd/mux", "-u", user, "-p", password)
				return r.Exit == 0 && strings.Contains(r.Stdout, "OK"), r.String()
			})
		})
	}
}
