package storage

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"sync"

	"gatehouse/directory"
)

// baseline is the change of a bulk load, which the log does not repeat: it proves which entries it brought. A store that
// follows a log cannot apply it; it starts from a backup instead.
type baseline struct {
	Entries    uint64
	Links      uint64
	Unresolved uint64
	Digest     [32]byte
}

func (baseline) isEffect() {}

// finish makes of all that was collected what is written: sorted links, references that wait, sorted index keys, the
// log record and the state.
func (l *loader) finish() {
	l.resolve()
	var sorting sync.WaitGroup
	sorting.Go(l.sortLinks)
	l.sortIndexes()
	sorting.Wait()
	l.report.Links = uint64(len(l.links))
	l.report.Unresolved = uint64(len(l.waiting))
	l.report.Digest = l.digest()
	l.state.nextDesc = uint32(len(l.descs.byNo))
	l.state.lastTime = l.now
	l.state.entries = l.report.Entries
	l.state.unresolved = l.report.Unresolved
	l.state.csn = csnLoaded
}

// resolve makes links of the references whose target came later.
func (l *loader) resolve() {
	waiting := l.waiting[:0]
	for _, w := range l.waiting {
		if target, ok := l.names.get(w.ref.Target); ok {
			l.link(w.source, w.desc, target)
		} else {
			waiting = append(waiting, w)
		}
	}
	// A name that is written twice is one value.
	slices.SortStableFunc(waiting, func(a, b loadWaiting) int {
		return cmp.Or(cmp.Compare(a.source, b.source), cmp.Compare(a.desc, b.desc), cmp.Compare(a.ref.Target, b.ref.Target))
	})
	l.waiting = slices.CompactFunc(waiting, func(a, b loadWaiting) bool {
		return a.source == b.source && a.desc == b.desc && a.ref.Target == b.ref.Target
	})
	l.names = nil
}

func (l *loader) sortLinks() {
	slices.SortFunc(l.links, func(a, b loadLink) int {
		return cmp.Or(cmp.Compare(a.source, b.source), cmp.Compare(a.desc, b.desc), cmp.Compare(a.target, b.target))
	})
	l.links = slices.Compact(l.links)
}

// sortIndexes sorts the runs of all workers, as many at a time as there are workers.
func (l *loader) sortIndexes() {
	first := l.workers[0]
	tasks := []func(){func() { first.children.merge(l.runs(func(w *loadWorker) *loadRun { return &w.children })) }}
	for i := range l.ix.indexes {
		tasks = append(tasks, func() {
			first.indexes[i].ordering.merge(l.runs(func(w *loadWorker) *loadRun { return &w.indexes[i].ordering }))
		}, func() {
			first.indexes[i].equality.merge(l.runs(func(w *loadWorker) *loadRun { return &w.indexes[i].equality }))
		})
	}
	slots := make(chan struct{}, l.o.Workers)
	var all sync.WaitGroup
	for _, task := range tasks {
		slots <- struct{}{}
		all.Go(func() {
			task()
			<-slots
		})
	}
	all.Wait()
}

// runs returns a run of every worker but the first.
func (l *loader) runs(of func(*loadWorker) *loadRun) (runs []*loadRun) {
	for _, w := range l.workers[1:] {
		runs = append(runs, of(w))
	}
	return runs
}

// digest returns the SHA-256 of the digests of all records in order of IDs, and of all references.
func (l *loader) digest() (sum [32]byte) {
	h := sha256.New()
	for rec := range l.eachRecord() {
		h.Write(rec.digest)
	}
	var b []byte
	for _, k := range l.links {
		b = linkKey(b[:0], k.source, k.desc, k.target)
		h.Write(b)
	}
	for _, w := range l.waiting {
		b = unresolvedKey(b[:0], w.source, w.desc, reverseName(w.ref.Target))
		h.Write(appendBytes(b, w.ref.Text))
	}
	h.Sum(sum[:0])
	return sum
}

// A madeRecord is one record as a worker made it.
type madeRecord struct {
	id     directory.EntryID
	value  []byte
	digest []byte
	job    *loadJob
}

// eachRecord yields all records in order of IDs. The last job may be that of the orphans, whose IDs lie among the others.
func (l *loader) eachRecord() func(yield func(madeRecord) bool) {
	return func(yield func(madeRecord) bool) {
		jobs := l.jobs
		var late []madeRecord
		if n := len(jobs); n > 1 && len(jobs[n-1].spans) > 0 && len(jobs[n-2].spans) > 0 && jobs[n-1].spans[0].id < lastID(jobs[n-2]) {
			late = jobs[n-1].made()
			jobs = jobs[:n-1]
		}
		for _, job := range jobs {
			for _, rec := range job.made() {
				for len(late) > 0 && late[0].id < rec.id {
					if !yield(late[0]) {
						return
					}
					late = late[1:]
				}
				if !yield(rec) {
					return
				}
			}
		}
		for _, rec := range late {
			if !yield(rec) {
				return
			}
		}
	}
}

func lastID(job *loadJob) directory.EntryID { return job.spans[len(job.spans)-1].id }

func (job *loadJob) made() []madeRecord {
	made := make([]madeRecord, len(job.spans))
	for i, s := range job.spans {
		made[i] = madeRecord{s.id, job.records[s.from:s.to], job.digests[i*sha256.Size : (i+1)*sha256.Size], job}
	}
	return made
}

// logRecord returns the log's only record.
func (l *loader) logRecord() logRecord {
	c := Change{Author: l.o.Author, Time: microTime(l.now)}
	_, _ = l.o.Rand.Read(c.ID[:])
	c.Effects = append(c.Effects, createStore{header: l.header})
	for _, m := range l.o.Meta {
		c.Effects = append(c.Effects, m)
	}
	c.Effects = append(c.Effects, baseline{l.report.Entries, l.report.Links, l.report.Unresolved, l.report.Digest})
	logged := loggedChange{csn: csnLoaded, firstID: 1, time: l.now, encoded: appendChange(nil, &c)}
	return logRecord{first: csnLoaded, last: csnLoaded, body: appendLogged(nil, &logged)}
}

// sortedMeta returns the metadata in the order of its keys.
func (l *loader) sortedMeta() []PutMeta {
	meta := slices.Clone(l.o.Meta)
	slices.SortFunc(meta, func(a, b PutMeta) int { return cmp.Compare(a.Key, b.Key) })
	return meta
}

func appendCount(dst, key []byte, n uint64) []byte {
	from := len(dst)
	return seal(binary.AppendUvarint(dst, n), from, key)
}

func sortPairs(pairs []loadPair) {
	slices.SortFunc(pairs, func(a, b loadPair) int { return bytes.Compare(a.key, b.key) })
}

type loadPair struct{ key, value []byte }
