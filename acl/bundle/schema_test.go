package bundle

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// validator is as much of JSON Schema 2020-12 as schema.json uses; a keyword that it does not know fails the test.
type validator struct {
	defs     map[string]any
	patterns map[string]*regexp.Regexp
}

func (v *validator) pattern(text string) *regexp.Regexp {
	if v.patterns[text] == nil {
		v.patterns[text] = regexp.MustCompile(text)
	}
	return v.patterns[text]
}

func newValidator(t testing.TB) (*validator, map[string]any) {
	t.Helper()
	var root map[string]any
	if err := json.Unmarshal(JSONSchema(), &root); err != nil {
		t.Fatal(err)
	}
	return &validator{root["$defs"].(map[string]any), map[string]*regexp.Regexp{}}, root
}

func (v *validator) valid(schema, value any) bool {
	if truth, ok := schema.(bool); ok {
		return truth
	}
	s := schema.(map[string]any)
	if cond, ok := s["if"]; ok && v.valid(cond, value) && !v.valid(s["then"], value) {
		return false
	}
	for keyword, arg := range s {
		if !v.keyword(keyword, arg, s, value) {
			return false
		}
	}
	return true
}

func (v *validator) count(list any, value any) (n int) {
	for _, s := range list.([]any) {
		if v.valid(s, value) {
			n++
		}
	}
	return n
}

func (v *validator) keyword(keyword string, arg any, s map[string]any, value any) bool {
	text, isText := value.(string)
	list, isList := value.([]any)
	object, isObject := value.(map[string]any)
	number, isNumber := value.(float64)
	switch keyword {
	case "$schema", "title", "description", "$defs", "if", "then":
		return true
	case "format":
		layout := map[string]string{"date": time.DateOnly, "date-time": time.RFC3339}[arg.(string)]
		_, err := time.Parse(layout, text)
		return !isText || layout != "" && err == nil
	case "$ref":
		return v.valid(v.defs[strings.TrimPrefix(arg.(string), "#/$defs/")], value)
	case "allOf":
		return v.count(arg, value) == len(arg.([]any))
	case "oneOf":
		return v.count(arg, value) == 1
	case "const":
		return value == arg
	case "enum":
		return isText && slices.Contains(arg.([]any), any(text))
	case "type":
		_, isBool := value.(bool)
		return map[string]bool{"string": isText, "array": isList, "object": isObject, "integer": isNumber && number == float64(int(number)), "boolean": isBool}[arg.(string)]
	case "pattern":
		return !isText || v.pattern(arg.(string)).MatchString(text)
	case "minLength":
		return !isText || len(text) >= int(arg.(float64))
	case "minimum":
		return !isNumber || number >= arg.(float64)
	case "maximum":
		return !isNumber || number <= arg.(float64)
	case "minItems":
		return !isList || len(list) >= int(arg.(float64))
	case "uniqueItems":
		return !isList || unique(list)
	case "items":
		return !slices.ContainsFunc(list, func(item any) bool { return !v.valid(arg, item) })
	case "contains":
		return !isList || slices.ContainsFunc(list, func(item any) bool { return v.valid(arg, item) })
	case "minProperties":
		return !isObject || len(object) >= int(arg.(float64))
	case "required":
		return !isObject || !slices.ContainsFunc(arg.([]any), func(k any) bool { _, ok := object[k.(string)]; return !ok })
	case "propertyNames":
		return !slices.ContainsFunc(slices.Collect(maps.Keys(object)), func(k string) bool { return !v.valid(arg, k) })
	case "properties":
		for k, of := range arg.(map[string]any) {
			if item, ok := object[k]; ok && !v.valid(of, item) {
				return false
			}
		}
		return true
	case "additionalProperties":
		known, _ := s["properties"].(map[string]any)
		for k, item := range object {
			if _, ok := known[k]; !ok && !v.valid(arg, item) {
				return false
			}
		}
		return true
	default:
		panic("unknown keyword " + keyword)
	}
}

func unique(list []any) bool {
	seen := map[string]bool{}
	for _, item := range list {
		text, err := json.Marshal(item)
		if err != nil || seen[string(text)] {
			return false
		}
		seen[string(text)] = true
	}
	return true
}

