package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/directory/schema"
)

// TestRDN writes names that mean something in a DN, and has our own parser and go-ldap's read them.
func TestRDN(t *testing.T) {
	t.Parallel()
	for _, value := range []string{
		"alice", " ", "  ", " a ", "#1", "a#", "a,b", "a+b=c", `a\b`, `"a"`, "<a;b>", "Jürgen Ürün", "a\x00b", "a\nb", "\t", "=", ",", "é", "日本",
		"cn=admin,dc=example,dc=com",
	} {
		dn := rdn("uid", value) + ",ou=people,dc=example,dc=com"
		parsed, _, err := schema.Standard().ParseName(dn)
		if err != nil {
			t.Errorf("%q: %s: %v", value, dn, err)
			continue
		}
		if got := string(parsed.RDNs()[0][0].Value); got != value || len(parsed.RDNs()) != 4 {
			t.Errorf("%q: %s is read as %q, %d RDNs", value, dn, got, len(parsed.RDNs()))
		}
		if got := firstValue(dn); got != value {
			t.Errorf("%q: go-ldap reads %s as %q", value, dn, got)
		}
	}
}

func TestSplitName(t *testing.T) {
	t.Parallel()
	for full, want := range map[string][2]string{
		"Alice Archer": {"Alice", "Archer"}, "Anna Maria von Berg": {"Anna Maria von", "Berg"}, "Prince": {"", "Prince"}, "Archer, Alice": {"Alice", "Archer"},
	} {
		if given, sur := splitName(full); given != want[0] || sur != want[1] {
			t.Errorf("%q: given name %q, surname %q, want %q", full, given, sur, want)
		}
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"alice", "alice", 0}, {"alice", "alise", 1}, {"alice", "lice", 1}, {"kitten", "sitting", 3}, {"jürgen", "jurgen", 1}} {
		if got := distance(test.a, test.b); got != test.want {
			t.Errorf("distance of %q and %q: %d, want %d", test.a, test.b, got, test.want)
		}
		if got := distance(test.b, test.a); got != test.want {
			t.Errorf("distance of %q and %q: %d, want %d", test.b, test.a, got, test.want)
		}
	}
}

func TestStateOf(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct{ attributes, want string }{
		{"", statusActive},
		{"nsAccountLock=TRUE", statusDisabled},
		{"pwdAccountLockedTime=000001010000Z", statusDisabled},
		{"pwdAccountLockedTime=000001010000Z nsAccountLock=true", statusDisabled},
		{"pwdAccountLockedTime=20261124113000Z", statusLocked},
		{"pwdAccountLockedTime=20261124113000Z nsAccountLock=TRUE", statusLocked}, // one state, read in two ways
		{"pwdEndTime=20261124120000Z", statusExpired},
		{"pwdEndTime=20261124120001Z", statusActive},
		{"pwdStartTime=20261124120001Z", statusNotYet},
		{"pwdStartTime=20261124120000Z", statusActive},
		{"pwdReset=TRUE", statusMustChange},
		{"pwdReset=FALSE", statusActive},
		{"pwdReset=TRUE pwdEndTime=20200101000000Z", statusExpired},
		{"pwdEndTime=rubbish", statusActive},
	} {
		attributes := map[string][]string{}
		for pair := range strings.FieldsSeq(test.attributes) {
			name, value, _ := strings.Cut(pair, "=")
			attributes[name] = []string{value}
		}
		if got := stateOf(ldap.NewEntry("uid=x", attributes), now); got.Status != test.want {
			t.Errorf("%q: %s, want %s", test.attributes, got.Status, test.want)
		}
	}
}

func TestReadTime(t *testing.T) {
	t.Parallel()
	first, err := readTime("not-before", "2027-01-31", false)
	if err != nil || first.Format(time.DateTime) != "2027-01-31 00:00:00" {
		t.Errorf("first day: %v, %v", first, err)
	}
	last, err := readTime("expires", "2027-01-31", true)
	if err != nil || last.Format(time.DateTime) != "2027-02-01 00:00:00" {
		t.Errorf("last day: %v, %v", last, err)
	}
	if at, err := readTime("expires", "2027-01-31T18:00:00Z", true); err != nil || generalized(at) != "20270131180000Z" {
		t.Errorf("time: %v, %v", at, err)
	}
	if _, err := readTime("expires", "31.1.2027", true); err == nil {
		t.Error("a date in another form was taken")
	}
}

// TestListPages lists more users than a page has.
func TestListPages(t *testing.T) {
	t.Parallel()
	const users = 2*pageEntries + 7
	dir := newData(t)
	var text strings.Builder
	for i := range users {
		fmt.Fprintf(&text, "dn: uid=u%04d,ou=people,%s\nobjectClass: inetOrgPerson\nuid: u%04d\ncn: User %d\nsn: U\n\n", i, testBase, i, i)
	}
	gatehouse(t, text.String(), "import", "--data", dir, "-")
	gatehouse(t, "", "app", "add", "lister", "--data", dir, "--new-password-file", writeSecret(t, "lister-secret"))
	p := startServer(t, dir)
	lister := []string{"--url", p.url, "--ca-file", filepath.Join(dir, "tls", "ca.pem"), "-D", "cn=lister,ou=services," + testBase,
		"--password-file", writeSecret(t, "lister-secret")}
	for name, flags := range map[string][]string{"operator": {"--data", dir}, "app": lister} {
		var list []shownAccount
		out := gatehouse(t, "", append([]string{"user", "ls", "--json"}, flags...)...)
		if err := json.Unmarshal([]byte(out), &list); err != nil {
			t.Fatalf("%s: %v\n%.300s", name, err, out)
		}
		seen := map[string]bool{}
		for _, a := range list {
			seen[a.Name] = true
		}
		if len(list) != users || len(seen) != users {
			t.Errorf("%s: %d users are listed, %d names, want %d", name, len(list), len(seen), users)
		}
		if got := strings.Count(gatehouse(t, "", append([]string{"user", "ls"}, flags...)...), "\n"); got != users {
			t.Errorf("%s: %d lines, want %d", name, got, users)
		}
	}
}

