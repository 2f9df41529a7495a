package ldaptest

import (
	"bytes"

	"gatehouse/storage/kv"
)

// WithReads calls f with every key that operations read of the store, and for every scan with the start of its range. f is called
// by many goroutines at once and must not keep the key.
func WithReads(f func(key []byte)) Option { return func(o *options) { o.reads = f } }

// traced is a database that tells what is read.
type traced struct {
	kv.DB
	tell func(key []byte)
}

func (db traced) SnapshotAt(ts kv.Timestamp) (kv.Snapshot, error) {
	sn, err := db.DB.SnapshotAt(ts)
	if err != nil {
		return nil, err
	}
	return tracedSnapshot{sn, db.tell}, nil
}

type tracedSnapshot struct {
	kv.Snapshot
	tell func(key []byte)
}

func (sn tracedSnapshot) Get(key []byte) ([]byte, error) {
	sn.tell(key)
	return sn.Snapshot.Get(key)
}

func (sn tracedSnapshot) Scan(opt kv.ScanOptions) kv.Iterator {
	start := opt.Lo
	if bytes.Compare(opt.Prefix, start) > 0 {
		start = opt.Prefix
	}
	sn.tell(start)
	return sn.Snapshot.Scan(opt)
}
