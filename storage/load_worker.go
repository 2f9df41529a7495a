package storage

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"gatehouse/directory"
)

// A loadJob is a batch of the input on its way through a worker.
type loadJob struct {
	entries []loadJobEntry
	descs   *descriptions

	// What the worker made of them:
	records []byte       // values, one after the other
	spans   []loadRecord // in order of IDs
	long    []loadLong   // parts of long values
	digests []byte       // SHA-256 of each record
}

type loadJobEntry struct {
	LoadEntry
	id, parent directory.EntryID
	time       int64
}

type loadRecord struct {
	id       directory.EntryID
	from, to int
}

type loadLong struct {
	id   directory.EntryID
	desc uint32
	part int
	data []byte
}

// A loadWorker makes records and collects index terms. It belongs to one goroutine.
type loadWorker struct {
	ix       *indexer
	hotMax   int
	children loadRun                              // keys of the tree, without their tag
	names    map[directory.EntryID]directory.NRDN // long ones
	indexes  []loadIndex                          // by place in ix.indexes
	terms    indexTerms
	key      []byte
}

// loadIndex is what one worker has of one index.
type loadIndex struct {
	ordering loadRun
	equality loadRun
	hot      map[string]*postings // equality keys that came early; they are likely common
	grams    map[[gramBytes]byte]*postings
}

// hotMax bounds the equality keys of one index that a worker keeps in a map. Keys of an attribute with more values are
// sorted instead.
const hotMax = 4096

func newLoadWorker(ix *indexer, hotMax int) *loadWorker {
	w := &loadWorker{
		ix:      ix,
		hotMax:  hotMax,
		names:   make(map[directory.EntryID]directory.NRDN),
		indexes: make([]loadIndex, len(ix.indexes)),
	}
	for i := range w.indexes {
		w.indexes[i].hot = make(map[string]*postings)
		w.indexes[i].grams = make(map[[gramBytes]byte]*postings)
	}
	return w
}

// run works until there are no more jobs. After an error it only empties the queue.
func (w *loadWorker) run(queue <-chan *loadJob) error {
	var err error
	for job := range queue {
		if err == nil {
			err = w.make(job)
		}
	}
	return err
}

func (w *loadWorker) make(job *loadJob) error {
	size := 0
	for i := range job.entries {
		for _, a := range job.entries[i].Entry.Attributes() {
			size += len(a.Set()) + 8
		}
		size += 128
	}
	job.records = make([]byte, 0, size)
	job.spans = make([]loadRecord, 0, len(job.entries))
	job.digests = make([]byte, 0, len(job.entries)*sha256.Size)
	for i := range job.entries {
		if err := w.entry(job, &job.entries[i]); err != nil {
			return fmt.Errorf("line %d: %s: %w", job.entries[i].Line, job.entries[i].DN, err)
		}
	}
	job.entries = nil // the memory of the input can go
	return nil
}

func (w *loadWorker) entry(job *loadJob, e *loadJobEntry) error {
	rec := record{csn: csnLoaded, parent: e.parent, rdn: e.RDN, nrdn: e.NDN.RDN(), entry: e.Entry}
	if e.parent == 0 {
		rec.rdn, rec.nrdn = e.DN, directory.NRDN(e.NDN)
	}
	from := len(job.records)
	w.key = idKey(w.key[:0], tagRecord, e.id)
	job.records = appendRecord(job.records, w.key, &rec, job.descs, func(desc uint32, set []byte) []byte {
		for part := range longParts(len(set)) {
			data := set[part*longPartBytes : min(len(set), (part+1)*longPartBytes)]
			job.long = append(job.long, loadLong{e.id, desc, part, data})
		}
		return longDigest(set)
	})
	if n := len(job.records) - from; n > recordBytesMax {
		return directory.Errorf(directory.AdminLimitExceeded, "the entry has more than %d bytes", recordBytesMax)
	}
	job.spans = append(job.spans, loadRecord{e.id, from, len(job.records)})
	sum := sha256.Sum256(job.records[from:])
	job.digests = append(job.digests, sum[:]...)

	w.key = childKey(w.key[:0], e.parent, rec.nrdn)
	w.children.add(w.key[1:], e.id)
	if isLong(rec.nrdn) {
		w.names[e.id] = rec.nrdn
	}
	w.index(e)
	return nil
}

// index collects the terms of an entry.
func (w *loadWorker) index(e *loadJobEntry) {
	for _, a := range e.Entry.Attributes() {
		for _, i := range w.ix.ofValue[a.Desc.TypeNo] {
			w.terms.reset()
			w.ix.indexes[i].appendTerms(&w.terms, w.ix.schema, a)
			w.collect(&w.indexes[i], e.id)
		}
	}
	for i, a := range w.ix.indexes {
		if a.source == fromEntry {
			continue
		}
		w.terms.reset()
		a.appendStampTerm(&w.terms, w.ix.schema, indexStamp{CSN: csnLoaded, ModifyTime: time.UnixMicro(e.time)})
		w.collect(&w.indexes[i], e.id)
	}
}

func (w *loadWorker) collect(x *loadIndex, id directory.EntryID) {
	for _, s := range w.terms.spans {
		term := w.terms.at(s)
		key := term[indexHeadBytes:]
		switch term[indexHeadBytes-1] {
		case kindSubstring:
			gram := [gramBytes]byte(key)
			p := x.grams[gram]
			if p == nil {
				p = new(postings)
				x.grams[gram] = p
			}
			p.add(id)
		case kindOrdering:
			x.ordering.add(key, id)
		default:
			if p := x.hot[string(key)]; p != nil {
				p.add(id)
			} else if len(x.hot) < w.hotMax {
				p = new(postings)
				p.add(id)
				x.hot[string(key)] = p
			} else {
				x.equality.add(key, id)
			}
		}
	}
}

// postings is an ascending list of IDs, each as the difference to the one before.
type postings struct {
	last  directory.EntryID
	count int
	data  []byte
}

// add appends an ID; one that is there already is not added again.
func (p *postings) add(id directory.EntryID) {
	if id == p.last {
		return
	}
	p.data = binary.AppendUvarint(p.data, uint64(id-p.last))
	p.last = id
	p.count++
}

func (p *postings) appendTo(dst []directory.EntryID) []directory.EntryID {
	last := uint64(0)
	for rest := p.data; len(rest) > 0; {
		delta, n := binary.Uvarint(rest)
		last += delta
		rest = rest[n:]
		dst = append(dst, directory.EntryID(last))
	}
	return dst
}
