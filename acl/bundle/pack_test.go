package bundle

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"
)

func TestPackRoundTrip(t *testing.T) {
	t.Parallel()
	examples, err := os.ReadFile("testdata/examples.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, sources := range map[string][]Source{
		"none":       {},
		"empty file": {{Name: "a.yaml", Text: []byte{}}},
		"several":    {{Name: "b.yaml", Text: []byte("policy: b\n")}, {Name: "dir/ä.json", Text: []byte{0, 0xff}}, {Name: "", Text: []byte("x")}},
		"examples":   {{Name: "examples.yaml", Text: examples}},
		"large":      {{Name: "large.yaml", Text: bytes.Repeat([]byte("# comment\n"), fileBytesMax/10)}},
	} {
		packed, err := Pack(sources)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := Unpack(packed)
		if err != nil || !reflect.DeepEqual(got, sources) {
			t.Errorf("%s: %d files, %v", name, len(got), err)
		}
		t.Logf("%s: %d bytes", name, len(packed))
	}
}

func TestPackTooLarge(t *testing.T) {
	t.Parallel()
	noise := make([]byte, packedBytesMax+1)
	r := rand.NewChaCha8([32]byte{1})
	if _, err := r.Read(noise); err != nil {
		t.Fatal(err)
	}
	file := Source{Name: "x", Text: make([]byte, fileBytesMax)}
	for name, sources := range map[string][]Source{
		"packed": {{Name: "noise", Text: noise}},
		"file":   {{Name: "x", Text: make([]byte, fileBytesMax+1)}},
		"bundle": {file, file, file, file, {Name: "one more", Text: []byte("x")}},
		"files":  make([]Source, filesMax+1),
		"name":   {{Name: strings.Repeat("n", nameBytesMax+1)}},
	} {
		if packed, err := Pack(sources); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %d bytes, %v", name, len(packed), err)
		}
	}
}

// packed is any plain text in the packed form.
func packed(t testing.TB, plain []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	b.WriteByte(packVersion)
	z := gzip.NewWriter(&b)
	if _, err := z.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestUnpackHostile(t *testing.T) {
	t.Parallel()
	good, err := Pack([]Source{{Name: "a.yaml", Text: []byte("policy: a\n")}})
	if err != nil {
		t.Fatal(err)
	}
	lengths := func(list ...uint64) (b []byte) {
		for _, n := range list {
			b = binary.AppendUvarint(b, n)
		}
		return b
	}
	flipped := bytes.Clone(good)
	flipped[len(flipped)-6] ^= 1 // of the check sum
	for name, in := range map[string][]byte{
		"empty":           {},
		"version":         append([]byte{2}, good[1:]...),
		"no gzip":         {packVersion, 'x', 'y'},
		"cut":             good[:len(good)-3],
		"check sum":       flipped,
		"trailing":        append(bytes.Clone(good), 0),
		"second stream":   append(bytes.Clone(good), good[1:]...),
		"too long":        make([]byte, packedBytesMax+1),
		"bomb":            packed(t, make([]byte, bundleBytesMax+filesMax*(nameBytesMax+30))),
		"no count":        packed(t, nil),
		"many files":      packed(t, lengths(filesMax+1)),
		"missing files":   packed(t, lengths(filesMax)),
		"long name":       packed(t, lengths(1, nameBytesMax+1)),
		"name ends early": packed(t, lengths(1, 100)),
		"huge text":       packed(t, lengths(1, 0, fileBytesMax+1)),
		"text ends early": packed(t, lengths(1, 0, fileBytesMax)),
		"endless number":  packed(t, bytes.Repeat([]byte{0xff}, 20)),
		"left over":       packed(t, lengths(0, 0)),
	} {
		if got, err := Unpack(in); err == nil || got != nil {
			t.Errorf("%s: %d files, %v", name, len(got), err)
		}
	}
}

func FuzzUnpack(f *testing.F) {
	good, err := Pack([]Source{{Name: "a.yaml", Text: []byte("policy: a\n")}, {Name: "b.yaml"}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(packed(f, []byte{1, 0, 200}))
	f.Fuzz(func(t *testing.T, in []byte) {
		sources, err := Unpack(in)
		if err != nil {
			return
		}
		again, err := Pack(sources)
		if err != nil {
			t.Fatal(err)
		}
		twice, err := Unpack(again)
		if err != nil || len(twice) != len(sources) {
			t.Fatalf("%d files, then %d: %v", len(sources), len(twice), err)
		}
		for i := range sources {
			if sources[i].Name != twice[i].Name || !bytes.Equal(sources[i].Text, twice[i].Text) {
				t.Fatalf("file %d is another one", i)
			}
		}
	})
}
