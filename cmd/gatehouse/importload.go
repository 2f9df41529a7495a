package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"gatehouse/config"
	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/directory/ldif"
	"gatehouse/directory/schema"
	"gatehouse/storage"
)

// bulkImport builds the store of a data directory from an LDIF: one that does not exist yet, or one that holds only what init
// made, whose entries are taken over. Until all is well nothing changes; a killed import leaves nothing that opens.
type bulkImport struct {
	cfg      *config.Config
	dir      dataDir
	schema   *schema.Schema
	suffixes dit.Suffixes
	bases    []string // of --base
	chunk    int      // bytes of one piece of the input
	refusals *refusals
	keepText bool // chunks are kept for the file of rejects
	dry      bool // build the store elsewhere and remove it
	roles    bool // add the ready-made roles
	fill     []*ldif.Record
	indexes  []storage.IndexDefinition // of the new store; nil is the usual ones
	survey   *survey                   // nil if nobody asks

	sealer *dit.Sealer
	filled fillings
	old    *initEntries // nil without a store
	report importReport
}

// importReport says what an import did.
type importReport struct {
	Entries    uint64 `json:"entries"`    // added
	Replaced   uint64 `json:"replaced"`   // existing entries that became what the file says
	Skipped    uint64 `json:"skipped"`    // existing entries that stayed
	Changes    uint64 `json:"changes"`    // change records applied
	Refused    uint64 `json:"refused"`    // records that could not be taken
	Unresolved uint64 `json:"unresolved"` // references to entries that do not exist
	Hashed     uint64 `json:"hashed"`     // clear passwords that were hashed with a cheap scheme
	Roles      uint64 `json:"roles"`      // entries of the ready-made roles, added beside those
	Kept       string `json:"kept,omitempty"`
}

// importChunkBytes is how much of the input is handed to one goroutine, or to the server, at a time.
const importChunkBytes = 1 << 20

