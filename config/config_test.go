package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatehouse/directory/password"
)

// load writes text to a file of that name and loads it.
func load(t *testing.T, name, text string, environ ...string) (*Config, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(Sources{File: file, Environ: environ})
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	c, err := Load(Sources{})
	if err != nil {
		t.Fatal(err)
	}
	if c.Password.Argon2 != (Argon2{MemoryKiB: 19456, Time: 2, Threads: 1}) || !c.Password.Upgrade || c.Storage.Retention != 15*time.Minute {
		t.Errorf("got %+v", c)
	}
	if len(c.IdentityMap) != 2 || c.IdentityMap[0].To != OperatorDN {
		t.Errorf("identity map: %+v", c.IdentityMap)
	}
}

// TestEverySettingHasAField proves that the table and the struct name the same keys.
func TestEverySettingHasAField(t *testing.T) {
	t.Parallel()
	flat := (&Config{}).flatten()
	for _, s := range Settings {
		if _, ok := flat[s.Key]; !ok {
			t.Errorf("setting %s has no field", s.Key)
		}
		delete(flat, s.Key)
	}
	for key := range flat {
		t.Errorf("field %s has no row in Settings", key)
	}
}

func TestSourcesOverride(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "c.yaml")
	text := "password:\n  scheme: bcrypt\n  bcrypt-cost: 11\nlog:\n  level: warn\nlimits:\n  - name: sync\n    dn: CN=Sync.X,dc=Example\n    size: 0\n    time: 5m\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(Sources{
		File:    file,
		Environ: []string{"GATEHOUSE_PASSWORD_BCRYPT_COST=12", "GATEHOUSE_LISTEN=ldap://[::1]:389 ldapi://%2Frun%2Fldapi", "HOME=/root", "GATEHOUSE_CONFIG=x"},
		Flags:   map[string]any{"log::level": "error"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.Password.Scheme != "bcrypt" || c.Password.BcryptCost != 12 || c.Log.Level.String() != "ERROR" {
		t.Errorf("got %+v %v", c.Password, c.Log)
	}
	if len(c.Listen) != 2 || c.Listen[0].Addr != "[::1]:389" || c.Listen[1].Addr != "/run/ldapi" {
		t.Errorf("listen: %v", c.Listen)
	}
	l := c.Limits[0]
	if l.DN != "CN=Sync.X,dc=Example" || *l.Size != 0 || *l.Time != 5*time.Minute || l.LookThrough != nil {
		t.Errorf("limits: %+v", l)
	}
}

func TestEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	_, err := load(t, "c.yaml", "pasword:\n  scheme: bcrypt\ntls:\n  min-versoin: '1.2'\n", "GATEHOUSE_LOG_LEVLE=info", "GATEHOUSE_ACCESS_READERS=cn=a")
	var problems Problems
	if !errors.As(err, &problems) || len(problems) != 4 {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{
		`pasword: scheme: unknown key; did you mean "password: scheme"?`,
		`tls: min-versoin: unknown key; did you mean "tls: min-version"?`,
		`GATEHOUSE_LOG_LEVLE: unknown environment variable; did you mean "GATEHOUSE_LOG_LEVEL"?`,
		"GATEHOUSE_ACCESS_READERS: there is no such setting any more; give rights by membership",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("missing %q in\n%v", want, err)
		}
	}
}

