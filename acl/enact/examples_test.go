package enact_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatehouse/acl"
	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
	"gatehouse/directory"
	"gatehouse/directory/schema"
)

const testdata = "../bundle/testdata"

var (
	contexts = []directory.NDN{"dc=example,dc=com"}
	noon     = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
)

// exampleSchema knows the attributes of the worked policies.
func exampleSchema(t testing.TB) *schema.Schema {
	t.Helper()
	b := schema.NewBuilder()
	f, err := os.Open(filepath.Join(testdata, "examples.schema"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := b.AddFile("examples.schema", f); err != nil {
		t.Fatal(err)
	}
	s, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func source(t testing.TB, name string) bundle.Source {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(testdata, name))
	if err != nil {
		t.Fatal(err)
	}
	return bundle.Source{Name: name, Text: text}
}

func settings(t testing.TB) enact.Settings {
	return enact.Settings{Schema: exampleSchema(t), Now: noon}
}

// runExamples asks the inline tests of the worked policies, with the shipped policies beside them.
func runExamples(t testing.TB) *enact.Report {
	t.Helper()
	r, err := enact.Test([]bundle.Source{source(t, "examples.yaml")}, source(t, "fixture.yaml"), settings(t))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// alone returns the worked policies without the shipped ones.
func alone(t testing.TB) *enact.Tester {
	t.Helper()
	s := exampleSchema(t)
	policies, err := bundle.Load([]bundle.Source{source(t, "examples.yaml")}, bundle.Options{Schema: s})
	if err != nil {
		t.Fatal(err)
	}
	fixture, err := bundle.LoadFixture(source(t, "fixture.yaml"), s)
	if err != nil {
		t.Fatal(err)
	}
	tester, err := enact.NewTester(policies, fixture, s, contexts, noon)
	if err != nil {
		t.Fatal(err)
	}
	return tester
}

// TestExamples asks the inline tests of the worked policies: with the shipped policies, and alone.
func TestExamples(t *testing.T) {
	t.Parallel()
	for name, results := range map[string][]enact.Result{"alone": alone(t).All(), "with shipped": runExamples(t).Results} {
		if len(results) != 74 {
			t.Errorf("%s: %d tests", name, len(results))
		}
		for _, r := range results {
			if !r.OK {
				t.Errorf("%s: %s: %s: %s", name, r.Document, r.Test.Name, r.Problem)
				for _, e := range r.Explanations {
					t.Log(e.Text())
				}
			}
		}
	}
}

// TestExplainedExample is the explanation that the specification of policies shows.
func TestExplainedExample(t *testing.T) {
	t.Parallel()
	var e *acl.Explanation
	for _, r := range alone(t).All() {
		if r.Test.Name == "not an administrator" && r.Document == "helpdesk" {
			e = &r.Explanations[0]
		}
	}
	const want = `DENY  (default: no statement allows it)
  considered
    helpdesk.reset    allow  subject ok (cn=helpdesk via direct membership)  target ok  when ok  (examples.yaml:156)
                      BLOCKED by guard: uid=heidi is a protected principal
                        because cn=directory-admins grants write, add-entry, delete-entry, rename on ou=sudoers (sudo.admins-write, examples.yaml:258)
                        to permit: add "protected: include" to the target of helpdesk.reset
    berlin/lifecycle  allow  subject no (not in cn=berlin-admins)  (examples.yaml:284)
`
	got := e.Text()
	if !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "  boundaries: none apply\n") {
		t.Errorf("got\n%s\nwant\n%s...", got, want)
	}
}

// TestEveryDenialIsExplained: each denied test of the worked policies names what is missing or what forbids it.
func TestEveryDenialIsExplained(t *testing.T) {
	t.Parallel()
	for _, r := range runExamples(t).Results {
		for _, e := range r.Explanations {
			if e.Allowed {
				continue
			}
			for _, reason := range e.Reasons {
				forbids := reason.Verdict == acl.Denies || reason.Verdict == acl.Limits
				if reason.Line == 0 || reason.File == "" || !forbids && reason.Verdict != acl.Permits && reason.Missing == "" && e.Default {
					t.Errorf("%s: %s: %+v", r.Document, r.Test.Name, reason)
				}
			}
		}
	}
}
