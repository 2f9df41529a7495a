package ldif_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"gatehouse/directory"
	"gatehouse/directory/ldif"
)

// print shows a record in one line, for comparison.
func print(r *ldif.Record) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s %q", r.Line, r.Kind, r.DN)
	for _, c := range r.Controls {
		fmt.Fprintf(&b, " control %s %v %v %q", c.OID, c.Criticality, c.HasValue, c.Value)
	}
	for _, a := range r.Attributes {
		fmt.Fprintf(&b, " %s=%q", a.Attr, a.Values)
	}
	for _, m := range r.Changes {
		fmt.Fprintf(&b, " %d %s=%q", m.Op, m.Attr, m.Values)
	}
	if r.Kind == ldif.ModifyDN {
		fmt.Fprintf(&b, " to %q %v", r.NewRDN, r.DeleteOldRDN)
		if r.HasNewSuperior {
			fmt.Fprintf(&b, " below %q", r.NewSuperior)
		}
	}
	return b.String()
}

// readAll prints all records, errors included.
func readAll(r *ldif.Reader) (out []string) {
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			out = append(out, "error "+err.Error())
			if len(out) > 1000 {
				return out
			}
			continue
		}
		out = append(out, print(rec))
	}
}

func open(url string) (io.ReadCloser, error) {
	if name, ok := strings.CutPrefix(url, "file:///"); ok {
		return io.NopCloser(strings.NewReader("contents of " + name)), nil
	}
	return nil, errors.New("no such scheme")
}