// Values that cannot be read, values out of bounds and unknown keys come together, each once and under its key.
func TestEveryKindOfProblemAtOnce(t *testing.T) {
	t.Parallel()
	text := "pasword: {scheme: md5}\npassword: {scheme: md5, cache-ttl: banana, bcrypt-cost: 3}\nlog: {level: loud, format: xml}\n" +
		"listen: ['ldap://127.0.0.1:99999', 'http://x', '127.0.0.1:389']\nstorage: {memory: 1}\nproxy-protocol: {trusted: [10.0.0.0/99]}\n"
	_, err := load(t, "c.yaml", text)
	want := `listen[0]: address "127.0.0.1:99999": port "99999" is not a number from 0 to 65535
listen[1]: "http://x": scheme http is not ldap, ldaps, ldapi or systemd
listen[2]: "127.0.0.1:389" is not a URL such as ldap://127.0.0.1:389
log: format: "xml" is not one of text, json
log: level: "loud" is not one of debug, info, warn, error
password: bcrypt-cost: 3 is not between 10 and 16
password: cache-ttl: "banana" is not a duration such as 30s, 5m or 1h
password: scheme: "md5" is not one of argon2id, bcrypt
pasword: scheme: unknown key; did you mean "password: scheme"?
proxy-protocol: trusted[0]: "10.0.0.0/99" is not a network such as 192.0.2.0/24 or 2001:db8::/32
storage: memory: 1 is not between 67108864 and 4398046511104`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// TestPasswordBounds: what the settings take, the hasher takes, so that every refusal names its key.
func TestPasswordBounds(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	for text, o := range map[string]password.Options{
		"argon2: {memory-kib: 262144}, memory: 512MiB": {Argon2: password.Argon2{MemoryKiB: 262144}, MemoryBytes: 512 * mib},
		"argon2: {memory-kib: 262145}, memory: 1GiB":   {Argon2: password.Argon2{MemoryKiB: 262145}, MemoryBytes: 1024 * mib},
		"argon2: {memory-kib: 131072}, memory: 256MiB": {Argon2: password.Argon2{MemoryKiB: 131072}, MemoryBytes: 256 * mib},
		"argon2: {memory-kib: 131072}, memory: 255MiB": {Argon2: password.Argon2{MemoryKiB: 131072}, MemoryBytes: 255 * mib},
		"argon2: {memory-kib: 7168}, memory: 40MiB":    {Argon2: password.Argon2{MemoryKiB: 7168}, MemoryBytes: 40 * mib},
		"argon2: {memory-kib: 7168}, memory: 39MiB":    {Argon2: password.Argon2{MemoryKiB: 7168}, MemoryBytes: 39 * mib},
		"memory: 1024GiB":            {MemoryBytes: 1024 * 1024 * mib},
		"memory: 1025GiB":            {MemoryBytes: 1025 * 1024 * mib},
		"argon2: {time: 20}":         {Argon2: password.Argon2{Time: 20}},
		"argon2: {time: 21}":         {Argon2: password.Argon2{Time: 21}},
		"argon2: {threads: 16}":      {Argon2: password.Argon2{Threads: 16}},
		"argon2: {threads: 17}":      {Argon2: password.Argon2{Threads: 17}},
		"bcrypt-cost: 16":            {BcryptCost: 16},
		"bcrypt-cost: 17":            {BcryptCost: 17},
		"workers: 1024":              {Workers: 1024},
		"workers: 1025":              {Workers: 1025},
		"queue: 1048576":             {QueueLen: 1 << 20},
		"queue: 1048577":             {QueueLen: 1<<20 + 1},
		"cache-ttl: 10m":             {CacheTTL: 10 * time.Minute},
		"cache-ttl: 10m0.000000001s": {CacheTTL: 10*time.Minute + 1},
	} {
		_, err := load(t, "c.yaml", "password: {"+text+"}\n")
		if problems := o.Problems(); (err == nil) != (problems == nil) {
			t.Errorf("%s: the settings say %v, the hasher %v", text, err, problems)
		}
	}
}

func TestBadValues(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"duration without unit": {"server:\n  idle-timeout: 30\n", "server: idle-timeout: "},
		"bytes":                 {"storage:\n  memory: lots\n", "storage: memory: "},
		"several":               {"password:\n  scheme: md5\n  bcrypt-cost: 4\n", "password: scheme: \"md5\" is not one of argon2id, bcrypt"},
		"pair":                  {"tls:\n  certificate: /nonexistent\n", "certificate and key go together"},
		"dn":                    {"limits: [{name: x, dn: nonsense, size: 1}]", "limits[0]: "},
		"retired":               {"access:\n  readers: [cn=a]\n", "access: readers: there is no such setting any more; give rights by membership"},
		"retired, by its top":   {"access: []\n", "access: there is no such setting any more"},
		"retired, misspelt":     {"access:\n  reader: [cn=a]\n", "access: reader: unknown key"},
		"limit without subject": {"limits:\n  - name: x\n    size: 1\n", "exactly one of dn, group and subtree"},
		"limit with a typo":     {"limits:\n  - name: x\n    dn: cn=a\n    siez: 1\n", "siez"},
		"fraction":              {"server: {connections: 1.9}", "server: connections: 1.9 is not a whole number"},
		"fraction in a list":    {"limits: [{name: x, dn: cn=a, size: 1.5}]", "limits[0]: size: 1.5 is not a whole number"},
		"word for a number":     {"server: {connections: true}", "server: connections: true is not a number"},
		"text for a number":     {"server: {connections: many}", `server: connections: "many" is not a whole number`},
		"number for a word":     {"password: {cache: 2}", "password: cache: 2 is not true or false"},
		"text for a word":       {"password: {cache: ''}", `password: cache: "" is not true or false`},
		"word for a text":       {"data: true", `data: true is not a text; write it in quotes`},
		"listener":              {"listen: ['http://127.0.0.1']\n", "not ldap, ldaps, ldapi or systemd"},
		"network":               {"proxy-protocol:\n  trusted: [10.0.0.0/99]\n", "proxy-protocol: trusted"},
		"no yaml":               {"password: [\n", "configuration file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := load(t, "c.yaml", c.text); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%q: got %v, want %q", c.text, err, c.want)
			}
		})
	}
}

