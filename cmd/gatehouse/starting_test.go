package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestReloadWhileStarting: a SIGHUP during a long start, here one that waits for a schema file, ends nothing and is answered
// when the server runs.
func TestReloadWhileStarting(t *testing.T) {
	t.Parallel()
	dir := newData(t)
	pipe := filepath.Join(t.TempDir(), "slow.schema")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := program("serve", "--data", dir, "--listen", "ldap://127.0.0.1:0")
	cmd.Env = append(cmd.Env, "GATEHOUSE_SCHEMA_FILES="+pipe)
	signalled := make(chan error, 1)
	go func() { signalled <- hangUpWhileReading(pipe, dataDir(dir).lock()) }()
	p := start(t, cmd)
	if err := <-signalled; err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(30 * time.Second); !strings.Contains(p.text(), `msg="settings reloaded" reason=SIGHUP`); {
		if time.Now().After(end) {
			t.Fatalf("no reload:\n%s", p.text())
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err := p.stop(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
}

// hangUpWhileReading sends SIGHUP to the process that holds the lock, when it has opened the pipe, and ends what it reads.
func hangUpWhileReading(pipe, lock string) error {
	f, err := os.OpenFile(pipe, os.O_WRONLY, 0) // returns when the server reads
	if err != nil {
		return err
	}
	defer f.Close()
	text, err := os.ReadFile(lock)
	if err != nil {
		return err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return err
	}
	if err := syscall.Kill(pid, syscall.SIGHUP); err != nil {
		return err
	}
	_, err = f.WriteString("# nothing of our own\n")
	return err
}
