package storage

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"

	"gatehouse/directory"
	"gatehouse/storage/kv"
)

// The change log: one record per batch, written in the batch's own transaction under its last CSN. A record longer than
// logPartBytes is cut into parts with keys of their own (part 0 first); each part is sealed. The parts together:
//
//	version 1
//	uvarint first CSN, uvarint last CSN
//	running hash of the batch before (32)
//	SHA-256 of the body (32)
//	uvarint length, body: for each change
//	  uvarint length, uvarint first ID given, varint applied time, encoding of the change (encode.go)
//
// The running hash of a batch is the SHA-256 of the one before, both CSNs (8 bytes each) and the digest of the body. So the
// log proves itself: a batch that is missing or altered breaks the chain.
const (
	logVersion   = 1
	logPartBytes = 256 << 10
)

type logHash = [sha256.Size]byte

// A logRecord is one batch of the log.
type logRecord struct {
	first, last directory.CSN
	prev        logHash
	digest      logHash
	body        []byte
	bytes       uint64 // of its keys and values
	parts       int
}

// hash returns the running hash after the batch.
func (r *logRecord) hash() logHash {
	var buf [2*sha256.Size + 16]byte
	b := append(buf[:0], r.prev[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(r.first))
	b = binary.BigEndian.AppendUint64(b, uint64(r.last))
	return sha256.Sum256(append(b, r.digest[:]...))
}

func logKey(dst []byte, last directory.CSN, part int) []byte {
	dst = binary.BigEndian.AppendUint64(append(dst, tagLog), uint64(last))
	return binary.BigEndian.AppendUint16(dst, uint16(part))
}

const logKeyBytes = 1 + 8 + 2

// putLogRecord writes the record of a batch whose body is complete, and returns the running hash. It sets what follows from
// the body.
func putLogRecord(r *logRecord, put func(key, value []byte)) logHash {
	r.digest = sha256.Sum256(r.body)
	b := make([]byte, 0, len(r.body)+128)
	b = append(b, logVersion)
	b = binary.AppendUvarint(b, uint64(r.first))
	b = binary.AppendUvarint(b, uint64(r.last))
	b = append(append(b, r.prev[:]...), r.digest[:]...)
	b = appendBytes(b, r.body)
	for part := 0; len(b) > 0; part++ {
		n := min(len(b), logPartBytes)
		key := logKey(nil, r.last, part)
		r.bytes += uint64(len(key) + n + sealBytes)
		if r.parts++; n == len(b) {
			put(key, seal(b, 0, key))
			break
		}
		put(key, seal(bytes.Clone(b[:n]), 0, key))
		b = b[n:]
	}
	return r.hash()
}

// scanLog calls yield with every record whose last CSN is at least from, in order, until it returns false. A record that
// contradicts itself ends the scan with a LogError.
func scanLog(r kv.Reader, from directory.CSN, yield func(*logRecord) bool) error {
	it := r.Scan(kv.ScanOptions{Prefix: []byte{tagLog}, Lo: logKey(nil, from, 0)})
	defer it.Close()
	for more := it.Next(); more; {
		var rec *logRecord
		var err error
		if rec, more, err = readLogRecord(it); err != nil {
			return err
		}
		if !yield(rec) {
			return nil
		}
	}
	return it.Err()
}

// readLogRecord reads the record whose first part is current and moves to what follows it.
func readLogRecord(it kv.Iterator) (rec *logRecord, more bool, err error) {
	var last directory.CSN
	var b []byte
	bytesRead, parts := 0, 0
	for part := 0; ; part++ {
		key := bytes.Clone(it.Key())
		if len(key) != logKeyBytes {
			return nil, false, corrupt("log key %x", key)
		}
		csn := directory.CSN(binary.BigEndian.Uint64(key[1:]))
		if part > 0 && csn != last {
			more = true
			break
		}
		last = csn
		value, err := it.Value()
		if err != nil {
			return nil, false, err
		}
		value, err = unseal(value, key)
		if err != nil || int(binary.BigEndian.Uint16(key[9:])) != part {
			return nil, false, &LogError{From: last, To: last, Reason: "a record does not match its checksum"}
		}
		b = append(b, value...)
		bytesRead, parts = bytesRead+len(key)+len(value)+sealBytes, parts+1
		if more = it.Next(); !more {
			break
		}
	}
	rec = decodeLogRecord(b)
	if rec == nil || rec.last != last || rec.first > last || rec.digest != sha256.Sum256(rec.body) {
		return nil, false, &LogError{From: last, To: last, Reason: "a record does not match its digest"}
	}
	rec.bytes, rec.parts = uint64(bytesRead), parts
	return rec, more, nil
}

func decodeLogRecord(b []byte) *logRecord {
	d := decoder{b: b}
	if d.byte() != logVersion {
		return nil
	}
	rec := &logRecord{first: directory.CSN(d.uvarint()), last: directory.CSN(d.uvarint())}
	copy(rec.prev[:], d.take(sha256.Size))
	copy(rec.digest[:], d.take(sha256.Size))
	if rec.body = d.bytes(); !d.end() {
		return nil
	}
	return rec
}

// time returns when its first change was applied, in Unix microseconds.
func (r *logRecord) time() int64 {
	d := decoder{b: r.body}
	first := decoder{b: d.bytes()}
	first.uvarint()
	return first.varint()
}

// A loggedChange is one change of a batch as the log has it.
type loggedChange struct {
	csn     directory.CSN
	firstID directory.EntryID // given to its CreateEntry effects; 0 when it has none
	time    int64             // as applied, Unix microseconds
	encoded []byte
}

func appendLogged(dst []byte, c *loggedChange) []byte {
	var head [2 * binary.MaxVarintLen64]byte
	h := binary.AppendUvarint(head[:0], uint64(c.firstID))
	h = binary.AppendVarint(h, c.time)
	dst = binary.AppendUvarint(dst, uint64(len(h)+len(c.encoded)))
	return append(append(dst, h...), c.encoded...)
}

// changes returns the changes of a batch.
func (r *logRecord) changes() ([]loggedChange, error) {
	d := decoder{b: r.body}
	all := make([]loggedChange, 0, r.last-r.first+1)
	for csn := r.first; len(d.b) > 0; csn++ {
		one := decoder{b: d.bytes()}
		c := loggedChange{csn: csn, firstID: directory.EntryID(one.uvarint()), time: one.varint()}
		if c.encoded = one.b; d.bad || one.bad || csn > r.last {
			return nil, &LogError{From: r.first, To: r.last, Reason: "a record is not a list of changes"}
		}
		all = append(all, c)
	}
	if d.bad || len(all) != int(r.last-r.first+1) {
		return nil, &LogError{From: r.first, To: r.last, Reason: "a record lacks changes"}
	}
	return all, nil
}