var readTests = []struct {
	name, in string
	want     []string
}{
	{"nothing", "", nil},
	{"comments alone", "# one\n two\n\n# three\n", nil},
	{"content", "dn: cn=a\nobjectClass: top\nobjectClass: person\ncn: a\n", []string{`1 content "cn=a" objectClass=["top" "person"] cn=["a"]`}},
	{"two records and blank lines", "\n\n\ndn: a\nx: 1\n\n\n\ndn: b\nx: 2\n\n", []string{`4 content "a" x=["1"]`, `9 content "b" x=["2"]`}},
	{"version", "version: 1\ndn: a\nx: 1\n", []string{`2 content "a" x=["1"]`}},
	{"version in a block of its own, twice", "version: 1\n\ndn: a\nx: 1\n\nversion: 1\n\ndn: b\nx: 1\n", []string{`3 content "a" x=["1"]`, `8 content "b" x=["1"]`}},
	{"CRLF and BOM", "\xef\xbb\xbfversion: 1\r\n\r\ndn: a\r\nx: 1\r\n 2\r\n\r\ndn: b\r\nx: 3\r\n", []string{`3 content "a" x=["12"]`, `7 content "b" x=["3"]`}},
	{"folding", "dn: c\n n=a\n ,dc=b\nx:\n  1 \n  2\n", []string{`1 content "cn=a,dc=b" x=["1  2"]`}},
	{"folded base64", "dn:: Y249\n YQ==\nx:: AAEC\n", []string{`1 content "cn=a" x=["\x00\x01\x02"]`}},
	{"folded inside the name", "d\n n: a\nobject\n Class: top\n", []string{`1 content "a" objectClass=["top"]`}},
	{"comments between and folded", "# a\ndn: a\n# b\n c\nx: 1\n#\n d\n y: no\ny: 2\n", []string{`2 content "a" x=["1"] y=["2"]`}},
	{"values", "dn: a\nempty:\nspaces:    v \nnone::\nutf: \xc3\xa4\ncolon: a:b\n", []string{`1 content "a" empty=[""] spaces=["v "] none=[""] utf=["ä"] colon=["a:b"]`}},
	{"values of one attribute apart", "dn: a\nx: 1\ny: 2\nX: 3\nz: 4\nz: 5\nx: 6\nz: 7\n", []string{`1 content "a" x=["1" "3" "6"] y=["2"] z=["4" "5" "7"]`}},
	{"no newline at the end", "dn: a\nx: 1", []string{`1 content "a" x=["1"]`}},
	{"empty name", "dn:\nobjectClass: top\n", []string{`1 content "" objectClass=["top"]`}},
	{"URL", "dn: a\nphoto:< file:///p.jpg\n", []string{`1 content "a" photo=["contents of p.jpg"]`}},
	{"add", "dn: a\nchangetype: add\nx: 1\n", []string{`1 add "a" x=["1"]`}},
	{"delete", "dn: a\nchangetype: DELETE\n", []string{`1 delete "a"`}},
	{"modify", "dn: a\nchangetype: modify\nadd: x\nx: 1\nx: 2\n-\ndelete: y\n-\nreplace: z\nZ: 3\n-\nincrement: n\nn: -1\n-\nreplace: u\n", []string{
		`1 modify "a" 0 x=["1" "2"] 1 y=[] 2 z=["3"] 3 n=["-1"] 2 u=[]`}},
	{"modify without the last line", "dn: a\nchangetype: modify\nadd: x\nx: 1\n", []string{`1 modify "a" 0 x=["1"]`}},
	{"modrdn", "dn: a\nchangetype: modrdn\nnewrdn: b\ndeleteoldrdn: 1\n", []string{`1 moddn "a" to "b" true`}},
	{"moddn", "dn: a\nchangetype: moddn\nnewrdn:: Yg==\ndeleteoldrdn: 0\nnewsuperior: c\n", []string{`1 moddn "a" to "b" false below "c"`}},
	{"rename to the root", "dn: a\nchangetype: moddn\nnewrdn: b\ndeleteoldrdn: 0\nnewsuperior:\n", []string{`1 moddn "a" to "b" false below ""`}},
	{"controls", "dn: a\ncontrol: 1.2\ncontrol: 1.3 true\ncontrol: 1.4 false: v\ncontrol: 1.5:: AA==\ncontrol: 1.6 true:< file:///c\nchangetype: delete\n", []string{
		`1 delete "a" control 1.2 false false "" control 1.3 true false "" control 1.4 false true "v" control 1.5 false true "\x00" control 1.6 true true "contents of c"`}},
	{"changetype as an attribute", "dn: a\nobjectClass: changeLogEntry\nchangetype: add\n", []string{`1 content "a" objectClass=["changeLogEntry"] changetype=["add"]`}},

	{"goes on behind an error", "dn: a\nx 1\ny: 2\n\ndn: b\nx: 1\n", []string{
		`error line 2: no colon; want "attribute: value", or a space in front of the rest of the line above`, `5 content "b" x=["1"]`}},
	{"line of the error below folds", "dn: a\n b\n c\nx: 1\n 2\ny:: !\n", []string{`error line 6: value of y is not base64`}},
	{"no dn", "cn: a\n", []string{`error line 1: a record starts with "dn:", not with cn; is there a blank line too much above?`}},
	{"second dn", "dn: a\nx: 1\ndn: b\n", []string{`error line 3: second dn line; is the blank line above it missing?`}},
	{"continuation of nothing", " x\ndn: a\n", []string{`error line 1: continuation without a line before it`}},
	{"version 2", "version: 2\ndn: a\nx: 1\n", []string{`error line 1: version of LDIF is not 1`}},
	{"no name", "dn: a\n: x\n", []string{`error line 2: what stands before the colon is not the name of an attribute`}},
	{"space before the colon", "dn: a\nx : 1\n", []string{`error line 2: what stands before the colon is not the name of an attribute`}},
	{"dash in an entry", "dn: a\nx: 1\n-\n", []string{`error line 3: a line "-" ends a change of a modify record; here is none`}},
	{"unknown changetype", "dn: a\nchangetype: rename\n", []string{`error line 2: changetype is not one of add, delete, modify, moddn, modrdn`}},
	{"delete with more", "dn: a\nchangetype: delete\nx: 1\n", []string{`error line 3: a record with "changetype: delete" ends there`}},
	{"missing dash", "dn: a\nchangetype: modify\nadd: x\nx: 1\nreplace: y\ny: 1\n", []string{`error line 5: replace in the change of x; is the line "-" above it missing?`}},
	{"unknown change", "dn: a\nchangetype: modify\nx: 1\n", []string{`error line 3: a change starts with add, delete, replace or increment, not with x`}},
	{"change of nothing", "dn: a\nchangetype: modify\nadd:\n", []string{`error line 3: want the name of an attribute behind add`}},
	{"rename without flag", "dn: a\nchangetype: modrdn\nnewrdn: b\n", []string{`error line 4: a rename needs a line "deleteoldrdn:" here`}},
	{"flag is true", "dn: a\nchangetype: modrdn\nnewrdn: b\ndeleteoldrdn: true\n", []string{`error line 4: deleteoldrdn is neither 0 nor 1`}},
	{"rename with more", "dn: a\nchangetype: modrdn\nnewrdn: b\ndeleteoldrdn: 1\nx: 1\n", []string{`error line 5: x does not belong into a rename`}},
	{"control without changetype", "dn: a\ncontrol: 1.2\nx: 1\n", []string{`error line 1: a record with a control line needs a changetype line behind it`}},
	{"criticality", "dn: a\ncontrol: 1.2 yes\nchangetype: delete\n", []string{`error line 2: criticality of a control is neither true nor false`}},
	{"URL of another scheme", "dn: a\nx:< http://h/\n", []string{`error line 2: value of x: no such scheme`}},
}

