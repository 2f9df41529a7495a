package storage

import (
	"context"
	"encoding/binary"
	"errors"
	"time"

	"gatehouse/directory"
	"gatehouse/storage/kv"
)

// LogRetention bounds the change log; its oldest batches go when either bound is passed. Kept in any case: what the check at open
// walks, what states within Options.Retention and snapshots need, and the window of changes that are recognized when
// they are proposed again. So the log of a store that is never closed may be longer by up to a write buffer of the
// database.
type LogRetention struct {
	Age   time.Duration // of a batch; 0 is 7 days
	Bytes int64         // of keys and values; 0 is 1 GiB
}

func (r *LogRetention) setDefaults() {
	if r.Age == 0 {
		r.Age = 7 * 24 * time.Hour
	}
	if r.Bytes == 0 {
		r.Bytes = 1 << 30
	}
}

// logStartKey holds where the log begins, once it was trimmed: CSN (8) and running hash (32) of the last batch that is gone, and
// the bytes (8) of all that are. Absent, the log begins with change 1. It is outside the digest of states, since each
// node trims for itself, but inside backups.
var logStartKey = []byte{tagNode, 'l'}

type logStart struct {
	csn   directory.CSN
	hash  logHash
	bytes uint64
}

func readLogStart(r kv.Reader) (start logStart, err error) {
	value, err := r.Get(logStartKey)
	if errors.Is(err, kv.ErrNotFound) {
		return start, nil
	}
	if err == nil {
		value, err = unseal(value, logStartKey)
	}
	if err != nil || len(value) != 8+len(start.hash)+8 {
		return start, errors.Join(corrupt("beginning of the log"), err)
	}
	start.csn = directory.CSN(binary.BigEndian.Uint64(value))
	copy(start.hash[:], value[8:])
	start.bytes = binary.BigEndian.Uint64(value[8+len(start.hash):])
	return start, nil
}

func (start *logStart) put(o *kv.Overlay) {
	value := binary.BigEndian.AppendUint64(nil, uint64(start.csn))
	value = binary.BigEndian.AppendUint64(append(value, start.hash[:]...), start.bytes)
	o.Put(logStartKey, seal(value, 0, logStartKey))
}

// Bounds of one step of trimming: of what the sequencer deletes at once, and of what is read for it; and of the steps that are
// made before the store's other upkeep has its turn again.
const (
	trimKeysMax  = 1024
	trimBytesMax = 16 << 20
	trimStepsMax = 16
)

// trimSlack is the part of a bound by which it may be passed before anything is done, so that a store with few changes does not
// commit a trim after each.
const trimSlack = 64

// trim removes what LogRetention does not keep, in steps between batches.
func (s *Store) trim() {
	s.trimming.Lock()
	defer s.trimming.Unlock()
	slack := int64(trimSlack)
	for range trimStepsMax {
		step, err := s.nextTrim(slack)
		if err == nil && len(step.keys) > 0 {
			err = s.maintainBetween(context.Background(), step.apply)
		}
		switch {
		case errors.Is(err, ErrClosed), errors.Is(err, errMaintenanceFull): // goes on after the next change
			return
		case err != nil:
			s.opt.Log.Error("the change log was not trimmed", "error", err)
			return
		case len(step.keys) == 0:
			return
		}
		slack = 0 // what is begun is finished
	}
}

// A trimStep removes some batches from the beginning of the log.
type trimStep struct {
	start logStart // after it
	keys  [][]byte
}

func (t *trimStep) apply(o *kv.Overlay) error {
	for _, key := range t.keys {
		o.Delete(key)
	}
	t.start.put(o)
	return nil
}

// nextTrim finds the next batches to remove; none until a bound is passed by a part of slack of it, unless slack is 0.
func (s *Store) nextTrim(slack int64) (step trimStep, err error) {
	e := s.acquire()
	defer e.release()
	if step.start, err = readLogStart(e); err != nil {
		return step, err
	}
	bound := s.opt.LogRetention
	bytesMax, age := uint64(bound.Bytes), bound.Age
	if slack > 0 {
		bytesMax += uint64(bound.Bytes / slack)
		age += bound.Age / time.Duration(slack)
	}
	oldest := s.opt.Now().Add(-age).UnixMicro()
	from, top := step.start.bytes, s.trimTop()
	err = scanLog(e, step.start.csn+1, func(rec *logRecord) bool {
		if rec.last > top || e.state.logBytes-step.start.bytes <= bytesMax && rec.time() >= oldest {
			return false
		}
		bytesMax, oldest = uint64(bound.Bytes), s.opt.Now().Add(-bound.Age).UnixMicro()
		for part := range rec.parts {
			step.keys = append(step.keys, logKey(nil, rec.last, part))
		}
		step.start = logStart{rec.last, rec.hash(), step.start.bytes + rec.bytes}
		return len(step.keys) < trimKeysMax && step.start.bytes-from < trimBytesMax
	})
	return step, err
}

// trimTop is the last CSN that nothing needs any more.
func (s *Store) trimTop() directory.CSN {
	top := min(csnOf(s.db.FlushedTimestamp()), csnOf(s.db.Horizon()))
	top -= min(top, 1) // SnapshotAt looks for the batch that made the oldest state
	if s.side != nil {
		s.side.mu.Lock()
		top = min(top, csnOf(s.side.mark.floor))
		s.side.mu.Unlock()
	}
	published := s.Published()
	return min(top, published-min(published, windowChanges))
}