// TestLocalStore has two commands at once on a directory without a server: one waits for the other.
func TestLocalStore(t *testing.T) {
	t.Parallel()
	dir := newData(t)
	failed := make(chan error)
	for i := range 3 {
		cmd := program("user", "add", fmt.Sprintf("user%d", i), "--data", dir, "--no-posix", "--no-password")
		go func() {
			out, err := cmd.CombinedOutput()
			if err != nil {
				err = fmt.Errorf("%w\n%s", err, out)
			}
			failed <- err
		}()
	}
	for range 3 {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
	if out := gatehouse(t, "", "user", "ls", "--data", dir); strings.Count(out, "\n") != 3 {
		t.Errorf("listed:\n%s", out)
	}
}

// TestClientCertificate is somebody by a client certificate.
func TestClientCertificate(t *testing.T) {
	t.Parallel()
	dir, files := newData(t), t.TempDir()
	ca, err := openCA(files, "clients", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	certificate := func(name string) string {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
			SerialNumber: big.NewInt(int64(len(name))), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour),
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		}, ca.cert, key.Public(), ca.key)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(files, name+".pem")
		if err := writeKey(file, key); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	config := filepath.Join(files, "gatehouse.yaml")
	settings := "tls: {client-ca: " + filepath.Join(files, "ca.pem") + ", client-auth: optional}\n" +
		"identity-map:\n  - {name: cn=robot, to: \"" + testAdmin + "\"}\n"
	if err := os.WriteFile(config, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	p := startServer(t, dir, "--config", config)
	flags := func(name string) []string {
		return []string{"group", "ls", "--roles", "--url", p.url, "--ca-file", filepath.Join(dir, "tls", "ca.pem"), "--cert-file", certificate(name)}
	}
	if out := gatehouse(t, "", flags("robot")...); !strings.Contains(out, "helpdesk ") {
		t.Errorf("whom the map knows sees:\n%s", out)
	}
	out, err := program(flags("stranger")...).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "you are CN=stranger here, and no entry of the directory") || strings.Contains(string(out), "helpdesk ") {
		t.Errorf("whom it does not know: %v\n%s", err, out)
	}
}

// TestDocumentedKeys holds the keys of what is printed in JSON against the document.
func TestDocumentedKeys(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/administration.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{madeEntry{}, shownAccount{}, accountState{}, shownGroup{}, shownMember{}} {
		of := reflect.TypeOf(v)
		for i := range of.NumField() {
			key, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			if key != "" && !strings.Contains(string(text), "`"+key+"`") {
				t.Errorf("docs/administration.md does not name the key %s of %s", key, of.Name())
			}
		}
	}
}

// writeSecret writes a file with a password.
func writeSecret(t testing.TB, secret string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(name, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestWellKnownSocket uses the socket that the unit of the server listens on, in a /run of its own, as root and as somebody else.
func TestWellKnownSocket(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("a /run of its own needs root")
	}
	needTools(t, "unshare", "setpriv", "mount")
	dir := newData(t)
	gatehouse(t, "", "user", "add", "alice", "--data", dir, "--no-posix", "--new-password-file", writeSecret(t, "alice-secret"))
	const script = `
mount -t tmpfs none /run && mkdir /run/gatehouse || exit 1
"$0" serve --data "$1" --listen ldapi:///run/gatehouse/ldapi & server=$!
trap 'kill $server; wait $server' EXIT
for i in $(seq 200); do [ -S /run/gatehouse/ldapi ] && break; sleep 0.05; done
cp "$2" /run/secret && chmod 644 /run/secret && cp "$0" /run/program && chmod 755 /run/program
echo "root: $("$0" user ls)"
nobody="setpriv --reuid=65534 --clear-groups /run/program"
echo "nobody: $($nobody user ls 2>&1)"
echo "alice: $($nobody user ls -D alice --password-file /run/secret)"`
	cmd := program()
	cmd.Path = "/usr/bin/unshare"
	cmd.Args = []string{"unshare", "-m", "--propagation", "private", "sh", "-c", script, os.Args[0], dir, writeSecret(t, "alice-secret")}
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	const alice = "alice                        alice\n"
	const nobody = "gatehouse: you are gidNumber=0+uidNumber=65534,cn=peercred,cn=external,cn=auth here, and no entry of the directory; " +
		"give -D to be somebody, or map it in the identity-map\n"
	if want := "root: " + alice + "nobody: " + nobody + "alice: " + alice; string(out) != want {
		t.Errorf("printed:\n%s\nwant:\n%s", out, want)
	}
}
