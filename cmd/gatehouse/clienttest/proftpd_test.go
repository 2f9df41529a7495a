package clienttest

import "testing"

// TestProFTPD logs in and lists the home directory, over ldaps:// and with StartTLS for a group.
func TestProFTPD(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		flags []string
		want  []attempt
	}{
		{"ldaps", nil, attempts(true)},
		{"group", append(withStartTLS, "--group", "kernel"), []attempt{
			{"alice", "alice-Secret-1", true}, {"alice", "wrong", false}, {"bob", "bob-Secret-1", false},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := NewHost(t)
			h.Gatehouse(ServerOptions{LDIF: everybody})
			h.ClientConfig("proftpd", c.flags...)
			h.ShowOnFailure("/var/log/proftpd/proftpd.log")
			for name, uid := range map[string]string{"alice": "10001", "bob": "10002", "pat": "10009"} {
				h.Shell("mkdir -p /home/" + name + " && chown " + uid + ":20001 /home/" + name + " && touch /home/" + name + "/file-of-" + name)
			}
			h.Start("proftpd", "proftpd", "-n")
			h.Eventually("ProFTPD answers", func() error { _, err := h.Try("nc", "-z", "127.0.0.1", "21"); return err })
			try(t, c.want, func(user, password string) (bool, string) {
				r := h.Exec("", "curl", "-s", "-u", user+":"+password, "ftp://127.0.0.1/")
				if r.Exit == 0 {
					wants(t, r.Stdout, "file-of-"+user)
				}
				return r.Exit == 0, r.String()
			})
		})
	}
}
