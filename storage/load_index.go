package storage

import (
	"cmp"
	"maps"
	"slices"

	"gatehouse/directory"
)

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
