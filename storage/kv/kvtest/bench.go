package kvtest

import (
	"fmt"
	"testing"

	"gatehouse/storage/kv"
)

// benchKeys is the number of keys in the store of a benchmark, with values of 200 bytes.
const benchKeys = 100_000

// Bench runs the benchmarks of a kv.DB.
func Bench(b *testing.B, s Store) {
	db := s.New(b)
	ts := fillBench(b, db)
	snap := mustSnapshot(b, db, ts)
	key := func(i int) []byte { return fmt.Appendf(nil, "e%08d", i*7919%benchKeys) }
	b.Run("get", func(b *testing.B) {
		b.ReportAllocs()
		for i := range b.N {
			if _, err := snap.Get(key(i)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("get-absent", func(b *testing.B) {
		b.ReportAllocs()
		for i := range b.N {
			if _, err := snap.Get(append(key(i), 'x')); err == nil {
				b.Fatal("found")
			}
		}
	})
	for _, length := range []int{1, 100} {
		for _, reverse := range []bool{false, true} {
			b.Run(fmt.Sprintf("scan-%d/reverse-%v", length, reverse), func(b *testing.B) {
				b.ReportAllocs()
				for i := range b.N {
					it := snap.Scan(kv.ScanOptions{Lo: []byte("e"), Hi: key(i), Reverse: reverse})
					for range length {
						it.Next()
					}
					it.Close()
				}
			})
		}
	}
	b.Run("snapshot", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			s, err := db.SnapshotAt(ts)
			if err != nil {
				b.Fatal(err)
			}
			s.Close()
		}
	})
	b.Run("commit-64-changes", func(b *testing.B) {
		b.ReportAllocs()
		value := make([]byte, 200)
		for i := range b.N {
			o := kv.NewOverlay(snap)
			for j := range 64 {
				c := o.Child()
				c.Put(key(i*64+j), value)
				c.Put(fmt.Appendf(nil, "log%08d-%02d", i, j), value)
				c.Merge()
			}
			ts++
			if err := db.Commit(ts, o.Freeze().Mutations()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func fillBench(b *testing.B, db kv.DB) kv.Timestamp {
	value := make([]byte, 200)
	ts := kv.Timestamp(0)
	for i := 0; i < benchKeys; {
		o := kv.NewOverlay(nil)
		for range 4000 {
			o.Put(fmt.Appendf(nil, "e%08d", i), value)
			i++
		}
		ts++
		mustCommit(b, db, ts, o.Freeze().Mutations()...)
	}
	return ts
}
