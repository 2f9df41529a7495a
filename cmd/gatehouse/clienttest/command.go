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

// Daemon is a program that runs beside the test.
type Daemon struct {
	h      *Host
	name   string
	cmd    *exec.Cmd
	output lockedBuffer
	done   chan struct{}
}

// Start runs a program that stays in the foreground. It ends with the host, or by Stop.
func (h *Host) Start(name string, args ...string) *Daemon {
	h.t.Helper()
	d := &Daemon{h: h, name: name, cmd: h.enter(context.Background(), args), done: make(chan struct{})}
	d.cmd.WaitDelay = 0 // it has ended when nobody holds its output any more
	d.cmd.Stdout, d.cmd.Stderr = &d.output, &d.output
	if err := d.cmd.Start(); err != nil {
		h.t.Fatalf("%s: %v", name, err)
	}
	go func() {
		_ = d.cmd.Wait() // how it ended is in its output
		close(d.done)
	}()
	h.mu.Lock()
	h.daemons = append(h.daemons, d)
	h.mu.Unlock()
	return d
}

// Output returns what the program printed so far.
func (d *Daemon) Output() string { return d.output.String() }

// Running says whether the program has not ended.
func (d *Daemon) Running() bool {
	select {
	case <-d.done:
		return false
	default:
		return true
	}
}

// Signal sends a signal to the program and what it started, as long as they are in one group of processes.
func (d *Daemon) Signal(s syscall.Signal) {
	_ = syscall.Kill(-d.cmd.Process.Pid, s) // it may have ended
}

// Stop ends the program in its orderly way, and by force after ten seconds.
func (d *Daemon) Stop() {
	d.h.t.Helper()
	d.Signal(syscall.SIGTERM)
	select {
	case <-d.done:
	case <-time.After(10 * time.Second):
		d.h.t.Errorf("%s does not end on SIGTERM", d.name)
		d.Signal(syscall.SIGKILL)
	}
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
