package enact_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"slices"
	"strings"
	"testing"

	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
	"gatehouse/directory"
)

const smallFixture = `
- {dn: "dc=example,dc=com", objectClass: [domain]}
- {dn: "uid=a,dc=example,dc=com", objectClass: [inetOrgPerson], mail: [a@example.com]}
- {dn: "uid=b,dc=example,dc=com", objectClass: [inetOrgPerson]}
`

// small is a bundle of one document with the text given.
func small(text string) []bundle.Source {
	return []bundle.Source{{Name: "small.yaml", Text: []byte(strings.TrimLeft(text, "\n"))}}
}

func fixtureOf(text string) bundle.Source {
	return bundle.Source{Name: "fixture.yaml", Text: []byte(text)}
}

const twoStatements = `
policy: two
statements:
  - id: two.mail
    effect: allow
    subject: {dn: "uid=a,dc=example,dc=com"}
    target: {base: "${suffix}"}
    actions: [read]
    attributes: [mail]
  - id: two.phone
    effect: allow
    subject: {dn: "uid=a,dc=example,dc=com"}
    target: {base: "${suffix}"}
    actions: [read]
    attributes: [telephoneNumber]
  - {id: two.off, enforce: disabled, effect: allow, subject: {dn: "uid=a,dc=example,dc=com"}, target: {base: "${suffix}"}, actions: [read], attributes: [sn]}
tests:
  - {name: reads mail, as: "uid=a,dc=example,dc=com", do: read, entry: "uid=b,dc=example,dc=com", attributes: [mail], expect: allow, by: two.mail}
  - {name: "reads <all>", as: "uid=b,dc=example,dc=com", do: read, entry: "uid=a,dc=example,dc=com", attributes: [mail], expect: allow}
`

func runSmall(t *testing.T) *enact.Report {
	t.Helper()
	r, err := enact.Test(small(twoStatements), fixtureOf(smallFixture), enact.Settings{Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReport(t *testing.T) {
	t.Parallel()
	r := runSmall(t)
	if len(r.Results) != 2 || r.OK() || !r.Results[0].OK || r.Results[1].OK {
		t.Fatalf("%+v", r.Results)
	}
	if got := r.Results[0].Expected() + "; " + r.Results[0].Actual(); got != "allow by two.mail; allow by two.mail" {
		t.Error(got)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back struct {
		Version string
		Results []struct {
			Name, Document, File, Expected, Actual, Problem string
			Line                                            int
			OK                                              bool
			Explanations                                    []struct{ Allowed bool }
		}
	}
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	failed := back.Results[1]
	if back.Version != r.Version || failed.Name != "reads <all>" || failed.Document != "two" || failed.File != "small.yaml" || failed.Line != 18 ||
		failed.OK || failed.Expected != "allow" || failed.Actual != "deny" || failed.Problem != "expected allow, got deny" || len(failed.Explanations) != 1 {
		t.Errorf("%s", text)
	}
	if len(back.Results[0].Explanations) != 0 {
		t.Errorf("a test that passes is explained: %s", text)
	}
}

func TestJUnit(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := runSmall(t).JUnit(&b); err != nil {
		t.Fatal(err)
	}
	var got struct {
		XMLName  xml.Name `xml:"testsuites"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Suites   []struct {
			Name  string `xml:"name,attr"`
			Tests int    `xml:"tests,attr"`
			Cases []struct {
				Name    string `xml:"name,attr"`
				Line    int    `xml:"line,attr"`
				Failure *struct {
					Message string `xml:"message,attr"`
					Text    string `xml:",chardata"`
				} `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatalf("%v in\n%s", err, &b)
	}
	if got.Tests != 2 || got.Failures != 1 || len(got.Suites) != 1 || got.Suites[0].Name != "two" || got.Suites[0].Tests != 2 {
		t.Fatalf("%s", &b)
	}
	passed, failed := got.Suites[0].Cases[0], got.Suites[0].Cases[1]
	if passed.Failure != nil || failed.Name != "reads <all>" || failed.Line != 18 || failed.Failure == nil ||
		failed.Failure.Message != "expected allow, got deny" || !strings.Contains(failed.Failure.Text, "two.mail") {
		t.Errorf("%s", &b)
	}
}

func TestCover(t *testing.T) {
	t.Parallel()
	got := runSmall(t).Cover()
	want := []enact.Uncovered{{ID: "two.phone", Document: "two", File: "small.yaml", Line: 9}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if list := runExamples(t).Cover(); len(list) > 0 {
		t.Errorf("the worked policies have statements that no test decides: %v", list)
	}
	shipped, err := enact.Test(nil, bundle.Source{}, enact.Settings{Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	if list := shipped.Cover(); len(list) > 0 || !shipped.OK() || len(shipped.Results) == 0 {
		t.Errorf("shipped: %v, %d results", list, len(shipped.Results))
	}
}

func TestWithoutFixture(t *testing.T) {
	t.Parallel()
	if _, err := enact.Test(small(twoStatements), bundle.Source{}, enact.Settings{Contexts: contexts, Now: noon}); err == nil {
		t.Error("tests without a fixture")
	}
	none := small("policy: none\nstatements:\n  - {id: none.rename, effect: deny, subject: {anyone: true}, target: {base: \"${suffix}\"}, actions: [rename]}\n")
	r, err := enact.Test(none, bundle.Source{}, enact.Settings{Contexts: contexts, Now: noon})
	if err != nil || len(r.Results) != 0 || !r.OK() {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestContexts(t *testing.T) {
	t.Parallel()
	f, err := bundle.LoadFixture(fixtureOf(smallFixture+`- {dn: "cn=Subschema", objectClass: [subschema]}
- {dn: "", objectClass: [top]}
- {dn: "cn=log,cn=gatehouse", objectClass: [device]}
- {dn: "ou=x,o=other", objectClass: [organizationalUnit]}
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := enact.Contexts(f); !slices.Equal(got, []directory.NDN{"dc=example,dc=com", "ou=x,o=other"}) {
		t.Error(got)
	}
}

// TestNote: a test that asks about a name with a typing mistake may pass for that alone, and says so.
func TestNote(t *testing.T) {
	t.Parallel()
	for entry, want := range map[string]bool{
		"uid=b,dc=example,dc=com": false, "uid=bb,dc=example,dc=com": true, "uid=b,dc=exmaple,dc=com": true, "cn=gatehouse": false,
		"reqStart=1,cn=audit,cn=gatehouse": false, "": false, "cn=Subschema": false,
	} {
		text := "policy: p\ntests:\n  - {name: one, as: \"uid=a,dc=example,dc=com\", do: read, entry: \"" + entry + "\", attributes: [mail], expect: deny}\n"
		for _, do := range []string{"read", "add-entry"} {
			given := strings.Replace(text, "do: read", "do: "+do, 1)
			if do != "read" {
				given = strings.Replace(given, "attributes: [mail], ", "", 1)
			}
			r, err := enact.Test(small(given), fixtureOf(smallFixture), enact.Settings{Now: noon})
			if err != nil {
				t.Fatal(err)
			}
			for i := range r.Results {
				if got := r.Results[i].Note != ""; r.Results[i].Document == "p" && got != (want && do == "read") {
					t.Errorf("%s of %q: note %q", do, entry, r.Results[i].Note)
				}
			}
		}
	}
}
