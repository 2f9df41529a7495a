package main

import (
	"io"
	"os"
	"path/filepath"
	"testing"
)

// TestRejectsAreNobodyElses: a file of rejects, which may hold passwords, is closed to others even if it was there before.
func TestRejectsAreNobodyElses(t *testing.T) {
	t.Parallel()
	for _, before := range []os.FileMode{0, 0o644, 0o600, 0o666} {
		name := filepath.Join(t.TempDir(), "rejects")
		if before != 0 {
			if err := os.WriteFile(name, []byte("old"), before); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(name, before); err != nil {
				t.Fatal(err)
			}
		}
		r, err := openRefusals([]importFile{{name: "in.ldif"}}, name, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("was %v: %v, %v", before, info.Mode(), err)
		}
		if err := r.close(); err != nil {
			t.Fatal(err)
		}
	}
}
