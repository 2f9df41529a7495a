package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// asProgram makes the test binary be the program, for tests in Go that start it themselves.
const asProgram = "TEST_AS_GATEHOUSE"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	testscript.Main(m, map[string]func(){"gatehouse": main})
}

// update rewrites the golden parts of scripts: UPDATE_SCRIPTS=1 go test ./cmd/gatehouse.
var update = os.Getenv("UPDATE_SCRIPTS") != ""

// TestScripts drives the program, and with it the OpenLDAP tools, as people do. One file is one scenario.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       update,
		Setup:               setUpScript,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"await":    awaitCommand,
			"exits":    exitsCommand,
			"awaitlog": awaitLogCommand,
		},
	})
}

// setUpScript gives each script free ports: $PORT and $PORTS, $LDAPI for a local socket, and $EXAMPLES, the folder of the worked policies.
func setUpScript(e *testscript.Env) error {
	examples, err := filepath.Abs("../../acl/bundle/testdata")
	if err != nil {
		return err
	}
	e.Vars = append(e.Vars, "EXAMPLES="+examples)
	for _, name := range []string{"PORT", "PORTS"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		_, port, err := net.SplitHostPort(l.Addr().String())
		if err != nil {
			return err
		}
		e.Vars = append(e.Vars, name+"="+port)
		if err := l.Close(); err != nil {
			return err
		}
	}
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "LDAP") || strings.HasPrefix(name, "GATEHOUSE_") {
			e.Vars = append(e.Vars, name+"=")
		}
	}
	e.Vars = append(e.Vars,
		"LDAPI=ldapi://"+url.PathEscape(e.WorkDir+"/ldapi"),
		"LDAPCONF=/dev/null", // no settings of the machine
		"WORKDIR="+e.WorkDir, "PATH="+e.Getenv("PATH")+":/usr/sbin:/sbin", "TZ=UTC", "LC_ALL=C.UTF-8",
	)
	return nil
}

// awaitCommand waits until something listens: await 127.0.0.1:PORT, or the path of a local socket.
func awaitCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await HOST:PORT|PATH")
	}
	network := "tcp"
	if !strings.Contains(args[0], ":") {
		network = "unix"
		args[0] = ts.MkAbs(args[0])
	}
	deadline := time.Now().Add(30 * time.Second)
	for {
		nc, err := net.Dial(network, args[0])
		if err == nil {
			ts.Check(nc.Close())
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("nothing answers: %v", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// awaitLogCommand waits until a file holds a text: awaitlog FILE TEXT.
func awaitLogCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: awaitlog FILE TEXT")
	}
	deadline := time.Now().Add(30 * time.Second)
	for {
		text, err := os.ReadFile(ts.MkAbs(args[0]))
		if err == nil && strings.Contains(string(text), args[1]) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s does not say %q:\n%s", args[0], args[1], text)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// exitsCommand runs a program that must end with an exit code: exits CODE PROGRAM ARGS...
func exitsCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("%s", fmt.Sprintf("exit code %d, want %d", got, want))
	}
}
