package bundle

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// A packed bundle is one byte of version, then gzip of
//
//	number of files    uvarint
//	for each file
//	  length and name  uvarint, bytes
//	  length and text  uvarint, bytes
//
// gzip brings the check sum. Past versions: none.
const packVersion = 1

// The bounds of a packed bundle, beside those of a bundle.
const (
	packedBytesMax = 448 << 10 // what one value of the store's metadata takes
	nameBytesMax   = 4096      // of a file name
)

// ErrTooLarge says that a bundle cannot be stored.
var ErrTooLarge = errors.New("the bundle is too large to be stored")

var errPacked = errors.New("the packed bundle is damaged")

// Pack returns the texts of a bundle in the form in which they are stored and sent to other nodes. What [Load] would refuse for its
// size is refused here too; a bundle that takes more than 448 KiB when it is packed is [ErrTooLarge].
func Pack(sources []Source) ([]byte, error) {
	if len(sources) > filesMax {
		return nil, fmt.Errorf("%w: %d files, of at most %d", ErrTooLarge, len(sources), filesMax)
	}
	plain := binary.AppendUvarint(nil, uint64(len(sources)))
	total := 0
	for _, s := range sources {
		switch total += len(s.Text); {
		case len(s.Name) > nameBytesMax:
			return nil, fmt.Errorf("%w: a file name of %d bytes, of at most %d", ErrTooLarge, len(s.Name), nameBytesMax)
		case len(s.Text) > fileBytesMax:
			return nil, fmt.Errorf("%w: %s has %d bytes, of at most %d", ErrTooLarge, s.Name, len(s.Text), fileBytesMax)
		case total > bundleBytesMax:
			return nil, fmt.Errorf("%w: more than %d bytes in all", ErrTooLarge, bundleBytesMax)
		}
		plain = append(binary.AppendUvarint(plain, uint64(len(s.Name))), s.Name...)
		plain = append(binary.AppendUvarint(plain, uint64(len(s.Text))), s.Text...)
	}
	var b bytes.Buffer
	b.WriteByte(packVersion)
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(plain); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	if b.Len() > packedBytesMax {
		return nil, fmt.Errorf("%w: %d bytes packed, of at most %d; take out tests and comments that it can do without",
			ErrTooLarge, b.Len(), packedBytesMax)
	}
	return b.Bytes(), nil
}

// Unpack returns what [Pack] has packed. It takes memory for what is there, whatever lengths the text claims.
func Unpack(packed []byte) ([]Source, error) {
	switch {
	case len(packed) > packedBytesMax:
		return nil, fmt.Errorf("%w: %d bytes packed, of at most %d", ErrTooLarge, len(packed), packedBytesMax)
	case len(packed) == 0:
		return nil, fmt.Errorf("%w: it is empty", errPacked)
	case packed[0] != packVersion:
		return nil, fmt.Errorf("%w: its form is %d, and this program knows %d", errPacked, packed[0], packVersion)
	}
	rest := bytes.NewReader(packed[1:])
	z, err := gzip.NewReader(rest)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errPacked, err)
	}
	z.Multistream(false)
	const plainBytesMax = bundleBytesMax + filesMax*(nameBytesMax+2*binary.MaxVarintLen64) + binary.MaxVarintLen64
	plain, err := io.ReadAll(io.LimitReader(z, plainBytesMax+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", errPacked, err)
	case len(plain) > plainBytesMax:
		return nil, fmt.Errorf("%w: more than %d bytes unpacked", ErrTooLarge, plainBytesMax)
	case rest.Len() > 0:
		return nil, fmt.Errorf("%w: something follows it", errPacked)
	}
	return unpackSources(plain)
}

// unpackSources takes the files out of the plain form, each with a copy of its own.
func unpackSources(plain []byte) ([]Source, error) {
	count, plain, err := unpackLength(plain, filesMax)
	if err != nil {
		return nil, err
	}
	sources := make([]Source, 0, count)
	total := 0
	for range count {
		var name, text []byte
		if name, plain, err = unpackBytes(plain, nameBytesMax); err == nil {
			text, plain, err = unpackBytes(plain, fileBytesMax)
		}
		if err != nil {
			return nil, err
		}
		if total += len(text); total > bundleBytesMax {
			return nil, fmt.Errorf("%w: more than %d bytes in all", ErrTooLarge, bundleBytesMax)
		}
		sources = append(sources, Source{Name: string(name), Text: bytes.Clone(text)})
	}
	if len(plain) > 0 {
		return nil, fmt.Errorf("%w: %d bytes are left over", errPacked, len(plain))
	}
	return sources, nil
}

func unpackBytes(b []byte, most uint64) (value, rest []byte, err error) {
	n, b, err := unpackLength(b, most)
	switch {
	case err != nil:
		return nil, nil, err
	case n > uint64(len(b)):
		return nil, nil, fmt.Errorf("%w: it ends early", errPacked)
	}
	return b[:n], b[n:], nil
}

func unpackLength(b []byte, most uint64) (uint64, []byte, error) {
	n, size := binary.Uvarint(b)
	switch {
	case size <= 0:
		return 0, nil, fmt.Errorf("%w: it ends early", errPacked)
	case n > most:
		return 0, nil, fmt.Errorf("%w: a length of %d, of at most %d", ErrTooLarge, n, most)
	}
	return n, b[size:], nil
}
