package storage

import (
	"encoding/binary"
	"errors"
	"fmt"

	"gatehouse/storage/kv"
)

// Header says which store this is.
type Header struct {
	Incarnation [16]byte // of the data: Create and Restore make a new one, so that no position of another store fits
	Node        [16]byte // of this copy; outside every digest
	Format      uint32   // of keys and values; a newer one is refused
	Features    uint32   // what apply does, numbered; a newer level is refused
}

// What this program writes. Past formats: 1 did not count the bytes of the log; no release wrote it.
const (
	formatVersion = 2
	featureLevel  = 1
)

// createStore is the first change of every store.
type createStore struct{ header Header }

func (createStore) isEffect() {}

var (
	headerKey = []byte{tagHeader, 'h'} // incarnation (16), uvarint format, uvarint features, CRC
	nodeIDKey = []byte{tagNode, 'i'}   // node (16), CRC
)

// append appends the fields of the header that all copies share.
func (h *Header) append(dst []byte) []byte {
	dst = append(dst, h.Incarnation[:]...)
	dst = binary.AppendUvarint(dst, uint64(h.Format))
	return binary.AppendUvarint(dst, uint64(h.Features))
}

func decodeHeaderFields(d *decoder) (h Header) {
	copy(h.Incarnation[:], d.take(uint64(len(h.Incarnation))))
	h.Format, h.Features = uint32(d.uvarint()), uint32(d.uvarint())
	return h
}

// readHeader reads the header of a store; ErrEmpty when there is none.
func readHeader(r kv.Reader) (h Header, err error) {
	value, err := r.Get(headerKey)
	if errors.Is(err, kv.ErrNotFound) {
		return h, ErrEmpty
	}
	if err == nil {
		value, err = unseal(value, headerKey)
	}
	if err != nil {
		return h, err
	}
	d := decoder{b: value}
	if h = decodeHeaderFields(&d); !d.end() {
		return h, corrupt("header")
	}
	if h.Format != formatVersion || h.Features > featureLevel {
		return h, fmt.Errorf("the store has format %d and features %d, this program knows %d and %d: %w",
			h.Format, h.Features, formatVersion, featureLevel, ErrFormat)
	}
	node, err := r.Get(nodeIDKey)
	if err == nil {
		node, err = unseal(node, nodeIDKey)
	}
	if err != nil {
		return h, fmt.Errorf("node identity: %w", err)
	}
	copy(h.Node[:], node)
	return h, nil
}
