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
	b.Run("seek", func(b *testing.B) {
		b.ReportAllocs()
		it := snap.Scan(kv.ScanOptions{KeysOnly: true})
		defer func() { it.Close() }()
		for i := range b.N {
			if at := i * 50 % benchKeys; !it.Seek(fmt.Appendf(nil, "e%08d", at)) || at > benchKeys-100 {
				it.Close()
				it = snap.Scan(kv.ScanOptions{KeysOnly: true})
			}
		}
	})
	for _, length := range []int{1, 100} {
		for _, reverse := range []bool{false, true} {
			b.Run(fmt.Sprintf("scan-%d/reverse-%v", length, reverse), func(b *testing.B) {
				b.ReportAllocs()
				for i := range b.N {
					opt := kv.ScanOptions{Prefix: []byte("e"), Lo: key(i), Reverse: reverse}
					if reverse {
						opt.Lo, opt.Hi = nil, opt.Lo
					}
					it := snap.Scan(opt)
					for range length {
						it.Next()
					}
					it.Close()
				}
			})
		}
	}
	b.Run("snapshot-scan-1", func(b *testing.B) {
		b.ReportAllocs()
		for i := range b.N {
			s, err := db.SnapshotAt(ts)
			if err != nil {
				b.Fatal(err)
			}
			it := s.Scan(kv.ScanOptions{Lo: key(i)})
			it.Next()
			it.Close()
			s.Close()
		}
	})
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
