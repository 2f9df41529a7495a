package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

const (
	testBase     = "dc=example,dc=com"
	testAdmin    = "cn=admin," + testBase
	testPassword = "secret"
)

// program returns a command that runs this program.
func program(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "GATEHOUSE_") && !strings.HasPrefix(v, "NOTIFY_SOCKET=") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, asProgram+"=1")
	return cmd
}

// gatehouse runs this program and returns what it printed; the test fails unless it succeeds.
func gatehouse(t testing.TB, stdin string, args ...string) string {
	t.Helper()
	cmd := program(args...)
	cmd.Stdin = strings.NewReader(stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("gatehouse %s: %v\n%s%s", strings.Join(args, " "), err, out.Bytes(), errs.Bytes())
	}
	return out.String()
}

// newData makes a data directory.
func newData(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	gatehouse(t, testPassword+"\n", "init", "--data", dir, "--base", testBase, "--admin-password-file", "-")
	return dir
}

// process is a running server of a test.
type process struct {
	t    testing.TB
	cmd  *exec.Cmd
	url  string // of its first listener
	done chan error

	mu  sync.Mutex
	log bytes.Buffer
}

var listening = regexp.MustCompile(`msg=listening address=(\S+)`)

// startServer serves a data directory on a free port, and waits until it does. It is killed when the test ends.
func startServer(t testing.TB, dir string, args ...string) *process {
	t.Helper()
	return start(t, program(append([]string{"serve", "--data", dir, "--listen", "ldap://127.0.0.1:0"}, args...)...))
}

func start(t testing.TB, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{t: t, cmd: cmd, done: make(chan error, 1)}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan struct{})
	go p.read(stderr, ready)
	t.Cleanup(func() { p.kill() })
	select {
	case <-ready:
	case err := <-p.done:
		p.done <- err
		t.Fatalf("the server ended: %v\n%s", err, p.text())
	case <-time.After(60 * time.Second):
		t.Fatalf("the server does not start:\n%s", p.text())
	}
	return p
}

// read keeps the log, says when the server serves, and waits for its end.
func (p *process) read(r io.Reader, ready chan<- struct{}) {
	for in := bufio.NewScanner(r); in.Scan(); {
		p.mu.Lock()
		p.log.WriteString(in.Text() + "\n")
		if m := listening.FindStringSubmatch(in.Text()); m != nil && p.url == "" {
			p.url = m[1]
		}
		p.mu.Unlock()
		if strings.Contains(in.Text(), "msg=serving") && ready != nil {
			close(ready)
			ready = nil
		}
	}
	p.done <- p.cmd.Wait()
}

func (p *process) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// kill ends the server at once, as kill -9 does.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	err := <-p.done
	p.done <- err
}

// stop ends the server in an orderly way and returns what it ended with.
func (p *process) stop() error {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	err := <-p.done
	p.done <- err
	return err
}

// dial returns a connection bound as the administrator.
func (p *process) dial() (*ldap.Conn, error) {
	c, err := ldap.DialURL(p.url)
	if err != nil {
		return nil, err
	}
	if err := c.Bind(testAdmin, testPassword); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}
