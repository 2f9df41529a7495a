package ldaptest_test

import (
	"errors"
	"net"
	"net/url"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// clock is a clock that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Now()} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(by)
}

// dialSocket returns a connection over the local socket.
func (w *world) dialSocket() *ldap.Conn {
	w.t.Helper()
	path, err := url.PathUnescape(strings.TrimPrefix(w.SocketURL, "ldapi://"))
	if err != nil {
		w.t.Fatal(err)
	}
	nc, err := net.Dial("unix", path)
	if err != nil {
		w.t.Fatal(err)
	}
	c := ldap.NewConn(nc, false)
	c.Start()
	w.t.Cleanup(func() { _ = c.Close() })
	return c
}

// tool runs one of the OpenLDAP clients and returns its output and its exit status, which is the result code.
func (w *world) tool(stdin, name string, args ...string) (string, int) {
	w.t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		w.t.Skipf("%s is not installed", name)
	}
	cmd := exec.Command(path, append([]string{"-x", "-H", w.URL}, args...)...)
	cmd.Env = append(cmd.Environ(), "LDAPNOINIT=1")
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		w.t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// TestPasswordTools changes passwords with the programs that people have.
func TestPasswordTools(t *testing.T) {
	t.Parallel()
	w := newWorld(t, passwordPolicy())
	alice, bob, carl := "uid=alice"+inPeople, "uid=bob"+inPeople, "uid=carl"+inPeople
	for _, tt := range []struct {
		name string
		args []string
		want int
	}{
		{"a plain ldappasswd", []string{"-D", alice, "-w", "alice-secret", "-s", "second-secret"}, 0},
		{"with the old password", []string{"-D", alice, "-w", "second-secret", "-a", "second-secret", "-s", "third-secret"}, 0},
		{"with a wrong one", []string{"-D", alice, "-w", "third-secret", "-a", "wrong", "-s", "x-secret"}, 49},
		{"for oneself by name", []string{"-D", alice, "-w", "third-secret", "-s", "fourth-secret", alice}, 0},
		{"for somebody else", []string{"-D", alice, "-w", "fourth-secret", "-s", "x-secret", carl}, 32},
		{"helpdesk", []string{"-D", "uid=helper" + inPeople, "-w", "helper-secret", "-s", "fifth-secret", carl}, 0},
		{"helpdesk, an administrator", []string{"-D", "uid=helper" + inPeople, "-w", "helper-secret", "-s", "x-secret", bob}, 50},
		{"unbound with the old password", []string{"-a", "fifth-secret", "-s", "sixth-secret", carl}, 0},
		{"unbound without", []string{"-s", "x-secret", carl}, 53},
	} {
		out, got := w.tool("", "ldappasswd", tt.args...)
		if got != tt.want && !(tt.want != 0 && got == 1 && strings.Contains(out, "("+strconv.Itoa(tt.want)+")")) {
			t.Errorf("%s: exit %d, want %d: %s", tt.name, got, tt.want, out)
		}
	}
	w.wantPassword("ldappasswd", "alice", "fourth-secret", "x-secret")
	w.wantPassword("ldappasswd", "carl", "sixth-secret", "x-secret")
	out, got := w.tool("", "ldappasswd", "-D", alice, "-w", "fourth-secret")
	_, made, ok := strings.Cut(strings.TrimSpace(out), "New password: ")
	if got != 0 || !ok {
		t.Fatalf("generated: exit %d: %s", got, out)
	}
	w.wantPassword("generated", "alice", made, "fourth-secret")

	ldif := "dn: " + alice + "\nchangetype: modify\nreplace: userPassword\nuserPassword: seventh-secret\n"
	if out, got := w.tool(ldif, "ldapmodify", "-D", alice, "-w", made); got != 0 {
		t.Errorf("ldapmodify, replace: exit %d: %s", got, out)
	}
	ldif = "dn: " + alice + "\nchangetype: modify\ndelete: userPassword\nuserPassword: seventh-secret\n-\nadd: userPassword\nuserPassword: eighth-secret\n"
	if out, got := w.tool(ldif, "ldapmodify", "-D", alice, "-w", "seventh-secret"); got != 0 {
		t.Errorf("ldapmodify, delete and add: exit %d: %s", got, out)
	}
	w.wantPassword("ldapmodify", "alice", "eighth-secret", "seventh-secret")
	ldif = "dn: " + bosses + "\nchangetype: modify\nadd: member\nmember: " + alice + "\n"
	if out, got := w.tool(ldif, "ldapmodify", "-D", alice, "-w", "eighth-secret"); got != 32 {
		t.Errorf("ldapmodify of a hidden group: exit %d: %s", got, out)
	}
}
