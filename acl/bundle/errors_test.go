package bundle

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/directory"
)

// november is the moment at which the tests of this package run.
var november = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// found returns the problems as line:column: message, without the file, which every one of them must have.
func found(t *testing.T, problems Problems) []string {
	t.Helper()
	var lines []string
	for _, p := range problems {
		line, ok := strings.CutPrefix(p.Error(), "p.yaml:")
		if !ok || p.Line == 0 || p.Column == 0 {
			t.Errorf("%q does not say where", p.Error())
		}
		lines = append(lines, line)
	}
	return lines
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	for group, cases := range map[string][]loadCase{
		"form": refusedForm(), "YAML": refusedYAML(), "names": refusedNames(), "values": refusedValues(), "rules": refusedRules(),
	} {
		for _, tt := range cases {
			t.Run(group+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				b, err := Load([]Source{{"p.yaml", []byte(tt.text)}}, Options{})
				problems, ok := errors.AsType[Problems](err)
				if !ok || b != nil {
					t.Fatalf("loaded, or failed otherwise: %v\n%s", err, tt.text)
				}
				if got := found(t, problems); !slices.Equal(got, tt.want) {
					t.Errorf("%s\ngot  %s\nwant %s", tt.text, strings.Join(got, "\n     "), strings.Join(tt.want, "\n     "))
				}
			})
		}
	}
}

func TestLoadWarns(t *testing.T) {
	t.Parallel()
	o := Options{NamingContexts: []directory.NDN{"dc=x", "dc=z,o=root"}, Now: november}
	for _, tt := range warned() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b, err := Load([]Source{{"p.yaml", []byte(tt.text)}}, o)
			if err != nil {
				t.Fatal(err)
			}
			if got := found(t, b.Warnings); !slices.Equal(got, tt.want) || len(got) == 0 {
				t.Errorf("%s\ngot  %s\nwant %s", tt.text, strings.Join(got, "\n     "), strings.Join(tt.want, "\n     "))
			}
			strict := o
			strict.Strict = true
			if _, err := Load([]Source{{"p.yaml", []byte(tt.text)}}, strict); err == nil || err.Error() != b.Warnings.Error() {
				t.Errorf("strict: %v", err)
			}
		})
	}
}

func TestProblemsAreToldAllAtOnce(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("policy: p\nstatements:\n")
	for i := range problemsMax + 10 {
		fmt.Fprintf(&text, "  - {id: s%d, effect: maybe, subject: {anonymous: true}, target: {base: \"dc=x\"}, actions: [bind]}\n", i)
	}
	_, err := Load([]Source{{"p.yaml", []byte(text.String())}, {"q.yaml", []byte("policy: 1\n")}}, Options{})
	problems, _ := errors.AsType[Problems](err)
	if len(problems) != problemsMax+1 || !strings.HasSuffix(err.Error(), "policy: 11 more problems") {
		t.Errorf("%d problems, the last is %q", len(problems), problems[len(problems)-1].Error())
	}
}
