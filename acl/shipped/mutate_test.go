package shipped_test

import (
	"testing"

	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
)

// TestMutants does what gatehouse policy test --mutate does: no test may let a weaker bundle pass.
func TestMutants(t *testing.T) {
	report, err := enact.Mutate(t.Context(), nil, bundle.Source{}, enact.Settings{Contexts: contexts, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	if report.Mutants < 50 {
		t.Errorf("%d mutants were tried", report.Mutants)
	}
	for _, s := range report.Survivors {
		t.Errorf("%s:%d: %s: %s", s.File, s.Line, s.ID, s.Change)
	}
}
