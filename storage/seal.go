package storage

import (
	"encoding/binary"
	"hash/crc32"
	"unsafe"
)

// Stored values end in a CRC-32C (Castagnoli, little-endian) of the key and the bytes before it, so that a value that
// rotted or stands under another key is found when it is read. Links and index keys, which have no value of their own to
// protect, go without.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

const sealBytes = 4

// seal appends the checksum of key and of the body that begins at dst[from:].
func seal(dst []byte, from int, key []byte) []byte {
	sum := crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, dst[from:])
	return binary.LittleEndian.AppendUint32(dst, sum)
}

// unseal returns the body of a sealed value.
func unseal(value, key []byte) ([]byte, error) {
	n := len(value) - sealBytes
	if n < 0 {
		return nil, corrupt("value of key %x is too short", key)
	}
	sum := crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, value[:n])
	if binary.LittleEndian.Uint32(value[n:]) != sum {
		return nil, corrupt("checksum of key %x", key)
	}
	return value[:n:n], nil
}

// A decoder takes values apart; after the first one that does not fit, bad is set and all results are zero.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) byte() byte {
	if len(d.b) == 0 {
		d.fail()
		return 0
	}
	c := d.b[0]
	d.b = d.b[1:]
	return c
}

// take returns the next n bytes, which alias the value.
func (d *decoder) take(n uint64) []byte {
	if n > uint64(len(d.b)) {
		d.fail()
		return nil
	}
	p := d.b[:n:n]
	d.b = d.b[n:]
	return p
}

// bytes returns a byte string with its length before it.
func (d *decoder) bytes() []byte { return d.take(d.uvarint()) }

func (d *decoder) string() string { return string(d.bytes()) }

// alias is string without a copy, for a value that nothing changes while the string is in use.
func (d *decoder) alias() string {
	b := d.bytes()
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// count returns a number of things that each take at least least bytes.
func (d *decoder) count(least int) int {
	n := d.uvarint()
	if n > uint64(len(d.b)/least) {
		d.fail()
		return 0
	}
	return int(n)
}

// end reports whether all was well and nothing is left.
func (d *decoder) end() bool { return !d.bad && len(d.b) == 0 }

func (d *decoder) fail() { d.b, d.bad = nil, true }

func appendBytes[S ~string | ~[]byte](dst []byte, s S) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}
