package quality

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// plainLinesMax bounds a list of passwords in the clear, which is kept as eight bytes for each; a longer one belongs into a file of
// sums, which is not kept at all.
const plainLinesMax = 4 << 20

// plainList holds the beginnings of the SHA-1 sums of passwords, in order. A false hit has a chance of one in 10^12 at most.
type plainList []uint64

// readPlain reads a list of passwords, one a line. Empty lines mean nothing.
func readPlain(r *bufio.Reader) (plainList, error) {
	var list plainList
	for no := 1; ; no++ {
		line, err := r.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return nil, fmt.Errorf("line %d is longer than %d bytes", no, r.Size())
		case err != nil && !errors.Is(err, io.EOF):
			return nil, err
		}
		if password := bytes.TrimRight(line, "\r\n"); len(password) > 0 {
			if len(list) == plainLinesMax {
				return nil, fmt.Errorf("more than %d passwords in the clear; make a sorted file of their SHA-1 sums", plainLinesMax)
			}
			list = append(list, beginning(password))
		}
		if err != nil {
			slices.Sort(list)
			return slices.Clip(slices.Compact(list)), nil
		}
	}
}

// has implements [breachedList]: the password as it is, and in lower case.
func (l plainList) has(password []byte) (bool, error) {
	if _, is := slices.BinarySearch(l, beginning(password)); is {
		return true, nil
	}
	_, is := slices.BinarySearch(l, beginning(bytes.ToLower(password)))
	return is, nil
}

func beginning(password []byte) uint64 {
	sum := sha1.Sum(password)
	return binary.BigEndian.Uint64(sum[:])
}
