package kv

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

func text(muts []Mutation) (out []string) {
	for _, m := range muts {
		if m.Delete {
			out = append(out, "-"+string(m.Key))
		} else {
			out = append(out, string(m.Key)+"="+string(m.Value))
		}
	}
	return out
}

func wantMutations(t *testing.T, o *Overlay, want ...string) {
	t.Helper()
	if got := text(o.Mutations()); !slices.Equal(got, want) {
		t.Errorf("mutations %q, want %q", got, want)
	}
}

func scan(t *testing.T, r Reader, opt ScanOptions) (out []string) {
	t.Helper()
	it := r.Scan(opt)
	for it.Next() {
		out = append(out, string(it.Key()))
	}
	if err := it.Close(); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestOverlayCopies(t *testing.T) {
	t.Parallel()
	o := NewOverlay(nil)
	key, value := []byte("key"), []byte("value")
	o.Put(key, value)
	copy(key, "xxx")
	copy(value, "xxxxx")
	wantMutations(t, o, "key=value")

	// What was handed out stays as it was.
	held, err := o.Get([]byte("key"))
	if err != nil {
		t.Fatal(err)
	}
	o.Put([]byte("key"), []byte("other"))
	o.Delete([]byte("key"))
	if string(held) != "value" {
		t.Errorf("the value handed out became %q", held)
	}
	if cap(held) != len(held) {
		t.Errorf("the value handed out has room to append into the arena: cap %d", cap(held))
	}
	wantMutations(t, o, "-key")
	if o.Bytes() != 3 || o.Len() != 1 {
		t.Errorf("Bytes = %d, Len = %d, want 3 and 1", o.Bytes(), o.Len())
	}
}

func TestOverlayChild(t *testing.T) {
	t.Parallel()
	o := NewOverlay(nil)
	o.Put([]byte("a"), []byte("1"))

	dropped := o.Child()
	dropped.Put([]byte("a"), []byte("2"))
	dropped.Put([]byte("b"), []byte("2"))
	if got := scan(t, dropped, ScanOptions{}); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("child shows %q", got)
	}
	held, _ := dropped.Get([]byte("b"))
	dropped.Drop()
	wantMutations(t, o, "a=1")

	merged := o.Child()
	if merged.Len() != 0 || merged.Bytes() != 0 {
		t.Errorf("a new child has %d mutations, %d bytes", merged.Len(), merged.Bytes())
	}
	merged.Delete([]byte("a"))
	merged.Put([]byte("c"), []byte("3"))
	inner := merged.Child()
	inner.Put([]byte("d"), []byte("4"))
	inner.Merge()
	wantMutations(t, merged, "-a", "c=3", "d=4")
	merged.Merge()
	wantMutations(t, o, "-a", "c=3", "d=4")
	if string(held) != "2" {
		t.Errorf("a value handed out before Drop became %q", held)
	}
}

func TestOverlayFrozen(t *testing.T) {
	t.Parallel()
	o := NewOverlay(nil)
	child := o.Child()
	o.Put([]byte("a"), nil)
	tests := []struct {
		name string
		call func()
	}{
		{"put", func() { o.Put([]byte("b"), nil) }},
		{"delete", func() { o.Delete([]byte("b")) }},
		{"child", func() { o.Child() }},
		{"merge into", func() { child.Merge() }},
		{"over a live one", func() { NewOverlay(nil).Over(nil) }},
	}
	o.Freeze()
	for _, tc := range tests {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", tc.name)
				}
			}()
			tc.call()
		}()
	}
	wantMutations(t, o, "a=")
}

func TestOverlayOver(t *testing.T) {
	t.Parallel()
	lower := NewOverlay(nil)
	lower.Put([]byte("a"), []byte("1"))
	upper := NewOverlay(lower.Freeze())
	upper.Put([]byte("b"), []byte("2"))
	upper.Freeze()
	base := NewOverlay(nil)
	base.Put([]byte("c"), []byte("3"))
	moved := upper.Over(base.Freeze())
	if got := scan(t, moved, ScanOptions{}); !slices.Equal(got, []string{"b", "c"}) {
		t.Errorf("over the new base: %q", got)
	}
	if got := scan(t, upper, ScanOptions{}); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("over the old base: %q", got)
	}
}

