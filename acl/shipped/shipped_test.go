package shipped_test

import (
	"testing"
	"time"

	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
	"gatehouse/acl/shipped"
	"gatehouse/directory"
	"gatehouse/directory/schema"
)

var (
	contexts = []directory.NDN{"dc=example,dc=com"}
	now      = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
)

func load(t testing.TB, given ...bundle.Source) *bundle.Bundle {
	t.Helper()
	b, err := bundle.Load(given, bundle.Options{Shipped: shipped.Sources(), NamingContexts: contexts, Now: now, Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func tester(t testing.TB, b *bundle.Bundle) *enact.Tester {
	t.Helper()
	fixture, err := bundle.LoadFixture(shipped.Fixture(), nil)
	if err != nil {
		t.Fatal(err)
	}
	tester, err := enact.NewTester(b, fixture, schema.Standard(), contexts, now)
	if err != nil {
		t.Fatal(err)
	}
	return tester
}

// TestInline asks the inline tests of the shipped policies.
func TestInline(t *testing.T) {
	for _, r := range tester(t, load(t)).All() {
		if !r.OK {
			t.Errorf("%s: %s: %s", r.Document, r.Test.Name, r.Problem)
		}
	}
}
