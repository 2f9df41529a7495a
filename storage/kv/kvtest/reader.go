package kvtest

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"gatehouse/storage/kv"
)

// RunReader runs the promises of kv.Reader over the readers that build makes. Each shows pairs.
func RunReader(t *testing.T, build func(t testing.TB, pairs map[string]string) kv.Reader) {
	pairs := map[string]string{}
	for _, key := range []string{
		"\x00", "\x00\x00", "a", "a\x00", "a\xff", "ab", "ab\x00c", "abc", "b", "b\xff\xff", "c",
		"\xfe", "\xff", "\xff\x00", "\xff\xff", "\xff\xff\xff",
	} {
		pairs[key] = "value of " + key
	}
	pairs["empty"] = ""
	r := build(t, pairs)
	t.Run("get", func(t *testing.T) {
		for key, want := range pairs {
			wantGet(t, r, key, want)
		}
		for _, key := range []string{"", "0", "aa", "ab\x00", "zz", "\xff\xff\xff\xff"} {
			wantGet(t, r, key, absent)
		}
	})
	t.Run("scan", func(t *testing.T) { testScans(t, r, pairs) })
	t.Run("seek", func(t *testing.T) { testSeeks(t, r, pairs) })
	t.Run("iterator ends", func(t *testing.T) {
		it := r.Scan(kv.ScanOptions{KeysOnly: true})
		for range len(pairs) {
			if !it.Next() {
				t.Fatal("the scan ended early")
			}
		}
		for range 2 {
			if it.Next() || it.Seek([]byte("a")) {
				t.Error("the iterator goes on after its end")
			}
		}
		if err := errors.Join(it.Err(), it.Close(), it.Close()); err != nil {
			t.Error(err)
		}
		if it.Next() {
			t.Error("the iterator goes on after Close")
		}
	})
	t.Run("several iterators", func(t *testing.T) {
		a, b := r.Scan(kv.ScanOptions{}), r.Scan(kv.ScanOptions{})
		for _, key := range sortedKeys(pairs) {
			if !a.Next() || string(a.Key()) != key || !b.Next() || string(b.Key()) != key {
				t.Fatalf("at %q and %q, want %q", a.Key(), b.Key(), key)
			}
		}
		if err := errors.Join(a.Close(), b.Close()); err != nil {
			t.Error(err)
		}
	})
}

var bounds = []string{"", "\x00", "a", "a\x00", "ab", "abb", "abc", "b", "zz", "\xff", "\xff\xff", "\xff\xff\xff\x01"}

// testScans walks every combination of bounds, prefix and direction.
func testScans(t *testing.T, r kv.Reader, pairs map[string]string) {
	for _, prefix := range []string{"", "a", "ab", "b\xff", "\xff", "\xff\xff", "none"} {
		for _, lo := range bounds {
			for i, hi := range append(bounds, "") {
				for _, reverse := range []bool{false, true} {
					opt := kv.ScanOptions{Prefix: []byte(prefix), Lo: []byte(lo), Hi: []byte(hi), Reverse: reverse}
					if i == len(bounds) {
						opt.Hi = nil
					}
					want := expect(pairs, opt)
					if got := all(t, r, opt); !slices.Equal(got, want) {
						t.Fatalf("%s: %q, want %q", describe(opt), got, want)
					}
				}
			}
		}
	}
}

// testSeeks seeks each bound from the start and after each number of steps.
func testSeeks(t *testing.T, r kv.Reader, pairs map[string]string) {
	for _, reverse := range []bool{false, true} {
		for _, opt := range []kv.ScanOptions{{}, {Lo: []byte("a\x00"), Hi: []byte("\xff")}, {Prefix: []byte("a")}, {Prefix: []byte("\xff")}} {
			opt.Reverse = reverse
			m := newModelIterator(pairs, opt)
			for steps := range len(m.keys) + 1 {
				for _, key := range bounds {
					ops := append(slices.Repeat([]scanOp{{}}, steps), scanOp{seek: true, key: key}, scanOp{}, scanOp{seek: true, key: key}, scanOp{})
					if err := compareScan(r, pairs, opt, ops); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
}

// A scanOp is one call of an iterator: Next, or Seek with key.
type scanOp struct {
	seek bool
	key  string
}

// compareScan performs ops on a scan of r and on the model of pairs, and describes the difference.
func compareScan(r kv.Reader, pairs map[string]string, opt kv.ScanOptions, ops []scanOp) error {
	it, m := r.Scan(opt), newModelIterator(pairs, opt)
	defer it.Close()
	for i, op := range ops {
		got, want := false, false
		if op.seek {
			got, want = it.Seek([]byte(op.key)), m.seek(op.key)
		} else {
			got, want = it.Next(), m.next()
		}
		if got != want {
			return fmt.Errorf("%s, %+v: step %d = %v, want %v (%w)", describe(opt), ops, i, got, want, errors.Join(it.Err(), errDiffer))
		}
		if !got {
			continue
		}
		key := m.keys[m.at]
		value, err := it.Value()
		if string(it.Key()) != key || string(value) != pairs[key] || err != nil {
			return fmt.Errorf("%s, %+v: step %d at %q=%q (%v), want %q=%q", describe(opt), ops, i, it.Key(), value, err, key, pairs[key])
		}
	}
	return it.Close()
}

var errDiffer = errors.New("the model differs")

// A modelIterator is the obvious kv.Iterator over the sorted keys of a range.
type modelIterator struct {
	keys    []string // in the direction of the scan
	reverse bool
	at      int
}

func newModelIterator(pairs map[string]string, opt kv.ScanOptions) *modelIterator {
	m := &modelIterator{reverse: opt.Reverse, at: -1}
	for _, key := range sortedKeys(pairs) {
		if bytes.HasPrefix([]byte(key), opt.Prefix) && key >= string(opt.Lo) && (opt.Hi == nil || key < string(opt.Hi)) {
			m.keys = append(m.keys, key)
		}
	}
	if opt.Reverse {
		slices.Reverse(m.keys)
	}
	return m
}

func (m *modelIterator) next() bool {
	m.at = min(m.at+1, len(m.keys))
	return m.at < len(m.keys)
}

func (m *modelIterator) seek(key string) bool {
	for m.at = max(m.at, 0); m.at < len(m.keys); m.at++ {
		if k := m.keys[m.at]; k == key || (k > key) != m.reverse {
			return true
		}
	}
	return false
}

func expect(pairs map[string]string, opt kv.ScanOptions) (want []string) {
	for _, key := range newModelIterator(pairs, opt).keys {
		want = append(want, key+"="+pairs[key])
	}
	return want
}

func describe(opt kv.ScanOptions) string {
	hi := "end"
	if opt.Hi != nil {
		hi = fmt.Sprintf("%q", opt.Hi)
	}
	return fmt.Sprintf("scan prefix %q [%q, %s) reverse %v", opt.Prefix, opt.Lo, hi, opt.Reverse)
}

func sortedKeys(pairs map[string]string) []string { return slices.Sorted(maps.Keys(pairs)) }
