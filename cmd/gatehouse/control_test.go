package main

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestControlSocketIsForItsUser connects to the socket of a running server as somebody else, with every mode bit out of the way.
func TestControlSocketIsForItsUser(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can be another user for a moment")
	}
	dir := newData(t)
	p := startServer(t, dir)
	socket := dataDir(dir).control()
	if info, err := os.Stat(socket); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the control socket: %v, %v", info.Mode(), err)
	}
	for at := socket; at != os.TempDir() && at != "/"; at = filepath.Dir(at) {
		if err := os.Chmod(at, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	const request = "POST /export HTTP/1.1\r\nHost: gatehouse\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
	if answer := askAs(t, socket, 0, request); !strings.Contains(answer, "dn: "+testBase) {
		t.Errorf("root was told %q", answer)
	}
	if answer := askAs(t, socket, 65534, request); answer != "" {
		t.Errorf("another user was told %q", answer)
	}
	deadline := time.Now().Add(10 * time.Second)
	for !strings.Contains(p.text(), "was turned away") && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
	if log := p.text(); !strings.Contains(log, "was turned away\" uid=65534") || !strings.Contains(log, "command=export uid=0") {
		t.Errorf("the log does not say who came:\n%s", log)
	}
}

// askAs connects as a user, which is a property of one thread, sends a request and returns the answer.
func askAs(t *testing.T, socket string, uid uintptr, request string) string {
	t.Helper()
	answer := make(chan string)
	failed := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		defer close(answer)
		if _, _, errno := syscall.RawSyscall(syscall.SYS_SETRESUID, ^uintptr(0), uid, ^uintptr(0)); errno != 0 {
			failed <- errno
			return
		}
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			failed <- err
			return
		}
		file := os.NewFile(uintptr(fd), "control")
		defer file.Close()
		if err := unix.Connect(fd, &unix.SockaddrUnix{Name: socket}); err != nil {
			failed <- err
			return
		}
		_, _ = unix.Write(fd, []byte(request)) // a peer that hangs up at once is an answer too
		var text []byte
		var room [4096]byte
		for {
			n, err := unix.Read(fd, room[:])
			if n <= 0 || err != nil {
				answer <- string(text)
				return
			}
			text = append(text, room[:n]...)
		}
	}()
	select {
	case text := <-answer:
		select {
		case err := <-failed:
			t.Fatalf("as user %d: %v", uid, err)
		default:
		}
		return text
	case <-time.After(30 * time.Second):
		t.Fatalf("user %d got no answer", uid)
		return ""
	}
}

// TestLongPath: a data directory whose path is longer than a socket's may be works like any other.
func TestLongPath(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), strings.Repeat("directory/", 12), "data")
	gatehouse(t, testPassword, "init", "--data", dir, "--base", testBase, "--admin-password-file", "-")
	p := startServer(t, dir)
	if out := gatehouse(t, "", "check", "--data", dir); !strings.HasPrefix(out, "ok: ") {
		t.Error(out)
	}
	if !strings.Contains(p.text(), "command=check") {
		t.Errorf("the check did not go through the server:\n%s", p.text())
	}
	if err := p.stop(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dataDir(dir).control()); err == nil {
		t.Error("the socket was left behind")
	}
}

// TestServerEndsDuringCommand: a command whose server ends half-way says so, and does not take what it got for the whole.
func TestServerEndsDuringCommand(t *testing.T) {
	t.Parallel()
	dir := dataDir(t.TempDir())
	l, err := net.Listen("unix", dir.control())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			var room [4096]byte
			if n, _ := nc.Read(room[:]); n > 0 {
				_, _ = io.WriteString(nc, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: "+trailerDone+"\r\n\r\n5\r\nhello\r\n")
			}
			_ = nc.Close()
		}
	}()
	o, err := openOperations(context.Background(), nil, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer o.close()
	out, err := o.call(context.Background(), "export", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	text, err := io.ReadAll(out)
	if string(text) != "hello" || err == nil || !strings.Contains(err.Error(), "the server ended") || errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %q, %v", text, err)
	}
}
