package storage

import (
	"cmp"
	"encoding/binary"
	"iter"
	"slices"

	"gatehouse/directory"
	"gatehouse/storage/kv"
)

// A loadWriter hands the keys of a loaded store to the database, in order.
type loadWriter struct {
	*loader
	yield    func(kv.Record, error) bool
	stopped  bool
	key, val []byte
	ids      idSet
}

// records yields every key of the store in ascending order.
func (l *loader) records() iter.Seq2[kv.Record, error] {
	return func(yield func(kv.Record, error) bool) {
		w := &loadWriter{loader: l, yield: yield}
		for _, table := range []func(){
			w.heads, w.descriptions, w.children, w.childCounts, w.entries, w.longValues, w.stamps,
			w.forwardLinks, w.reverseLinks, w.waitingNames, w.waitingTexts, w.indexKeys,
		} {
			if table(); w.stopped {
				return
			}
		}
	}
}

// put hands out one key; false when the receiver wants no more.
func (w *loadWriter) put(key, value []byte) bool {
	if !w.stopped && !w.yield(kv.Record{Key: key, Value: value, Version: timestampOf(csnLoaded)}, nil) {
		w.stopped = true
	}
	return !w.stopped
}

// heads writes what is not about entries: identity, header, state, log, metadata.
func (w *loadWriter) heads() {
	w.put(nodeIDKey, seal(slices.Clone(w.header.Node[:]), 0, nodeIDKey))
	w.put(headerKey, seal(w.header.append(nil), 0, headerKey))
	rec := w.logRecord()
	var log []loadPair
	w.state.hash = putLogRecord(&rec, func(key, value []byte) { log = append(log, loadPair{key, value}) })
	w.state.logBytes = rec.bytes
	w.put(stateKey, w.state.append(nil))
	for _, p := range log {
		w.put(p.key, p.value)
	}
	for _, m := range w.sortedMeta() {
		key := metaKey(nil, m.Key)
		w.put(key, appendMeta(nil, key, csnLoaded, m.Value))
	}
}

func (w *loadWriter) descriptions() {
	for no, desc := range w.descs.byNo {
		if desc != nil {
			w.key = descKey(w.key[:0], uint32(no))
			w.val = seal(append(w.val[:0], desc.Key...), 0, w.key)
			w.put(w.key, w.val)
		}
	}
}

func (w *loadWriter) children() {
	run := &w.workers[0].children
	for i := range run.items {
		it := &run.items[i]
		w.key = append(append(w.key[:0], tagChild), run.key(it)...)
		w.val = appendChild(w.val[:0], w.key, it.id, w.longName(it.id))
		if !w.put(w.key, w.val) {
			return
		}
	}
}

// longName returns the NRDN of an entry if it is long.
func (w *loadWriter) longName(id directory.EntryID) directory.NRDN {
	for _, worker := range w.workers {
		if nrdn, ok := worker.names[id]; ok {
			return nrdn
		}
	}
	return ""
}

func (w *loadWriter) childCounts() {
	for id := 1; id < len(w.info); id++ {
		if n := w.info[id].children; n > 0 {
			w.key = idKey(w.key[:0], tagChildCount, directory.EntryID(id))
			w.val = appendCount(w.val[:0], w.key, uint64(n))
			w.put(w.key, w.val)
		}
	}
}

func (w *loadWriter) entries() {
	for rec := range w.eachRecord() {
		w.key = idKey(w.key[:0], tagRecord, rec.id)
		if !w.put(w.key, rec.value) {
			return
		}
	}
}

func (w *loadWriter) longValues() {
	var all []loadPair
	for _, job := range w.jobs {
		for _, l := range job.long {
			all = append(all, loadPair{longKey(nil, l.id, l.desc, l.part), l.data})
		}
	}
	sortPairs(all)
	for _, p := range all {
		w.put(p.key, p.value)
	}
}

func (w *loadWriter) stamps() {
	links, waiting := w.links, w.waiting
	var st Stamp
	for rec := range w.eachRecord() {
		info := &w.info[rec.id]
		st = Stamp{CSN: csnLoaded, Modifier: w.modifiers.list[info.modifier], authority: csnLoaded, linked: info.linked, member: info.member, gives: info.gives, refs: st.refs[:0]}
		st.setTime(info.time)
		for ; len(links) > 0 && links[0].source == rec.id; links = links[1:] {
			if n := len(st.refs); n == 0 || st.refs[n-1] != links[0].desc {
				st.refs = append(st.refs, links[0].desc)
			}
		}
		for ; len(waiting) > 0 && waiting[0].source == rec.id; waiting = waiting[1:] {
			if i, found := slices.BinarySearch(st.refs, waiting[0].desc); !found {
				st.refs = slices.Insert(st.refs, i, waiting[0].desc)
			}
		}
		w.key = idKey(w.key[:0], tagStamp, rec.id)
		w.val = appendStamp(w.val[:0], w.key, &st)
		if !w.put(w.key, w.val) {
			return
		}
	}
}

func (w *loadWriter) forwardLinks() {
	for _, k := range w.links {
		w.key = linkKey(w.key[:0], k.source, k.desc, k.target)
		if !w.put(w.key, nil) {
			return
		}
	}
}

func (w *loadWriter) reverseLinks() {
	slices.SortFunc(w.links, func(a, b loadLink) int {
		return cmp.Or(cmp.Compare(a.target, b.target), cmp.Compare(a.desc, b.desc), cmp.Compare(a.source, b.source))
	})
	for _, k := range w.links {
		w.key = reverseKey(w.key[:0], k.target, k.desc, k.source)
		if !w.put(w.key, nil) {
			return
		}
	}
}

// waitingNames writes how many references wait for a name, and which.
func (w *loadWriter) waitingNames() {
	counts := make(map[string]uint64)
	var each []loadPair
	for _, x := range w.waiting {
		reversed := reverseName(x.ref.Target)
		counts[reversed]++
		each = append(each, loadPair{key: waiterKey(nil, reversed, x.desc, x.source)})
	}
	names := make([]loadPair, 0, len(counts))
	for reversed, n := range counts {
		key := waitersKey(nil, reversed)
		value := binary.AppendUvarint(nil, n)
		if isLong(reversed) {
			value = append(value, reversed...)
		}
		names = append(names, loadPair{key, seal(value, 0, key)})
	}
	for _, pairs := range [][]loadPair{names, each} {
		sortPairs(pairs)
		for _, p := range pairs {
			w.put(p.key, p.value)
		}
	}
}

func (w *loadWriter) waitingTexts() {
	texts := make([]loadPair, len(w.waiting))
	for i, x := range w.waiting {
		key := unresolvedKey(nil, x.source, x.desc, reverseName(x.ref.Target))
		texts[i] = loadPair{key, appendUnresolved(nil, key, x.ref.Text, x.ref.Target)}
	}
	sortPairs(texts)
	for _, p := range texts {
		w.put(p.key, p.value)
	}
}
