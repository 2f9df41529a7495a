package storage

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"gatehouse/directory"
	"gatehouse/storage/kv"
)

// The side file remembers beside the database what was answered, because the database cannot: after a damaged write-ahead
// file it opens with changes missing and says nothing. It has two slots of sideSlotBytes, written in turn; the valid one
// with the higher generation counts, so that a torn write loses one batch's mark and not the file:
//
//	magic "gatehouse side 1" (16)
//	generation (8)
//	incarnation (16)
//	mark: last acknowledged CSN (8) and running hash (32)
//	floor: timestamp up to which everything was in tables (8)
//	CRC-32C
//
// The mark is written after a batch is synced and before it is answered, but not synced itself: a killed process leaves
// it, and a mark behind the log, as after power loss, only proves less. A mark ahead of the log means lost changes.
type sideFile struct {
	mu         sync.Mutex
	f          *os.File
	generation uint64
	mark       sideMark
	dirty      bool
}

type sideMark struct {
	incarnation [16]byte
	csn         directory.CSN
	hash        logHash
	floor       kv.Timestamp
}

const (
	sideFileName  = "log.mark"
	sideMagic     = "gatehouse side 1"
	sideSlotBytes = 512
)

// createSideFile makes the side file of a new store durable in dir.
func createSideFile(dir string, m sideMark) error {
	tmp := filepath.Join(dir, sideFileName+".new")
	slot := m.appendSlot(nil, 1)
	content := append(make([]byte, sideSlotBytes), slot...) // generation 1 is in slot 1
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp, filepath.Join(dir, sideFileName)); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// openSideFile opens the side file in dir and reads its mark.
func openSideFile(dir string) (*sideFile, error) {
	f, err := os.OpenFile(filepath.Join(dir, sideFileName), os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, sideFileName), ErrNoSideFile)
	}
	if err != nil {
		return nil, err
	}
	s := &sideFile{f: f}
	for slot := range int64(2) {
		b := make([]byte, sideSlotBytes)
		if _, err := f.ReadAt(b, slot*sideSlotBytes); err != nil {
			continue // a short file has no such slot
		}
		if m, generation, ok := decodeSlot(b); ok && generation > s.generation {
			s.mark, s.generation = m, generation
		}
	}
	if s.generation == 0 {
		return nil, errors.Join(corrupt("side file %s", f.Name()), f.Close())
	}
	return s, nil
}

func (m *sideMark) appendSlot(dst []byte, generation uint64) []byte {
	from := len(dst)
	dst = append(dst, sideMagic...)
	dst = binary.BigEndian.AppendUint64(dst, generation)
	dst = append(dst, m.incarnation[:]...)
	dst = binary.BigEndian.AppendUint64(dst, uint64(m.csn))
	dst = append(dst, m.hash[:]...)
	dst = binary.BigEndian.AppendUint64(dst, uint64(m.floor))
	dst = seal(dst, from, nil)
	return append(dst, make([]byte, from+sideSlotBytes-len(dst))...)
}

func decodeSlot(b []byte) (m sideMark, generation uint64, ok bool) {
	const bodyBytes = len(sideMagic) + 8 + 16 + 8 + len(logHash{}) + 8
	body, err := unseal(b[:bodyBytes+sealBytes], nil)
	if err != nil || string(body[:len(sideMagic)]) != sideMagic {
		return m, 0, false
	}
	d := decoder{b: body[len(sideMagic):]}
	generation = binary.BigEndian.Uint64(d.take(8))
	copy(m.incarnation[:], d.take(16))
	m.csn = directory.CSN(binary.BigEndian.Uint64(d.take(8)))
	copy(m.hash[:], d.take(uint64(len(m.hash))))
	m.floor = kv.Timestamp(binary.BigEndian.Uint64(d.take(8)))
	return m, generation, generation > 0
}

// acknowledge notes that a batch is durable and about to be answered. A nil sideFile does nothing.
func (s *sideFile) acknowledge(csn directory.CSN, hash logHash) error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mark.csn, s.mark.hash = csn, hash
	return s.write()
}

// sync makes the mark durable, with a new floor. It does not hold up acknowledge.
func (s *sideFile) sync(floor kv.Timestamp) error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	var err error
	if floor > s.mark.floor {
		s.mark.floor = floor
		err = s.write()
	}
	dirty := s.dirty
	s.dirty = false
	s.mu.Unlock()
	if err != nil || !dirty {
		return err
	}
	return s.f.Sync()
}

func (s *sideFile) write() error {
	s.generation++
	s.dirty = true
	_, err := s.f.WriteAt(s.mark.appendSlot(nil, s.generation), int64(s.generation%2)*sideSlotBytes)
	return err
}

func (s *sideFile) close() error {
	if s == nil {
		return nil
	}
	return s.f.Close()
}
