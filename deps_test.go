package gatehouse

import (
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// rooms is who may import whom. A package that is not listed does not belong; what it may import of ours stands behind
// it. The order is downwards: wire -> dit -> storage, and nothing calls back up.
var rooms = map[string][]string{
	// The vocabulary and the leaves: they know nothing of ours, so that everything may point at them.
	"directory":          {},
	"directory/ber":      {},
	"directory/password": {},
	"directory/account":  {"directory"}, // a pure decision
	// How well a password withstands guessing: pure, so that the server and the command line say the same.
	"directory/password/quality": {},
	"storage/kv":                 {},

	"config":           {"directory"},
	"directory/schema": {"directory"},
	"directory/ldif":   {"directory"},
	// Readers of what others export know the schema, and nothing of how entries are stored.
	"directory/foreign": {"directory", "directory/schema", "directory/ldif"},
	"directory/filter":  {"directory", "directory/schema"},

	// The one swappable seam, as low as it goes: everything above runs for real on either.
	"storage/badgerkv":  {"storage/kv"},
	"storage/memkv":     {"storage/kv"},
	"storage/kv/kvtest": {"storage/kv"},
	// Storage does not know who asks: policy is decided above it.
	"storage": {"directory", "directory/ber", "directory/schema", "directory/filter", "storage/kv"},

	// The language knows no sessions and no entries: what it means is the evaluator's.
	"acl/bundle": {"directory", "directory/schema", "directory/filter"},

	// What comes with the server is text alone.
	"acl/shipped": {"acl/bundle"},

	"acl": {"directory", "directory/schema", "directory/filter"},
	// Where the language and the evaluator meet.
	"acl/enact": {"acl", "acl/bundle", "acl/shipped", "directory", "directory/schema"},
	"acl/audit": {"acl", "directory", "directory/schema"},

	"directory/dit": {
		"directory", "directory/account", "directory/schema", "directory/filter", "directory/password", "directory/password/quality", "directory/ldif", "storage", "acl",
	},
	"directory/hook": {
		"directory", "directory/account", "directory/schema", "directory/filter", "directory/password", "directory/password/quality", "storage", "acl", "directory/dit",
	},

	// The wire half never sees the tree or the store: it meets them in cmd and ldaptest, through ldapserver.Backend.
	"ldapserver/wire":    {"directory", "directory/ber"},
	"ldapserver/control": {"directory", "directory/ber", "acl", "ldapserver/wire"},
	"ldapserver/extop":   {"directory", "directory/ber", "ldapserver/wire"},
	"ldapserver/sasl":    {"directory", "directory/ber", "ldapserver/wire"},
	"ldapserver": {
		"directory", "directory/schema", "acl", "ldapserver/wire", "ldapserver/control", "ldapserver/extop", "ldapserver/sasl",
	},

	// Configuration of others' programs is text alone.
	"cmd/gatehouse/clientconfig": {},

	// The only places that join the halves.
	"ldapserver/ldaptest": {"*"},
	"cmd/gatehouse":       {"*"},

	// Hosts for tests know the program only from outside.
	"cmd/gatehouse/clienttest": {},
}

// homes is where each third-party module lives: product code elsewhere does not import it, and a module without a row
// nowhere. Tests may.
var homes = map[string][]string{
	"github.com/dgraph-io/badger/v4":      {"storage/badgerkv"},
	"github.com/dgraph-io/ristretto/v2":   {"storage/badgerkv"}, // Badger's memory outside of the heap
	"github.com/spf13/viper":              {"config"},
	"github.com/go-viper/mapstructure/v2": {"config"},
	"github.com/spf13/cobra":              {"cmd/gatehouse"},
	"github.com/spf13/pflag":              {"cmd/gatehouse"}, // the flags of cobra
	"github.com/go-ldap/ldap/v3":          {"cmd/gatehouse", "ldapserver/ldaptest"},
	"github.com/go-crypt/x":               {"directory/password"},
	"golang.org/x/crypto":                 {"directory/password"},
	"golang.org/x/text":                   {"directory/schema"},
	"golang.org/x/sys":                    {"cmd/gatehouse", "cmd/gatehouse/clienttest", "storage/badgerkv"}, // system calls that package syscall does not have
	"golang.org/x/term":                   {"cmd/gatehouse"},
	"github.com/tidwall/btree":            {"storage/memkv"},
	"go.yaml.in/yaml/v3":                  {"acl/bundle"},
	"github.com/pelletier/go-toml/v2":     {"directory/foreign"}, // the configuration of GLAuth
	"github.com/schollz/progressbar/v3":   {"cmd/gatehouse"},
	"github.com/trustelem/zxcvbn":         {"directory/password/quality"}, // its lists of frequent passwords, words and names
	"pgregory.net/rapid":                  {"storage/kv/kvtest"},          // a package of tests
}

// moduleOf returns the row of homes that an import belongs to, "" if there is none.
func moduleOf(imp string) string {
	for module := range homes {
		if imp == module || strings.HasPrefix(imp, module+"/") {
			return module
		}
	}
	return ""
}

// TestRooms walks the tree and holds every package's imports against the two tables.
func TestRooms(t *testing.T) {
	t.Parallel()
	for _, dir := range packageDirs(t) {
		t.Run(dir, func(t *testing.T) {
			t.Parallel()
			allowed, known := rooms[dir]
			if !known {
				t.Fatalf("package %s has no row in the table of rooms; add it there, with what it may import", dir)
			}
			pkg, err := build.ImportDir(dir, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, imp := range pkg.Imports {
				if ours, ok := strings.CutPrefix(imp, "gatehouse/"); ok {
					if !slices.Contains(allowed, ours) && !slices.Contains(allowed, "*") {
						t.Errorf("%s imports %s; it may import %q", dir, ours, allowed)
					}
					continue
				}
				if host, _, _ := strings.Cut(imp, "/"); !strings.Contains(host, ".") {
					continue // the standard library
				}
				module := moduleOf(imp)
				if module == "" {
					t.Errorf("%s imports %s, which has no home; give it one in the table, with the reason", dir, imp)
				} else if !slices.Contains(homes[module], dir) {
					t.Errorf("%s imports %s, whose home is %q", dir, imp, homes[module])
				}
			}
		})
	}
}

// TestRoomsAreUsed says which rows name a package that does not exist, so that the table stays the truth. acl/audit
// has its row before it is built: the scanner's place is part of the design.
func TestRoomsAreUsed(t *testing.T) {
	t.Parallel()
	dirs := packageDirs(t)
	for room := range rooms {
		if room != "acl/audit" && !slices.Contains(dirs, room) {
			t.Errorf("the table of rooms lists %s, which is not there", room)
		}
	}
}

// packageDirs returns the folders, relative to the root, that hold Go code other than tests.
func packageDirs(t *testing.T) []string {
	t.Helper()
	var dirs []string
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if path != "." && strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "data" {
			return filepath.SkipDir
		}
		files, err := os.ReadDir(path)
		if err != nil {
			return err
		}
		if path != "." && slices.ContainsFunc(files, func(f fs.DirEntry) bool {
			return strings.HasSuffix(f.Name(), ".go") && !strings.HasSuffix(f.Name(), "_test.go")
		}) {
			dirs = append(dirs, filepath.ToSlash(path))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}