func TestRead(t *testing.T) {
	t.Parallel()
	for _, c := range readTests {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for how, src := range map[string]io.Reader{"at once": strings.NewReader(c.in), "byte by byte": iotest.OneByteReader(strings.NewReader(c.in)),
				"with the error": iotest.DataErrReader(strings.NewReader(c.in))} {
				got := readAll(ldif.NewReader(src, ldif.Options{Open: open}))
				if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", c.want) {
					t.Errorf("%s:\n%s\ngot  %q\nwant %q", how, c.in, got, c.want)
				}
			}
			for size := 1; size < 20; size += 6 {
				if got := readSplit(t, c.in, size); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", c.want) {
					t.Errorf("in chunks of %d:\n%s\ngot  %q\nwant %q", size, c.in, got, c.want)
				}
			}
		})
	}
}

// readSplit reads in through a Splitter and one reader that is reset for each chunk.
func readSplit(t testing.TB, in string, size int) (out []string) {
	t.Helper()
	s := ldif.NewSplitter(iotest.HalfReader(strings.NewReader(in)), size, ldif.Options{})
	var r *ldif.Reader
	var c ldif.Chunk
	joined := ""
	for {
		var err error
		if c, err = s.Next(c.Data); errors.Is(err, io.EOF) {
			if joined != in {
				t.Fatalf("the chunks are %q, want %q", joined, in)
			}
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		if c.Offset != int64(len(joined)) || c.Line != strings.Count(joined, "\n")+1 {
			t.Fatalf("chunk at %d, line %d, behind %q", c.Offset, c.Line, joined)
		}
		joined += string(c.Data)
		if r == nil {
			r = ldif.NewChunkReader(c, ldif.Options{Open: open})
		} else {
			r.Reset(c)
		}
		out = append(out, readAll(r)...)
	}
}

// TestStorageIsNotShared holds that values added to an attribute do not run into those of the next one, in storage that a
// larger record has left.
func TestStorageIsNotShared(t *testing.T) {
	t.Parallel()
	in := "dn: a\n" + strings.Repeat("x: 1\n", 50) + "\ndn: b\nx: 1\ny: 2\nx: 3\nx: 4\ny: 5\n"
	got := readAll(ldif.NewReader(strings.NewReader(in), ldif.Options{}))
	if want := `53 content "b" x=["1" "3" "4"] y=["2" "5"]`; len(got) != 2 || got[1] != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestSplitterCuts holds that chunks are cut where they should be, whatever the line ends.
func TestSplitterCuts(t *testing.T) {
	t.Parallel()
	for _, in := range []string{strings.Repeat("dn: a\nx: 1\n\n", 100), strings.Repeat("dn: a\r\nx: 1\r\n\r\n", 100)} {
		s := ldif.NewSplitter(strings.NewReader(in), 200, ldif.Options{})
		n := 0
		for {
			c, err := s.Next(nil)
			if err != nil {
				break
			}
			if n++; len(c.Data) > 200 || !strings.HasPrefix(string(c.Data), "dn: a") {
				t.Errorf("chunk %q", c.Data)
			}
		}
		if n < len(in)/200 {
			t.Errorf("%d bytes in %d chunks", len(in), n)
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789", 10)
	for _, c := range []struct {
		name, in, want string
		o              ldif.Options
	}{
		{"record", "dn: a\nx: " + long + "\n", "record of more than 50 bytes", ldif.Options{RecordBytesMax: 50}},
		{"line", "dn: a\nx: 1\n 2" + long + "\n", "line 2: line of more than 50 bytes", ldif.Options{LineBytesMax: 50}},
		{"values", "dn: a\nx: 1\ny: 2\nx: 3\n", "line 4: more than 2 values", ldif.Options{ValuesMax: 2}},
		{"changes", "dn: a\nchangetype: modify\nadd: x\nx: 1\n-\nadd: y\n", "line 6: more than 2 values", ldif.Options{ValuesMax: 2}},
		{"attributes", "dn: a\nx: 1\ny: 2\nx: 3\nz: 4\n", "line 5: more than 2 attributes", ldif.Options{AttributesMax: 2}},
		{"controls", "dn: a\n" + strings.Repeat("control: 1.2\n", 65) + "changetype: delete\n", "line 66: more than 64 controls", ldif.Options{}},
		{"URLs", "dn: a\nx:< file:///" + long[:30] + "\n", "values from URLs take more than", ldif.Options{RecordBytesMax: 50,
			Open: func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(long)), nil }}},
		{"no URLs", "dn: a\nx:< file:///etc/passwd\n", "line 2: value of x is the contents of a URL, which is not allowed here", ldif.Options{}},
	} {
		_, err := ldif.NewReader(strings.NewReader(c.in), c.o).Next()
		if e, ok := errors.AsType[*ldif.Error](err); !ok || !strings.Contains(e.Error(), c.want) {
			t.Errorf("%s: error %v, want %s", c.name, err, c.want)
		}
	}
	endless := io.MultiReader(strings.NewReader("dn: a\n"), repeat("x: 1\n"))
	r := ldif.NewReader(endless, ldif.Options{RecordBytesMax: 1000})
	_, first := r.Next()
	_, second := r.Next()
	if first == nil || first != second {
		t.Errorf("endless record: %v, then %v", first, second)
	}
	if _, err := ldif.NewSplitter(repeat("x: 1\n"), 10, ldif.Options{RecordBytesMax: 1000}).Next(nil); err == nil {
		t.Error("the splitter takes an endless record")
	}
}

// repeat is a reader without an end.
type repeat string

func (s repeat) Read(p []byte) (int, error) { return copy(p, s), nil }

// TestReadError holds that an error of the input is told and does not pass for its end.
func TestReadError(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk broken")
	for _, in := range []string{"", "d", "dn: a\nx: 1", "dn: a\nx: 1\n\n"} {
		once := &onceReader{data: in, err: broken}
		r := ldif.NewReader(once, ldif.Options{})
		var err error
		for range 3 {
			if _, err = r.Next(); err != nil {
				break
			}
		}
		if !errors.Is(err, broken) {
			t.Errorf("%q and then an error: %v", in, err)
		}
		if _, err := ldif.NewSplitter(&onceReader{data: in, err: broken}, 100, ldif.Options{}).Next(nil); !errors.Is(err, broken) {
			t.Errorf("splitting %q and then an error: %v", in, err)
		}
	}
}

// onceReader gives its error once and pretends to be at the end from then on.
type onceReader struct {
	data string
	err  error
}

func (r *onceReader) Read(p []byte) (int, error) {
	if r.data != "" {
		n := copy(p, r.data)
		r.data = r.data[n:]
		return n, nil
	}
	if err := r.err; err != nil {
		r.err = nil
		return 0, err
	}
	return 0, io.EOF
}

func TestOffsetResumes(t *testing.T) {
	t.Parallel()
	const in = "\xef\xbb\xbf# c\n\ndn: a\nx: 1\n\n\ndn: b\nx: 2\n\ndn: c\nx: 3\n"
	r := ldif.NewReader(strings.NewReader(in), ldif.Options{})
	for n := 3; n > 0; n-- {
		at := r.Offset()
		if got := len(readAll(ldif.NewReader(strings.NewReader(in[at:]), ldif.Options{}))); got != n {
			t.Errorf("%d records from %d on, want %d", got, at, n)
		}
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
	}
	if r.Offset() != int64(len(in)) {
		t.Errorf("Offset = %d of %d", r.Offset(), len(in))
	}
}

func TestErrorsHoldNoValue(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"dn: a\nuserPassword: sec\nret\n", "dn: a\nuserPassword:: secret!\n",
		"dn: a\nchangetype: secret\n", "secret\n", "dn: a\nse cret: x\n",
	} {
		_, err := ldif.NewReader(strings.NewReader(in), ldif.Options{}).Next()
		if err == nil || strings.Contains(err.Error(), "ret") {
			t.Errorf("%q: error %v", in, err)
		}
	}
}

func TestAllAndClone(t *testing.T) {
	t.Parallel()
	in := []byte("dn: a\ncontrol: 1.2 true: v\nchangetype: modify\nadd: x\nx: 1\n\ndn: b\ny: 2\n\nbad\n\ndn: c\nx: 1\n")
	var kept []*ldif.Record
	var last error
	for rec, err := range ldif.NewChunkReader(ldif.Chunk{Data: in, Line: 1}, ldif.Options{}).All() {
		if last = err; err == nil {
			kept = append(kept, rec.Clone())
		}
	}
	copy(in, bytes.Repeat([]byte{'!'}, len(in)))
	if len(kept) != 2 || print(kept[0]) != `1 modify "a" control 1.2 true true "v" 0 x=["1"]` || print(kept[1]) != `7 content "b" y=["2"]` {
		t.Errorf("kept %v", kept)
	}
	if e, ok := errors.AsType[*ldif.Error](last); !ok || e.Line != 10 {
		t.Errorf("All ends with %v", last)
	}
	if kept[0].Changes[0].Op != directory.ModifyAdd {
		t.Errorf("operation %d", kept[0].Changes[0].Op)
	}
}
