package storage

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"gatehouse/directory"
	"gatehouse/storage/kv"

	"pgregory.net/rapid"
)

// TestDiffSets proves that the parts of a difference make up both sets again, and that a change of one value leaves all others
// where they are.
func TestDiffSets(t *testing.T) {
	t.Parallel()
	values := rapid.SliceOfN(rapid.StringMatching(`[ab]{0,3}`), 0, 8)
	rapid.Check(t, func(t *rapid.T) {
		old, new := values.Draw(t, "old"), values.Draw(t, "new")
		a, b := attr("description", old...).Set(), attr("description", new...).Set()
		d := diffSets(a, b)
		if !bytes.Equal(slices.Concat(d.before, d.gone, d.after), a) || !bytes.Equal(slices.Concat(d.before, d.come, d.after), b) {
			t.Fatalf("%q to %q: %q", old, new, d)
		}
		for _, part := range [][]byte{d.before, d.gone, d.come, d.after} {
			for len(part) > 0 {
				value, rest := directory.NextValue(part)
				if value == nil {
					t.Fatalf("%q to %q: %q is not made of values", old, new, d)
				}
				part = rest
			}
		}
		if len(old) > 0 {
			at := rapid.IntRange(0, len(old)-1).Draw(t, "at")
			d := diffSets(a, attr("description", slices.Delete(slices.Clone(old), at, at+1)...).Set())
			if len(d.come) > 0 || len(d.gone) != len(old[at])+2 {
				t.Fatalf("%q without value %d: %q", old, at, d)
			}
		}
	})
}

// BenchmarkIndexMemberUid adds and removes one value of an attribute that has many.
func BenchmarkIndexMemberUid(b *testing.B) {
	ix, err := newIndexer(testOptions().Schema, DefaultIndexes())
	if err != nil {
		b.Fatal(err)
	}
	names := make([]string, 10_000)
	for i := range names {
		names[i] = fmt.Sprintf("user%05d", i)
	}
	all := directory.StoredEntry([]directory.Attribute{attr("memberUid", names...)})
	less := directory.StoredEntry([]directory.Attribute{attr("memberUid", slices.Delete(slices.Clone(names), 5000, 5001)...)})
	for _, bm := range []struct {
		name     string
		old, new *directory.Entry
	}{{"add", less, all}, {"remove", all, less}} {
		b.Run(bm.name, func(b *testing.B) {
			u := ix.updater()
			o := kv.NewOverlay(nil)
			b.ReportAllocs()
			for b.Loop() {
				if err := u.updateEntry(o, 1, bm.old, bm.new); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
