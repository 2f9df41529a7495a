package bundle

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func load(t testing.TB, o Options, sources ...Source) *Bundle {
	t.Helper()
	b, err := Load(sources, o)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return b
}

func TestVersionKnowsMeaningAlone(t *testing.T) {
	t.Parallel()
	const one = `
policy: p
statements:
  - id: a
    effect: allow
    subject: {dn: "cn=a,dc=x", any: [{self: true}, {group: "cn=g,dc=x"}]}
    target: {base: "dc=x"}
    actions: [read, search]
    attributes: [cn, sn]
  - {id: b, effect: deny, subject: {anyone: true}, target: {base: "dc=x"}, actions: [bind]}
tests:
  - {name: t, as: anonymous, do: bind, entry: "dc=x", expect: deny}
`
	version := func(text string) string { return load(t, Options{}, Source{"p.yaml", []byte(text)}).Version() }
	want := version(one)
	for _, tt := range []struct {
		name, old, new string
		same           bool
	}{
		{"a comment", "effect: allow", "effect: allow # why", true},
		{"quotes", "id: a", `"id": 'a'`, true},
		{"a list of one", `dn: "cn=a,dc=x"`, `dn: ["cn=a,dc=x"]`, true},
		{"order of actions", "[read, search]", "[search, read]", true},
		{"order of attributes", "[cn, sn]", "[sn, cn, sn]", true},
		{"order of any", `[{self: true}, {group: "cn=g,dc=x"}]`, `[{group: "cn=g,dc=x"}, {self: true}]`, true},
		{"order of keys", "    effect: allow\n    subject", "    subject", true},
		{"an attribute more", "[cn, sn]", "[cn, sn, mail]", false},
		{"another effect", "effect: deny", "effect: allow", false},
		{"a test", "do: bind", "do: discover", false},
		{"a reason", "[bind]", "[bind], reason: so it is", false},
		{"the name", "policy: p", "policy: q", false},
	} {
		text := strings.Replace(one, tt.old, tt.new, 1)
		if tt.name == "order of keys" {
			text = strings.Replace(text, "    target", "    effect: allow\n    target", 1)
		}
		if text == one {
			t.Fatalf("%s changes nothing", tt.name)
		}
		if got := version(text); (got == want) != tt.same {
			t.Errorf("%s: the same version: %v, want %v", tt.name, got == want, tt.same)
		}
	}
}

// sameAgain fails unless the canonical form loads to a bundle of the same version, and to the same canonical form.
func sameAgain(t testing.TB, b *Bundle, o Options) {
	t.Helper()
	again, err := Load([]Source{{"canonical.json", b.Canonical()}}, o)
	if err != nil {
		t.Fatalf("the canonical form does not load: %v\n%s", err, b.Canonical())
	}
	if again.Version() != b.Version() || !bytes.Equal(again.Canonical(), b.Canonical()) {
		t.Fatalf("the canonical form has another version:\n%s\n%s", b.Canonical(), again.Canonical())
	}
	if len(again.Warnings) != len(b.Warnings) {
		t.Fatalf("%d warnings, of the canonical form %d", len(b.Warnings), len(again.Warnings))
	}
}

func TestCanonicalFormLoads(t *testing.T) {
	t.Parallel()
	o := Options{Schema: exampleSchema(t)}
	for _, path := range []string{"testdata/examples.yaml", "testdata/every-key.yaml"} {
		sameAgain(t, load(t, o, read(t, path)), o)
	}
}

// TestOrderHasNoMeaning deals the documents of the examples into files, in any order, and shuffles what is in them.
func TestOrderHasNoMeaning(t *testing.T) {
	t.Parallel()
	o := Options{Schema: exampleSchema(t)}
	source := read(t, "testdata/examples.yaml")
	want := load(t, o, source)
	rapid.Check(t, func(rt *rapid.T) {
		docs, p := parse(source)
		if p != nil {
			rt.Fatal(p)
		}
		files := make([][]byte, rapid.IntRange(1, 4).Draw(rt, "files"))
		for _, i := range rapid.Permutation(slices.Collect(intRange(len(docs)))).Draw(rt, "documents") {
			root := docs[i].Content[0]
			for _, kind := range []string{"statements", "boundaries", "assignments", "elevations", "tests"} {
				if list := key(root, kind); list != nil {
					list.Content = rapid.Permutation(list.Content).Draw(rt, kind)
				}
			}
			f := rapid.IntRange(0, len(files)-1).Draw(rt, "file")
			files[f] = append(appendJSON(files[f], root), '\n')
		}
		var sources []Source
		for i, text := range files {
			sources = append(sources, Source{fmt.Sprintf("%d.json", len(files)-i), text})
		}
		got, err := Load(sources, o)
		if err != nil {
			rt.Fatal(err)
		}
		if got.Version() != want.Version() {
			rt.Fatalf("another version:\n%s\n%s", got.Canonical(), want.Canonical())
		}
	})
}

func intRange(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func TestShippedDocumentsAreReplacedByName(t *testing.T) {
	t.Parallel()
	shipped := []Source{{"shipped.yaml", []byte(`
policy: baseline
statements: [{id: base, effect: allow, subject: $all, target: {base: "${suffix}"}, actions: [bind]}]
subjects: {all: {anyone: true}}
---
policy: extra
statements: [{id: extra, effect: allow, subject: {anyone: true}, target: {base: "${suffix}"}, actions: [bind]}]
`)}}
	own := Source{"own.yaml", []byte(`
policy: extra
statements: [{id: mine, effect: deny, subject: {role: admin}, target: {base: "${suffix}"}, actions: [bind]}]
roles: {admin: {statements: []}}
`)}
	b := load(t, Options{Shipped: shipped}, own)
	var got []string
	for _, d := range b.Documents {
		got = append(got, fmt.Sprint(d.Name, " ", d.Shipped, " ", d.Statements[0].ID))
	}
	if want := []string{"baseline true base", "extra false mine"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if b.Role("admin") == nil || b.Role("none") != nil || b.HasTests() {
		t.Error("roles or tests are wrong")
	}
}

// TestShippedTestsNameWhatWasReplaced: a shipped test may say that a statement decides which is gone with its document.
func TestShippedTestsNameWhatWasReplaced(t *testing.T) {
	t.Parallel()
	shipped := []Source{{"shipped.yaml", []byte(`
policy: baseline
statements: [{id: base, effect: allow, subject: {anyone: true}, target: {base: "${suffix}"}, actions: [bind]}]
---
policy: extra
tests: [{name: binds, as: anonymous, do: bind, entry: "dc=example,dc=com", expect: allow, by: base}]
`)}}
	load(t, Options{Shipped: shipped}, Source{"own.yaml", []byte("policy: baseline\n")})
	if _, err := Load(shipped, Options{}); err != nil {
		t.Error(err)
	}
	given := Source{"own.yaml", []byte(`
policy: baseline
tests: [{name: binds, as: anonymous, do: bind, entry: "dc=example,dc=com", expect: allow, by: base}]
`)}
	if _, err := Load([]Source{given}, Options{Shipped: shipped}); err == nil {
		t.Error("a test of a document that was given names what is gone")
	}
}
