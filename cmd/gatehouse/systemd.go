package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"gatehouse/ldapserver"
)

// firstPassed is the file descriptor of the first socket that systemd passes (sd_listen_fds(3)).
const firstPassed = 3

// systemdListeners returns the sockets that systemd has passed. A socket whose FileDescriptorName= is ldaps begins with TLS; a
// local one is ldapi.
func systemdListeners() ([]*ldapserver.Listener, error) {
	pid, count := os.Getenv("LISTEN_PID"), os.Getenv("LISTEN_FDS")
	names := strings.Split(os.Getenv("LISTEN_FDNAMES"), ":")
	for _, name := range []string{"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"} {
		_ = os.Unsetenv(name) // they are ours alone
	}
	n, err := strconv.Atoi(count)
	if pid != strconv.Itoa(os.Getpid()) || err != nil || n < 1 {
		return nil, errors.New("listen on systemd:: systemd has passed no socket; start the server by its .socket unit")
	}
	var made []*ldapserver.Listener
	for i := range n {
		name := ""
		if i < len(names) {
			name = names[i]
		}
		l, err := passedListener(firstPassed+i, name)
		if err != nil {
			for _, o := range made {
				_ = o.Close()
			}
			return nil, err
		}
		made = append(made, l)
	}
	return made, nil
}

func passedListener(fd int, name string) (*ldapserver.Listener, error) {
	unix.CloseOnExec(fd)
	file := os.NewFile(uintptr(fd), name)
	defer file.Close() // FileListener has its own
	l, err := net.FileListener(file)
	if err != nil {
		return nil, fmt.Errorf("listen on systemd:: socket %d (%s): %w", fd, name, err)
	}
	return &ldapserver.Listener{Listener: l, URL: "systemd://" + name, TLS: name == "ldaps"}, nil
}

// notifySystemd tells systemd about the state of the service (sd_notify(3)), if it asked to be told.
func notifySystemd(state string) error {
	name := os.Getenv("NOTIFY_SOCKET")
	if name == "" {
		return nil
	}
	nc, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("notify systemd: %w", err)
	}
	defer nc.Close()
	_, err = nc.Write([]byte(state))
	return err
}

// reloading is the message that a reload begins, which wants the monotonic clock (Type=notify-reload).
func reloading() string {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		return "RELOADING=1"
	}
	return fmt.Sprintf("RELOADING=1\nMONOTONIC_USEC=%d", ts.Nano()/1000)
}
