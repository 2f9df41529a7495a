package clienttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// commandLimit bounds one command on a host.
const commandLimit = 60 * time.Second

// Result is what a command did.
type Result struct {
	Command string
	Stdout  string
	Stderr  string
	Exit    int // -1 if it did not end in time, or by a signal
}

func (r Result) String() string {
	return fmt.Sprintf("%s: exit %d\n%s%s", r.Command, r.Exit, r.Stdout, r.Stderr)
}

// enter returns a command that runs on the host.
func (h *Host) enter(ctx context.Context, args []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "nsenter", append([]string{"-t", strconv.Itoa(h.pid), "-m", "-u", "-i", "-n", "-p", "--"}, args...)...)
	cmd.Env = []string{"PATH=" + hostPath, "HOME=/root", "LANG=C.UTF-8", "LC_ALL=C.UTF-8"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 2 * time.Second // a daemon that the command left behind may hold its output
	return cmd
}

// Exec runs a command with an input and returns what it did.
func (h *Host) Exec(input string, args ...string) Result {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), commandLimit)
	defer cancel()
	cmd := h.enter(ctx, args)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &out, &errs
	err := cmd.Run()
	r := Result{Command: strings.Join(args, " "), Stdout: out.String(), Stderr: errs.String()}
	var ended *exec.ExitError
	switch {
	case err == nil || errors.Is(err, exec.ErrWaitDelay):
	case errors.As(err, &ended):
		r.Exit = ended.ExitCode()
	default:
		h.t.Fatalf("%s: %v", r.Command, err)
	}
	return r
}

// Try runs a command; an exit code other than 0 is an error that says what it printed.
func (h *Host) Try(args ...string) (string, error) {
	h.t.Helper()
	r := h.Exec("", args...)
	if r.Exit != 0 {
		return r.Stdout, errors.New(r.String())
	}
	return r.Stdout, nil
}

// Run runs a command that must succeed, and returns what it printed.
func (h *Host) Run(args ...string) string {
	h.t.Helper()
	out, err := h.Try(args...)
	if err != nil {
		h.t.Fatal(err)
	}
	return out
}

// Shell runs a line of sh that must succeed, and returns what it printed.
func (h *Host) Shell(line string) string {
	h.t.Helper()
	return h.Run("sh", "-c", line)
}

// lockedBuffer is a buffer that one goroutine writes and others read.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

var _ io.Writer = (*lockedBuffer)(nil)

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