// asJSON returns what a node is in JSON.
func asJSON(t testing.TB, n *yaml.Node) any {
	switch {
	case n.Kind == yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			list = append(list, asJSON(t, item))
		}
		return list
	case n.Kind == yaml.MappingNode:
		object := map[string]any{}
		for _, p := range pairsOf(n) {
			object[p[0].Value] = asJSON(t, p[1])
		}
		return object
	case n.Tag == "!!int" || n.Tag == "!!float":
		f, err := strconv.ParseFloat(n.Value, 64)
		if err != nil {
			t.Fatal(err)
		}
		return f
	case n.Tag == "!!bool":
		return n.Value == "true"
	case n.Tag == "!!null":
		return nil
	default:
		return n.Value
	}
}

func exampleNodes(t testing.TB, paths ...string) []*yaml.Node {
	t.Helper()
	var nodes []*yaml.Node
	for _, path := range paths {
		docs, p := parse(read(t, path))
		if p != nil {
			t.Fatal(p)
		}
		for _, d := range docs {
			nodes = append(nodes, d.Content[0])
		}
	}
	return nodes
}

func TestExamplesFitTheJSONSchema(t *testing.T) {
	t.Parallel()
	v, root := newValidator(t)
	for _, n := range exampleNodes(t, "testdata/examples.yaml", "testdata/every-key.yaml") {
		if !v.valid(root, asJSON(t, n)) {
			t.Errorf("the schema refuses the document in line %d", n.Line)
		}
	}
}

// TestFormAndJSONSchemaAgree changes the examples in every place in turn, and asks both.
func TestFormAndJSONSchemaAgree(t *testing.T) {
	t.Parallel()
	v, root := newValidator(t)
	changes := 0
	for _, doc := range exampleNodes(t, "testdata/every-key.yaml") {
		check := func(what string, at *yaml.Node) {
			changes++
			var problems Problems
			c := &checker{file: "x", problems: &problems, bad: map[*yaml.Node]bool{}}
			c.check(doc, grammar)
			if ok := v.valid(root, asJSON(t, doc)); ok != (len(problems) == 0) && !kindConflict(doc) {
				t.Errorf("%s in line %d, column %d: the schema says %v; the loader %v", what, at.Line, at.Column, ok, problems)
			}
		}
		everyNode(doc, false, func(n *yaml.Node, isKey bool) { changed(n, isKey, check) })
	}
	if changes < 2_000 {
		t.Errorf("%d changes only", changes)
	}
}

// kindConflict reports what the schema says of a document's kind, and the loader after the check of form.
func kindConflict(doc *yaml.Node) bool {
	return (key(doc, "policy") == nil) == (key(doc, "definitions") == nil)
}

func everyNode(n *yaml.Node, isKey bool, f func(n *yaml.Node, isKey bool)) {
	f(n, isKey)
	for i, child := range n.Content {
		everyNode(child, n.Kind == yaml.MappingNode && i%2 == 0, f)
	}
}

