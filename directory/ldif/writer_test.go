package ldif_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"gatehouse/directory"
	"gatehouse/directory/ldif"
)

func TestAppendLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, value, want string }{
		{"cn", "", "cn:\n"},
		{"cn", "a", "cn: a\n"},
		{"cn", "a: <b", "cn: a: <b\n"},
		{"cn", " a", "cn:: IGE=\n"},
		{"cn", ":a", "cn:: OmE=\n"},
		{"cn", "<a", "cn:: PGE=\n"},
		{"cn", "a ", "cn:: YSA=\n"},
		{"cn", "ä", "cn:: w6Q=\n"},
		{"cn", "a\nb", "cn:: YQpi\n"},
		{"cn", "\x00", "cn:: AA==\n"},
		{"cn", "\x1b[2J", "cn:: G1sySg==\n"},
		{"x", strings.Repeat("a", 73), "x: " + strings.Repeat("a", 73) + "\n"},
		{"x", strings.Repeat("a", 74), "x: " + strings.Repeat("a", 73) + "\n a\n"},
		{"x", strings.Repeat("a", 148), "x: " + strings.Repeat("a", 73) + "\n " + strings.Repeat("a", 75) + "\n"},
		{"x", strings.Repeat("a", 149), "x: " + strings.Repeat("a", 73) + "\n " + strings.Repeat("a", 75) + "\n a\n"},
		{"x", strings.Repeat("a", 60) + " b", "x: " + strings.Repeat("a", 60) + " b\n"},
	} {
		if got := string(ldif.AppendLine([]byte("before\n"), c.name, c.value)); got != "before\n"+c.want {
			t.Errorf("%q: %q, want %q", c.value, got, c.want)
		}
	}
}

