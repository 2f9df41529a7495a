package storage

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"

	"gatehouse/directory"
	"gatehouse/storage/kv"
)

// A backup is every key of one state but the node-local ones, in key order:
//
//	magic "gatehouse backup" (16)
//	frames: kind (1) | length of the payload (4, big-endian) | payload | CRC-32C of all three
//	  H  version 1 | incarnation (16) | uvarint format | uvarint features | uvarint CSN | running hash of the log (32)
//	  D  for each key: uvarint length, key, uvarint length, value, uvarint timestamp
//	  E  uvarint number of keys | SHA-256 of the payloads of H and all D
//
// H comes first, E last, and nothing after it. Past versions: none.
const (
	backupMagic   = "gatehouse backup"
	backupVersion = 1

	frameHeader  = 'H'
	frameData    = 'D'
	frameTrailer = 'E'

	frameBytes    = 256 << 10                        // when a data frame is full
	frameBytesMax = frameBytes + kv.ValueBytesMax<<1 // what a reader accepts
	frameOverhead = 1 + 4 + crc32.Size               // of one frame
	keyOverhead   = 3 * binary.MaxVarintLen64        // of one key
)

// BackupInfo describes a backup.
type BackupInfo struct {
	Incarnation [16]byte // of the store that it was taken of
	Format      uint32
	Features    uint32
	CSN         directory.CSN
	Hash        [32]byte // running hash of the log at CSN
	Keys        uint64
	Digest      [32]byte // SHA-256 of the content
}

// Backup writes the state of the snapshot to w, which it does not close. The store goes on meanwhile: changes are
// made and published, and the states after the snapshot are kept until it is closed.
func (sn *Snapshot) Backup(ctx context.Context, w io.Writer) (BackupInfo, error) {
	if sn.epoch == nil {
		return BackupInfo{}, ErrClosed
	}
	r, err := sn.epoch.reader()
	if err != nil {
		return BackupInfo{}, err
	}
	h := sn.store.header
	b := newBackupWriter(w, BackupInfo{
		Incarnation: h.Incarnation, Format: h.Format, Features: h.Features, CSN: sn.state.csn, Hash: sn.state.hash,
	})
	if err := b.begin(); err != nil {
		return b.info, err
	}
	if err := r.Export(ctx, b.add); err != nil {
		return b.info, fmt.Errorf("backup: %w", err)
	}
	return b.info, b.end()
}

// BackupFile is Backup into a file at path, replacing one that is there. The new file has the name only when it is whole and
// on disk.
func (sn *Snapshot) BackupFile(ctx context.Context, path string) (info BackupInfo, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return info, err
	}
	defer os.Remove(f.Name()) // does nothing once it has its name
	info, err = sn.Backup(ctx, f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return info, err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return info, err
	}
	return info, syncDir(filepath.Dir(path))
}

type backupWriter struct {
	w     *bufio.Writer
	sum   hash.Hash
	frame []byte
	info  BackupInfo
}

func newBackupWriter(w io.Writer, info BackupInfo) *backupWriter {
	return &backupWriter{w: bufio.NewWriterSize(w, frameBytes), sum: sha256.New(), info: info}
}

func (b *backupWriter) begin() error {
	if _, err := b.w.WriteString(backupMagic); err != nil {
		return err
	}
	b.frame = append(b.frame[:0], backupVersion)
	b.frame = append(b.frame, b.info.Incarnation[:]...)
	b.frame = binary.AppendUvarint(b.frame, uint64(b.info.Format))
	b.frame = binary.AppendUvarint(b.frame, uint64(b.info.Features))
	b.frame = binary.AppendUvarint(b.frame, uint64(b.info.CSN))
	b.frame = append(b.frame, b.info.Hash[:]...)
	return b.flush(frameHeader)
}

func (b *backupWriter) add(rec kv.Record) error {
	if isNodeLocal(rec.Key) {
		return nil
	}
	b.info.Keys++
	b.frame = appendBytes(appendBytes(b.frame, rec.Key), rec.Value)
	b.frame = binary.AppendUvarint(b.frame, uint64(rec.Version))
	if len(b.frame) < frameBytes {
		return nil
	}
	return b.flush(frameData)
}

func (b *backupWriter) end() error {
	if len(b.frame) > 0 {
		if err := b.flush(frameData); err != nil {
			return err
		}
	}
	b.sum.Sum(b.info.Digest[:0])
	b.frame = append(binary.AppendUvarint(b.frame, b.info.Keys), b.info.Digest[:]...)
	if err := b.flush(frameTrailer); err != nil {
		return err
	}
	return b.w.Flush()
}

// flush writes the frame and empties it.
func (b *backupWriter) flush(kind byte) error {
	var head [5]byte
	head[0] = kind
	binary.BigEndian.PutUint32(head[1:], uint32(len(b.frame)))
	var tail [crc32.Size]byte
	binary.BigEndian.PutUint32(tail[:], crc32.Update(crc32.Checksum(head[:], castagnoli), castagnoli, b.frame))
	if kind != frameTrailer {
		b.sum.Write(b.frame)
	}
	for _, part := range [][]byte{head[:], b.frame, tail[:]} {
		if _, err := b.w.Write(part); err != nil {
			return err
		}
	}
	b.frame = b.frame[:0]
	return nil
}

// syncDir makes the names in a directory durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