// changed changes a node in several ways, calls check for each and puts it back. attributes stay: that some actions need
// them is a rule of the loader, not of form.
func changed(n *yaml.Node, isKey bool, check func(what string, at *yaml.Node)) {
	old := *n
	for _, other := range []yaml.Node{
		{Kind: yaml.ScalarNode, Tag: "!!str", Value: "x"}, {Kind: yaml.ScalarNode, Tag: "!!str", Value: ""},
		{Kind: yaml.ScalarNode, Tag: "!!str", Value: "Two words"}, {Kind: yaml.ScalarNode, Tag: "!!int", Value: "7"},
		{Kind: yaml.ScalarNode, Tag: "!!int", Value: "-1"}, {Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"},
		{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "false"}, {Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"},
		{Kind: yaml.ScalarNode, Tag: "!!str", Value: "$people"}, {Kind: yaml.SequenceNode}, {Kind: yaml.MappingNode},
	} {
		if isKey && other.Tag != "!!str" {
			continue // JSON has no such keys
		}
		other.Line, other.Column = old.Line, old.Column
		*n = other
		check("value "+describe(n), n)
		*n = old
	}
	if n.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i < len(old.Content); i += 2 {
		if old.Content[i].Value == "attributes" {
			continue
		}
		n.Content = slices.Concat(old.Content[:i], old.Content[i+2:])
		check("without "+old.Content[i].Value, n)
	}
	one := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: "extra-key"}
	n.Content = slices.Concat(old.Content, []*yaml.Node{one, one})
	check("with extra-key", n)
	*n = old
}

// TestGrammarAndJSONSchemaHaveTheSameWords compares the two, part by part.
func TestGrammarAndJSONSchemaHaveTheSameWords(t *testing.T) {
	t.Parallel()
	v, root := newValidator(t)
	seen := map[*shape]bool{}
	var compare func(path string, s *shape, of any)
	compare = func(path string, s *shape, of any) {
		if seen[s] {
			return
		}
		seen[s] = true
		flat := map[string]any{}
		v.flatten(of, s, flat)
		words, _ := flat["enum"].([]any)
		if one, is := flat["const"].(string); is {
			words = []any{one}
		}
		if s.words != nil {
			var list []string
			for _, w := range words {
				list = append(list, w.(string))
			}
			if !slices.Equal(slices.Sorted(slices.Values(list)), slices.Sorted(slices.Values(s.words))) {
				t.Errorf("%s: the schema has %q, the grammar %q", path, list, s.words)
			}
		}
		if pattern, _ := flat["pattern"].(string); s.pattern != nil && pattern != s.pattern.String() && flat["format"] == nil {
			t.Errorf("%s: pattern %q, in the grammar %q", path, pattern, s.pattern)
		}
		properties, _ := flat["properties"].(map[string]any)
		required, _ := flat["required"].([]any)
		for _, need := range s.needs {
			if !slices.Contains(required, any(need)) {
				t.Errorf("%s: %s is not required by the schema", path, need)
			}
		}
		for k, sub := range properties {
			if s.field(k) == nil && sub != false {
				t.Errorf("%s: the grammar has no key %s", path, k)
			}
		}
		for _, f := range s.fields {
			if properties[f.key] == nil {
				t.Errorf("%s: the schema has no key %s", path, f.key)
				continue
			}
			compare(path+"/"+f.key, f.value, properties[f.key])
		}
		switch s.kind {
		case kindList:
			compare(path+"[]", s.item, flat["items"])
		case kindMap:
			compare(path+"{}", s.item, flat["additionalProperties"])
		case kindText, kindInt, kindBool, kindTrue, kindTexts, kindObject:
		}
	}
	compare("", grammar, root)
	for _, s := range []*shape{shapeStatement, shapeSubject, shapeTarget, shapeWindow, shapeVia} {
		if !seen[s] {
			t.Errorf("%s was not compared", s.what)
		}
	}
}

// flatten collects the keywords that hold for a value of the shape, through references and alternatives.
func (v *validator) flatten(of any, s *shape, into map[string]any) {
	m, ok := of.(map[string]any)
	if !ok {
		return
	}
	for k, arg := range m {
		switch k {
		case "$ref":
			v.flatten(v.defs[strings.TrimPrefix(arg.(string), "#/$defs/")], s, into)
		case "allOf":
			for _, part := range arg.([]any) {
				v.flatten(part, s, into)
			}
		case "oneOf":
			for _, part := range arg.([]any) {
				p := map[string]any{}
				v.flatten(part, s, p)
				if s.kind != kindObject || p["type"] == "object" {
					v.flatten(part, s, into)
				}
			}
		case "properties":
			all, _ := into[k].(map[string]any)
			all = maps.Clone(all)
			if all == nil {
				all = map[string]any{}
			}
			for name, sub := range arg.(map[string]any) {
				if all[name] == nil || sub == false {
					all[name] = sub
				}
			}
			into[k] = all
		case "required":
			all, _ := into[k].([]any)
			into[k] = slices.Concat(all, arg.([]any))
		default:
			into[k] = arg
		}
	}
}