func TestParseListener(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"ldap://localhost":                      "ldap://localhost:389",
		"LDAPS://[::1]/":                        "ldaps://[::1]:636",
		"ldap://:1389?loopback-protected=false": "ldap://:1389?loopback-protected=false",
		"ldapi:///run/g.sock":                   "ldapi:///run/g.sock",
		"ldap://10.0.0.1:389?proxy=true":        "ldap://10.0.0.1:389?proxy=true",
		"systemd:":                              "systemd://",
		"ldap://h:99999":                        "",
		"ldapi://relative":                      "",
		"ldap://h?colour=true":                  "",
		"localhost":                             "",
	} {
		l, err := ParseListener(in)
		if got := l.String(); (err == nil) != (want != "") || err == nil && got != want {
			t.Errorf("%q: got %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestParseBytes(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int64{"64KiB": 65536, "2 GiB": 2 << 30, "10": 10, "1MB": 1e6, "": -1, "9999999999GiB": -1, "-1": -1, "5 apples": -1} {
		got, err := ParseBytes(in)
		if want < 0 && err == nil || want >= 0 && got != want {
			t.Errorf("%q: got %d, %v; want %d", in, got, err, want)
		}
	}
}

func TestRestartNeeded(t *testing.T) {
	t.Parallel()
	a, err := Load(Sources{})
	if err != nil {
		t.Fatal(err)
	}
	b := *a
	b.Log.Level, b.Data = 8, "/elsewhere"
	if got := RestartNeeded(a, &b); len(got) != 1 || got[0] != "data" {
		t.Errorf("got %q", got)
	}
}

// TestReferencePage keeps docs/configuration.md the same as the table of settings. UPDATE_DOCS=1 rewrites it.
func TestReferencePage(t *testing.T) {
	t.Parallel()
	const page = "../docs/configuration.md"
	if os.Getenv("UPDATE_DOCS") != "" {
		if err := os.WriteFile(page, []byte(Reference()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != Reference() {
		t.Errorf("%s is not what the settings say; run UPDATE_DOCS=1 go test ./config", page)
	}
}