// TestWriteRecords writes what was read; these inputs are in the writer's own form.
func TestWriteRecords(t *testing.T) {
	t.Parallel()
	const in = `dn: dc=example,dc=com
objectClass: top
objectClass: domain
dc: example

dn:: Y249w6Q=
cn:: w6Q=
description:

dn: cn=a
control: 1.2 true
control: 1.3: v
control: 1.4 true:: AA==
changetype: add
cn: a

dn: cn=a
changetype: delete

dn: cn=a
changetype: modify
add: mail
mail: x
mail: y
-
delete: sn
-
replace: cn
cn: b
-
increment: uidNumber
uidNumber: 1
-

dn: cn=a
changetype: moddn
newrdn: cn=b
deleteoldrdn: 1
newsuperior:

dn: cn=a
changetype: moddn
newrdn: cn=b
deleteoldrdn: 0

`
	var out bytes.Buffer
	w := ldif.NewWriter(&out)
	for rec, err := range ldif.NewReader(strings.NewReader(in), ldif.Options{}).All() {
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Record(rec); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil || out.String() != in {
		t.Errorf("%v, written\n%s", err, out.String())
	}
}

func TestWriteEntry(t *testing.T) {
	t.Parallel()
	attr := func(name string, values ...string) directory.Attribute {
		var v [][]byte
		for _, s := range values {
			v = append(v, []byte(s))
		}
		return directory.NewAttribute(&directory.AttributeDescription{Name: name}, v...)
	}
	for _, c := range []struct {
		name, dn, want string
		attrs          []directory.Attribute
		err            bool
	}{
		{"plain", "cn=a", "dn: cn=a\ncn: a\ncn: \x41\nsn:\n\n", []directory.Attribute{attr("cn", "a", "A"), attr("sn", "")}, false},
		{"beyond ASCII", "cn=ä", "dn:: Y249w6Q=\ncn: a\n\n", []directory.Attribute{attr("cn", "a")}, false},
		{"control characters", "cn=\n", "dn:: Y249Cg==\ncn: a\n\n", []directory.Attribute{attr("cn", "a")}, false},
		{"reserved names are not first", "cn=a", "dn: cn=a\ncn: a\nchangeType: add\nsn: s\n\n",
			[]directory.Attribute{attr("changeType", "add"), attr("cn", "a"), attr("sn", "s")}, false},
		{"reserved names alone", "cn=a", "", []directory.Attribute{attr("changeType", "add")}, true},
		{"nothing", "", "dn:\n\n", nil, false},
	} {
		var out bytes.Buffer
		w := ldif.NewWriter(&out)
		err := w.Entry(c.dn, c.attrs)
		if flush := w.Flush(); (err != nil) != c.err || flush != nil || out.String() != c.want {
			t.Errorf("%s: %v, %v, written %q, want %q", c.name, err, flush, out.String(), c.want)
		}
	}
}

func TestWriterHeads(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := ldif.NewWriter(&out)
	if err := errors.Join(w.Version(), w.Flush()); err != nil || out.String() != "version: 1\n\n" {
		t.Errorf("%v, written %q", err, out.String())
	}
	broken := errors.New("disk full")
	w = ldif.NewWriter(writerFunc(func([]byte) (int, error) { return 0, broken }))
	if err := w.Version(); err != nil {
		t.Errorf("Version before anything is written: %v", err)
	}
	if err := w.Flush(); !errors.Is(err, broken) {
		t.Errorf("Flush: %v", err)
	}
	if err := w.Entry("cn=a", nil); !errors.Is(err, broken) {
		t.Errorf("Entry behind the error: %v", err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// TestWriteRead holds that any values come back, that no line is too wide, and that only printable ASCII is written.
func TestWriteRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := ldif.Record{Line: 1, DN: rapid.String().Draw(t, "dn")}
		for i := range rapid.IntRange(1, 5).Draw(t, "attributes") {
			want.Attributes = append(want.Attributes, directory.PartialAttribute{
				Attr:   strings.Repeat("a", i+1) + rapid.StringMatching(`[0-9;.-]{0,90}`).Draw(t, "attr"),
				Values: rapid.SliceOfN(rapid.OneOf(rapid.SliceOf(rapid.Byte()), rapid.SliceOfN(rapid.ByteRange(' ', '~'), 0, 300)), 1, 4).Draw(t, "values"),
			})
		}
		var out bytes.Buffer
		w := ldif.NewWriter(&out)
		if err := errors.Join(w.Record(&want), w.Flush()); err != nil {
			t.Fatal(err)
		}
		for l := range strings.Lines(out.String()) {
			if len(l) > 77 || strings.IndexFunc(l[:len(l)-1], func(r rune) bool { return r < ' ' || r > '~' }) >= 0 {
				t.Fatalf("line %q", l)
			}
		}
		got, err := ldif.NewReader(bytes.NewReader(out.Bytes()), ldif.Options{}).Next()
		if err != nil || print(got) != print(&want) {
			t.Fatalf("%v\ngot  %s\nwant %s", err, print(got), print(&want))
		}
	})
}

// FuzzLDIF holds that what is read comes back after it was written, that writing that again gives the same bytes, and
// that reading in chunks gives what reading at once gives.
func FuzzLDIF(f *testing.F) {
	for _, c := range readTests {
		f.Add(c.in)
	}
	f.Add("dn: a\n" + strings.Repeat("x: 1\n", 20) + "y: " + strings.Repeat("long ", 40) + "\n")
	f.Add("dn: a\njpegPhoto:: " + base64.StdEncoding.EncodeToString(make([]byte, 100)) + "\n")
	f.Fuzz(func(t *testing.T, in string) {
		if whole, split := readAll(ldif.NewReader(strings.NewReader(in), ldif.Options{Open: open})), readSplit(t, in, 16); strings.Join(whole, "\n") != strings.Join(split, "\n") {
			t.Fatalf("at once %q\nin chunks %q", whole, split)
		}
		r := ldif.NewReader(strings.NewReader(in), ldif.Options{Open: open})
		for {
			rec, err := r.Next()
			if e, ok := errors.AsType[*ldif.Error](err); ok {
				if e.Line < 1 || e.Line > strings.Count(in, "\n")+2 {
					t.Fatalf("error in line %d of %q", e.Line, in)
				}
				continue
			} else if err != nil {
				return
			}
			var first, second bytes.Buffer
			w := ldif.NewWriter(&first)
			if err := errors.Join(w.Record(rec), w.Flush()); err != nil {
				t.Fatalf("write %s: %v", print(rec), err)
			}
			again, err := ldif.NewReader(bytes.NewReader(first.Bytes()), ldif.Options{}).Next()
			if err != nil {
				t.Fatalf("%s written as %q: %v", print(rec), first.Bytes(), err)
			}
			again.Line = rec.Line
			if print(again) != print(rec) {
				t.Fatalf("got  %s\nwant %s\nfrom %q", print(again), print(rec), first.Bytes())
			}
			w = ldif.NewWriter(&second)
			if err := errors.Join(w.Record(again), w.Flush()); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
				t.Fatalf("%v: written %q, then %q", err, first.Bytes(), second.Bytes())
			}
		}
	})
}
