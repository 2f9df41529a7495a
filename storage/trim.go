package storage

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"

	"gatehouse/directory"
	"gatehouse/storage/kv"
)

// logStartKey holds where the log of this node begins, once it was trimmed: CSN (8) and running hash (32) of the last batch that
// is gone. Absent, the log begins with change 1.
var logStartKey = []byte{tagNode, 'l'}

type logStart struct {
	csn  directory.CSN
	hash logHash
}

func readLogStart(r kv.Reader) (start logStart, err error) {
	value, err := r.Get(logStartKey)
	if errors.Is(err, kv.ErrNotFound) {
		return start, nil
	}
	if err == nil {
		value, err = unseal(value, logStartKey)
	}
	if err != nil || len(value) != 8+len(start.hash) {
		return start, errors.Join(corrupt("beginning of the log"), err)
	}
	start.csn = directory.CSN(binary.BigEndian.Uint64(value))
	copy(start.hash[:], value[8:])
	return start, nil
}

// trimRecordsMax is how many records one round of TrimLog removes.
const trimRecordsMax = 1000

// TrimLog removes batches from the beginning of the log that end at or before csn. It keeps what the check at open, states
// that are still readable, and the window of repeated changes need. It returns the last CSN that is gone now.
func (s *Store) TrimLog(ctx context.Context, csn directory.CSN) (gone directory.CSN, err error) {
	keep := min(csnOf(s.db.FlushedTimestamp()), csnOf(s.db.Horizon()))
	if s.side != nil {
		s.side.mu.Lock()
		keep = min(keep, csnOf(s.side.mark.floor))
		s.side.mu.Unlock()
	}
	published := s.Published()
	if published <= windowChanges {
		keep = 0
	} else {
		keep = min(keep, published-windowChanges)
	}
	csn = min(csn, keep)
	for {
		more := false
		err := s.maintainBetween(ctx, func(o *kv.Overlay) error {
			var err error
			gone, more, err = trimLog(o, csn)
			return err
		})
		if err != nil || !more {
			return gone, err
		}
	}
}

func trimLog(o *kv.Overlay, csn directory.CSN) (gone directory.CSN, more bool, err error) {
	start, err := readLogStart(o)
	if err != nil {
		return 0, false, err
	}
	n := 0
	err = scanLog(o, start.csn+1, func(rec *logRecord) bool {
		if more = n == trimRecordsMax; more || rec.last > csn {
			return false
		}
		n++
		start.csn, start.hash = rec.last, rec.hash()
		return true
	})
	if err != nil || n == 0 {
		return start.csn, false, err
	}
	it := o.Scan(kv.ScanOptions{Prefix: []byte{tagLog}, Hi: logKey(nil, start.csn+1, 0), KeysOnly: true})
	for it.Next() {
		o.Delete(bytes.Clone(it.Key()))
	}
	if err := it.Close(); err != nil {
		return 0, false, err
	}
	value := binary.BigEndian.AppendUint64(nil, uint64(start.csn))
	o.Put(logStartKey, seal(append(value, start.hash[:]...), 0, logStartKey))
	return start.csn, more, nil
}
