package foreign

import (
	"reflect"
	"strings"
	"testing"
)

func TestDetect(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		file, head string
		want       Format
		err        string
	}{
		"LDIF":             {"x", "dn: dc=x\nobjectClass: domain\n", LDIF, ""},
		"version":          {"x", "version: 1\n\ndn: dc=x\n", LDIF, ""},
		"base64 name":      {"x", "# comment\n\ndn:: ZGM9eA==\n", LDIF, ""},
		"byte order mark":  {"x", "\ufeffdn: dc=x\n", LDIF, ""},
		"empty":            {"x", "", LDIF, ""},
		"comments":         {"x", "# nothing\n", LDIF, ""},
		"wrong LDIF":       {"x", "objectClass: top\n", LDIF, ""},
		"named LDIF":       {"x.LDIF", "what is this\n", LDIF, ""},
		"389-DS":           {"x", "dn: dc=x\nobjectClass: top\nnsUniqueId: a\n", DS389, ""},
		"aci":              {"x", "dn: dc=x\naci: (version 3.0)\n", DS389, ""},
		"lldap":            {"x", "# extended LDIF\n\ndn: cn=lldap_admin,ou=groups,dc=x\ncn: y\n", LLDAP, ""},
		"GLAuth":           {"x", "debug = true\n[[users]]\nname = \"x\"\n", GLAuth, ""},
		"passwd":           {"x", "root:x:0:0:root:/root:/bin/bash\n", Passwd, ""},
		"group":            {"x", "root:x:0:\n", Passwd, ""},
		"shadow":           {"x", "root:*:19000:0:99999:7:::\n", Passwd, ""},
		"CSV":              {"x", "login,name\na,b\n", CSV, ""},
		"semicolons":       {"x", "login;name\n", CSV, ""},
		"one column":       {"x.csv", "uid\n", CSV, ""},
		"SQLite":           {"users.db", "SQLite format 3\x00...", "", "ldapsearch -x"},
		"gzip":             {"x.ldif.gz", "\x1f\x8b\x08", "", "gzip -dc"},
		"spreadsheet":      {"x.xlsx", "PK\x03\x04", "", "save the table as CSV"},
		"UTF-16":           {"x.csv", "\xff\xfeu\x00i\x00d\x00", "", "iconv -f UTF-16"},
		"JSON":             {"x.json", "{\"a\":1}", "", "JSON"},
		"a backup":         {"monday.backup", "gatehouse backupH\x00\x00,\x00", "", "gatehouse restore"},
		"a program":        {"ls", "\x7fELF\x02,\x01\x00\x00", "", "no text"},
		"slapd's settings": {"x", "dn: cn=config\nobjectClass: olcGlobal\n", "", "--slapd-config"},
		"something else":   {"x", "hello world\n", "", "give --format (ldif, 389ds, lldap, glauth, passwd, csv)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Detect(test.file, []byte(test.head))
			if got != test.want {
				t.Errorf("Detect: %q, want %q (%v)", got, test.want, err)
			}
			if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("error %v, want one with %q", err, test.err)
			}
		})
	}
}

func TestParseMap(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]Mapping{
		"":                              nil,
		"uid=login":                     {{"uid", "login"}},
		"uid=login, cn=Full Name ":      {{"uid", "login"}, {"cn", "Full Name"}},
		`cn="Last, First",mail= e-mail`: {{"cn", "Last, First"}, {"mail", "e-mail"}},
	} {
		got, err := ParseMap(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("ParseMap(%q): %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"uid", "=x", "uid=", `uid="a`, `uid="a"b`, "uid=a,cn"} {
		if got, err := ParseMap(text); err == nil {
			t.Errorf("ParseMap(%q): %v, want an error", text, got)
		}
	}
}

func TestUUIDOf(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"a7a9f001-1dd111b2-80de8b3d-bb1a0000": "a7a9f001-1dd1-11b2-80de-8b3dbb1a0000",
		"A7A9F0011DD111B280DE8B3DBB1A0000":    "a7a9f001-1dd1-11b2-80de-8b3dbb1a0000",
		"ffffffff-ffffffff-ffffffff-ffffffff": "",
		"a7a9f001":                            "",
		"g7a9f001-1dd111b2-80de8b3d-bb1a0000": "",
	} {
		if got, ok := uuidOf(id); got != want || ok != (want != "") {
			t.Errorf("uuidOf(%s): %q, %v; want %q", id, got, ok, want)
		}
	}
}