// run reads the LDIF and puts the new store in its place.
func (b *bulkImport) run(ctx context.Context, src io.Reader) error {
	split := ldif.NewSplitter(src, b.chunk, ldif.Options{})
	first, err := split.Next(nil)
	if errors.Is(err, io.EOF) && len(b.fill) == 0 {
		return errNoRecords
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if err := b.findSuffixes(first); err != nil {
		return err
	}
	next := b.dir.store() + ".new"
	if b.dry {
		tmp, err := os.MkdirTemp("", "gatehouse-dry-run-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(tmp)
		next = filepath.Join(tmp, "store")
	}
	if err := os.RemoveAll(next); err != nil {
		return err
	}
	if err := b.build(ctx, next, first, split); err != nil {
		return errors.Join(err, os.RemoveAll(next))
	}
	if b.dry {
		return nil
	}
	if b.old != nil {
		if err := b.old.close(); err != nil {
			return errors.Join(err, os.RemoveAll(next))
		}
	}
	return replaceStore(next, b.dir)
}

// build makes the new store in the directory next.
func (b *bulkImport) build(ctx context.Context, next string, first ldif.Chunk, split *ldif.Splitter) error {
	o := loadOptions(b.dir, b.cfg, b.schema, b.suffixes)
	o.Indexes = b.indexes
	if b.old != nil {
		o.Meta = b.old.meta
	}
	var refusedErr error
	o.Refused = func(e *storage.LoadEntry, err error) {
		if b.filled.roles[e.NDN] && e.Line == 0 {
			b.report.Roles-- // what is above it was refused, and is said
			return
		}
		refusedErr = errors.Join(refusedErr, b.refusals.add(refusalOf(e.Line, e.DN, err), entryText(e)))
	}
	report, err := storage.Load(ctx, next, openDB(b.cfg, quiet()), o, b.entries(ctx, first, split))
	b.report.Entries, b.report.Unresolved = report.Entries-min(report.Entries, b.report.Roles), report.Unresolved
	b.report.Refused, b.report.Hashed = uint64(b.refusals.count), uint64(b.sealer.CheapHashes())
	err = errors.Join(err, refusedErr)
	if err == nil && b.refusals.count > 0 && b.refusals.file == nil && !b.dry {
		err = errRefused
	}
	return err
}

var errNoRecords = errors.New("the file holds no records")

// errRefused says that nothing was loaded because of records that cannot be taken.
var errRefused = errors.New("nothing was loaded, because some records cannot be taken; mend them, or give --rejects FILE to load the others and have these in a file; --unknown drop leaves out what the schema does not have")

// replaceStore gives a new store its name in one step; the old one, if there is one, is removed.
func replaceStore(next string, dir dataDir) error {
	has, err := dir.hasStore()
	if err != nil {
		return err
	}
	if !has {
		err = os.Rename(next, dir.store())
	} else {
		err = unix.Renameat2(unix.AT_FDCWD, next, unix.AT_FDCWD, dir.store(), unix.RENAME_EXCHANGE)
	}
	if err != nil {
		return fmt.Errorf("put the new store in its place: %w", errors.Join(err, os.RemoveAll(next)))
	}
	if err := syncFolder(string(dir)); err != nil {
		return err
	}
	return os.RemoveAll(next)
}

func syncFolder(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// findSuffixes decides about the naming contexts: those of the old store and of --base; without either, the first record is one.
func (b *bulkImport) findSuffixes(first ldif.Chunk) error {
	names := b.bases
	if b.old != nil {
		names = append(b.old.bases, names...)
	}
	if len(names) == 0 {
		rec, err := ldif.NewReader(bytes.NewReader(first.Data), ldifOptions(b.cfg)).Next()
		if errors.Is(err, io.EOF) {
			return errNoRecords
		}
		if err != nil {
			r := refusalOf(1, "", err)
			source, line := b.refusals.at(r.Line)
			return fmt.Errorf("%s:%d: %s; the first record names the base, unless --base does", source, line, r.Text)
		}
		names = []string{strings.Clone(rec.DN)}
	}
	var err error
	if b.suffixes, err = dit.NewSuffixes(b.schema, names...); err != nil {
		return err
	}
	if b.sealer, err = newSealer(b.schema, b.suffixes); err != nil {
		return err
	}
	return b.findFillings(names)
}

// sealed is what became of one chunk.
type sealed struct {
	entries []storage.LoadEntry
	refused []refused
	err     error // ends the import
}

type refused struct {
	refusal
	text []byte
}

// entries parses and seals the chunks with a goroutine for each core and yields the entries in the order of the input.
func (b *bulkImport) entries(ctx context.Context, first ldif.Chunk, split *ldif.Splitter) iter.Seq2[[]storage.LoadEntry, error] {
	return func(yield func([]storage.LoadEntry, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		var running sync.WaitGroup
		defer running.Wait()
		defer cancel()
		results := make(chan chan sealed, 2*runtime.GOMAXPROCS(0))
		running.Go(func() { b.split(ctx, first, split, results) })
		for result := range results {
			s := <-result
			for _, r := range s.refused {
				s.err = errors.Join(s.err, b.refusals.add(r.refusal, r.text))
			}
			b.filled.without(s.entries)
			if !yield(b.withOld(s.entries), s.err) || s.err != nil {
				return
			}
		}
		if ctx.Err() != nil {
			return
		}
		var rest []storage.LoadEntry
		rest, b.report.Roles = b.filled.rest()
		if b.old != nil {
			rest = append(rest, b.old.rest()...)
		}
		yield(rest, nil)
	}
}

// split hands the chunks to workers and closes results at the end.
func (b *bulkImport) split(ctx context.Context, chunk ldif.Chunk, split *ldif.Splitter, results chan<- chan sealed) {
	defer close(results)
	work := make(chan func())
	var workers sync.WaitGroup
	defer workers.Wait()
	defer close(work)
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for f := range work {
				f()
			}
		})
	}
	for err := error(nil); !errors.Is(err, io.EOF); chunk, err = split.Next(nil) {
		result := make(chan sealed, 1)
		select {
		case results <- result:
		case <-ctx.Done():
			return
		}
		if err != nil {
			result <- sealed{err: fmt.Errorf("%s: %w", b.refusals.source, err)}
			return
		}
		c := chunk // the loop moves on while a worker reads it
		select {
		case work <- func() { result <- b.seal(c) }:
		case <-ctx.Done():
			result <- sealed{err: ctx.Err()}
			return
		}
	}
}

// seal parses one chunk.
func (b *bulkImport) seal(c ldif.Chunk) (s sealed) {
	whole := ldif.Chunk{Line: c.Line}
	if b.keepText {
		whole.Data = bytes.Clone(c.Data) // the reader overwrites what it has read
	}
	refuse := func(r refusal) { s.refused = append(s.refused, refused{r, recordAt(whole, r.Line)}) }
	seen := b.survey.begin(c.Line)
	r := ldif.NewChunkReader(c, ldifOptions(b.cfg))
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			return s
		}
		if le, ok := errors.AsType[*ldif.Error](err); ok && (len(s.refused) == 0 || s.refused[len(s.refused)-1].Line != le.Line) {
			refuse(refusalOf(le.Line, "", err))
			continue
		}
		if err != nil {
			s.err = fmt.Errorf("%s: %w", b.refusals.source, err)
			return s
		}
		if rec.Kind != ldif.Content && rec.Kind != ldif.Add {
			refuse(refusal{rec.Line, strings.Clone(rec.DN), fmt.Sprintf("a %s record: a new store has nothing to change", rec.Kind)})
			continue
		}
		seen.record(rec)
		e, err := b.sealer.Seal(rec)
		if err != nil {
			refuse(refusalOf(rec.Line, strings.Clone(rec.DN), b.explain(err)))
			continue
		}
		s.entries = append(s.entries, e)
	}
}

// explain says what to do where a name lies outside of the naming contexts.
func (b *bulkImport) explain(err error) error {
	if directory.CodeOf(err) != directory.NoSuchObject {
		return err
	}
	var names []string
	for _, s := range b.suffixes {
		names = append(names, string(s))
	}
	return fmt.Errorf("%w (%s); --base DN adds another", err, strings.Join(names, "; "))
}
