package storage

import (
	"errors"

	"gatehouse/directory"
	"gatehouse/storage/kv"
)

// A chunkStream yields the chunks of a large set in order. It keeps no iterator open between calls,
// so that a search that waits for its client holds nothing but its snapshot.
type chunkStream interface {
	// next sets c to the first non-empty chunk whose number is at least from.
	next(from uint64, c *chunk) (no uint64, ok bool, err error)
}

// chunkBatchMax is the most chunks that one iterator of a storedStream reads ahead.
const chunkBatchMax = 32

// A storedStream yields a set that is stored in chunks. It reads ahead, a little at first.
type storedStream struct {
	r      kv.Reader
	set    []byte
	nos    []uint64
	chunks []chunk
	want   int
	end    bool // the stored set ends with the batch
	lo     []byte
}

func (s *storedStream) next(from uint64, c *chunk) (uint64, bool, error) {
	for len(s.nos) > 0 && s.nos[0] < from {
		s.nos, s.chunks = s.nos[1:], s.chunks[1:]
	}
	if len(s.nos) == 0 {
		if s.end {
			return 0, false, nil
		}
		if err := s.read(from); err != nil || len(s.nos) == 0 {
			return 0, false, err
		}
	}
	*c = s.chunks[0]
	return s.nos[0], true, nil
}

func (s *storedStream) read(from uint64) error {
	s.want = min(max(4, s.want*2), chunkBatchMax)
	s.lo = appendChunkPrefix(s.lo[:0], s.set)
	prefix := len(s.lo)
	s.lo = appendID(s.lo, directory.EntryID(from))
	s.nos, s.chunks = make([]uint64, 0, s.want), make([]chunk, 0, s.want)
	it := s.r.Scan(kv.ScanOptions{Prefix: s.lo[:prefix:prefix], Lo: s.lo, Prefetch: s.want})
	defer it.Close()
	for len(s.nos) < s.want {
		if !it.Next() {
			s.end = true
			return it.Err()
		}
		value, err := it.Value()
		if err != nil {
			return err
		}
		var c chunk
		if err := decodeChunk(&c, value); err != nil {
			return err
		}
		key := it.Key()
		s.nos = append(s.nos, uint64(idAt(key, len(key)-8)))
		s.chunks = append(s.chunks, c)
	}
	return nil
}

// An idStream yields a set that is in memory.
type idStream struct{ ids idSet }

func (s *idStream) next(from uint64, c *chunk) (uint64, bool, error) {
	if len(s.ids) > 0 && chunkOf(s.ids[0]) < from {
		s.ids = s.ids[s.ids.seek(directory.EntryID(from<<chunkShift)):]
	}
	if len(s.ids) == 0 {
		return 0, false, nil
	}
	no := chunkOf(s.ids[0])
	*c = chunk{}
	for _, id := range s.ids {
		if chunkOf(id) != no {
			break
		}
		c.add(id)
	}
	return no, true, nil
}

// An andStream yields the part of driver that is in all of probes, which are looked up by chunk.
type andStream struct {
	driver chunkStream
	probes []chunkProbe
}

func (s *andStream) next(from uint64, c *chunk) (uint64, bool, error) {
	for {
		no, ok, err := s.driver.next(from, c)
		if !ok || err != nil {
			return 0, false, err
		}
		for i := range s.probes {
			if err := s.probes[i].and(no, c); err != nil {
				return 0, false, err
			}
		}
		if *c != (chunk{}) {
			return no, true, nil
		}
		from = no + 1
	}
}

// A chunkProbe looks into a stored set by chunk number.
type chunkProbe struct {
	get func(key []byte) ([]byte, error)
	set []byte
	key []byte
}

// and removes from chunk no what the set does not have.
func (p *chunkProbe) and(no uint64, c *chunk) error {
	p.key = appendChunkKey(p.key[:0], p.set, no)
	value, err := p.get(p.key)
	if errors.Is(err, kv.ErrNotFound) {
		*c = chunk{}
		return nil
	}
	if err != nil {
		return err
	}
	var d chunk
	if err := decodeChunk(&d, value); err != nil {
		return err
	}
	c.and(&d)
	return nil
}

// An orStream yields the union of its parts.
type orStream struct {
	parts []chunkStream
	heads []orHead
}

type orHead struct {
	no    uint64
	c     chunk
	valid bool // no and c are set; false at the start
	done  bool
}

func (s *orStream) next(from uint64, c *chunk) (uint64, bool, error) {
	if s.heads == nil {
		s.heads = make([]orHead, len(s.parts))
	}
	least, some := uint64(0), false
	for i := range s.heads {
		h := &s.heads[i]
		if !h.done && (!h.valid || h.no < from) {
			var err error
			if h.no, h.valid, err = s.parts[i].next(from, &h.c); err != nil {
				return 0, false, err
			}
			h.done = !h.valid
		}
		if !h.done && (!some || h.no < least) {
			least, some = h.no, true
		}
	}
	if !some {
		return 0, false, nil
	}
	*c = chunk{}
	for i := range s.heads {
		if h := &s.heads[i]; !h.done && h.no == least {
			c.or(&h.c)
		}
	}
	return least, true, nil
}
