package storage

import (
	"bytes"
	"maps"
	"slices"
	"testing"

	"gatehouse/directory"
	"gatehouse/storage/kv"

	"pgregory.net/rapid"
)

// readSet returns a stored set through the same streams that plans use.
func readSet(t interface{ Fatalf(string, ...any) }, o *kv.Overlay, set []byte) idSet {
	p := &Plan{v: &view{r: o}}
	got, err := p.stored(set)
	if err != nil {
		t.Fatalf("stored: %v", err)
	}
	if got.kind == termIDs {
		return got.ids
	}
	ids, err := p.collect(got, 1<<30)
	if err != nil {
		t.Fatalf("collect: %v", err)
	}
	return ids
}

// TestSetWriter changes several sets whose keys begin alike and compares them with a map after each change.
func TestSetWriter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := kv.NewOverlay(nil)
		w := &setWriter{o: o}
		var sets [][]byte
		for _, key := range []string{"", "a", "ab", "a\x00\x00\x00\x00\x00\x00\x00\x01"} {
			sets = append(sets, append(appendIndexHead(nil, 7, kindEquality), key...))
		}
		model := make([]map[directory.EntryID]bool, len(sets))
		for i := range model {
			model[i] = make(map[directory.EntryID]bool)
		}
		span := rapid.SampledFrom([]int{40, 5_000, 200_000}).Draw(t, "span")
		for range rapid.IntRange(1, 300).Draw(t, "changes") {
			i := rapid.IntRange(0, len(sets)-1).Draw(t, "set")
			id := directory.EntryID(rapid.IntRange(1, span).Draw(t, "id"))
			var err error
			if rapid.IntRange(0, 2).Draw(t, "remove") == 0 {
				if len(model[i]) > 0 && rapid.Bool().Draw(t, "one that is there") {
					id = rapid.SampledFrom(slices.Sorted(maps.Keys(model[i]))).Draw(t, "member")
				}
				err = w.remove(sets[i], id)
				delete(model[i], id)
			} else {
				err = w.add(sets[i], id)
				model[i][id] = true
			}
			if err != nil {
				t.Fatal(err)
			}
			if got, want := readSet(t, o, sets[i]), slices.Sorted(maps.Keys(model[i])); !slices.Equal(got, want) {
				t.Fatalf("set %d: got %v, want %v", i, got, want)
			}
		}
		for i := range sets {
			for id := range model[i] {
				if err := w.remove(sets[i], id); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, m := range o.Mutations() {
			if !m.Delete {
				t.Fatalf("key %q is left when all sets are empty", m.Key)
			}
		}
	})
}

// TestSetLayout says how many keys a set takes.
func TestSetLayout(t *testing.T) {
	t.Parallel()
	set := append(appendIndexHead(nil, 1, kindEquality), "x"...)
	for _, tt := range []struct {
		name       string
		add, step  int
		remove     int
		keys, long int // keys left, and the longest value
	}{
		{name: "one", add: 1, step: 1, keys: 1, long: 2},
		{name: "inline", add: inlineMax, step: 1, keys: 1, long: 1 + inlineMax},
		{name: "one chunk", add: inlineMax + 1, step: 1, keys: 2, long: 1 + 2*(inlineMax+1)},
		{name: "bitmap", add: 1000, step: 1, keys: 2, long: 129},
		{name: "chunks", add: 100, step: 1024, keys: 101, long: 3},
		{name: "back to one key", add: 100, step: 1024, remove: 100 - inlineAgain, keys: 1, long: 1 + 3 + 2*(inlineAgain-1)},
		{name: "nothing", add: 2000, step: 1, remove: 2000, keys: 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := kv.NewOverlay(nil)
			w := &setWriter{o: o}
			for i := range tt.add {
				if err := w.add(set, directory.EntryID(1+i*tt.step)); err != nil {
					t.Fatal(err)
				}
			}
			for i := range tt.remove {
				if err := w.remove(set, directory.EntryID(1+i*tt.step)); err != nil {
					t.Fatal(err)
				}
			}
			keys, long := 0, 0
			for _, m := range o.Mutations() {
				if !m.Delete {
					keys++
					long = max(long, len(m.Value))
				}
			}
			if keys != tt.keys || long != tt.long {
				t.Errorf("got %d keys, longest value %d; want %d and %d", keys, long, tt.keys, tt.long)
			}
		})
	}
}

