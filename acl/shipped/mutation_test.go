package shipped_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"gatehouse/acl/bundle"
	"gatehouse/acl/shipped"
	"gatehouse/directory/schema"

	"gatehouse/acl/enact"
)

// mutant is one document of the bundle with something taken away.
type mutant struct {
	what string
	text []byte
}

// TestNoPartIsUntested takes every part of every document away, down to single actions, attributes and terms of filters, and
// gives every statement to more people: each time a test must fail.
func TestNoPartIsUntested(t *testing.T) {
	if testing.Short() {
		t.Skip("loads the bundle some hundred times")
	}
	b := load(t)
	lines := bytes.Split(bytes.TrimSuffix(b.Canonical(), []byte("\n")), []byte("\n"))
	fixture, err := bundle.LoadFixture(shipped.Fixture(), nil)
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, line := range lines {
		for _, m := range mutants(t, line) {
			changed, err := bundle.Load([]bundle.Source{{Name: "mutant.json", Text: m.text}},
				bundle.Options{Shipped: shipped.Sources(), NamingContexts: contexts, Now: now, Strict: true})
			if err != nil {
				continue // refused, which is better than a test
			}
			asked++
			tester, err := enact.NewTester(changed, fixture, schema.Standard(), contexts, now)
			if err != nil {
				continue
			}
			if survives(tester, changed) {
				t.Errorf("no test fails with %s", m.what)
			}
		}
	}
	if asked < 500 {
		t.Errorf("%d documents were asked: they are not taken apart", asked)
	}
	t.Logf("%d documents", asked)
}

// survives reports whether all tests succeed. Those of the changed document, which was given, are asked first.
func survives(tester *enact.Tester, b *bundle.Bundle) bool {
	docs := slices.Clone(b.Documents)
	slices.SortStableFunc(docs, func(x, y *bundle.Document) int {
		switch {
		case x.Shipped == y.Shipped:
			return 0
		case y.Shipped:
			return -1
		default:
			return 1
		}
	})
	for _, d := range docs {
		for _, test := range d.Tests {
			if !tester.Run(test).OK {
				return false
			}
		}
	}
	return true
}

// mutants takes a document in its canonical form apart.
func mutants(t *testing.T, line []byte) (list []mutant) {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(line, &doc); err != nil {
		t.Fatal(err)
	}
	if doc["enforce"] == "disabled" {
		return nil // its parts are tested where it is switched on
	}
	name := fmt.Sprint(doc["policy"])
	emit := func(format string, args ...any) {
		text, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, mutant{name + ": " + fmt.Sprintf(format, args...), text})
	}
	w := taker{emit}
	for _, key := range []string{"attributes", "statements", "boundaries", "roles", "assignments"} {
		if v, ok := doc[key]; ok {
			w.value(key, v, func(changed any) { doc[key] = changed })
			doc[key] = v
		}
	}
	return list
}

// taker takes parts of a document away, one at a time, and puts them back.
type taker struct {
	emit func(format string, args ...any)
}

func (w taker) value(path string, v any, set func(any)) {
	switch v := v.(type) {
	case []any:
		w.list(path, v, set)
	case map[string]any:
		w.object(path, v)
	case string:
		w.text(path, v, set)
	}
}

func (w taker) list(path string, v []any, set func(any)) {
	for i, item := range v {
		where := fmt.Sprintf("%s[%v]", path, item)
		if m, ok := item.(map[string]any); ok {
			if where = path; m["id"] != nil {
				where = fmt.Sprintf("%s %s", path, m["id"])
			}
		}
		set(slices.Delete(slices.Clone(v), i, i+1))
		w.emit("%s taken away", where)
		set(v)
		w.value(where, item, func(changed any) {
			if parts, ok := changed.([]any); ok { // one word made several
				set(slices.Replace(slices.Clone(v), i, i+1, parts...))
				return
			}
			set(slices.Replace(slices.Clone(v), i, i+1, changed))
		})
		set(v)
	}
}

// removable are the keys without which an element still has a meaning.
var removable = []string{"when", "filter", "exclude", "protected", "privileged", "values", "scope", "attributes"}

func (w taker) object(path string, v map[string]any) {
	keys := make([]string, 0, len(v))
	for key := range v {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		part := v[key]
		if slices.Contains([]string{"id", "description", "reason", "effect", "role"}, key) {
			continue
		}
		if slices.Contains(removable, key) {
			delete(v, key)
			w.emit("%s %s taken away", path, key)
			v[key] = part
		}
		if key == "subject" || key == "to" {
			for _, wide := range []string{"authenticated", "anyone"} {
				v[key], v["broad"] = map[string]any{wide: true}, "to see"
				if key == "to" {
					delete(v, "broad")
				}
				if fmt.Sprint(v[key]) != fmt.Sprint(part) {
					w.emit("%s for %s", path, wide)
				}
				delete(v, "broad")
			}
			v[key] = part
			continue
		}
		w.value(path+" "+key, part, func(changed any) { v[key] = changed })
		v[key] = part
	}
}

var shorthands = map[string][]any{
	"view":  {"discover", "search", "read", "compare"},
	"write": {"write.add", "write.delete", "write.replace", "write.increment"},
}

func (w taker) text(path, v string, set func(any)) {
	for i, part := range shorthands[v] {
		set(slices.Delete(slices.Clone(shorthands[v]), i, i+1))
		w.emit("%s without %s", path, part)
	}
	if inner, ok := strings.CutPrefix(v, "(|"); ok {
		terms := strings.SplitAfter(strings.TrimSuffix(inner, ")"), ")")
		for i, term := range terms[:len(terms)-1] {
			set("(|" + strings.Join(slices.Delete(slices.Clone(terms), i, i+1), "") + ")")
			w.emit("%s without %s", path, term)
		}
	}
	if inner, ok := strings.CutPrefix(v, "(&"); ok {
		first := strings.Index(inner, ")") + 1
		set(inner[:first])
		w.emit("%s with the first term alone", path)
		set(inner[first : len(inner)-1])
		w.emit("%s with the rest alone", path)
	}
}
