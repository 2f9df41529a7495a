package bundle

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFormat holds each testdata/format/*.in against the *.out beside it.
func TestFormat(t *testing.T) {
	t.Parallel()
	inputs, err := filepath.Glob("testdata/format/*.in")
	if err != nil || len(inputs) == 0 {
		t.Fatal("no input", err)
	}
	for _, in := range inputs {
		t.Run(filepath.Base(in), func(t *testing.T) {
			t.Parallel()
			name := strings.TrimSuffix(in, ".in")
			got, err := Format(Source{name, read(t, in).Text})
			if err != nil {
				t.Fatal(err)
			}
			if os.Getenv("REWRITE") != "" {
				if err := os.WriteFile(name+".out", got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want := read(t, name+".out").Text; string(got) != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if again, err := Format(Source{name, got}); err != nil || string(again) != string(got) {
				t.Errorf("formatted twice: %v\n%s", err, again)
			}
		})
	}
}

func TestFormatKeepsTheMeaning(t *testing.T) {
	t.Parallel()
	o := Options{Schema: exampleSchema(t)}
	for _, path := range []string{"testdata/examples.yaml", "testdata/every-key.yaml"} {
		s := read(t, path)
		text, err := Format(s)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := load(t, o, Source{path, text}).Version(), load(t, o, s).Version(); got != want {
			t.Errorf("%s has another version when formatted:\n%s", path, text)
		}
		if got, want := strings.Count(string(text), "#"), strings.Count(string(s.Text), "#"); got != want {
			t.Errorf("%s: %d comments of %d", path, got, want)
		}
		for i, line := range strings.Split(string(text), "\n") {
			if len(line) > 180 {
				t.Errorf("%s:%d is %d characters long", path, i+1, len(line))
			}
		}
	}
}

func TestFormatRefusesWhatHasNotTheForm(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a.yaml": "policy: p\nstatments: []\n", "b.yaml": "policy: [", "c.json": `{"policy": 1}`, "d.json": `{"policy": "p"`,
		"e.yaml": "policy: &x p\n",
	} {
		out, err := Format(Source{name, []byte(text)})
		if problems, ok := errors.AsType[Problems](err); !ok || out != nil || problems[0].File != name {
			t.Errorf("%s: %v", name, err)
		}
	}
}
