package gatehouse

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// topLevel is what may stand at the root of the repository.
var topLevel = []string{"acl", "cmd", "config", "deploy", "directory", "docs", "ldapserver", "storage", "testdata"}

// forbidden lists what no file of the repository may hold, with the reason. The patterns are put together from parts,
// so that this file does not hold them.
var forbidden = []struct {
	pattern *regexp.Regexp
	only    string // file name suffix, "" for all
	why     string
}{
	{regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X)\b`), ".go", "open ends belong in an issue"},
	{regexp.MustCompile(`t\.Skip\(\)`), "_test.go", "a skip says why"},
	{regexp.MustCompile(`/ro` + `ot/[a-z]|/wor` + `k/main|/wor` + `k/shared`), "", "a path of one machine"},
	{regexp.MustCompile(`SetEntry` + `At|NewWrite` + `Batch|NewManagedWrite` + `Batch|NewKV` + `Loader`), ".go", "only Txn.CommitAt keeps a batch atomic"},
}

// TestTree holds the repository against its own rules.
func TestTree(t *testing.T) {
	t.Parallel()
	top, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range top {
		if d.IsDir() && !strings.HasPrefix(d.Name(), ".") && !slices.Contains(topLevel, d.Name()) && tracked(t, d.Name()) {
			t.Errorf("%s does not belong at the top level: %q do", d.Name(), topLevel)
		}
	}
	for _, path := range trackedFiles(t) {
		text, err := os.ReadFile(path)
		if err != nil || bytes.IndexByte(text, 0) >= 0 || strings.Contains(path, "testdata/fuzz/") {
			continue
		}
		for _, f := range forbidden {
			if !strings.HasSuffix(path, f.only) {
				continue
			}
			if m := f.pattern.Find(text); m != nil {
				t.Errorf("%s holds %q: %s", path, m, f.why)
			}
		}
		name := filepath.Base(path)
		for _, bad := range []string{"util", "utils", "common", "misc", "helpers"} {
			if strings.TrimSuffix(name, ".go") == bad || slices.Contains(strings.Split(filepath.Dir(path), "/"), bad) {
				t.Errorf("%s: a name that says what is in it, not %q", path, bad)
			}
		}
	}
}

// TestFileLength keeps files small enough to read at once.
func TestFileLength(t *testing.T) {
	t.Parallel()
	const most = 350
	var sizes []int
	for _, path := range trackedFiles(t) {
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		n := bytes.Count(text, []byte("\n"))
		sizes = append(sizes, n)
		if n > most {
			t.Errorf("%s has %d lines; a file holds one idea in at most %d", path, n, most)
		}
	}
	slices.Sort(sizes)
	if len(sizes) > 0 && sizes[len(sizes)/2] > 200 {
		t.Errorf("the median file has %d lines; aim near 150", sizes[len(sizes)/2])
	}
}

// TestFunctionLength keeps functions small enough to see at once. Functions of tests, which are tables for the most part, may
// be longer.
func TestFunctionLength(t *testing.T) {
	t.Parallel()
	const most = 80
	for _, path := range trackedFiles(t) {
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "storage/kv/kvtest/") {
			continue
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if n := files.Position(f.End()).Line - files.Position(f.Pos()).Line + 1; n > most {
				t.Errorf("%s: %s has %d lines; a function fits a screen of at most %d", path, f.Name.Name, n, most)
			}
		}
	}
}

// TestPackagesAreDocumented asks for a package comment in every package.
func TestPackagesAreDocumented(t *testing.T) {
	t.Parallel()
	for _, dir := range packageDirs(t) {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		documented := slices.ContainsFunc(files, func(f string) bool {
			text, err := os.ReadFile(f)
			return err == nil && regexp.MustCompile(`(?m)^(// (Package|Command) \S+|Package \S+)`).Match(text) &&
				!strings.HasSuffix(f, "_test.go")
		})
		if !documented {
			t.Errorf("%s has no package comment", dir)
		}
	}
}

// trackedFiles returns the files that git tracks; outside a checkout, all files.
func trackedFiles(t *testing.T) []string {
	t.Helper()
	if out, err := exec.Command("git", "ls-files", "-z").Output(); err == nil {
		return strings.FieldsFunc(string(out), func(r rune) bool { return r == 0 })
	}
	var files []string
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func tracked(t *testing.T, dir string) bool {
	t.Helper()
	return slices.ContainsFunc(trackedFiles(t), func(f string) bool { return strings.HasPrefix(f, dir+"/") })
}
