package storage

import (
	"errors"
	"fmt"

	"gatehouse/directory"
	"gatehouse/storage/kv"
)

// Open opens a store. It verifies the change log from the last part that surely was in tables to its end, and refuses
// with a [*LogError] when answered changes are missing. It answers ErrEmpty when there is no store.
func Open(db kv.DB, o Options) (*Store, error) {
	s, w, err := load(db, o)
	if err != nil {
		return nil, err
	}
	return s, s.start(w)
}

// load reads and verifies what Open needs, and returns a store that does nothing yet.
func load(db kv.DB, o Options) (*Store, *window, error) {
	o.setDefaults()
	ts := db.LastTimestamp()
	snap, err := db.SnapshotAt(ts)
	if err != nil {
		return nil, nil, err
	}
	defer snap.Close()
	s := &Store{
		opt: o, db: db,
		queue:       make(chan *pending, queueMax),
		maintenance: make(chan *maintenance),
		stop:        make(chan struct{}),
		stopped:     make(chan struct{}),
		failed:      make(chan error, 1),
	}
	w, err := s.read(snap, ts)
	if err != nil {
		return nil, nil, errors.Join(err, s.side.close())
	}
	return s, w, nil
}

// read verifies the log and reads what the store keeps in memory. The log comes first: where changes are missing, all
// else may be.
func (s *Store) read(snap kv.Snapshot, ts kv.Timestamp) (*window, error) {
	header, err := readHeader(snap)
	empty := errors.Is(err, ErrEmpty)
	if err != nil && !empty {
		return nil, err
	}
	s.header = header
	mark, err := s.openSide()
	if empty && (err == nil && mark.csn == 0 || errors.Is(err, ErrNoSideFile)) {
		return nil, ErrEmpty
	}
	if err != nil {
		return nil, err
	}
	w, hash, err := verifyLog(snap, csnOf(ts), mark, s.opt.Schema)
	switch {
	case err != nil:
		return nil, err
	case empty:
		return nil, corrupt("the header is missing")
	case s.side != nil && mark.incarnation != s.header.Incarnation:
		return nil, fmt.Errorf("the side file in %s belongs to another store: %w", s.opt.Dir, ErrCorrupt)
	}
	e := &epoch{store: s, ts: ts}
	e.refs.Store(1)
	if e.state, err = readState(snap); err != nil {
		return nil, err
	}
	if e.state.csn != csnOf(ts) || e.state.hash != hash {
		return nil, &LogError{From: e.state.csn, To: csnOf(ts), Reason: "the state does not belong to the end of the log"}
	}
	if e.descs, err = loadDescriptions(snap, s.opt.Schema); err != nil {
		return nil, err
	}
	if s.indexes, err = loadIndexes(snap, s.opt.Schema); err != nil {
		return nil, err
	}
	bytesMax, _ := s.db.MaxBatch()
	s.changeBytesMax = int(bytesMax / 2)
	s.cache = newCache(s.opt.CacheBytes, ts)
	s.feed.floor = e.state.csn
	s.current.Store(e)
	return w, nil
}

// openSide opens the side file, unless the store is kept without one.
func (s *Store) openSide() (mark sideMark, err error) {
	if s.opt.Dir == "" {
		return mark, nil
	}
	if s.side, err = openSideFile(s.opt.Dir); err != nil {
		return mark, err
	}
	return s.side.mark, nil
}

// start begins the work in the background.
func (s *Store) start(w *window) error {
	q := newSequencer(s, w)
	it := s.current.Load().Scan(kv.ScanOptions{Prefix: []byte{tagToResolve}, KeysOnly: true})
	for it.Next() {
		q.resolve = append(q.resolve, idAt(it.Key(), 1))
	}
	if err := it.Close(); err != nil {
		return errors.Join(err, s.side.close())
	}
	s.background.Go(q.run)
	s.background.Go(s.keepUp)
	go func() {
		q.commitBatches()
		close(s.stopped)
	}()
	return nil
}

// readState reads the state of a store.
func readState(r kv.Reader) (state, error) {
	value, err := r.Get(stateKey)
	if err != nil {
		return state{}, corrupt("state: %v", err)
	}
	return decodeState(value)
}

// SnapshotAt returns the state at the last batch end at or below csn; ErrSnapshotGone when it is older than the retention,
// ErrFuture when there is no such change yet.
func (s *Store) SnapshotAt(csn directory.CSN) (*Snapshot, error) {
	newest := s.acquire()
	if csn >= newest.state.csn {
		if csn > newest.state.csn {
			newest.release()
			return nil, ErrFuture
		}
		return newest.snapshot(), nil
	}
	defer newest.release()
	end, err := batchEnd(newest, csn)
	if err != nil {
		return nil, err
	}
	ts := timestampOf(end+1) - 1
	snap, err := s.db.SnapshotAt(ts)
	if err != nil {
		return nil, err
	}
	e := &epoch{store: s, ts: ts, snap: snap, descs: newest.descs}
	e.open.Store(&snap)
	e.refs.Store(1)
	if e.state, err = readState(snap); err != nil {
		e.release()
		return nil, err
	}
	return e.snapshot(), nil
}

// batchEnd returns the last batch end at or below csn.
func batchEnd(r kv.Reader, csn directory.CSN) (directory.CSN, error) {
	it := r.Scan(kv.ScanOptions{Prefix: []byte{tagLog}, Hi: logKey(nil, csn+1, 0), Reverse: true, KeysOnly: true, Prefetch: 1})
	defer it.Close()
	if !it.Next() {
		if err := it.Err(); err != nil {
			return 0, err
		}
		return 0, ErrSnapshotGone
	}
	return directory.CSN(idAt(it.Key(), 1)), nil
}
