package storage

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"

	"gatehouse/directory"
	"gatehouse/storage/kv"
)

// ErrBackup says that a file is no backup, or one that was cut off or altered.
var ErrBackup = errors.New("storage: not a whole backup")

// ReadBackup reads a backup and calls yield with every key in order, until yield returns an error. It returns nil only
// after the whole of r was read and matched its checksums; the keys count for nothing before. The slices of a record are
// valid during the call.
func ReadBackup(r io.Reader, yield func(kv.Record) error) (BackupInfo, error) {
	b := &backupReader{r: bufio.NewReaderSize(r, frameBytes), sum: sha256.New()}
	err := b.read(yield)
	return b.info, err
}

type backupReader struct {
	r     *bufio.Reader
	at    int64 // bytes read before the current frame
	frame []byte
	sum   hash.Hash
	last  []byte // key
	info  BackupInfo
}

func (b *backupReader) broken(format string, args ...any) error {
	return fmt.Errorf("%w: %s (at byte %d)", ErrBackup, fmt.Sprintf(format, args...), b.at)
}

func (b *backupReader) read(yield func(kv.Record) error) error {
	var magic [len(backupMagic)]byte
	if _, err := io.ReadFull(b.r, magic[:]); err != nil {
		return b.short(err)
	}
	if string(magic[:]) != backupMagic {
		return b.broken("it does not begin as one")
	}
	b.at = int64(len(magic))
	for first := true; ; first = false {
		kind, err := b.next()
		if err != nil {
			return err
		}
		switch {
		case first != (kind == frameHeader):
			return b.broken("frame %q out of place", kind)
		case kind == frameHeader:
			err = b.header()
		case kind == frameData:
			err = b.data(yield)
		case kind == frameTrailer:
			return b.trailer()
		default:
			return b.broken("frame %q is unknown", kind)
		}
		if err != nil {
			return err
		}
		b.at += int64(len(b.frame)) + frameOverhead
	}
}

func (b *backupReader) short(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return b.broken("it is cut off")
	}
	return fmt.Errorf("read backup: %w", err)
}

// next reads a frame.
func (b *backupReader) next() (kind byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(b.r, head[:]); err != nil {
		return 0, b.short(err)
	}
	n := binary.BigEndian.Uint32(head[1:])
	if n > frameBytesMax {
		return 0, b.broken("frame of %d bytes", n)
	}
	if cap(b.frame) < int(n) {
		b.frame = make([]byte, n)
	}
	b.frame = b.frame[:n]
	var tail [crc32.Size]byte
	for _, part := range [][]byte{b.frame, tail[:]} {
		if _, err := io.ReadFull(b.r, part); err != nil {
			return 0, b.short(err)
		}
	}
	if binary.BigEndian.Uint32(tail[:]) != crc32.Update(crc32.Checksum(head[:], castagnoli), castagnoli, b.frame) {
		return 0, b.broken("a frame does not match its checksum")
	}
	if head[0] != frameTrailer {
		b.sum.Write(b.frame)
	}
	return head[0], nil
}

func (b *backupReader) header() error {
	d := decoder{b: b.frame}
	if v := d.byte(); v != backupVersion {
		return fmt.Errorf("backup of version %d: %w", v, ErrFormat)
	}
	copy(b.info.Incarnation[:], d.take(16))
	b.info.Format, b.info.Features = uint32(d.uvarint()), uint32(d.uvarint())
	b.info.CSN = directory.CSN(d.uvarint())
	copy(b.info.Hash[:], d.take(32))
	if !d.end() {
		return b.broken("header")
	}
	if b.info.Format != formatVersion || b.info.Features > featureLevel {
		return fmt.Errorf("the backup has format %d and features %d, this program knows %d and %d: %w",
			b.info.Format, b.info.Features, formatVersion, featureLevel, ErrFormat)
	}
	return nil
}

func (b *backupReader) data(yield func(kv.Record) error) error {
	for d := (decoder{b: b.frame}); len(d.b) > 0; {
		rec := kv.Record{Key: d.bytes(), Value: d.bytes(), Version: kv.Timestamp(d.uvarint())}
		if d.bad || rec.Version == 0 || bytes.Compare(rec.Key, b.last) <= 0 || kv.CheckPair(rec.Key, rec.Value) != nil {
			return b.broken("keys are not in order")
		}
		b.last = append(b.last[:0], rec.Key...)
		b.info.Keys++
		if err := yield(rec); err != nil {
			return err
		}
	}
	return nil
}

func (b *backupReader) trailer() error {
	d := decoder{b: b.frame}
	keys := d.uvarint()
	digest := d.take(32)
	b.sum.Sum(b.info.Digest[:0])
	switch {
	case !d.end():
		return b.broken("trailer")
	case keys != b.info.Keys:
		return b.broken("it has %d keys and should have %d", b.info.Keys, keys)
	case !bytes.Equal(digest, b.info.Digest[:]):
		return b.broken("the content does not match its digest")
	}
	if _, err := b.r.ReadByte(); !errors.Is(err, io.EOF) {
		return b.broken("something follows its end")
	}
	return nil
}
