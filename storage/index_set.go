package storage

import (
	"errors"
	"slices"

	"gatehouse/directory"
	"gatehouse/storage/kv"
)

// A setWriter changes stored ID sets in an overlay. Adding or removing one ID writes one small key,
// but for the moment when a set grows out of its set key or shrinks back into it. The layout is a
// function of the changes alone, as apply demands. It belongs to one goroutine.
type setWriter struct {
	o        *kv.Overlay
	ids      []directory.EntryID
	key, val []byte
}

// add puts id into the set.
func (w *setWriter) add(set []byte, id directory.EntryID) error {
	chunked, err := w.load(set)
	switch {
	case err != nil:
		return err
	case chunked:
		_, err := w.change(set, id, (*chunk).add)
		return err
	}
	i, found := slices.BinarySearch(w.ids, id)
	if found {
		return nil
	}
	w.ids = slices.Insert(w.ids, i, id)
	if len(w.ids) <= inlineMax {
		w.val = appendInline(w.val[:0], w.ids)
		w.o.Put(set, w.val)
		return nil
	}
	w.o.Put(set, chunkedMarker)
	for rest := w.ids; len(rest) > 0; {
		var c chunk
		no := chunkOf(rest[0])
		for len(rest) > 0 && chunkOf(rest[0]) == no {
			c.add(rest[0])
			rest = rest[1:]
		}
		w.putChunk(set, no, &c)
	}
	return nil
}

// remove takes id out of the set.
func (w *setWriter) remove(set []byte, id directory.EntryID) error {
	chunked, err := w.load(set)
	switch {
	case err != nil:
		return err
	case chunked:
		emptied, err := w.change(set, id, (*chunk).remove)
		if err == nil && emptied {
			err = w.shrink(set)
		}
		return err
	}
	i, found := slices.BinarySearch(w.ids, id)
	if !found {
		return nil
	}
	if w.ids = slices.Delete(w.ids, i, i+1); len(w.ids) == 0 {
		w.o.Delete(set)
		return nil
	}
	w.val = appendInline(w.val[:0], w.ids)
	w.o.Put(set, w.val)
	return nil
}

// load reads the set key into w.ids.
func (w *setWriter) load(set []byte) (chunked bool, err error) {
	w.ids = w.ids[:0]
	value, err := w.o.Get(set)
	if errors.Is(err, kv.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	w.ids, chunked, err = appendInlineIDs(w.ids, value)
	return chunked, err
}

// change edits the chunk of id and reports whether it became empty.
func (w *setWriter) change(set []byte, id directory.EntryID, edit func(*chunk, directory.EntryID)) (emptied bool, err error) {
	var c chunk
	no := chunkOf(id)
	w.key = appendChunkKey(w.key[:0], set, no)
	value, err := w.o.Get(w.key)
	if err == nil {
		err = decodeChunk(&c, value)
	}
	if err != nil && !errors.Is(err, kv.ErrNotFound) {
		return false, err
	}
	before := c
	if edit(&c, id); c == before {
		return false, nil
	}
	if c == (chunk{}) {
		w.o.Delete(w.key)
		return true, nil
	}
	w.putChunk(set, no, &c)
	return false, nil
}

func (w *setWriter) putChunk(set []byte, no uint64, c *chunk) {
	w.key = appendChunkKey(w.key[:0], set, no)
	w.val = appendChunk(w.val[:0], c)
	w.o.Put(w.key, w.val)
}

// shrink puts a chunked set with few IDs back into its set key. It is called when a chunk went
// away, so that a set that empties ends without a key.
func (w *setWriter) shrink(set []byte) error {
	w.ids = w.ids[:0]
	prefix := appendChunkPrefix(nil, set)
	it := w.o.Scan(kv.ScanOptions{Prefix: prefix, Prefetch: 2})
	defer it.Close()
	for it.Next() && len(w.ids) <= inlineAgain {
		value, err := it.Value()
		if err != nil {
			return err
		}
		var c chunk
		if err := decodeChunk(&c, value); err != nil {
			return err
		}
		_, no, ok := setKeyOfChunk(nil, it.Key())
		if !ok {
			return kv.ErrCorrupt
		}
		w.ids = c.appendIDs(w.ids, no)
	}
	if err := it.Err(); err != nil || len(w.ids) > inlineAgain {
		return err
	}
	last := ^uint64(0)
	for _, id := range w.ids {
		if no := chunkOf(id); no != last {
			w.key = appendChunkKey(w.key[:0], set, no)
			w.o.Delete(w.key)
			last = no
		}
	}
	if len(w.ids) == 0 {
		w.o.Delete(set)
		return nil
	}
	w.val = appendInline(w.val[:0], w.ids)
	w.o.Put(set, w.val)
	return nil
}
