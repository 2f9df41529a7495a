package clienttest

import (
	"errors"
	"strings"
	"testing"
)

func startFreeRADIUS(t *testing.T, flags ...string) *Host {
	t.Helper()
	h := NewHost(t)
	h.Gatehouse(ServerOptions{LDIF: everybody})
	h.ClientConfig("freeradius", flags...)
	h.selfSigned()
	h.ShowOnFailure("/var/log/freeradius/radius.log")
	h.Start("freeradius", "freeradius", "-f")
	h.Eventually("FreeRADIUS answers", func() error {
		if ok, said := h.radius("alice", "alice-Secret-1"); !ok {
			return errors.New(said)
		}
		return nil
	})
	return h
}

func (h *Host) radius(user, password string) (bool, string) {
	h.t.Helper()
	password = strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(password)
	r := h.Exec(`User-Name = "`+user+`", User-Password = "`+password+`"`+"\n", "radclient", "-t", "5", "-r", "1", "127.0.0.1", "auth", "testing123")
	return r.Exit == 0 && strings.Contains(r.Stdout, "Received Access-Accept"), r.String()
}

// TestFreeRADIUS logs in with PAP.
func TestFreeRADIUS(t *testing.T) {
	t.Parallel()
	h := startFreeRADIUS(t)
	try(t, attempts(false), h.radius)
}

// TestFreeRADIUSGroup lets only members of a group in, over ldap:// with StartTLS.
func TestFreeRADIUSGroup(t *testing.T) {
	t.Parallel()
	h := startFreeRADIUS(t, append(withStartTLS, "--group", "developers")...)
	try(t, ofGroup(), h.radius)
}
