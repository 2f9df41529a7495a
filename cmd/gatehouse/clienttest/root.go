package clienttest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// demandVariable says what becomes of tests that cannot run: require, off, or skip with the reason.
const demandVariable = "TEST_HOSTS"

// sourceFile returns a file of the repository, wherever the test of a package runs.
func sourceFile(path ...string) string {
	_, self, _, _ := runtime.Caller(0)
	return filepath.Join(append([]string{filepath.Dir(self), "..", "..", ".."}, path...)...)
}

// findRoot returns the directory of the root that hosts share. Only where the tests are demanded is it made.
var findRoot = sync.OnceValues(func() (string, error) {
	if os.Geteuid() != 0 {
		return "", errors.New("hosts take root: namespaces and overlays")
	}
	var args []string
	if os.Getenv(demandVariable) != "require" {
		args = append(args, "--find")
	}
	cmd := exec.Command(sourceFile("testdata", "hosts", "root.sh"), args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("testdata/hosts/root.sh: %w\n%s", err, errs.Bytes())
	}
	return strings.TrimSpace(out.String()), nil
})

var announce sync.Once

// requireRoot returns the root of hosts, or ends the test: with a failure where hosts are demanded, else with a skip that says why.
func requireRoot(t testing.TB) string {
	t.Helper()
	demand := os.Getenv(demandVariable)
	if demand == "off" {
		t.Skipf("%s=off", demandVariable)
	}
	if testing.Short() && demand != "require" {
		t.Skip("tests with hosts are not short")
	}
	root, err := findRoot()
	if err != nil && demand == "require" {
		t.Fatal(err)
	}
	if err != nil {
		announce.Do(func() {
			fmt.Fprintf(os.Stderr, "NO CLIENT IS TESTED: %v\n'make clients' runs these tests.\n", err)
		})
		t.Skip(err)
	}
	return root
}

var binary struct {
	once sync.Once
	dir  string
	err  error
}

// binaryVariable names a program to test instead of what is built from the tree.
const binaryVariable = "TEST_HOSTS_BINARY"

// gatehouseBinary builds the program as it is shipped, static, once for all tests, and returns its file.
func gatehouseBinary(t testing.TB) string {
	t.Helper()
	if file := os.Getenv(binaryVariable); file != "" {
		return file
	}
	binary.once.Do(func() {
		if binary.dir, binary.err = os.MkdirTemp("", "gatehouse-clienttest-"); binary.err != nil {
			return
		}
		cmd := exec.Command("go", "build", "-o", filepath.Join(binary.dir, "gatehouse"), "./cmd/gatehouse")
		cmd.Dir, cmd.Env = sourceFile(), append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			binary.err = fmt.Errorf("build gatehouse: %w\n%s", err, out)
		}
	})
	if binary.err != nil {
		t.Fatal(binary.err)
	}
	return filepath.Join(binary.dir, "gatehouse")
}

func removeBinary() {
	if binary.dir != "" {
		_ = os.RemoveAll(binary.dir) // of a test that is over
	}
}
