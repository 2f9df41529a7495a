package badgerkv

import (
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"

	"gatehouse/storage/kv"
)

// Commit implements kv.DB.
func (db *DB) Commit(ts kv.Timestamp, muts []kv.Mutation) error {
	total, err := kv.CheckMutations(muts)
	if err != nil {
		return fmt.Errorf("commit at %d: %w", ts, err)
	}
	if total > db.bytesMax || int64(len(muts)) > db.keysMax {
		return fmt.Errorf("commit at %d: %d bytes in %d keys: %w", ts, total, len(muts), kv.ErrTooBig)
	}

	db.writing.Lock()
	defer db.writing.Unlock()
	if err := db.writable(); err != nil {
		return err
	}
	if len(muts) == 0 {
		return nil
	}
	if ts <= db.LastTimestamp() {
		return fmt.Errorf("commit at %d after %d: %w", ts, db.LastTimestamp(), kv.ErrOrder)
	}
	if err := db.space.take(total); err != nil {
		return fmt.Errorf("commit at %d: %w", ts, err)
	}
	txn := db.db.NewTransactionAt(uint64(ts), true)
	defer txn.Discard()
	if err := fill(txn, muts); err != nil {
		return fmt.Errorf("commit at %d: %w", ts, err)
	}
	if err := txn.CommitAt(uint64(ts), nil); err != nil {
		return db.fail(ts, err)
	}
	if err := db.wal.sync(); err != nil {
		return db.fail(ts, err)
	}
	db.last.Store(uint64(ts))
	return nil
}

// fill hands muts to txn. Nothing is written yet, so that an error leaves the store as it was.
func fill(txn *badger.Txn, muts []kv.Mutation) error {
	entries := make([]badger.Entry, len(muts)) // Badger replaces the key in an entry
	for i := range muts {
		m := &muts[i]
		var err error
		if m.Delete {
			err = txn.Delete(m.Key)
		} else {
			entries[i].Key, entries[i].Value = m.Key, m.Value
			err = txn.SetEntry(&entries[i])
		}
		if errors.Is(err, badger.ErrTxnTooBig) {
			return kv.ErrTooBig
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fail breaks the store: nobody knows whether the commit will be there after reopening.
func (db *DB) fail(ts kv.Timestamp, err error) error {
	db.broken.Store(true)
	return fmt.Errorf("commit at %d: %w: %w", ts, kv.ErrBroken, err)
}
