package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// TestSocketActivation starts the server as systemd does: with sockets that are open already, and a socket to report to.
func TestSocketActivation(t *testing.T) {
	t.Parallel()
	dir := newData(t)
	notify, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(t.TempDir(), "notify"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer notify.Close()
	var files []*os.File
	var ports []string
	for range 2 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ports = append(ports, l.Addr().String())
		f, err := l.(*net.TCPListener).File()
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	serve := program("serve", "--data", dir, "--listen", "systemd:")
	// The shell fills in the process id, which systemd knows after its fork.
	cmd := program()
	cmd.Path = "/bin/sh"
	cmd.Args = append([]string{"sh", "-c", `LISTEN_PID=$$ exec "$@"`, "sh"}, serve.Args...)
	cmd.Env = append(cmd.Env, "LISTEN_FDS=2", "LISTEN_FDNAMES=ldap:ldaps", "NOTIFY_SOCKET="+notify.LocalAddr().String())
	cmd.ExtraFiles = files
	p := start(t, cmd)
	for _, f := range files {
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	wantNotice(t, notify, "READY=1")
	plain, err := ldap.DialURL("ldap://" + ports[0])
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	if err := plain.Bind(testAdmin, testPassword); err != nil {
		t.Error(err)
	}
	secure, err := ldap.DialURL("ldaps://"+ports[1], ldap.DialWithTLSConfig(trustOf(t, dir)))
	if err != nil {
		t.Fatal(err)
	}
	defer secure.Close()
	if err := secure.Bind(testAdmin, testPassword); err != nil {
		t.Error(err)
	}
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	wantNotice(t, notify, "RELOADING=1\nMONOTONIC_USEC=")
	wantNotice(t, notify, "READY=1")
	if err := p.stop(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
	wantNotice(t, notify, "STOPPING=1")
}

func wantNotice(t *testing.T, c *net.UnixConn, want string) {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	var room [200]byte
	n, err := c.Read(room[:])
	if got := string(room[:n]); err != nil || !strings.HasPrefix(got, want) {
		t.Fatalf("systemd was told %q, %v; want %q", got, err, want)
	}
}

// TestNoSocketPassed: the word systemd: without systemd is an error that says what to do.
func TestNoSocketPassed(t *testing.T) {
	t.Parallel()
	dir := newData(t)
	out, err := program("serve", "--data", dir, "--listen", "systemd:").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "start the server by its .socket unit") {
		t.Errorf("got %v\n%s", err, out)
	}
}
