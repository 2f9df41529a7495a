package storage

import (
	"testing"

	"gatehouse/directory"
)

// BenchmarkFeed adds batches of one change to a feed that is full.
func BenchmarkFeed(b *testing.B) {
	var f feed
	csn := directory.CSN(0)
	add := func() {
		csn++
		f.add(fed{last: csn, touched: []directory.EntryID{1, 2}})
	}
	for range 2 * feedBatchesMax {
		add()
	}
	b.ReportAllocs()
	for b.Loop() {
		add()
	}
}
