package badgerkv

import (
	"context"
	"fmt"
	"iter"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/pb"
	"github.com/dgraph-io/ristretto/v2/z"

	"gatehouse/storage/kv"
)

// loadBufferBytes is how much is handed to Badger at a time.
const loadBufferBytes = 4 << 20

// Load implements kv.DB. It writes finished tables, without write-ahead files.
func (db *DB) Load(ctx context.Context, records iter.Seq2[kv.Record, error]) error {
	db.writing.Lock()
	defer db.writing.Unlock()
	if err := db.writable(); err != nil {
		return err
	}
	if db.LastTimestamp() > 0 {
		return kv.ErrNotEmpty
	}
	last, err := db.stream(ctx, records)
	if err != nil {
		db.broken.Store(true)
		return fmt.Errorf("load: %w", err)
	}
	db.last.Store(uint64(last))
	db.registry.Restore(last)
	err = db.wal.rescan() // Badger has made a new write-ahead file
	if err == nil {
		err = db.horizon.write(last)
	}
	if err != nil {
		return db.fail(last, err)
	}
	db.db.SetDiscardTs(uint64(last))
	return nil
}

// stream writes records and returns the highest version.
func (db *DB) stream(ctx context.Context, records iter.Seq2[kv.Record, error]) (last kv.Timestamp, err error) {
	w := db.db.NewStreamWriter()
	if err := w.Prepare(); err != nil {
		w.Cancel()
		return 0, err
	}
	buf := z.NewBuffer(loadBufferBytes, "badgerkv.Load")
	defer func() { _ = buf.Release() }()
	var before []byte
	for r, err := range records {
		if err == nil {
			err = kv.CheckLoad(ctx, before, r)
		}
		if err == nil {
			err = db.space.take(int64(len(r.Key) + len(r.Value)))
		}
		if err != nil {
			w.Cancel()
			return 0, err
		}
		badger.KVToBuffer(&pb.KV{Key: r.Key, Value: r.Value, Version: uint64(r.Version), StreamId: 1}, buf)
		before = append(before[:0], r.Key...)
		last = max(last, r.Version)
		if buf.LenNoPadding() < loadBufferBytes {
			continue
		}
		if err := w.Write(buf); err != nil {
			w.Cancel()
			return 0, err
		}
		buf.Reset()
	}
	if err := w.Write(buf); err != nil {
		w.Cancel()
		return 0, err
	}
	return last, w.Flush()
}
