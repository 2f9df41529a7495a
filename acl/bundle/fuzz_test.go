package bundle

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// seeds are the bundles and snippets of this package's tests.
func seeds(f *testing.F) {
	for _, pattern := range []string{"testdata/*.yaml", "testdata/format/*"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, path := range paths {
			f.Add(filepath.Ext(path) == ".json", read(f, path).Text)
		}
	}
	for _, cases := range [][]loadCase{refusedForm(), refusedYAML(), refusedNames(), refusedValues(), refusedRules(), warned()} {
		for _, tt := range cases {
			f.Add(false, []byte(tt.text))
		}
	}
	for _, text := range []string{`{"policy": "p", "owner": "\ud83d\ude00\u0000"}`, `[1, {"a": null}]`, `{"policy": "p"} {"policy": "p"}`, `{"policy": "p"`, "{"} {
		f.Add(true, []byte(text))
	}
}

func source(isJSON bool, text []byte) Source {
	if isJSON {
		return Source{"f.json", text}
	}
	return Source{"f.yaml", text}
}

// FuzzLoad: what loads has a canonical form that loads to the same version, and every problem says where it is.
func FuzzLoad(f *testing.F) {
	seeds(f)
	o := Options{Schema: exampleSchema(f), Now: november}
	f.Fuzz(func(t *testing.T, isJSON bool, text []byte) {
		b, err := Load([]Source{source(isJSON, text)}, o)
		if err == nil {
			sameAgain(t, b, o)
			for g := range b.Grants() {
				if g.Statement.Target == nil || g.Statement.Actions == 0 || g.Subject == nil || len(g.Subject.Terms) == 0 {
					t.Fatalf("%s is incomplete", g.ID)
				}
			}
			return
		}
		problems, ok := errors.AsType[Problems](err)
		if !ok || len(problems) == 0 || b != nil {
			t.Fatalf("%v", err)
		}
		for i, p := range problems {
			if (p.Line < 1 || p.Column < 1 || p.Line > lines(text)) && i < problemsMax {
				t.Fatalf("%v is outside of the file", p)
			}
		}
	})
}

// lines is how many lines a text has at most: YAML ends them in more ways than one.
func lines(text []byte) int {
	n := 1
	for _, end := range []string{"\n", "\r", "\u0085", "\u2028", "\u2029"} {
		n += bytes.Count(text, []byte(end))
	}
	return n
}

// FuzzFormat: the layout keeps the meaning, and laying it out again changes nothing.
func FuzzFormat(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, isJSON bool, text []byte) {
		s := source(isJSON, text)
		out, err := Format(s)
		if err != nil {
			return
		}
		before, err := formed(s)
		if err != nil {
			t.Fatal(err)
		}
		after, err := formed(Source{s.Name, out})
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if !bytes.Equal(canonicalOf(before), canonicalOf(after)) {
			t.Fatalf("another meaning:\n%s", out)
		}
		again, err := Format(Source{s.Name, out})
		if err != nil || !bytes.Equal(again, out) {
			t.Fatalf("%v\n%s\n%s", err, out, again)
		}
	})
}

// FuzzJSON: what encoding/json reads is read, as the same values, and nothing else.
func FuzzJSON(f *testing.F) {
	for _, text := range []string{`{"a": [1, -0.5e+3, "\u00e9\ud83d\ude00\n\/", true, false, null, {}], "": []}`, `[1,]`, `{"a" 1}`, `"\ud800"`, "[\"\t\"]", `01`, `- 1`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		docs, problem := parse(Source{"f.json", text})
		if !utf8.Valid(text) || bytes.Contains(text, []byte(`\u`)) || problem != nil && strings.Contains(problem.Message, "nested more") {
			return // replaced by the other, or bounded here
		}
		if json.Valid(text) != (problem == nil) && len(docs) < 2 && len(bytes.TrimSpace(text)) > 0 {
			t.Fatalf("encoding/json reads it: %v, here: %v", json.Valid(text), problem)
		}
		if problem != nil || len(docs) != 1 {
			return
		}
		var want any
		if err := json.Unmarshal(text, &want); err != nil {
			return // a number that is too large for it
		}
		if n := docs[0].Content[0]; !hasTwins(n) && !reflect.DeepEqual(asJSON(t, n), want) {
			t.Fatalf("%v, want %v", asJSON(t, n), want)
		}
	})
}

// hasTwins reports whether a key is there twice, of which encoding/json merges the values.
func hasTwins(n *yaml.Node) bool {
	seen := map[string]bool{}
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			if seen[child.Value] {
				return true
			}
			seen[child.Value] = true
		}
		if hasTwins(child) {
			return true
		}
	}
	return false
}

// FuzzFixture: what is refused says where.
func FuzzFixture(f *testing.F) {
	text, err := os.ReadFile("testdata/fixture.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`- {dn: "cn=a+sn=b,dc=x", cn: [a, A], "cn;lang-de": [a]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		fixture, err := LoadFixture(Source{"f.yaml", text}, nil)
		problems, ok := errors.AsType[Problems](err)
		if err != nil && (!ok || problems[0].Line < 1 || problems[0].Column < 1 || fixture != nil) {
			t.Fatal(err)
		}
		if err != nil {
			return
		}
		for _, e := range fixture.Entries {
			for _, a := range e.Attributes {
				if len(a.Values) == 0 {
					t.Fatalf("%s has no %s", e.Text, a.Desc)
				}
			}
		}
	})
}
