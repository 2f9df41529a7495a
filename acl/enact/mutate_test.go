package enact_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
)

// TestNoSurvivor: the tests of the worked policies, and those of the shipped ones, notice every change.
func TestNoSurvivor(t *testing.T) {
	t.Parallel()
	for name, given := range map[string][]bundle.Source{"examples": {source(t, "examples.yaml")}, "shipped": nil} {
		fixture := bundle.Source{}
		if given != nil {
			fixture = source(t, "fixture.yaml")
		}
		r, err := enact.Mutate(t.Context(), given, fixture, settings(t))
		if err != nil {
			t.Fatal(err)
		}
		if r.Mutants < 80 {
			t.Errorf("%s: %d mutants are too few to tell", name, r.Mutants)
		}
		for _, s := range r.Survivors {
			t.Errorf("%s: %s:%d: %s %s is noticed by no test", name, s.File, s.Line, s.ID, s.Change)
		}
	}
}

const thorough = `
policy: thorough
roles:
  reader:
    statements:
      - {id: see, effect: allow, target: {base: "${scope}"}, actions: [read], attributes: [carLicense]}
statements:
  - id: t.deny
    effect: deny
    subject: {subtree: "dc=example,dc=com", unless: {dn: "uid=c,dc=example,dc=com"}}
    target: {base: "uid=a,dc=example,dc=com"}
    actions: [read]
    attributes: [carLicense]
    when: {network: [10.0.0.0/8]}
  - {id: t.twin, effect: deny, subject: {anyone: true}, target: {base: "dc=nowhere"}, actions: [rename]}
boundaries:
  - id: t.cap
    subject: {dn: "uid=c,dc=example,dc=com"}
    permit:
      - {target: {base: "dc=example,dc=com", filter: "(objectClass=inetOrgPerson)"}, actions: [read], attributes: [carLicense, sn]}
assignments:
  - {id: all, role: reader, to: {dn: ["uid=a,dc=example,dc=com", "uid=b,dc=example,dc=com"]}, scope: "uid=a,dc=example,dc=com"}
elevations:
  - {id: up, role: other, eligible: {dn: "uid=a,dc=example,dc=com"}, max-duration: 1h, when: {auth-level: 2}}
---
policy: other
roles:
  other:
    statements:
      - {id: more, effect: allow, target: {base: "${suffix}"}, actions: [write.add], attributes: [member], values: {self: true}}
tests:
  - {name: reads, as: "uid=b,dc=example,dc=com", do: read, entry: "uid=a,dc=example,dc=com", attributes: [carLicense], expect: allow}
`

// TestSurvivors lists what a single test leaves unnoticed.
func TestSurvivors(t *testing.T) {
	t.Parallel()
	r, err := enact.Mutate(t.Context(), small(thorough), fixtureOf(smallFixture), enact.Settings{Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]enact.Survivor)
	for _, s := range r.Survivors {
		got[s.ID+" "+s.Change] = s
		if s.File != "small.yaml" || s.Line == 0 || s.Document == "" {
			t.Errorf("%+v does not say where it is", s)
		}
	}
	for _, want := range []string{
		"t.deny removed", "t.deny with the other effect", "t.deny without unless", "t.deny for anyone", "t.cap removed", "t.cap for anyone",
		"t.cap permit 1 removed", "t.cap permit 1 without filter", "t.cap permit 1 without carLicense", "t.cap permit 1 without sn", "all with scope ${suffix}",
		"up removed", "up without when", "other/more removed", "other/more without values", "other/more with the other effect",
	} {
		if _, ok := got[want]; !ok {
			t.Errorf("%s: is not told; %d survivors", want, len(got))
		}
		delete(got, want)
	}
	for noticed := range got {
		if strings.HasPrefix(noticed, "reader/see removed") || strings.HasPrefix(noticed, "all removed") || strings.HasPrefix(noticed, "t.deny without when") {
			t.Errorf("%s is noticed by a test, but told", noticed)
		}
	}
}

// TestEquivalent: what means the same is no survivor.
func TestEquivalent(t *testing.T) {
	t.Parallel()
	r, err := enact.Mutate(t.Context(), small(`
policy: same
statements:
  - {id: s.one, effect: allow, subject: {dn: "uid=a,dc=example,dc=com"}, target: {base: "${suffix}"}, actions: [read], attributes: [carLicense]}
  - {id: s.again, effect: allow, subject: {dn: "uid=a,dc=example,dc=com"}, target: {base: "uid=b,${suffix}"}, actions: [read], attributes: [carLicense]}
tests:
  - {name: reads, as: "uid=a,dc=example,dc=com", do: read, entry: "uid=b,dc=example,dc=com", attributes: [carLicense], expect: allow}
  - {name: reads more, as: "uid=a,dc=example,dc=com", do: read, entry: "dc=example,dc=com", attributes: [carLicense], expect: allow}
`), fixtureOf(smallFixture), enact.Settings{Now: noon})
	if err != nil || len(r.Survivors) != 0 || r.Equivalent != 1 || r.Mutants != 3 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestMutateRefuses(t *testing.T) {
	t.Parallel()
	if _, err := enact.Mutate(t.Context(), small(twoStatements), fixtureOf(smallFixture), enact.Settings{Now: noon}); !errors.Is(err, enact.ErrTestsFail) {
		t.Errorf("tests that fail: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := enact.Mutate(ctx, nil, bundle.Source{}, enact.Settings{Now: noon}); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}
