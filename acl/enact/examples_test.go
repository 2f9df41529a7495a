package enact_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
	"gatehouse/directory"
	"gatehouse/directory/schema"
)

const testdata = "../bundle/testdata"

func examples(t testing.TB) *enact.Tester {
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
	source := func(name string) bundle.Source {
		text, err := os.ReadFile(filepath.Join(testdata, name))
		if err != nil {
			t.Fatal(err)
		}
		return bundle.Source{Name: name, Text: text}
	}
	policies, err := bundle.Load([]bundle.Source{source("examples.yaml")}, bundle.Options{Schema: s})
	if err != nil {
		t.Fatal(err)
	}
	fixture, err := bundle.LoadFixture(source("fixture.yaml"), s)
	if err != nil {
		t.Fatal(err)
	}
	tester, err := enact.NewTester(policies, fixture, s, []directory.NDN{"dc=example,dc=com"}, time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return tester
}

// TestExamples asks the inline tests of the worked policies.
func TestExamples(t *testing.T) {
	results := examples(t).All()
	if len(results) != 74 {
		t.Errorf("%d tests", len(results))
	}
	for _, r := range results {
		if !r.OK {
			t.Errorf("%s: %s: %s", r.Document, r.Test.Name, r.Problem)
			for _, e := range r.Explanations {
				t.Logf("  %v %v", e.Allowed, e.Reasons)
			}
		}
	}
}
