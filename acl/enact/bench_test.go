package enact_test

import (
	"fmt"
	"strings"
	"testing"

	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
)

// BenchmarkDiff compares two bundles of a thousand statements that differ in one.
func BenchmarkDiff(b *testing.B) {
	load := func(changed string) *enact.Loaded {
		var text strings.Builder
		text.WriteString("policy: large\nstatements:\n")
		for i := range 1000 {
			attribute := "mail"
			if i == 500 {
				attribute = changed
			}
			fmt.Fprintf(&text, "  - {id: s.%d, effect: allow, subject: {group: \"cn=g%d,${suffix}\"}, target: {base: \"ou=x%d,${suffix}\"}, actions: [view], attributes: [cn, sn, uid, %s]}\n",
				i, i%50, i%20, attribute)
		}
		l, err := enact.Load([]bundle.Source{{Name: "large.yaml", Text: []byte(text.String())}}, enact.Settings{Contexts: contexts, Now: noon})
		if err != nil {
			b.Fatal(err)
		}
		return l
	}
	old, new := load("mail"), load("title")
	b.ReportAllocs()
	for b.Loop() {
		d, err := enact.Diff(old, new)
		if err != nil || !d.HasGain() {
			b.Fatal(err)
		}
	}
}

// BenchmarkMutate tries every change of the worked policies.
func BenchmarkMutate(b *testing.B) {
	given, fixture, o := []bundle.Source{source(b, "examples.yaml")}, source(b, "fixture.yaml"), settings(b)
	for b.Loop() {
		if r, err := enact.Mutate(b.Context(), given, fixture, o); err != nil || len(r.Survivors) > 0 {
			b.Fatal(err)
		}
	}
}