// TestOverlayWriteDuringScan writes around the position of a scan, enough to split chunks.
func TestOverlayWriteDuringScan(t *testing.T) {
	t.Parallel()
	for _, reverse := range []bool{false, true} {
		base := NewOverlay(nil)
		o := NewOverlay(base)
		var want []string
		for i := range 300 {
			key := fmt.Sprintf("k%03d", i)
			if i%2 == 0 {
				base.Put([]byte(key), nil)
			} else {
				o.Put([]byte(key), nil)
			}
			want = append(want, key)
		}
		if reverse {
			slices.Reverse(want)
		}
		base.Freeze()
		var got []string
		it := o.Scan(ScanOptions{Reverse: reverse})
		for it.Next() {
			got = append(got, string(it.Key()))
			o.Delete(it.Key())
			o.Put(append([]byte("a"), it.Key()...), nil) // below all
			o.Put(append([]byte("z"), it.Key()...), nil) // above all
			if len(got) == len(want) {
				break
			}
		}
		if err := it.Close(); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("reverse %v: %q, want %q", reverse, got, want)
		}
		if left := scan(t, o, ScanOptions{Prefix: []byte("k")}); len(left) > 0 {
			t.Errorf("reverse %v: %q left", reverse, left)
		}
		if n := len(scan(t, o, ScanOptions{})); n != 600 {
			t.Errorf("reverse %v: %d keys, want 600", reverse, n)
		}
	}
}

// A failing reader answers every read with its error.
type failing struct{ err error }

func (f failing) Get([]byte) ([]byte, error) { return nil, f.err }
func (f failing) Scan(ScanOptions) Iterator  { return failingIterator(f) }

type failingIterator struct{ err error }

func (f failingIterator) Next() bool             { return false }
func (f failingIterator) Seek([]byte) bool       { return false }
func (f failingIterator) Key() []byte            { return nil }
func (f failingIterator) Value() ([]byte, error) { return nil, f.err }
func (f failingIterator) Err() error             { return f.err }
func (f failingIterator) Close() error           { return f.err }

func TestOverlayPassesErrors(t *testing.T) {
	t.Parallel()
	disk := errors.New("disk")
	o := NewOverlay(failing{disk})
	o.Put([]byte("a"), nil)
	if _, err := o.Get([]byte("b")); !errors.Is(err, disk) {
		t.Errorf("Get: %v", err)
	}
	for name, step := range map[string]func(Iterator) bool{
		"next": Iterator.Next,
		"seek": func(it Iterator) bool { return it.Seek([]byte("a")) },
	} {
		it := o.Scan(ScanOptions{})
		if step(it) || !errors.Is(it.Err(), disk) || !errors.Is(it.Close(), disk) {
			t.Errorf("%s: a broken base looks like the end: %v", name, it.Err())
		}
	}
}

func TestOverlayAllocations(t *testing.T) {
	lower := NewOverlay(nil)
	for i := range 1000 {
		lower.Put(fmt.Appendf(nil, "k%04d", i), []byte("value"))
	}
	o := NewOverlay(lower.Freeze())
	present, missing := []byte("k0500"), []byte("k9")
	if n := testing.AllocsPerRun(100, func() {
		_, _ = o.Get(present)
		_, _ = o.Get(missing)
	}); n > 0 {
		t.Errorf("Get allocates %.0f times", n)
	}
	o.Child().Drop()
	if n := testing.AllocsPerRun(100, func() {
		c := o.Child()
		c.Put(present, missing)
		c.Drop()
	}); n > 1 {
		t.Errorf("a child with one write allocates %.0f times", n)
	}
}

func BenchmarkOverlay(b *testing.B) {
	keys := make([][]byte, 10_000)
	for i := range keys {
		keys[i] = fmt.Appendf(nil, "e%08d", i*7919%len(keys))
	}
	value := make([]byte, 200)
	b.Run("put-10000", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			o := NewOverlay(nil)
			for _, key := range keys {
				o.Put(key, value)
			}
		}
	})
	full := NewOverlay(nil)
	for _, key := range keys {
		full.Put(key, value)
	}
	b.Run("get", func(b *testing.B) {
		b.ReportAllocs()
		for i := range b.N {
			if _, err := full.Get(keys[i%len(keys)]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("scan-2-layers-100", func(b *testing.B) {
		b.ReportAllocs()
		top := NewOverlay(full)
		for _, key := range keys[:1000] {
			top.Put(key, value)
		}
		for i := range b.N {
			it := top.Scan(ScanOptions{Lo: keys[i%len(keys)]})
			for range 100 {
				it.Next()
			}
			it.Close()
		}
	})
	b.Run("child-of-2", func(b *testing.B) {
		b.ReportAllocs()
		o := NewOverlay(nil)
		for i := range b.N {
			c := o.Child()
			c.Put(keys[i%len(keys)], value)
			c.Put(keys[(i+1)%len(keys)], value)
			c.Merge()
		}
	})
}
