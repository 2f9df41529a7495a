package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// manyEntries is an LDIF of a tree with groups before their members, identities and times included, so that every way of loading
// it gives the same directory.
func manyEntries(people int) string {
	var b strings.Builder
	serial := 0
	entry := func(dn string, lines ...string) {
		serial++
		fmt.Fprintf(&b, "dn: %s\n%s\nentryUUID: 00000000-0000-4000-8000-%012d\ncreateTimestamp: 20200101000000Z\ncreatorsName: cn=loader\n"+
			"modifyTimestamp: 20200102000000Z\nmodifiersName: cn=loader\n\n", dn, strings.Join(lines, "\n"), serial)
	}
	entry(testBase, "objectClass: dcObject", "objectClass: organization", "dc: example", "o: Example")
	entry("ou=groups,"+testBase, "objectClass: organizationalUnit", "ou: groups")
	for g := range 5 {
		lines := []string{"objectClass: groupOfNames", fmt.Sprintf("cn: g%d", g)}
		for n := g; n < people; n += 5 {
			lines = append(lines, fmt.Sprintf("member: uid=p%d,ou=d%d,ou=people,%s", n, n%20, testBase))
		}
		entry(fmt.Sprintf("cn=g%d,ou=groups,%s", g, testBase), lines...)
	}
	entry("ou=people,"+testBase, "objectClass: organizationalUnit", "ou: people")
	for d := range 20 {
		entry(fmt.Sprintf("ou=d%d,ou=people,%s", d, testBase), "objectClass: organizationalUnit", fmt.Sprintf("ou: d%d", d))
	}
	for n := range people {
		entry(fmt.Sprintf("uid=p%d,ou=d%d,ou=people,%s", n, n%20, testBase), "objectClass: inetOrgPerson", fmt.Sprintf("uid: p%d", n),
			fmt.Sprintf("cn: Person %d", n), "sn: Person", "description: "+strings.Repeat("x", 300))
	}
	return b.String()
}

func writeLDIF(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "many.ldif")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestImportBothWays loads one file into a new store, and through a running server in several pieces: the same directory comes of
// it, but for who has changed the entries last.
func TestImportBothWays(t *testing.T) {
	t.Parallel()
	file := writeLDIF(t, manyEntries(6000))
	offline := filepath.Join(t.TempDir(), "offline")
	gatehouse(t, "", "import", "--no-roles", "--data", offline, file)

	online := filepath.Join(t.TempDir(), "online")
	gatehouse(t, testPassword, "init", "--data", online, "--base", testBase, "--admin-password-file", "-")
	p := startServer(t, online)
	said := gatehouse(t, "", "import", "--data", online, file)
	if !strings.Contains(said, "3 existing entries were replaced") {
		t.Errorf("import said %s", said)
	}
	if n := strings.Count(p.await("command=import", 2), "command=import"); n < 2 {
		t.Errorf("the file went to the server in %d pieces", n)
	}
	gatehouse(t, "", "check", "--data", online)
	// What init made and the file does not have.
	own := regexp.MustCompile(`(?m)^dn: (cn=admin|([^,\n]+,)?ou=roles),[^\n]*\n(.+\n)+\n`)
	// What was replaced has been changed by the import.
	replaced := regexp.MustCompile(`(?m)^dn: (ou=people,|ou=groups,)?dc=example,dc=com\n(.+\n)+\n`)
	last := regexp.MustCompile(`(?m)^modif(yTimestamp|iersName): .*\n`)
	withoutLast := func(text string) string {
		return replaced.ReplaceAllStringFunc(text, func(entry string) string { return last.ReplaceAllString(entry, "") })
	}
	want := withoutLast(gatehouse(t, "", "export", "--data", offline))
	got := withoutLast(own.ReplaceAllString(gatehouse(t, "", "export", "--data", online), ""))
	if got != want {
		t.Errorf("the two are not the same; first difference:\n%s", firstDifference(got, want))
	}
}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range x {
		if i >= len(y) || x[i] != y[i] {
			return fmt.Sprintf("line %d: %q, %q", i+1, x[i], append(y, "(end)")[min(i, len(y))])
		}
	}
	return "one is longer"
}

// TestImportKilled kills an import half-way: no store is there that was not there before, and the next import works.
func TestImportKilled(t *testing.T) {
	t.Parallel()
	text := manyEntries(20000)
	for name, made := range map[string]bool{"new": false, "made by init": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "data")
			if made {
				dir = newData(t)
			}
			in, out, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			cmd := program("import", "--data", dir, "-")
			cmd.Stdin = in
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			// It has read most of the input, and waits for the rest, when it is killed.
			if _, err := out.WriteString(text[:len(text)*9/10]); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // it was killed
			if err := out.Close(); err != nil {
				t.Fatal(err)
			}
			check, err := program("check", "--data", dir).CombinedOutput()
			if made && (err != nil || !strings.HasPrefix(string(check), "ok: 13 entries")) {
				t.Errorf("what init made: %v\n%s", err, check)
			}
			if !made && (err == nil || !strings.Contains(string(check), "no store there")) {
				t.Errorf("something opens: %v\n%s", err, check)
			}
			start := time.Now()
			gatehouse(t, text, "import", "--data", dir, "-")
			t.Logf("the next import took %v", time.Since(start))
			left, err := filepath.Glob(filepath.Join(dir, "store*"))
			if err != nil || len(left) != 1 {
				t.Errorf("left behind: %q, %v", left, err)
			}
			gatehouse(t, "", "check", "--data", dir)
		})
	}
}
