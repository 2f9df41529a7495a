package storage

import (
	"context"
	"errors"
	"time"

	"gatehouse/directory"
)

// trimEvery is how often the log is looked at for what is too old.
const trimEvery = time.Minute

// trimOld trims the log to what Options.LogAge and LogChanges keep.
func (s *Store) trimOld() {
	due, err := s.oldLog()
	if err == nil && due > 0 {
		_, err = s.TrimLog(context.Background(), due)
	}
	if err != nil && !errors.Is(err, ErrClosed) {
		s.opt.Log.Error("the log was not trimmed", "error", err)
	}
}

// oldLog returns the last CSN that need not be kept; 0 when all is.
func (s *Store) oldLog() (due directory.CSN, err error) {
	e := s.acquire()
	defer e.release()
	start, err := readLogStart(e)
	if err != nil {
		return 0, err
	}
	if keep := directory.CSN(s.opt.LogChanges); e.state.csn > keep && e.state.csn-keep > start.csn {
		due = e.state.csn - keep
	}
	before := s.opt.Now().Add(-s.opt.LogAge).UnixMicro()
	n := 0
	var bad error
	err = scanLog(e, max(start.csn, due)+1, func(rec *logRecord) bool {
		changes, err := rec.changes()
		if n++; err != nil || n > trimRecordsMax || changes[len(changes)-1].time >= before {
			bad = err
			return false
		}
		due = rec.last
		return true
	})
	return due, errors.Join(bad, err)
}
