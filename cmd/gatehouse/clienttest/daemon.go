package clienttest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Daemon is a program that runs beside the test.
type Daemon struct {
	h       *Host
	name    string
	pidFile string
	cmd     *exec.Cmd
	output  lockedBuffer
	done    chan struct{}
}

// Start runs a program that stays in the foreground, as the leader of a session. It ends with the host, or by Stop.
func (h *Host) Start(name string, args ...string) *Daemon {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	d := &Daemon{h: h, name: name, pidFile: fmt.Sprintf("/dev/shm/daemon.%d", len(h.daemons)), done: make(chan struct{})}
	d.cmd = h.enter(context.Background(), append([]string{"sh", "-c", `echo $$ >"$0"; exec setsid "$@"`, d.pidFile}, args...))
	d.cmd.Stdout, d.cmd.Stderr = &d.output, &d.output
	d.cmd.WaitDelay = 0 // it has ended when nobody holds its output any more
	if err := d.cmd.Start(); err != nil {
		h.t.Fatalf("%s: %v", name, err)
	}
	go func() {
		_ = d.cmd.Wait() // how it ended is in its output
		close(d.done)
	}()
	h.daemons = append(h.daemons, d)
	return d
}

// Output returns what the program printed so far.
func (d *Daemon) Output() string { return d.output.String() }

// Running says whether the program, or what it started, has not ended.
func (d *Daemon) Running() bool {
	select {
	case <-d.done:
		return false
	default:
		return true
	}
}

// Signal sends a signal to the program.
func (d *Daemon) Signal(s syscall.Signal) {
	d.h.t.Helper()
	d.h.Eventually(d.name+" has a process", func() error {
		_, err := os.ReadFile(d.h.Path(d.pidFile))
		return err
	})
	_, _ = d.h.Try("kill", "-"+strconv.Itoa(int(s)), strings.TrimSpace(d.h.ReadFile(d.pidFile))) // it may have ended
}

// Stop ends the program in its orderly way; one that has not ended after 20 seconds is a failure.
func (d *Daemon) Stop() {
	d.h.t.Helper()
	d.Signal(syscall.SIGTERM)
	select {
	case <-d.done:
	case <-time.After(20 * time.Second):
		d.h.t.Errorf("%s does not end on SIGTERM", d.name)
	}
}
