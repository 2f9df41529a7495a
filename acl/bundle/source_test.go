package bundle

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestReadSources(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := ReadSources(dir); err == nil || !strings.Contains(err.Error(), "no *.yaml or *.json file") {
		t.Errorf("an empty directory: %v", err)
	}
	for _, name := range []string{"a.yaml", "b.JSON", FixtureFile, ".hidden.yaml", "notes.txt", "a.schema"} {
		write(name, "policy: "+name)
	}
	write("schema.json", string(JSONSchema()))
	if err := os.Mkdir(filepath.Join(dir, "c.yaml"), 0o700); err != nil {
		t.Fatal(err)
	}
	sources, err := ReadSources(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range sources {
		names = append(names, filepath.Base(s.Name))
	}
	if !slices.Equal(names, []string{"a.yaml", "b.JSON"}) || string(sources[0].Text) != "policy: a.yaml" {
		t.Errorf("%q", names)
	}
	write("e.json", `{"$schema": "https://json-schema.org/draft/2020-12/schema", "policy": "e"}`)
	if sources, err := ReadSources(dir); err != nil || len(sources) != 3 {
		t.Errorf("a policy that names a schema was left out: %d, %v", len(sources), err)
	}
	write("d.yml", "policy: d")
	if _, err := ReadSources(dir); err == nil || !strings.Contains(err.Error(), "d.yml: policy files end in .yaml") {
		t.Errorf("a .yml file: %v", err)
	}
	one, err := ReadSources(filepath.Join(dir, "notes.txt"))
	if err != nil || len(one) != 1 || string(one[0].Text) != "policy: notes.txt" {
		t.Errorf("one file: %v, %v", one, err)
	}
	if _, err := ReadSources(filepath.Join(dir, "none")); err == nil {
		t.Error("a file that is not there was read")
	}
}

func TestFilesAreBounded(t *testing.T) {
	t.Parallel()
	long := "policy: p\n#" + strings.Repeat("x", fileBytesMax)
	if _, err := Load([]Source{{"p.yaml", []byte(long)}}, Options{}); err == nil || !strings.Contains(err.Error(), "p.yaml:1:1: the file is longer than") {
		t.Errorf("a long file: %v", err)
	}
	if _, err := Load(make([]Source, filesMax+1), Options{}); err == nil || !strings.Contains(err.Error(), "more than 1000 files") {
		t.Errorf("many files: %v", err)
	}
	many := strings.Repeat("{\"policy\": \"p\"}\n", documentsMax+1)
	for _, name := range []string{"p.json", "p.yaml"} {
		text := many
		if name == "p.yaml" {
			text = strings.ReplaceAll(many, "\n", "\n---\n")
		}
		if _, err := Load([]Source{{name, []byte(text)}}, Options{}); err == nil || !strings.Contains(err.Error(), "more than 2000 documents") {
			t.Errorf("many documents: %v", err)
		}
	}
}

func TestEmptyDocumentsAreNone(t *testing.T) {
	t.Parallel()
	b := load(t, Options{}, Source{"a.yaml", nil}, Source{"b.yaml", []byte("# nothing\n---\n---\npolicy: p\n---\n# end\n")}, Source{"c.json", []byte(" \n")})
	if len(b.Documents) != 1 {
		t.Errorf("%d documents", len(b.Documents))
	}
}

func TestJSONPositions(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, want string }{
		{"key", "{\n  \"policy\": \"p\",\n  \"ö\": 1}", `p.json:3:3: a policy document has no key "ö"`},
		{"value", "{\"ö\": 1, \"policy\":\n\n   7}", `p.json:1:2: a policy document has no key "ö"` + "\n" + `p.json:3:4: expected a name, not the number "7"; write "7"`},
		{"in a list", "{\"policy\": \"p\", \"statements\": [\n 1\n , [2]]}", "p.json:2:2: expected a statement, not the number \"1\"\np.json:3:4: expected a statement, not a list"},
		{"comma", "{\"policy\": \"p\",\n}", `p.json:2:1: expected a key in quotes, not '}'`},
		{"end", "{\"policy\":", "p.json:1:11: the JSON ends too early"},
		{"no JSON", "policy: p", "p.json:1:1: expected a value, not 'p'"},
		{"null", "null", "p.json:1:1: expected a policy document, not nothing"},
		{"twice", "{\"policy\": \"p\", \"policy\": \"q\"}", `p.json:1:17: the key "policy" stands here twice; first in line 1`},
		{"deep", strings.Repeat("[", 60), "p.json:1:41: nested more than 40 deep"},
		{"surrogate", `{"policy": "\ud83d"}`, "p.json:1:19: half of a surrogate pair"},
		{"surrogates", `{"policy": "\ud83d\ud83d"}`, "p.json:1:25: half of a surrogate pair"},
		{"hex", `{"policy": "\u12g4"}`, "p.json:1:15: expected four hex digits"},
		{"hex at the end", `{"policy": "\u12`, "p.json:1:15: expected four hex digits"},
		{"escape", `{"policy": "\x"}`, "p.json:1:14: expected an escape, not 'x'"},
		{"control character", "{\"policy\": \"a\n\"}", `p.json:1:14: expected the end of the text in quotes, not '\n'`},
		{"open text", `{"policy": "a`, "p.json:1:14: the JSON ends too early: expected the end of the text in quotes"},
		{"number", `{"policy": -a}`, "p.json:1:13: expected a digit, not 'a'"},
		{"leading zero", `{"policy": 01}`, `p.json:1:13: expected a comma or '}', not '1'`},
		{"colon", `{"policy" "p"}`, `p.json:1:11: expected a colon, not '"'`},
		{"list", `{"policy": [1 2]}`, `p.json:1:15: expected a comma or ']', not '2'`},
		{"word", `{"policy": nil}`, `p.json:1:12: expected a value, not 'n'`},
		{"NUL", "{\"policy\": \x00}", `p.json:1:12: expected a value, not '\x00'`},
		{"rest", "{\"policy\": \"p\"} x", "p.json:1:17: expected a value, not 'x'"},
	} {
		_, err := Load([]Source{{"p.json", []byte(tt.text)}}, Options{})
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: got  %v\nwant %s", tt.name, err, tt.want)
		}
	}
}