// TestOrderingKeys proves that keys sort by value before ID, whatever bytes the value has, and that the end of
// a value's range holds its IDs and no other value.
func TestOrderingKeys(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 'a', 0xfe, 0xff}), 0, 12)
		id := rapid.Uint64Range(1, 1<<55-1)
		a, b := value.Draw(t, "a"), value.Draw(t, "b")
		keyA := appendOrderingID(appendOrderingPart(nil, a), directory.EntryID(id.Draw(t, "id of a")))
		keyB := appendOrderingID(appendOrderingPart(nil, b), directory.EntryID(id.Draw(t, "id of b")))
		if c := bytes.Compare(a, b); c != 0 && bytes.Compare(keyA, keyB) != c {
			t.Fatalf("%x and %x sort otherwise than %x and %x", keyA, keyB, a, b)
		}
		atMostB := bytes.Compare(keyA, appendOrderingEnd(appendOrderingPart(nil, b))) < 0
		if atMostB != (bytes.Compare(a, b) <= 0) {
			t.Fatalf("key of %x below the end of %x: %v", a, b, atMostB)
		}
		atLeastB := bytes.Compare(keyA, appendOrderingPart(nil, b)) >= 0
		if atLeastB != (bytes.Compare(a, b) >= 0) {
			t.Fatalf("key of %x at or above the start of %x: %v", a, b, atLeastB)
		}
	})
}

// FuzzSetValues feeds the decoders of set and chunk values; what they accept is written back as it was, but for
// the choice between list and bitmap.
func FuzzSetValues(f *testing.F) {
	f.Add(appendInline(nil, idSet{1, 2, 1 << 40}))
	f.Add(chunkedMarker)
	f.Add([]byte{chunkList, 0, 1, 3, 0xff})
	f.Add(append([]byte{chunkBitmap}, make([]byte, 128)...))
	f.Fuzz(func(t *testing.T, value []byte) {
		if ids, chunked, err := appendInlineIDs(nil, value); err == nil && !chunked {
			if !slices.IsSorted(ids) {
				t.Fatalf("IDs out of order: %v", ids)
			}
			again, _, err := appendInlineIDs(nil, appendInline(nil, ids))
			if err != nil || !slices.Equal(again, ids) {
				t.Fatalf("%v came back as %v, %v", ids, again, err)
			}
		}
		var c, d chunk
		if err := decodeChunk(&c, value); err == nil {
			if err := decodeChunk(&d, appendChunk(nil, &c)); err != nil || c != d {
				t.Fatalf("chunk %v came back as %v, %v", c, d, err)
			}
		}
	})
}

// TestChunkStreams compares intersections and unions of chunk streams with sets in memory.
func TestChunkStreams(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := kv.NewOverlay(nil)
		w := &setWriter{o: o}
		p := &Plan{v: &view{r: o}}
		draw := func(name string) (term, idSet) {
			ids := sortIDs(rapid.SliceOfN(rapid.Map(rapid.IntRange(1, 60_000), func(i int) directory.EntryID { return directory.EntryID(i) }), inlineMax+1, 400).Draw(t, name))
			set := append(appendIndexHead(nil, 3, kindSubstring), name...)
			for _, id := range ids {
				if err := w.add(set, id); err != nil {
					t.Fatal(err)
				}
			}
			got, err := p.stored(set)
			if err != nil {
				t.Fatal(err)
			}
			return got, ids
		}
		a, idsA := draw("a")
		b, idsB := draw("b")
		check := func(what string, got term, want idSet) {
			ids, err := p.collect(got, 1<<30)
			if err != nil || !slices.Equal(ids, want) {
				t.Fatalf("%s: got %v, %v; want %v", what, ids, err, want)
			}
		}
		check("or", term{kind: termOr, parts: []term{a, b}}, sortIDs(append(slices.Clone(idsA), idsB...)))
		check("or with IDs", term{kind: termOr, parts: []term{a, idsTerm(idsB)}}, sortIDs(append(slices.Clone(idsA), idsB...)))
		if a.kind == termSet && b.kind == termSet {
			check("and", term{kind: termAnd, parts: []term{a, b}}, slices.Clone(idsA).intersect(idsB))
		}
	})
}
