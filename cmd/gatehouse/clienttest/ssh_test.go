package clienttest

import (
	"errors"
	"strings"
	"testing"
)

// TestSSH: the keys of the directory open a door, and an account that is disabled or locked has no way in with them. Of the files of
// client-config this is about the one for sshd.
func TestSSH(t *testing.T) {
	t.Parallel()
	h := NewHost(t)
	h.Gatehouse(ServerOptions{LDIF: People + "\n" + Accounts})
	h.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/root/.ssh/id_ed25519")
	key := strings.TrimSpace(h.ReadFile("/root/.ssh/id_ed25519.pub"))
	h.Modify("dn: uid=alice,ou=people," + Base + "\nchangetype: modify\nreplace: sshPublicKey\nsshPublicKey: " + key + "\n\n" +
		"dn: uid=disabled,ou=people," + Base + "\nchangetype: modify\nadd: objectClass\nobjectClass: ldapPublicKey\n-\n" +
		"add: sshPublicKey\nsshPublicKey: " + key + "\n")
	startSSSD(h)
	h.Run("mkdir", "-p", "/run/sshd", "/home/alice")
	h.Start("sshd", "/usr/sbin/sshd", "-D", "-e")
	login := func(user string) Result {
		return h.Exec("", "ssh", "-n", "-o", "StrictHostKeyChecking=no", "-o", "BatchMode=yes", user+"@localhost", "id", "-un")
	}
	h.Eventually("alice comes in with her key", func() error {
		if r := login("alice"); r.Exit != 0 || r.Stdout != "alice\n" {
			return errors.New(r.String())
		}
		return nil
	})
	for user, why := range map[string]string{"carol": "has no key", "disabled": "is disabled"} {
		if r := login(user); r.Exit == 0 {
			t.Errorf("%s, who %s, comes in: %s", user, why, r)
		}
	}
	h.Modify("dn: uid=alice,ou=people," + Base + "\nchangetype: modify\ndelete: sshPublicKey\n")
	h.Run("sss_cache", "-E")
	if r := login("alice"); r.Exit == 0 {
		t.Errorf("alice comes in with a key that is gone: %s", r)
	}
}
