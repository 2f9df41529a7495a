package foreign

import (
	"fmt"
	"strings"
	"testing"

	"gatehouse/directory/schema"
)

// convertText converts one text and returns the error.
func convertText(f Format, name, text string) (*Report, error) {
	o := Options{Schema: schema.Standard(), Base: "dc=example,dc=com"}
	return Convert(f, o, []Input{{name, strings.NewReader(text)}}, func(*Entry) error { return nil })
}

// TestBounds gives what a hostile input would have too much of.
func TestBounds(t *testing.T) {
	t.Parallel()
	t.Run("notes", func(t *testing.T) {
		t.Parallel()
		var b strings.Builder
		for i := range 3 * notesMax {
			fmt.Fprintf(&b, "dn: cn=x%d\nobjectClass: class%d\n\n", i, i)
		}
		r, err := convertText(DS389, "x.ldif", b.String())
		if err != nil || len(r.Notes) > notesMax+4 {
			t.Errorf("%d notes, %v", len(r.Notes), err)
		}
	})
	t.Run("columns", func(t *testing.T) {
		t.Parallel()
		if _, err := convertText(CSV, "x.csv", "uid"+strings.Repeat(",x", columnsMax)+"\n"); err == nil || !strings.Contains(err.Error(), "x.csv:1: more than 1000 columns") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("members", func(t *testing.T) {
		t.Parallel()
		text := "staff:x:1000:" + strings.Repeat("a,b,", 500_000)
		if r, err := convertText(Passwd, "group", text); err != nil || r.Entries != 1 {
			t.Errorf("%v, %v", r, err)
		}
	})
	t.Run("terminal", func(t *testing.T) {
		t.Parallel()
		_, err := convertText(CSV, "x.csv", "uid,cn\n\x1b[2J,a\n\x1b[2J,b\n")
		if err == nil || strings.ContainsRune(err.Error(), '\x1b') {
			t.Errorf("error %q", err)
		}
	})
	t.Run("definitions", func(t *testing.T) {
		t.Parallel()
		var b strings.Builder
		b.WriteString("dn: cn={1}x,cn=schema,cn=config\nobjectClass: olcSchemaConfig\n")
		for i := range 2 * definitionsMax {
			fmt.Fprintf(&b, "olcAttributeTypes: ( 1.3.6.1.4.1.99999.%d NAME 'x%d' SUP x%d )\n", i, i, i+1)
		}
		built := 0
		_, err := ReadSlapd(Input{"c", strings.NewReader(b.String())}, SlapdOptions{
			Schema: schema.Standard(), Indexed: usualIndexes,
			Build: func(string) (*schema.Schema, error) { built++; return nil, fmt.Errorf("no") },
		})
		if err != nil || built > buildsMax {
			t.Errorf("%d builds, %v", built, err)
		}
	})
}
