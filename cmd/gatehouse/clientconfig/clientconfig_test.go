package clientconfig

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const testCA = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"

func testParams(t *testing.T, c Client, url string) *Params {
	t.Helper()
	server, err := ParseServer(url)
	if err != nil {
		t.Fatal(err)
	}
	return &Params{
		Client: c, Servers: []Server{server}, Base: "dc=example,dc=com", BindDN: "cn=" + c.Name + ",ou=services,dc=example,dc=com",
		Password: "s3cret-of-the-service", CA: []byte(testCA), Schema: RFC2307bis,
	}
}

// TestClientsHaveTemplates holds the table against the files.
func TestClientsHaveTemplates(t *testing.T) {
	names, err := fs.Glob(templates, "templates/*.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	var have, want []string
	for _, name := range names {
		have = append(have, strings.TrimSuffix(filepath.Base(name), ".tmpl"))
	}
	words := make(map[string]bool)
	for _, c := range Clients() {
		want = append(want, c.Name)
		for _, word := range append(c.Aliases, c.Name) {
			if words[word] {
				t.Errorf("%s names two clients", word)
			}
			words[word] = true
			if found, ok := Find(word); !ok || found.Name != c.Name {
				t.Errorf("Find(%q) = %q, %v", word, found.Name, ok)
			}
		}
	}
	slices.Sort(want)
	slices.Sort(have)
	if !slices.Equal(have, want) {
		t.Errorf("templates %q, clients %q", have, want)
	}
}

// TestEveryClient renders each client in each way and holds the files against what is true of all.
func TestEveryClient(t *testing.T) {
	for _, c := range Clients() {
		for _, url := range []string{"ldaps://ldap.example.com", "ldap://ldap.example.com:1389"} {
			for _, group := range []string{"", "cn=staff,ou=groups,dc=example,dc=com"} {
				for _, mode := range append([]string{""}, c.Modes...) {
					p := testParams(t, c, url)
					p.Group, p.Mode = group, mode
					files, err := Render(p)
					if err != nil {
						t.Fatalf("%s %s: %v", c.Name, url, err)
					}
					checkFiles(t, p, files)
				}
			}
		}
	}
}

func checkFiles(t *testing.T, p *Params, files []File) {
	t.Helper()
	name := p.Client.Name
	text := string(Join(files))
	if !strings.Contains(text, p.Servers[0].Host) || !strings.Contains(text, CAPath) {
		t.Errorf("%s: the server or its CA is missing:\n%s", name, text)
	}
	for _, wrong := range []string{"<no value>", "%!", "<nil>", "{{", "TLS_REQCERT never", "TLS_REQCERT allow"} {
		if strings.Contains(strings.ReplaceAll(text, "%{%{Stripped", ""), wrong) {
			t.Errorf("%s: %q is in the files:\n%s", name, wrong, text)
		}
	}
	if got := p.NeedsAccount(); got != strings.Contains(text, p.Password) {
		t.Errorf("%s: has a role: %v, and the password is in the files: %v", name, got, !got)
	}
	for _, f := range files {
		if bytes.Contains(f.Content, []byte(p.Password)) && f.Mode&0o007 != 0 {
			t.Errorf("%s: %s %04o holds the password", name, f.Path, f.Mode)
		}
		switch filepath.Ext(f.Path) {
		case ".json":
			if !json.Valid(f.Content) {
				t.Errorf("%s: %s is not JSON", name, f.Path)
			}
		case ".conf":
			if bytes.HasPrefix(f.Content, []byte("<?xml")) && xml.Unmarshal(f.Content, new(struct{})) != nil {
				t.Errorf("%s: %s is not XML", name, f.Path)
			}
		}
	}
	again, err := Split([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if !bytes.Equal(Join(again), []byte(text)) {
		t.Errorf("%s: the text is another after it was taken apart", name)
	}
}

// TestNobodyAsksForPasswords looks for the attribute in what is printed: a client that names it asks for it.
func TestNobodyAsksForPasswords(t *testing.T) {
	for _, c := range Clients() {
		files, err := Render(testParams(t, c, "ldaps://ldap.example.com"))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(strings.ToLower(string(Join(files))), "userpassword") {
			t.Errorf("%s names userPassword", c.Name)
		}
	}
}

// TestHostileValues puts what would end a string, or begin another line, into the parameters.
func TestHostileValues(t *testing.T) {
	for _, c := range Clients() {
		for _, bad := range []string{"a\nb", "a\x00b", " a", "a\r"} {
			for i, set := range []func(*Params){
				func(p *Params) { p.Password = bad }, func(p *Params) { p.Base = bad }, func(p *Params) { p.BindDN = bad }, func(p *Params) { p.Group = bad },
			} {
				p := testParams(t, c, "ldaps://ldap.example.com")
				set(p)
				if _, err := Render(p); err == nil {
					t.Errorf("%s: %q was taken (%d)", c.Name, bad, i)
				}
			}
		}
	}
}

// TestQuoting takes values apart again as the programs do.
func TestQuoting(t *testing.T) {
	call := func(name, value string) string {
		t.Helper()
		switch f := quoting[name].(type) {
		case func(string) string:
			return f(value)
		case func(string) (string, error):
			text, err := f(value)
			if err != nil {
				return "error: " + err.Error()
			}
			return text
		default:
			t.Fatalf("%s is a %T", name, f)
			return ""
		}
	}
	for _, c := range []struct{ form, value, want string }{
		{"double", `a"b\c`, `"a\"b\\c"`},
		{"single", `a'b\c`, `'a\'b\\c'`},
		{"doubled", `a"b`, `"a""b"`},
		{"shell", `a'b`, `'a'\''b'`},
		{"json", "a\"b\\c<é", `"a\"b\\c<é"`},
		{"xml", `a"b<c&d`, `a&#34;b&lt;c&amp;d`},
		{"filter", `a*(b)\`, `a\2a\28b\29\5c`},
		{"percent", `50%`, `50%%`},
		{"dnurl", `ou=a b?,dc=x`, `ou=a%20b%3F,dc=x`},
		{"property", `a\é`, `a\\\u00e9`},
		{"word", `staff`, `staff`},
		{"word", `two words`, `error: a file that knows no quotes cannot hold "two words"`},
		{"noexec", `exec:cat`, `error: Apache's configuration cannot hold "a password that begins with exec: or has ${ in it"`},
		{"nodollar", `${x}`, `error: a file that puts variables in cannot hold "${"`},
	} {
		if got := call(c.form, c.value); got != c.want {
			t.Errorf("%s %q: %s, want %s", c.form, c.value, got, c.want)
		}
	}
}

// TestParseServer reads addresses.
func TestParseServer(t *testing.T) {
	for text, want := range map[string]string{
		"ldaps://ldap.example.com": "ldaps://ldap.example.com", "ldaps://h:636/": "ldaps://h", "ldap://h:1389": "ldap://h:1389",
		"ldaps://[2001:db8::1]:10636": "ldaps://[2001:db8::1]:10636", "ldap://[::1]": "ldap://[::1]",
		"http://h": "", "ldapi:///run/x": "", "ldaps://": "", "ldaps://h:0": "", "ldaps://h:70000": "", "ldaps://h/dc=x": "", "ldaps://u@h": "",
		"ldaps://a b": "", "ldaps://h\"x": "", "": "",
	} {
		s, err := ParseServer(text)
		if got := map[bool]string{true: s.URI()}[err == nil]; got != want {
			t.Errorf("%q: %q, %v, want %q", text, got, err, want)
		}
	}
}

// TestNear finds what somebody may have meant.
func TestNear(t *testing.T) {
	for name, want := range map[string]string{"ssd": "sssd", "Apache2.4": "apache", "postgres-15": "postgresql", "dovecto": "dovecot", "xyzzy": ""} {
		near := Near(name)
		if want == "" && len(near) > 0 || want != "" && !slices.Contains(near, want) {
			t.Errorf("%q: %q, want %q", name, near, want)
		}
	}
}

// TestWrite writes files with modes, over what is there, and knows owners by the files below the directory.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	files := []File{{Path: "/etc/x/secret", Mode: 0o640, Owner: "root:mail", Content: []byte("new\n")}, {Path: "/etc/y", Mode: 0o644, Owner: "root:root", Content: []byte("y\n")}}
	if err := os.MkdirAll(filepath.Join(dir, "etc/x"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"etc/x/secret": "old", "etc/passwd": "root:x:0:0::/root:/bin/sh\n", "etc/group": "root:x:0:\nmail:x:8:\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := Write(dir, files); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		path := filepath.Join(dir, f.Path)
		text, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(text, f.Content) {
			t.Errorf("%s: %q, %v", f.Path, text, err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != f.Mode {
			t.Errorf("%s: %v, %v, want %v", f.Path, info.Mode(), err, f.Mode)
		}
	}
	if gid, err := number(filepath.Join(dir, "etc/group"), "mail"); gid != 8 || err != nil {
		t.Errorf("group mail: %d, %v", gid, err)
	}
	if gid, err := number(filepath.Join(dir, "etc/nothing"), "mail"); gid != -1 || err != nil {
		t.Errorf("without a file: %d, %v", gid, err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "etc/x/.*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}
