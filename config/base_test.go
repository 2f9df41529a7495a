package config

import (
	"os"
	"path/filepath"
	"testing"
)

// TestBase reads a file below another: what both have is the stronger one's, lists as a whole.
func TestBase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	base := write("base.yaml", "log:\n  level: debug\n  format: json\nlimits:\n  - {name: a, dn: cn=a, size: 1}\n  - {name: b, dn: cn=b, size: 2}\n")
	file := write("file.yaml", "log:\n  level: warn\nlimits:\n  - {name: c, dn: cn=c, size: 3}\n")

	c, err := Load(Sources{Base: base})
	if err != nil || c.Log.Level.String() != "DEBUG" || len(c.Limits) != 2 {
		t.Fatalf("the base alone: %+v, %v", c, err)
	}
	if c, err = Load(Sources{Base: base, File: file}); err != nil {
		t.Fatal(err)
	}
	if c.Log.Level.String() != "WARN" || c.Log.Format != "json" || len(c.Limits) != 1 || c.Limits[0].DN != "cn=c" {
		t.Errorf("with a file above it: %+v, %+v", c.Log, c.Limits)
	}
	if _, err := Load(Sources{Base: write("wrong.yaml", "lgo: x\n"), File: file}); err == nil {
		t.Error("an unknown key of the base is no error")
	}
}
