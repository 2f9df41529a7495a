package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime"
	"strings"
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

// read takes the input and lets the workers make records and terms of it.
func (l *loader) read(ctx context.Context, batches iter.Seq2[[]LoadEntry, error]) error {
	queue := make(chan *loadJob, 2*l.o.Workers)
	done := make(chan error, l.o.Workers)
	for range l.o.Workers {
		w := newLoadWorker(l.ix, l.hotMax)
		l.workers = append(l.workers, w)
		go func() { done <- w.run(queue) }()
	}
	err := l.feed(ctx, batches, queue)
	close(queue)
	for range l.o.Workers {
		err = errors.Join(err, <-done)
	}
	if err != nil {
		return err
	}
	return l.adopt()
}

func (l *loader) feed(ctx context.Context, batches iter.Seq2[[]LoadEntry, error], queue chan<- *loadJob) error {
	for batch, err := range batches {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		job := &loadJob{entries: make([]loadJobEntry, 0, len(batch))}
		for i := range batch {
			l.place(job, &batch[i])
		}
		job.descs = l.descs
		l.jobs = append(l.jobs, job)
		queue <- job
	}
	return nil
}

func (l *loader) refuse(e *LoadEntry, err error) {
	l.report.Refused++
	if l.o.Refused != nil {
		l.o.Refused(e, err)
	}
}

// loadable refuses what a change would refuse, too.
func loadable(e *LoadEntry) error {
	if strings.Count(string(e.NDN), ",") >= depthNewMax {
		return directory.Errorf(directory.AdminLimitExceeded, "the name has more than %d parts", depthNewMax)
	}
	size := 2*len(e.DN) + 64
	for _, a := range e.Entry.Attributes() {
		if err := checkSet(a); err != nil {
			return err
		}
		if size += 16; len(a.Set()) <= longSetBytes {
			size += len(a.Set())
		}
	}
	if size > recordBytesMax {
		return directory.Errorf(directory.AdminLimitExceeded, "the entry has more than %d bytes", recordBytesMax)
	}
	return nil
}

// place gives an entry its ID and puts it into the job, or aside when its superior is not known yet.
func (l *loader) place(job *loadJob, e *LoadEntry) {
	if len(l.suffixes) == 0 {
		l.suffixes[e.NDN] = true
	}
	if err := loadable(e); err != nil {
		l.refuse(e, err)
		return
	}
	id := l.state.nextID
	if !l.names.add(e.NDN, id) {
		l.refuse(e, directory.Errorf(directory.EntryAlreadyExists, "an entry of that name came before"))
		return
	}
	l.state.nextID++
	l.number(e)
	info := loadedInfo{time: l.now}
	if !e.ModifyTime.IsZero() {
		info.time = e.ModifyTime.UnixMicro()
	}
	if e.Modifier != "" {
		info.modifier = l.modifiers.number(e.Modifier)
	}
	l.info = append(l.info, info)
	placed := loadJobEntry{LoadEntry: *e, id: id, time: info.time}
	if !l.suffixes[e.NDN] {
		parent, ok := l.names.get(e.NDN.Parent())
		if !ok || l.names.isAside(parent) {
			l.names.setAside(id)
			l.orphans = append(l.orphans, placed)
			return
		}
		placed.parent = parent
	}
	l.accept(&placed)
	job.entries = append(job.entries, placed)
}

// number gives numbers to the descriptions of an entry.
func (l *loader) number(e *LoadEntry) {
	for _, a := range e.Entry.Attributes() {
		if l.descs.number(a.Desc) == 0 {
			l.descs = l.descs.with(a.Desc)
		}
	}
	for i := range e.References {
		if desc := e.References[i].Desc; l.descs.number(desc) == 0 {
			l.descs = l.descs.with(desc)
		}
	}
}

// accept counts an entry that has its place, and keeps its references.
func (l *loader) accept(e *loadJobEntry) {
	l.report.Entries++
	l.info[e.parent].children++
	for i := range e.References {
		ref := &e.References[i]
		no := l.descs.number(ref.Desc)
		if target, ok := l.names.get(ref.Target); ok && !l.names.isAside(target) {
			l.link(e.id, no, target)
		} else {
			l.waiting = append(l.waiting, loadWaiting{e.id, no, *ref})
		}
	}
}

func (l *loader) link(source directory.EntryID, desc uint32, target directory.EntryID) {
	l.links = append(l.links, loadLink{source, target, desc})
	l.info[target].linked = true
}

// adopt finds the superiors of the entries that came before them, and refuses those that have none.
func (l *loader) adopt() error {
	sortByDepth(l.orphans)
	job := &loadJob{}
	for i := range l.orphans {
		e := &l.orphans[i]
		parent, ok := l.names.get(e.NDN.Parent())
		if !ok || l.names.isAside(parent) {
			l.names.remove(e.NDN)
			l.refuse(&e.LoadEntry, directory.Errorf(directory.NoSuchObject, "its superior is not in the input"))
			continue
		}
		e.parent = parent
		l.names.takeBack(e.id)
		l.accept(e)
		job.entries = append(job.entries, *e)
	}
	l.orphans = nil
	if len(job.entries) == 0 {
		return nil
	}
	sortByID(job.entries)
	job.descs = l.descs
	l.jobs = append(l.jobs, job)
	w := newLoadWorker(l.ix, l.hotMax) // its own, because its IDs are not above those of the others
	l.workers = append(l.workers, w)
	return w.make(job)
}
