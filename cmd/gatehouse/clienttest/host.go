package clienttest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const (
	hostPath    = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	hostAddress = "192.0.2.10"

	// hostsMost is how many hosts run at once: the clients are heavier than what they test.
	hostsMost = 2
)

var running = make(chan struct{}, hostsMost)

// Host is a Linux host that ends with its test.
type Host struct {
	t testing.TB // which fails when something on the host does
	*machine
}

// machine is what all views of a host share.
type machine struct {
	pid int

	mu      sync.Mutex
	daemons []*Daemon
	logs    []string // patterns of files that a failure shows
	server  *Server
}

// NewHost starts a host; it waits while too many are running. Whatever runs on it ends with the test.
func NewHost(t testing.TB) *Host {
	t.Helper()
	root := requireRoot(t)
	spec := initSpec{Root: root, Binary: gatehouseBinary(t), Hosts: etcHosts()}
	running <- struct{}{}
	t.Cleanup(func() { <-running })
	spec.Stage = t.TempDir()
	text, err := json.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	h := &Host{t, &machine{logs: []string{"/var/log/syslog"}}}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = []string{initVariable + "=" + string(text), "PATH=" + hostPath}
	cmd.SysProcAttr = &unix.SysProcAttr{
		Cloneflags: unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWNET, Setpgid: true,
	}
	stdin, err := cmd.StdinPipe() // never written to: its end is the end of the host
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var errs lockedBuffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatalf("start a host: %v", err)
	}
	h.pid = cmd.Process.Pid
	t.Cleanup(func() {
		h.report()
		_ = stdin.Close()
		_ = cmd.Process.Kill() // with the first process all others end
		_ = cmd.Wait()
	})
	if line, err := bufio.NewReader(stdout).ReadString('\n'); err != nil || line != "ready\n" {
		rest, _ := io.ReadAll(stdout)
		t.Fatalf("the host does not start: %v\n%s%s%s", err, line, rest, errs.String())
	}
	return h
}

// For returns the host for a subtest: what fails is that test.
func (h *Host) For(t testing.TB) *Host { return &Host{t, h.machine} }

func etcHosts() string {
	short, _, _ := strings.Cut(HostName, ".")
	return fmt.Sprintf("127.0.0.1 localhost %s\n127.0.0.2 %s\n%s %s %s\n::1 ip6-localhost\n", ServerName, TapName, hostAddress, HostName, short)
}

// Path returns where this machine sees a file of the host.
func (h *Host) Path(name string) string {
	return filepath.Join("/proc", strconv.Itoa(h.pid), "root", name)
}

// ReadFile returns a file of the host.
func (h *Host) ReadFile(name string) string {
	h.t.Helper()
	text, err := os.ReadFile(h.Path(name))
	if err != nil {
		h.t.Fatal(err)
	}
	return string(text)
}

// WriteFile makes a file of the host, and the directories above it. It is written on the host, where a symbolic link leads to a file
// of the host and not to one of this machine.
func (h *Host) WriteFile(name, text string, mode os.FileMode) {
	h.t.Helper()
	const script = `mkdir -p "$(dirname "$1")" && umask 077 && cat >"$1" && chmod "$2" "$1"`
	if r := h.Exec(text, "sh", "-c", script, "sh", name, fmt.Sprintf("%04o", mode.Perm())); r.Exit != 0 {
		h.t.Fatal(r)
	}
}

// ShowOnFailure adds files, as patterns, whose ends a failure prints.
func (h *Host) ShowOnFailure(patterns ...string) { h.logs = append(h.logs, patterns...) }

// report prints what helps to understand a failure.
func (h *Host) report() {
	if !h.t.Failed() {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, d := range h.daemons {
		h.t.Logf("---- %s printed (its end):\n%s", d.name, tail(d.output.String()))
	}
	for _, pattern := range h.logs {
		files, _ := filepath.Glob(h.Path(pattern))
		for _, f := range files {
			if text, err := os.ReadFile(f); err == nil && len(text) > 0 {
				h.t.Logf("---- %s (its end):\n%s", strings.TrimPrefix(f, h.Path("/")), tail(string(text)))
			}
		}
	}
}

// tail returns the last 6 KiB of a text, from the start of a line on.
func tail(text string) string {
	const most = 6 << 10
	if len(text) <= most {
		return text
	}
	_, rest, _ := strings.Cut(text[len(text)-most:], "\n")
	return rest
}

// Eventually asks until the answer is no error, and fails the test with the last one after 30 seconds.
func (h *Host) Eventually(what string, ask func() error) {
	h.t.Helper()
	h.Within(30*time.Second, what, ask)
}

// Within is Eventually with another bound.
func (h *Host) Within(limit time.Duration, what string, ask func() error) {
	h.t.Helper()
	pause := 20 * time.Millisecond
	for end := time.Now().Add(limit); ; time.Sleep(pause) {
		err := ask()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			h.t.Fatalf("%s: not within %v: %v", what, limit, err)
		}
		pause = min(pause*3/2, 500*time.Millisecond)
	}
}
