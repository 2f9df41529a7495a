package storage

import (
	"gatehouse/directory"
	"gatehouse/storage/kv"
)

// estimate sets t.est of a large set by reading its first chunks; of a small one it is then exact.
func (p *Plan) estimate(t *term, total uint64) error {
	if t.counted {
		return nil
	}
	switch t.kind {
	case termOr:
		t.est = 0
		for i := range t.parts {
			if err := p.estimate(&t.parts[i], total); err != nil {
				return err
			}
			t.est += t.parts[i].est
		}
		t.counted = true
		return nil
	case termSet:
	default:
		return nil
	}
	it := p.v.Scan(kv.ScanOptions{Prefix: appendChunkPrefix(nil, t.set), Prefetch: planSample})
	defer it.Close()
	t.est, t.counted = 0, true
	for n := 1; it.Next(); n++ {
		value, err := it.Value()
		if err != nil {
			return err
		}
		t.est += uint64(countChunk(value))
		if n == planSample {
			key := it.Key()
			seen := (uint64(idAt(key, len(key)-8)) + 1) << chunkShift
			t.est = max(t.est, t.est*max(total, seen)/seen)
			break
		}
	}
	return it.Err()
}

// streamOf returns the chunks of a term that is not termAll.
func (p *Plan) streamOf(t term) chunkStream {
	switch t.kind {
	case termIDs:
		return &idStream{ids: t.ids}
	case termSet:
		return &storedStream{r: p.v, set: t.set}
	case termOr:
		or := &orStream{}
		for _, part := range t.parts {
			or.parts = append(or.parts, p.streamOf(part))
		}
		return or
	case termAnd:
		and := &andStream{driver: p.streamOf(t.parts[0])}
		for _, part := range t.parts[1:] {
			and.probes = append(and.probes, chunkProbe{get: p.v.Get, set: part.set})
		}
		return and
	default:
		panic("storage: a plan streams a term without a set")
	}
}

// collect reads at most about most IDs of a term into memory.
func (p *Plan) collect(t term, most int) (idSet, error) {
	var ids []directory.EntryID
	var c chunk
	stream := p.streamOf(t)
	for from := uint64(0); len(ids) < most; {
		no, ok, err := stream.next(from, &c)
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		ids = c.appendIDs(ids, no)
		from = no + 1
	}
	return ids, nil
}
