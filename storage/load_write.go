package storage

import (
	"cmp"
	"encoding/binary"
	"iter"
	"maps"
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
		st = Stamp{CSN: csnLoaded, Modifier: w.modifiers.list[info.modifier], authority: csnLoaded, linked: info.linked, refs: st.refs[:0]}
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

// indexKeys writes the indexes by number; within one, the kinds in the order of their bytes: E, O, S, then the chunks.
func (w *loadWriter) indexKeys() {
	order := make([]int, len(w.ix.indexes))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(w.ix.indexes[a].Number, w.ix.indexes[b].Number) })
	for _, i := range order {
		number := w.ix.indexes[i].Number
		large := w.equalityKeys(i, appendIndexHead(nil, number, kindEquality))
		w.orderingKeys(&w.workers[0].indexes[i].ordering, appendIndexHead(nil, number, kindOrdering))
		grams := w.gramSets(i)
		for _, s := range grams {
			w.set(appendIndexHead(nil, number, kindSubstring), s)
		}
		w.chunks(appendIndexHead(nil, number, kindEquality), large)
		w.chunks(appendIndexHead(nil, number, kindSubstring), grams)
	}
}

func (w *loadWriter) orderingKeys(run *loadRun, head []byte) {
	for i := range run.items {
		it := &run.items[i]
		w.key = appendOrderingID(append(append(w.key[:0], head...), run.key(it)...), it.id)
		if i > 0 && it.id == run.items[i-1].id && string(run.key(it)) == string(run.key(&run.items[i-1])) {
			continue
		}
		if !w.put(w.key, nil) {
			return
		}
	}
}

// A loadSet is one set: lists of the workers, and IDs that were sorted.
type loadSet struct {
	key   []byte
	lists []*postings
	ids   idSet
}

// all returns the IDs of a set, in buf if it is large enough.
func (s *loadSet) all(buf []directory.EntryID) idSet {
	buf = append(buf[:0], s.ids...)
	for _, l := range s.lists {
		buf = l.appendTo(buf)
	}
	return sortIDs(buf)
}

// gramSets returns the sets of the n-grams of an index, sorted.
func (w *loadWriter) gramSets(i int) []loadSet {
	sets := make(map[[gramBytes]byte]*loadSet)
	for _, worker := range w.workers {
		for gram, list := range worker.indexes[i].grams {
			s := sets[gram]
			if s == nil {
				s = &loadSet{key: gram[:]}
				sets[gram] = s
			}
			s.lists = append(s.lists, list)
		}
	}
	return sortedSets(slices.Collect(maps.Values(sets)))
}

// hotSets returns the sets of the common equality keys of an index, sorted.
func (w *loadWriter) hotSets(i int) []loadSet {
	sets := make(map[string]*loadSet)
	for _, worker := range w.workers {
		for key, list := range worker.indexes[i].hot {
			s := sets[key]
			if s == nil {
				s = &loadSet{key: []byte(key)}
				sets[key] = s
			}
			s.lists = append(s.lists, list)
		}
	}
	return sortedSets(slices.Collect(maps.Values(sets)))
}

func sortedSets(sets []*loadSet) []loadSet {
	sorted := make([]loadSet, len(sets))
	for i, s := range sets {
		sorted[i] = *s
	}
	slices.SortFunc(sorted, func(a, b loadSet) int { return cmp.Compare(string(a.key), string(b.key)) })
	return sorted
}

// equalityKeys writes the set keys of an equality index, merging the common keys with the sorted ones. It returns the sets
// that go into chunks.
func (w *loadWriter) equalityKeys(i int, head []byte) (large []loadSet) {
	hot := w.hotSets(i)
	run := &w.workers[0].indexes[i].equality
	emit := func(s loadSet) {
		if w.set(head, s) {
			large = append(large, s)
		}
	}
	for at := 0; at < len(run.items) && !w.stopped; {
		key := run.key(&run.items[at])
		for len(hot) > 0 && string(hot[0].key) < string(key) {
			emit(hot[0])
			hot = hot[1:]
		}
		s := loadSet{key: key}
		if len(hot) > 0 && string(hot[0].key) == string(key) {
			s.lists = hot[0].lists
			hot = hot[1:]
		}
		for ; at < len(run.items) && string(run.key(&run.items[at])) == string(key); at++ {
			s.ids = append(s.ids, run.items[at].id)
		}
		emit(s)
	}
	for _, s := range hot {
		emit(s)
	}
	return large
}

// set writes the set key of a set and reports whether its IDs go into chunks.
func (w *loadWriter) set(head []byte, s loadSet) (large bool) {
	w.key = append(append(w.key[:0], head...), s.key...)
	w.ids = s.all(w.ids)
	if large = len(w.ids) > inlineMax; large {
		w.put(w.key, chunkedMarker)
		return true
	}
	w.val = appendInline(w.val[:0], w.ids)
	w.put(w.key, w.val)
	return false
}

// chunks writes the chunks of the large ones among sets, in the order of their keys: by length first.
func (w *loadWriter) chunks(head []byte, sets []loadSet) {
	slices.SortStableFunc(sets, func(a, b loadSet) int { return cmp.Compare(len(a.key), len(b.key)) })
	for _, s := range sets {
		w.ids = s.all(w.ids)
		if len(w.ids) <= inlineMax {
			continue
		}
		setKey := append(slices.Clone(head), s.key...)
		for rest := w.ids; len(rest) > 0 && !w.stopped; {
			var c chunk
			no := chunkOf(rest[0])
			for len(rest) > 0 && chunkOf(rest[0]) == no {
				c.add(rest[0])
				rest = rest[1:]
			}
			w.key = appendChunkKey(w.key[:0], setKey, no)
			w.val = appendChunk(w.val[:0], &c)
			w.put(w.key, w.val)
		}
	}
}
