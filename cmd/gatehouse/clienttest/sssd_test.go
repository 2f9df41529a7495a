package clienttest

import (
	"errors"
	"regexp"
	"strings"
	"testing"
)

// startSSSD configures SSSD with what client-config prints, and returns when it knows alice.
func startSSSD(h *Host, flags ...string) *Daemon {
	h.t.Helper()
	h.ClientConfig("sssd", flags...)
	h.UseNSS("sss")
	h.ShowOnFailure("/var/log/sssd/*.log")
	d := h.Start("sssd", "sssd", "-i")
	h.Eventually("SSSD knows alice", func() error {
		_, err := h.Try("getent", "passwd", "alice")
		return err
	})
	return d
}

// wants fails the test for each text that is not in what a command printed.
func wants(t *testing.T, printed string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(printed, text) {
			t.Errorf("%q is not in what was printed:\n%s", text, printed)
		}
	}
}

// TestSSSD is a host of groups in groups: what it knows of users, groups and everything else.
func TestSSSD(t *testing.T) {
	t.Parallel()
	h := NewHost(t)
	h.Gatehouse(ServerOptions{LDIF: People})
	startSSSD(h)
	t.Run("users", func(t *testing.T) {
		h := h.For(t)
		const alice = "alice:*:10001:20001:Alice Archer:/home/alice:/bin/bash\n"
		if got := h.Run("getent", "passwd", "alice"); got != alice {
			t.Errorf("by name: %q", got)
		}
		if got := h.Run("getent", "passwd", "10001"); got != alice {
			t.Errorf("by number: %q", got)
		}
		for _, nobody := range []string{"nobody-of-this-name", "olaf", "19999"} {
			if r := h.Exec("", "getent", "passwd", nobody); r.Exit != 2 {
				t.Errorf("%s is known: %s", nobody, r)
			}
		}
	})
	t.Run("groups", func(t *testing.T) {
		h := h.For(t)
		wants(t, h.Run("getent", "group", "crew"), "crew:*:20001:", "alice", "bob", "carol")
		wants(t, h.Run("getent", "group", "20003"), "developers:*:20003:", "bob", "alice")
		wants(t, h.Run("getent", "group", "engineering"), "engineering:*:20004:", "alice", "bob")
		wants(t, h.Run("getent", "group", "backup-operators"), "backup-operators:*:20005:", "alice", "bob")
		wants(t, h.Run("getent", "group", "ring2"), "ring2:*:20012:", "alice")
	})
	t.Run("nested groups of a user", func(t *testing.T) {
		h := h.For(t)
		if got, want := ids(h, "alice"), "20001 20002 20003 20004 20005 20011 20012"; got != want {
			t.Errorf("id -G alice: %s, want %s", got, want)
		}
		if got, want := ids(h, "bob"), "20001 20003 20004 20005"; got != want {
			t.Errorf("id -G bob: %s, want %s", got, want)
		}
	})
	t.Run("an account and a group that the server gave numbers", func(t *testing.T) {
		h := h.For(t)
		h.Modify("dn: uid=fresh,ou=people," + Base + "\nchangetype: add\nobjectClass: account\nobjectClass: posixAccount\nuid: fresh\ncn: Fresh\n\n" +
			"dn: cn=freshmen,ou=groups," + Base + "\nchangetype: add\nobjectClass: posixGroup\ncn: freshmen\nmemberUid: fresh\n")
		id := h.Run("id", "fresh")
		wants(t, id, "(freshmen)")
		if m := regexp.MustCompile(`^uid=(\d+)\(fresh\) gid=(\d+)\(fresh\)`).FindStringSubmatch(id); m == nil || m[1] != m[2] {
			t.Errorf("id fresh: %s", id)
		}
		wants(t, h.Run("getent", "passwd", "fresh"), ":/home/fresh:/bin/bash")
		wants(t, h.Run("getent", "group", "freshmen"), ":fresh")
	})
	t.Run("netgroups", func(t *testing.T) {
		h := h.For(t)
		wants(t, h.Run("getent", "netgroup", "admins"), "(client.example.com,alice,example.com)", "( ,carol,)")
	})
	t.Run("services and hosts", func(t *testing.T) {
		h := h.For(t)
		wants(t, h.Run("getent", "services", "gatehouse-test"), "7389/tcp")
		wants(t, h.Run("getent", "services", "7389/tcp"), "gatehouse-test")
		wants(t, h.Run("getent", "hosts", "printer"), "192.0.2.77")
	})
	t.Run("ssh keys", func(t *testing.T) {
		h := h.For(t)
		wants(t, h.Run("sss_ssh_authorizedkeys", "alice"), "alice@laptop", "alice@phone")
		if keys := h.Run("sss_ssh_authorizedkeys", "bob"); strings.TrimSpace(keys) != "" {
			t.Errorf("bob has keys: %s", keys)
		}
	})
	t.Run("sudo", func(t *testing.T) { sudoRules(t, h.For(t)) })
	t.Run("automount", func(t *testing.T) { automount(t, h.For(t)) })
}

// ids returns the numbers of the groups of a user, in order.
func ids(h *Host, user string) string {
	h.t.Helper()
	return strings.TrimSpace(h.Shell("id -G " + user + " | tr ' ' '\\n' | sort -n | tr '\\n' ' '"))
}

// sudoRules: rules by user, by group, by netgroup, of this host and now.
func sudoRules(t *testing.T, h *Host) {
	h.Eventually("the rules of bob", func() error {
		if r := h.Exec("", "sudo", "-l", "-U", "bob"); !strings.Contains(r.Stdout, "/usr/bin/id") {
			return errors.New(r.String())
		}
		return nil
	})
	bob := h.Run("sudo", "-l", "-U", "bob")
	wants(t, bob, "(ALL) NOPASSWD: /usr/bin/id")
	for _, no := range []string{"/usr/bin/env", "/usr/bin/uptime", "/sbin/reboot"} {
		if strings.Contains(bob, no) {
			t.Errorf("bob may run %s: %s", no, bob)
		}
	}
	wants(t, h.Run("sudo", "-l", "-U", "alice"), "NOPASSWD: /sbin/reboot", "/usr/bin/uptime")
	wants(t, h.Run("sudo", "-l", "-U", "carol"), "/usr/bin/uptime")
	wants(t, h.Run("runuser", "-u", "bob", "--", "sudo", "-n", "/usr/bin/id"), "uid=0(root)")
	if r := h.Exec("", "runuser", "-u", "bob", "--", "sudo", "-n", "/usr/bin/who"); r.Exit == 0 {
		t.Errorf("a rule that is over counts: %s", r)
	}
}

// automount: the maps as the automounter reads them, and what it mounts.
func automount(t *testing.T, h *Host) {
	h.Run("mkdir", "-p", "/srv/projects", "/srv/other/attic", "/data")
	h.WriteFile("/srv/projects/plan", "the plan\n", 0o644)
	h.WriteFile("/srv/other/attic/box", "a box\n", 0o644)
	h.Shell("sed -i '/^+/!d' /etc/auto.master; grep -q '^+auto.master' /etc/auto.master || echo +auto.master >>/etc/auto.master")
	wants(t, h.Run("automount", "-m"), "/data", "projects", "-fstype=bind :/srv/projects")
	d := h.Start("automount", "automount", "-f", "-v")
	defer d.Stop()
	h.Eventually("the automounter mounts", func() error {
		_, err := h.Try("cat", "/data/projects/plan")
		return err
	})
	wants(t, h.Run("cat", "/data/attic/box"), "a box")
}
