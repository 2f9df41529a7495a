package foreign

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"gatehouse/directory/ldif"
	"gatehouse/directory/schema"
)

// testOptions returns the options that a case's first lines name: base: DN, map: ..., values: ..., unknown: fail.
func testOptions(t *testing.T, comment string) (Format, Options) {
	t.Helper()
	o := Options{Schema: schema.Standard(), Now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	var f Format
	for line := range strings.Lines(comment) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok {
			continue
		}
		switch key {
		case "format":
			f = Format(value)
		case "base":
			o.Base = value
		case "map":
			var err error
			if o.Map, err = ParseMap(value); err != nil {
				t.Fatal(err)
			}
		case "values":
			o.Values = value
		case "unknown":
			o.KeepUnknown = value == "fail"
		case "uids":
			if _, err := fmt.Sscanf(value, "%d-%d", &o.UIDMin, &o.UIDMax); err != nil {
				t.Fatal(err)
			}
		default:
			t.Fatalf("unknown setting %q", key)
		}
	}
	return f, o
}

// TestConvert runs the cases of testdata: a .txtar file holds the files of an import, and as "want" the entries, the notes and the
// error. UPDATE_TESTDATA=1 writes what comes out into the files.
func TestConvert(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			f, o := testOptions(t, string(a.Comment))
			var in []Input
			var want *txtar.File
			for i := range a.Files {
				if a.Files[i].Name == "want" {
					want = &a.Files[i]
					continue
				}
				in = append(in, Input{a.Files[i].Name, bytes.NewReader(a.Files[i].Data)})
			}
			if detected, err := Detect(in[0].Name, a.Files[0].Data); err != nil || detected != f {
				t.Errorf("Detect says %q, %v; the format is %q", detected, err, f)
			}
			got := converted(t, f, o, in)
			if want == nil {
				t.Fatal("the case has no file want")
			}
			if os.Getenv("UPDATE_TESTDATA") != "" {
				want.Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(a), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != string(want.Data) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want.Data)
			}
		})
	}
}

// converted prints everything that a conversion says.
func converted(t *testing.T, f Format, o Options, in []Input) string {
	t.Helper()
	var out bytes.Buffer
	w := ldif.NewWriter(&out)
	report, err := Convert(f, o, in, func(e *Entry) error {
		kind := ""
		if e.Scaffold {
			kind = ", if there is none"
		}
		if err := w.Flush(); err != nil {
			return err
		}
		fmt.Fprintf(&out, "# %s:%d%s\n", e.File, e.Line, kind)
		return w.Record(e.Record)
	})
	if flushErr := w.Flush(); flushErr != nil {
		t.Fatal(flushErr)
	}
	if report != nil {
		for _, n := range report.Notes {
			fmt.Fprintf(&out, "%s, %d: %s: %s %v\n", n.Kind, n.Count, n.What, n.Why, n.Examples)
		}
	}
	if err != nil {
		fmt.Fprintf(&out, "error: %v\n", err)
	}
	return out.String()
}
