package badgerkv

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"sync"

	"gatehouse/storage/kv"
)

// horizonName is the file beside Badger's own that keeps the horizon: Badger forgets its discard
// timestamp, and would answer reads below it with "not found".
const horizonName = "HORIZON"

// A horizonFile has two slots, written in turn, so that a torn write leaves the one before:
//
//	offset  0    "GHHZ"      magic
//	        4    uint32      format version, 1
//	        8    uint64      generation; the slot is generation modulo 2
//	       16    uint64      horizon
//	       24    uint32      CRC-32C of the bytes before
//
// Numbers are big-endian. The second slot begins at horizonSlot.
type horizonFile struct {
	mu         sync.Mutex
	file       *os.File
	generation uint64
	ts         kv.Timestamp // durable
}

const (
	horizonMagic   = "GHHZ"
	horizonVersion = 1
	horizonSlot    = 512
	horizonBytes   = 28
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// openHorizon opens the file and finds the horizon. It makes the file in a new store; elsewhere a
// missing file is corruption.
func openHorizon(path string, isNew, readOnly bool) (*horizonFile, error) {
	flags := os.O_RDWR
	if readOnly {
		flags = os.O_RDONLY
	} else if isNew {
		flags |= os.O_CREATE
	}
	file, err := os.OpenFile(path, flags, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s is missing", kv.ErrCorrupt, path)
	}
	if err != nil {
		return nil, err
	}
	h := &horizonFile{file: file}
	if err := h.load(isNew && !readOnly); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return h, nil
}

// load reads the newest valid slot. The caller syncs the directory after a new file.
func (h *horizonFile) load(isNew bool) error {
	found := false
	for slot := range int64(2) {
		var b [horizonBytes]byte
		if n, _ := h.file.ReadAt(b[:], slot*horizonSlot); n < horizonBytes {
			continue
		}
		sum := crc32.Checksum(b[:24], castagnoli)
		if string(b[:4]) != horizonMagic || binary.BigEndian.Uint32(b[24:]) != sum {
			continue
		}
		if v := binary.BigEndian.Uint32(b[4:]); v != horizonVersion {
			return fmt.Errorf("%s: format version %d is not known", h.file.Name(), v)
		}
		if g := binary.BigEndian.Uint64(b[8:]); !found || g > h.generation {
			h.generation, h.ts = g, kv.Timestamp(binary.BigEndian.Uint64(b[16:]))
		}
		found = true
	}
	switch {
	case found:
		return nil
	case isNew:
		return h.put(0)
	}
	return fmt.Errorf("%w: %s has no valid slot", kv.ErrCorrupt, h.file.Name())
}

// write makes ts durable unless a higher horizon is.
func (h *horizonFile) write(ts kv.Timestamp) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if ts <= h.ts {
		return nil
	}
	return h.put(ts)
}

func (h *horizonFile) put(ts kv.Timestamp) error {
	var b [horizonBytes]byte
	copy(b[:], horizonMagic)
	binary.BigEndian.PutUint32(b[4:], horizonVersion)
	binary.BigEndian.PutUint64(b[8:], h.generation+1)
	binary.BigEndian.PutUint64(b[16:], uint64(ts))
	binary.BigEndian.PutUint32(b[24:], crc32.Checksum(b[:24], castagnoli))
	if _, err := h.file.WriteAt(b[:], int64((h.generation+1)%2)*horizonSlot); err != nil {
		return err
	}
	if err := datasync(h.file); err != nil {
		return err
	}
	h.generation, h.ts = h.generation+1, ts
	return nil
}

// durable returns the horizon on disk.
func (h *horizonFile) durable() kv.Timestamp {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ts
}
