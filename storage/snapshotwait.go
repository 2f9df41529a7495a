package storage

import (
	"encoding/binary"
	"strings"
	"time"

	"gatehouse/directory"
	"gatehouse/storage/kv"
)

// Waiting calls visit for every entry that has a reference to a name that no entry has yet, with the reference's description,
// until it returns false.
func (sn *Snapshot) Waiting(name directory.NDN, visit func(directory.EntryID, *directory.AttributeDescription) bool) error {
	if sn.state.unresolved == 0 {
		return nil
	}
	prefix := waiterPrefix(nil, reverseName(name))
	it := sn.Scan(kv.ScanOptions{Prefix: prefix})
	defer it.Close()
	for it.Next() {
		key := it.Key()
		if len(key) != len(prefix)+12 {
			continue
		}
		no := binary.BigEndian.Uint32(key[len(prefix):])
		source := directory.EntryID(binary.BigEndian.Uint64(key[len(prefix)+4:]))
		is, err := sn.hasUnresolved(source, no, name) // long names share a key
		if err != nil {
			return err
		}
		if !is {
			continue
		}
		desc, err := sn.descs.description(no)
		if err != nil {
			return err
		}
		if !visit(source, desc) {
			return nil
		}
	}
	return it.Err()
}

// WaitingBelow calls visit for every name below the one given that some reference has and no entry, until it returns false.
func (sn *Snapshot) WaitingBelow(name directory.NDN, visit func(directory.NDN) bool) error {
	if sn.state.unresolved == 0 {
		return nil
	}
	reversed := reverseName(name)
	prefix := reversed
	if len(prefix) > shortPrefixBytes {
		prefix = prefix[:shortPrefixBytes]
	}
	it := sn.Scan(kv.ScanOptions{Prefix: append([]byte{tagWaiters}, prefix...)})
	defer it.Close()
	for it.Next() {
		value, err := it.Value()
		if err != nil {
			return err
		}
		_, waiting, err := decodeWaiters(it.Key(), value)
		if err != nil {
			return err
		}
		if strings.HasPrefix(waiting, reversed+",") && !visit(directory.NDN(reverseName(directory.NDN(waiting)))) {
			return nil
		}
	}
	return it.Err()
}

// Time is when the newest change was made.
func (sn *Snapshot) Time() time.Time { return time.UnixMicro(sn.state.lastTime) }
