package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime"
	"time"

	"gatehouse/directory"
	"gatehouse/storage/kv"
)

// LoadEntry is one entry of a bulk load.
type LoadEntry struct {
	Line int           // of the input, for reports
	DN   string        // as written
	RDN  string        // the first part of DN
	NDN  directory.NDN // of DN
	// Entry is sealed and has no value of References.
	Entry      *directory.Entry
	References []Reference
	// ModifyTime and Modifier become the stamp; when zero, those of the load.
	ModifyTime time.Time
	Modifier   string
}

// LoadOptions configures a bulk load.
type LoadOptions struct {
	Options
	// Suffixes are the names of the entries that have no superior. Empty: the first entry is the only one.
	Suffixes []directory.NDN
	// Author is the modifier of entries that bring none.
	Author string
	// Meta becomes versioned metadata of the new store.
	Meta []PutMeta
	// Refused, unless nil, is told about every entry that is left out: its name is taken or its superior is missing.
	Refused func(e *LoadEntry, err error)
	// Workers is how many goroutines make records and index terms; 0 is GOMAXPROCS.
	Workers int
}

// LoadReport says what a bulk load did.
type LoadReport struct {
	Entries    uint64
	Refused    uint64
	Links      uint64
	Unresolved uint64
	Digest     [32]byte // of all records and references; the log has it
}

// LoadInto fills an empty database with a new store that holds the entries of batches, and makes its side file in
// o.Dir. Entries get their IDs in the order of the input; their superiors and the targets of their references may come
// later. When it fails the database must be thrown away.
//
// All of it happens in memory: about the size of the records, 100 bytes per entry and 20 to 40 bytes per index
// term of unique-like attributes; 1,000,000 entries of 1.2 KB take about 3 GB. Sorted runs on disk are not made.
func LoadInto(ctx context.Context, db kv.DB, o LoadOptions, batches iter.Seq2[[]LoadEntry, error]) (LoadReport, error) {
	l, err := newLoader(o)
	if err != nil {
		return LoadReport{}, err
	}
	err = l.into(ctx, db, batches)
	return l.report, err
}

func (l *loader) into(ctx context.Context, db kv.DB, batches iter.Seq2[[]LoadEntry, error]) error {
	if err := l.read(ctx, batches); err != nil {
		return err
	}
	l.finish()
	if err := db.Load(ctx, l.records()); err != nil {
		return fmt.Errorf("load: %w", err)
	}
	if l.o.Dir == "" {
		return nil
	}
	mark := sideMark{incarnation: l.header.Incarnation, csn: l.state.csn, hash: l.state.hash, floor: db.FlushedTimestamp()}
	return createSideFile(l.o.Dir, mark)
}

// Load is LoadInto for a new directory. It works in dir.importing, checks every invariant there, and gives it the name dir
// only when all is well and on disk: a killed load leaves nothing that opens.
func Load(ctx context.Context, dir string, open func(dir string) (kv.DB, error), o LoadOptions, batches iter.Seq2[[]LoadEntry, error]) (LoadReport, error) {
	var report LoadReport
	err := buildDir(dir, ".importing", func(tmp string) error {
		o.Dir = tmp
		db, err := open(tmp)
		if err != nil {
			return err
		}
		if report, err = LoadInto(ctx, db, o, batches); err == nil {
			err = checkOpened(ctx, db, o.Options)
		}
		return errors.Join(err, db.Close())
	})
	return report, err
}

// A loader builds a whole store at CSN 1. One goroutine reads the input, gives IDs and numbers, and hands batches to
// workers, which make records and index terms; what they made is sorted and written in key order at the end.
type loader struct {
	o      LoadOptions
	ix     *indexer
	header Header
	state  state
	descs  *descriptions
	report LoadReport
	now    int64 // Unix microseconds
	hotMax int

	names     *nameTable
	suffixes  map[directory.NDN]bool
	modifiers interner
	info      []loadedInfo // by ID
	orphans   []loadJobEntry
	links     []loadLink
	waiting   []loadWaiting

	jobs    []*loadJob // in order of IDs
	workers []*loadWorker
}

// loadedInfo is what is kept of every entry.
type loadedInfo struct {
	time     int64 // Unix microseconds
	modifier uint32
	children uint32
	linked   bool
	member   bool
	gives    bool
}

type loadLink struct {
	source, target directory.EntryID
	desc           uint32
}

type loadWaiting struct {
	source directory.EntryID
	desc   uint32
	ref    Reference
}

// csnLoaded is the change that makes a loaded store.
const csnLoaded directory.CSN = 1

func newLoader(o LoadOptions) (*loader, error) {
	o.setDefaults()
	if o.Indexes == nil {
		o.Indexes = DefaultIndexes()
	}
	o.Indexes = numberIndexes(o.Indexes)
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	ix, err := newIndexer(o.Schema, o.Indexes)
	if err != nil {
		return nil, err
	}
	l := &loader{
		o: o, ix: ix,
		header:   Header{Format: formatVersion, Features: featureLevel},
		state:    state{nextID: 1, nextDesc: 1},
		descs:    &descriptions{byNo: make([]*directory.AttributeDescription, 1)},
		now:      o.Now().UnixMicro(),
		hotMax:   hotMax,
		names:    newNameTable(),
		suffixes: make(map[directory.NDN]bool),
		info:     make([]loadedInfo, 1),
	}
	for _, s := range o.Suffixes {
		l.suffixes[s] = true
	}
	for _, id := range [][]byte{l.header.Incarnation[:], l.header.Node[:]} {
		if _, err := io.ReadFull(o.Rand, id); err != nil {
			return nil, err
		}
	}
	l.modifiers.number(o.Author)
	digest := o.Schema.Digest()
	l.o.Meta = append([]PutMeta{
		{Key: MetaSchema, Value: digest[:]},
		{Key: MetaIndexes, Value: appendIndexDefinitions(nil, o.Indexes)},
	}, o.Meta...)
	return l, nil
}
