package storage

import (
	"context"
	"fmt"
	"hash/maphash"

	"gatehouse/directory"
	"gatehouse/storage/kv"
)

// Finding is one broken invariant of a store.
type Finding struct {
	Area string            // log, tree, record, stamp, link, unresolved, index, key
	ID   directory.EntryID // the entry that it is about; 0 when it is about none
	Text string
}

// Error makes a Finding an error.
func (f Finding) Error() string {
	if f.ID == 0 {
		return f.Area + ": " + f.Text
	}
	return fmt.Sprintf("%s: entry %d: %s", f.Area, f.ID, f.Text)
}

// CheckSummary says what a check went through.
type CheckSummary struct {
	CSN        directory.CSN `json:"change"`
	Keys       uint64        `json:"keys"`
	Entries    uint64        `json:"entries"`
	Links      uint64        `json:"links"`
	Unresolved uint64        `json:"unresolved"`
	IndexIDs   uint64        `json:"indexEntries"` // IDs in all index sets
	Findings   uint64        `json:"findings"`
}

// Check reads the whole state of a snapshot and calls report for every invariant that does not hold; the store goes on
// meanwhile. An error is about the check itself, not about the store. What it proves:
//
//  1. Every stored value matches its checksum, and every key belongs to a table.
//  2. Tree: each entry has one name, its superior exists, a way leads to a naming context, and counters agree.
//  3. Records name known descriptions; their long values are whole and nothing else is there. Each entry has a stamp.
//  4. Links exist from both ends, and both ends exist. Unresolved references agree with their counters, and name
//     entries that do not exist.
//  5. Indexes have exactly the terms of the entries and stamps.
//  6. The log is a chain without gaps that ends at the snapshot's state.
//
// It is one pass in key order with about 25 bytes of memory for each ID ever given: the two sides of a relation
// (entries and index, links and reverse links) are compared by sums of keyed hashes, which do not depend on
// order. Only when sums differ a second, slower pass finds out where.
func Check(ctx context.Context, sn *Snapshot, report func(Finding)) (CheckSummary, error) {
	if sn.epoch == nil {
		return CheckSummary{}, ErrClosed
	}
	r, err := sn.epoch.reader()
	if err != nil {
		return CheckSummary{}, err
	}
	c := &checker{
		ctx: ctx, report: report, seed: maphash.MakeSeed(), ix: sn.store.indexes,
		// Not through the cache: what is on disk counts.
		v:       view{store: sn.store, descs: sn.descs, state: sn.state, r: r},
		summary: CheckSummary{CSN: sn.state.csn},
		indexes: make(map[uint32]*indexSums),
	}
	n := int(sn.state.nextID)
	c.entries = make([]checkedEntry, n)
	if err := c.scan(); err != nil {
		return c.summary, err
	}
	for _, step := range []func() error{c.tree, c.links, c.unresolved, c.index, c.log, c.counts} {
		if err := step(); err != nil {
			return c.summary, err
		}
	}
	return c.summary, nil
}

// A checkedEntry is what the pass over all keys leaves of an entry.
type checkedEntry struct {
	parent   directory.EntryID
	name     uint64 // hash of its key in the tree
	children uint32 // counted
	declared uint32 // by the counter
	is       entryFlags
}

type entryFlags uint8

const (
	hasRecord entryFlags = 1 << iota
	hasName
	hasStamp
	hasWay // leads to a naming context
)

type checker struct {
	ctx     context.Context
	report  func(Finding)
	seed    maphash.Seed
	ix      *indexer
	v       view
	summary CheckSummary
	entries []checkedEntry // by ID

	terms          indexTerms
	forward, back  relation // links
	texts, waiters relation // unresolved references
	waiting        map[uint64]uint64
	longWant       relation
	longHave       relation
	indexes        map[uint32]*indexSums
	lastChunkSet   []byte
	pending        uint64 // follow-up changes that wait
}

// A relation is compared with another as the sum of the hashes of its members.
type relation struct{ n, sum uint64 }

func (r *relation) add(h uint64) {
	r.n++
	r.sum += h
}

// hash hashes parts; the length of all but the last must be fixed for their place.
func (c *checker) hash(parts ...[]byte) uint64 {
	var h maphash.Hash
	h.SetSeed(c.seed)
	for _, p := range parts {
		_, _ = h.Write(p) // never fails
	}
	return h.Sum64()
}

// mix joins a hash with an ID (the finalizer of SplitMix64).
func mix(h uint64, id directory.EntryID) uint64 {
	h += uint64(id) * 0x9e3779b97f4a7c15
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

func (c *checker) find(area string, id directory.EntryID, format string, args ...any) {
	c.summary.Findings++
	c.report(Finding{Area: area, ID: id, Text: fmt.Sprintf(format, args...)})
}

// entry returns what is known of an entry; nil for an ID that was never given.
func (c *checker) entry(id directory.EntryID) *checkedEntry {
	if id == 0 || uint64(id) >= uint64(len(c.entries)) {
		return nil
	}
	return &c.entries[id]
}

// exists reports whether the entry has a record. It is known after the records were read.
func (c *checker) exists(id directory.EntryID) bool {
	e := c.entry(id)
	return e != nil && e.is&hasRecord != 0
}

// scan reads every key once.
func (c *checker) scan() error {
	it := c.v.Scan(kv.ScanOptions{Prefetch: 1024})
	defer it.Close()
	for it.Next() {
		if c.summary.Keys++; c.summary.Keys%1024 == 0 && c.ctx.Err() != nil {
			return c.ctx.Err()
		}
		value, err := it.Value()
		if err != nil {
			return err
		}
		c.key(it.Key(), value)
	}
	return it.Err()
}
