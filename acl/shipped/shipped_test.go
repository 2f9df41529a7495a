package shipped_test

import (
	"testing"
	"time"

	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
	"gatehouse/acl/shipped"
	"gatehouse/directory"
)

var now = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func load(t *testing.T) *enact.Loaded {
	t.Helper()
	l, err := enact.Load(nil, enact.Settings{Contexts: []directory.NDN{"dc=example,dc=com"}, Now: now, Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestShippedInline asks the inline tests of the shipped policies, which load without a warning.
func TestShippedInline(t *testing.T) {
	l := load(t)
	f, err := bundle.LoadFixture(shipped.Fixture(), nil)
	if err != nil {
		t.Fatal(err)
	}
	tester, err := enact.NewTester(l.Bundle, f, nil, []directory.NDN{"dc=example,dc=com"}, now)
	if err != nil {
		t.Fatal(err)
	}
	results := tester.All()
	if len(results) < 60 {
		t.Fatalf("%d tests", len(results))
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

// TestShippedNames holds every name in the shipped policies against the rule that they stand on ${suffix} alone.
func TestShippedNames(t *testing.T) {
	for n := range load(t).Bundle.Names() {
		switch n.Text {
		case "", "cn=Subschema", "cn=gatehouse", "cn=operator,cn=gatehouse":
		default:
			if n.Anchor != bundle.AnchorSuffix && n.Anchor != bundle.AnchorScope {
				t.Errorf("%s: %s", n.Pos, n.Text)
			}
		}
	}
}
