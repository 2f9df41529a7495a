package directory

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestAttributeValues: what goes into an attribute comes out again, from a set of its own and from a stored one.
func TestAttributeValues(t *testing.T) {
	t.Parallel()
	desc := &AttributeDescription{Name: "cn"}
	rapid.Check(t, func(t *rapid.T) {
		lengths := rapid.SliceOfN(rapid.SampledFrom([]int{0, 1, 127, 128, 255, 256, 65535, 65536}), 0, 4).Draw(t, "lengths")
		var want [][]byte
		for i, n := range lengths {
			want = append(want, bytes.Repeat([]byte{byte(i)}, n))
		}
		a := NewAttribute(desc, want...)
		for _, a := range []Attribute{a, AttributeFromSet(desc, bytes.Clone(a.Set()), a.Len())} {
			got := slices.Collect(a.Values())
			if !slices.EqualFunc(got, want, bytes.Equal) || a.Len() != len(want) {
				t.Fatalf("%d values of lengths %v: got %d", len(want), lengths, len(got))
			}
			if len(want) > 0 && !bytes.Equal(a.First(), want[0]) || len(want) == 0 && a.First() != nil {
				t.Fatalf("the first of %v has length %d", lengths, len(a.First()))
			}
		}
	})
}

// FuzzNextValue: whatever a set holds, its values lie inside of it, in order, and end; written again they are the same.
func FuzzNextValue(f *testing.F) {
	f.Add(AppendValue(AppendValue(nil, []byte("a")), bytes.Repeat([]byte("b"), 300)))
	f.Add([]byte("\x04\x84\xff\xff\xff\xff"))
	f.Add([]byte("\x04\x85\x00\x00\x00\x00\x01a"))
	f.Add([]byte("\x30\x00"))
	f.Fuzz(func(t *testing.T, set []byte) {
		var values [][]byte
		var again []byte
		for rest := set; len(rest) > 0; {
			v, after := NextValue(rest)
			if v == nil {
				if after != nil {
					t.Fatalf("%x: no value, and yet %d bytes behind it", set, len(after))
				}
				break
			}
			if len(v)+len(after)+2 > len(rest) || cap(v) != len(v) {
				t.Fatalf("%x: a value of %d bytes and %d behind it, in %d", set, len(v), len(after), len(rest))
			}
			values, again, rest = append(values, v), AppendValue(again, v), after
		}
		if got := slices.Collect(AttributeFromSet(nil, again, len(values)).Values()); !slices.EqualFunc(got, values, bytes.Equal) {
			t.Fatalf("%x has the values %x, written again %x", set, values, got)
		}
	})
}
