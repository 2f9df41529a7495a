package foreign

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"gatehouse/directory/schema"
)

// buildSchema returns the standard schema with definitions behind it.
func buildSchema(extra string) (*schema.Schema, error) {
	b := schema.NewBuilder()
	if err := b.AddFile("slapd.schema", strings.NewReader(extra)); err != nil {
		return nil, err
	}
	return b.Build()
}

// usualIndexes stands for the indexes of every store.
func usualIndexes(attr string) SlapdIndex {
	x := SlapdIndex{Attr: attr}
	switch strings.ToLower(attr) {
	case "objectclass":
		x.Equality = true
	case "uid", "mail":
		x.Equality, x.Substring = true, true
	}
	return x
}

func readSlapd(t *testing.T, text string) (*Slapd, error) {
	t.Helper()
	return ReadSlapd(Input{"config.ldif", strings.NewReader(text)}, SlapdOptions{Schema: schema.Standard(), Build: buildSchema, Indexed: usualIndexes})
}

// TestReadSlapd compares everything that is said of a configuration with testdata/config.want; UPDATE_TESTDATA=1 writes it.
func TestReadSlapd(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/config.ldif")
	if err != nil {
		t.Fatal(err)
	}
	s, err := readSlapd(t, string(text))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, item := range s.Items {
		fmt.Fprintf(&b, "%s: %s: %s [%s %s]\n", item.Outcome, item.What, item.Why, item.Where, item.Entry)
	}
	s.Items = nil
	rest, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%s%s\n%s", b.String(), rest, s.Schema)
	if os.Getenv("UPDATE_TESTDATA") != "" {
		if err := os.WriteFile("testdata/config.want", []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/config.want")
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if strings.Contains(got, "secret") || strings.Contains(got, "Ixooitc") {
		t.Error("a secret of the configuration is printed")
	}
}

func TestReadSlapdErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"empty":    {"", "config.ldif: no entries; --slapd-config takes the output of 'slapcat -n 0'"},
		"data":     {"dn: dc=corp\nobjectClass: domain\n", "config.ldif:1: dc=corp is no entry of cn=config; --slapd-config takes the output of 'slapcat -n 0'"},
		"not LDIF": {"\n\nolcSuffix dc=x\n", `config.ldif:3: no colon; want "attribute: value", or a space in front of the rest of the line above`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := readSlapd(t, test.text); err == nil || err.Error() != test.want {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
}

// TestDropIndexes moves the indexes among what is not taken.
func TestDropIndexes(t *testing.T) {
	t.Parallel()
	s, err := readSlapd(t, "dn: olcDatabase={1}mdb,cn=config\nolcDatabase: {1}mdb\nolcSuffix: dc=x\nolcDbIndex: description eq\n")
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Indexes) != 1 || s.Indexes[0] != (SlapdIndex{"description", true, false}) {
		t.Fatalf("indexes %v", s.Indexes)
	}
	s.DropIndexes()
	last := s.Items[len(s.Items)-1]
	if len(s.Indexes) != 0 || last.Outcome != NotTaken || !strings.Contains(last.Why, "made with it") {
		t.Errorf("indexes %v, said of it: %v", s.Indexes, last)
	}
}
