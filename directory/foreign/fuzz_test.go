package foreign

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"gatehouse/directory/ldif"
	"gatehouse/directory/schema"
)

// seeds returns the first files of the cases of a format.
func seeds(f *testing.F, format Format) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		if a := txtar.Parse(text); strings.Contains(string(a.Comment), "format: "+string(format)+"\n") {
			f.Add(a.Files[0].Data)
		}
	}
}

// fuzzFormat converts arbitrary input: it ends, errors name the file, and what comes out is LDIF that says the same when it is read.
func fuzzFormat(f *testing.F, format Format, name string) {
	seeds(f, format)
	f.Fuzz(func(t *testing.T, data []byte) {
		o := Options{Schema: schema.Standard(), Base: "dc=example,dc=com", Now: time.Unix(0, 0)}
		if format.HasNames() {
			o.Base = ""
		}
		var text bytes.Buffer
		w := ldif.NewWriter(&text)
		n := 0
		report, err := Convert(format, o, []Input{{name, bytes.NewReader(data)}}, func(e *Entry) error {
			if e.File != name || e.Line < 1 {
				t.Errorf("entry %q comes from %s:%d", e.Record.DN, e.File, e.Line)
			}
			if !e.Scaffold {
				n++
			}
			return w.Record(e.Record)
		})
		if err != nil {
			return
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if report.Entries != n {
			t.Errorf("%d entries are reported, %d came", report.Entries, n)
		}
		if len(report.Notes) > notesMax+4 {
			t.Errorf("%d notes", len(report.Notes))
		}
		r := ldif.NewReader(&text, ldif.Options{})
		for {
			rec, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("what was written is not read again: %v", err)
			}
			if rec.Kind != ldif.Content {
				t.Errorf("%q is a %s record", rec.DN, rec.Kind)
			}
		}
	})
}

func FuzzPasswd(f *testing.F) { fuzzFormat(f, Passwd, "passwd") }
func FuzzCSV(f *testing.F)    { fuzzFormat(f, CSV, "people.csv") }
func FuzzGLAuth(f *testing.F) { fuzzFormat(f, GLAuth, "glauth.cfg") }
func FuzzLLDAP(f *testing.F)  { fuzzFormat(f, LLDAP, "lldap.ldif") }
func Fuzz389(f *testing.F)    { fuzzFormat(f, DS389, "userRoot.ldif") }

// FuzzDetect finds a format, or says what to do.
func FuzzDetect(f *testing.F) {
	f.Add("x.csv", []byte("a,b\n"))
	f.Add("x", []byte("dn: dc=x\n"))
	f.Fuzz(func(t *testing.T, name string, head []byte) {
		format, err := Detect(name, head)
		if (format == "") == (err == nil) {
			t.Errorf("Detect says %q, %v", format, err)
		}
	})
}

// FuzzReadSlapd reads arbitrary configurations; the schema that it takes is one that builds.
func FuzzReadSlapd(f *testing.F) {
	text, err := os.ReadFile("testdata/config.ldif")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Fuzz(func(t *testing.T, data []byte) {
		built := func(extra string) (*schema.Schema, error) {
			b := schema.NewBuilder()
			if err := b.AddFile("x.schema", strings.NewReader(extra)); err != nil {
				return nil, err
			}
			return b.Build()
		}
		s, err := ReadSlapd(Input{"config.ldif", bytes.NewReader(data)}, SlapdOptions{
			Schema: schema.Standard(), Build: built, Indexed: func(string) SlapdIndex { return SlapdIndex{} },
		})
		if err != nil || s.Schema == "" {
			return
		}
		if _, err := built(s.Schema); err != nil {
			t.Errorf("the schema that was taken does not build: %v", err)
		}
	})
}
