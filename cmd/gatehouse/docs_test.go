package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"gatehouse/config"
)

// TestDocs runs the documents: every ```console block, command by command, in one shell for each document, and every
// ```yaml block through the configuration. In a console block a line that begins with "$ " is a command (a line that ends in
// a backslash goes on), the lines behind it are its output: "..." alone stands for any lines, "[...]" for any text in a line.
// A command without output below it may print what it likes; each must succeed, unless its output ends in "(exit N)".
func TestDocs(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("-short: documents are run in the full round")
	}
	needTools(t, "bash", "unshare", "ip", "ldapsearch")
	bin := filepath.Join(t.TempDir(), "gatehouse")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	documents, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(documents, "../../README.md") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			sh := newShell(t, filepath.Dir(bin))
			for _, b := range fencedBlocks(string(text)) {
				switch b.language {
				case "console":
					sh.runBlock(t, b)
				case "yaml":
					checkYAML(t, b)
				case "text", "ldif", "":
				default:
					t.Errorf("line %d: a block of language %q is neither run nor checked; console, yaml, ldif and text are known", b.line, b.language)
				}
			}
		})
	}
}

// needTools skips with a clear word where a program is missing.
func needTools(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed; testdata/peers/install.sh installs what the tests need", name)
		}
	}
}

type fencedBlock struct {
	language string
	line     int // of the first line inside
	lines    []string
}

func fencedBlocks(text string) (blocks []fencedBlock) {
	var b *fencedBlock
	for i, line := range strings.Split(text, "\n") {
		switch fence, is := strings.CutPrefix(line, "```"); {
		case is && b == nil:
			b = &fencedBlock{language: fence, line: i + 2}
		case is:
			blocks = append(blocks, *b)
			b = nil
		case b != nil:
			b.lines = append(b.lines, line)
		}
	}
	return blocks
}

func checkYAML(t *testing.T, b fencedBlock) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "gatehouse.yaml")
	if err := os.WriteFile(file, []byte(strings.Join(b.lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Load(config.Sources{File: file}); err != nil {
		t.Errorf("line %d: the configuration does not load: %v", b.line, err)
	}
}

// A shell runs commands one after the other in a directory and, as root, a network of its own.
type shell struct {
	in  io.Writer
	out *bufio.Reader
}

const shellEnd = "--end-of-command--"

func newShell(t *testing.T, bin string) *shell {
	t.Helper()
	args := []string{"bash", "--norc"}
	if os.Getuid() == 0 {
		args = []string{"unshare", "-n", "bash", "-c", "ip link set lo up; exec bash --norc"}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "HOME="+cmd.Dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = w, w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		_ = in.Close()
		time.AfterFunc(10*time.Second, cancel)
		_ = cmd.Wait()
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // what the shell started and did not end
		_ = w.Close()
		_ = r.Close()
	})
	return &shell{in: in, out: bufio.NewReader(r)}
}

var wantExit = regexp.MustCompile(`^\(exit (\d+)\)$`)

// runBlock runs the commands of a block.
func (sh *shell) runBlock(t *testing.T, b fencedBlock) {
	t.Helper()
	for i := 0; i < len(b.lines); {
		at := b.line + i
		command, is := strings.CutPrefix(b.lines[i], "$ ")
		if !is {
			t.Errorf("line %d: a console block begins with a command: %q", at, b.lines[i])
			return
		}
		for i++; strings.HasSuffix(command, "\\") && i < len(b.lines); i++ {
			command += "\n" + b.lines[i]
		}
		if strings.Contains(command, "<<") { // a here document goes up to its end mark
			mark := regexp.MustCompile(`<<\s*'?(\w+)`).FindStringSubmatch(command)[1]
			for ; i < len(b.lines); i++ {
				command += "\n" + b.lines[i]
				if b.lines[i] == mark {
					i++
					break
				}
			}
		}
		var want []string
		for ; i < len(b.lines) && !strings.HasPrefix(b.lines[i], "$ "); i++ {
			want = append(want, b.lines[i])
		}
		code := "0"
		if n := len(want); n > 0 {
			if m := wantExit.FindStringSubmatch(want[n-1]); m != nil {
				code, want = m[1], want[:n-1]
			}
		}
		got, exit := sh.run(t, command)
		if exit != code {
			t.Fatalf("line %d: %s\nexit code %s, want %s\n%s", at, command, exit, code, strings.Join(got, "\n"))
		}
		if len(want) > 0 && !matchLines(got, want) {
			t.Errorf("line %d: %s\nprinted:\n%s\nthe document says:\n%s", at, command, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// run runs one command and returns what it printed and its exit code.
func (sh *shell) run(t *testing.T, command string) (lines []string, exit string) {
	t.Helper()
	if _, err := fmt.Fprintf(sh.in, "%s\n__code=$?; echo; echo %s $__code\n", command, shellEnd); err != nil {
		t.Fatalf("%s: %v", command, err)
	}
	for {
		line, err := sh.out.ReadString('\n')
		if err != nil {
			t.Fatalf("%s: the shell ended: %v\n%s", command, err, strings.Join(lines, "\n"))
		}
		line = strings.TrimRight(line, "\r\n")
		if code, end := strings.CutPrefix(line, shellEnd+" "); end {
			if n := len(lines); n > 0 && lines[n-1] == "" {
				lines = lines[:n-1] // of the echo before the mark
			}
			return lines, code
		}
		lines = append(lines, line)
	}
}

// matchLines compares output with what a document shows.
func matchLines(got, want []string) bool {
	if len(want) == 0 {
		return len(got) == 0
	}
	if want[0] == "..." {
		for skip := 0; skip <= len(got); skip++ {
			if matchLines(got[skip:], want[1:]) {
				return true
			}
		}
		return false
	}
	if len(got) == 0 {
		return false
	}
	pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(want[0]), `\[\.\.\.\]`, ".*") + "$"
	return regexp.MustCompile(pattern).MatchString(got[0]) && matchLines(got[1:], want[1:])
}
