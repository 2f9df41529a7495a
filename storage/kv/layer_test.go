package kv

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestLayer compares the chunked list with a sorted slice, in orders that split chunks at every
// place.
func TestLayer(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		l := new(layer)
		l.reset()
		model := map[string]string{}
		n := rapid.IntRange(1, 600).Draw(rt, "n")
		order := rapid.SampledFrom([]string{"ascending", "descending", "random"}).Draw(rt, "order")
		numbers := rapid.IntRange(0, 2*n)
		for i := range n {
			switch order {
			case "descending":
				i = n - i
			case "random":
				i = numbers.Draw(rt, "key")
			}
			key, value := []byte{byte(i >> 8), byte(i)}, bytes.Repeat([]byte{byte(i)}, i%3)
			l.put(Mutation{Key: key, Value: value}, nil)
			model[string(key)] = string(value)
		}
		checkLayer(rt, l, model)
		l.reset()
		checkLayer(rt, l, nil)
	})
}

func checkLayer(rt *rapid.T, l *layer, model map[string]string) {
	var want []string
	total := 0
	for key, value := range model {
		want = append(want, key)
		total += len(key) + len(value)
	}
	slices.Sort(want)
	if l.count != len(want) || l.bytes != int64(total) {
		rt.Fatalf("count %d, bytes %d, want %d, %d", l.count, l.bytes, len(want), total)
	}
	var forward, backward []string
	for p, _ := l.lowerBound(nil); l.at(p) != nil; p = l.next(p) {
		forward = append(forward, string(l.at(p).Key))
	}
	for p := l.prev(pos{chunk: len(l.chunks)}); l.at(p) != nil; p = l.prev(p) {
		backward = append(backward, string(l.at(p).Key))
	}
	slices.Reverse(backward)
	if !slices.Equal(forward, want) || !slices.Equal(backward, want) {
		rt.Fatalf("forward %x, backward %x, want %x", forward, backward, want)
	}
	for i := range 70 {
		key := []byte{byte(i >> 3), byte(i * 31)}
		at, found := slices.BinarySearch(want, string(key))
		p, equal := l.lowerBound(key)
		if m := l.at(p); equal != found || (m == nil) != (at == len(want)) || (m != nil && string(m.Key) != want[at]) {
			rt.Fatalf("lowerBound(%x) = %v, %v, want place %d, %v", key, p, equal, at, found)
		}
		if m := l.get(key); (m != nil) != found || (found && string(m.Value) != model[string(key)]) {
			rt.Fatalf("get(%x) = %v", key, m)
		}
	}
	for _, chunk := range l.chunks {
		if len(chunk) == 0 || len(chunk) > chunkMax {
			rt.Fatalf("a chunk has %d mutations", len(chunk))
		}
	}
}
