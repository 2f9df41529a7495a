package clienttest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// initVariable holds the initSpec of the first process of a host.
const initVariable = "GATEHOUSE_TEST_HOST"

// initSpec is what the first process of a host is told.
type initSpec struct {
	Root   string // the shared root, which stays as it is
	Stage  string // an empty directory of this machine
	Binary string // the gatehouse program
	Hosts  string // /etc/hosts
}

// runInit is the first process of a host: it makes the file system and the network, says "ready", keeps the system log and reaps, until
// the test that holds its standard input is gone. The kernel ends all other processes of the host with it.
func runInit() error {
	var spec initSpec
	if err := json.Unmarshal([]byte(os.Getenv(initVariable)), &spec); err != nil {
		return err
	}
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"file system", spec.mountRoot},
		{"devices", mountDevices},
		{"files", spec.writeFiles},
		{"network", bringUpLoopback},
		{"system log", keepSystemLog},
	} {
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	go reap()
	fmt.Println("ready")
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// mountRoot makes an overlay in memory over the shared root, and enters it.
func (s *initSpec) mountRoot() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	if err := unix.Mount("host", s.Stage, "tmpfs", 0, "size=2g,mode=755"); err != nil {
		return err
	}
	upper, work, root := filepath.Join(s.Stage, "upper"), filepath.Join(s.Stage, "work"), filepath.Join(s.Stage, "root")
	for _, dir := range []string{upper, work, root} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return err
		}
	}
	if err := unix.Mount("overlay", root, "overlay", 0, "lowerdir="+s.Root+",upperdir="+upper+",workdir="+work); err != nil {
		return fmt.Errorf("overlay: %w", err)
	}
	program := filepath.Join(root, "usr/local/bin/gatehouse")
	if err := os.WriteFile(program, nil, 0o755); err != nil {
		return err
	}
	if err := unix.Mount(s.Binary, program, "", unix.MS_BIND, ""); err != nil {
		return err
	}
	for _, m := range []struct{ kind, dir, options string }{
		{"proc", "proc", ""}, {"sysfs", "sys", ""}, {"tmpfs", "dev", "mode=755"}, {"tmpfs", "run", "mode=755"}, {"tmpfs", "tmp", "mode=1777"},
	} {
		if err := unix.Mount(m.kind, filepath.Join(root, m.dir), m.kind, unix.MS_NOSUID, m.options); err != nil {
			return fmt.Errorf("%s: %w", m.dir, err)
		}
	}
	old := filepath.Join(root, "mnt")
	if err := unix.PivotRoot(root, old); err != nil {
		return err
	}
	if err := os.Chdir("/"); err != nil {
		return err
	}
	return unix.Unmount("/mnt", unix.MNT_DETACH)
}

// mountDevices makes the devices that programs expect. Making nodes is allowed to root in these namespaces.
func mountDevices() error {
	for _, d := range []struct {
		name         string
		major, minor uint32
	}{
		{"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}, {"autofs", 10, 235},
	} {
		name := "/dev/" + d.name
		if err := unix.Mknod(name, unix.S_IFCHR|0o666, int(unix.Mkdev(d.major, d.minor))); err != nil {
			return err
		}
		if err := os.Chmod(name, 0o666); err != nil {
			return err
		}
	}
	for name, target := range map[string]string{
		"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2", "ptmx": "pts/ptmx",
	} {
		if err := os.Symlink(target, "/dev/"+name); err != nil {
			return err
		}
	}
	for _, m := range []struct{ kind, dir, options string }{
		{"devpts", "/dev/pts", "newinstance,ptmxmode=0666,mode=620,gid=5"}, {"tmpfs", "/dev/shm", "mode=1777"},
	} {
		if err := os.Mkdir(m.dir, 0o755); err != nil {
			return err
		}
		if err := unix.Mount(m.kind, m.dir, m.kind, unix.MS_NOSUID, m.options); err != nil {
			return fmt.Errorf("%s: %w", m.dir, err)
		}
	}
	return nil
}

// writeFiles gives the host its name, and the directories below /run that packages make while a machine starts.
func (s *initSpec) writeFiles() error {
	short, _, _ := strings.Cut(HostName, ".")
	if err := unix.Sethostname([]byte(short)); err != nil {
		return err
	}
	if err := os.MkdirAll("/run/lock", 0o1777); err != nil {
		return err
	}
	for name, text := range map[string]string{
		"/etc/hostname": short + "\n", "/etc/hosts": s.Hosts, "/etc/resolv.conf": "",
		"/etc/environment": "PATH=" + hostPath + "\n", "/etc/machine-id": "0123456789abcdef0123456789abcdef\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func bringUpLoopback() error {
	for _, args := range [][]string{
		{"link", "set", "lo", "up"}, {"address", "add", "127.0.0.2/8", "dev", "lo"},
		{"link", "add", "eth0", "type", "dummy"}, {"address", "add", hostAddress + "/24", "dev", "eth0"}, {"link", "set", "eth0", "up"},
	} {
		if out, err := exec.Command("/sbin/ip", args...).CombinedOutput(); err != nil && args[0] == "link" && args[2] == "lo" {
			return fmt.Errorf("ip %v: %w: %s", args, err, out)
		}
	}
	return nil
}

// keepSystemLog writes what programs send to syslog into /var/log/syslog.
func keepSystemLog() error {
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: "/dev/log", Net: "unixgram"})
	if err != nil {
		return err
	}
	log, err := os.OpenFile("/var/log/syslog", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	if err := os.Chmod("/dev/log", 0o666); err != nil {
		return err
	}
	go func() {
		for buf := make([]byte, 8<<10); ; {
			n, err := l.Read(buf)
			if err != nil {
				return
			}
			line := strings.TrimRight(string(buf[:n]), "\n\x00")
			if _, rest, ok := strings.Cut(line, ">"); ok && strings.HasPrefix(line, "<") {
				line = rest
			}
			_, _ = log.WriteString(line + "\n") // a log that is full loses lines
		}
	}()
	return nil
}

// reap waits for processes that lost their parents.
func reap() {
	ended := make(chan os.Signal, 16)
	signal.Notify(ended, unix.SIGCHLD)
	for range ended {
		for {
			pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil)
			if pid <= 0 || err != nil {
				break
			}
		}
	}
}
