package quality

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
)

const (
	sumDigits = 2 * sha1.Size
	// lineBytesMax is the longest line of a file of sums, in bytes: the digits, a colon, a count and the end of the line.
	lineBytesMax = 64
	// probes is in how many places the order of a file of sums is looked at when it is opened.
	probes = 64
)

var (
	errLine  = errors.New("a line is no SHA-1 sum of 40 hexadecimal digits")
	errOrder = errors.New("the sums are not in ascending order; sort the file, or take the version ordered by hash")
)

// openBreached opens a list of either kind. The file is nil if it has been read whole.
func openBreached(path string) (breachedList, io.Closer, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	list, keep, err := readBreached(f)
	if err != nil || !keep {
		_ = f.Close() // it was only read
		return list, nil, err
	}
	return list, f, nil
}

// readBreached finds out which kind a list is. keep says that it goes on reading the file.
func readBreached(f *os.File) (list breachedList, keep bool, err error) {
	stat, err := f.Stat()
	if err != nil {
		return nil, false, err
	}
	if !stat.Mode().IsRegular() {
		return nil, false, fmt.Errorf("%s is no regular file", f.Name())
	}
	sums := &sumFile{r: f, size: stat.Size()}
	if _, err := sums.lineAt(0, make([]byte, lineBytesMax)); err != nil {
		if !errors.Is(err, errLine) {
			return nil, false, err
		}
		plain, err := readPlain(bufio.NewReader(f))
		return plain, false, err
	}
	return sums, true, sums.check()
}

// sumFile is a file of SHA-1 sums in ascending order, searched where it lies.
type sumFile struct {
	r    io.ReaderAt
	size int64
}

// A sumLine is one line: where it begins, where the next one does, and its sum.
type sumLine struct {
	from, next int64
	sum        [sha1.Size]byte
}

// lineAt reads the line that begins at a place.
func (f *sumFile) lineAt(from int64, buf []byte) (sumLine, error) {
	n, err := f.r.ReadAt(buf[:lineBytesMax], from)
	if err != nil && !errors.Is(err, io.EOF) {
		return sumLine{}, err
	}
	line := sumLine{from: from, next: from + int64(n)}
	text := buf[:n]
	if end := bytes.IndexByte(text, '\n'); end >= 0 {
		line.next = from + int64(end) + 1
		text = text[:end]
	} else if n == lineBytesMax {
		return sumLine{}, errLine
	}
	digits, _, _ := bytes.Cut(bytes.TrimSuffix(text, []byte("\r")), []byte(":"))
	if len(digits) != sumDigits {
		return sumLine{}, errLine
	}
	if _, err := hex.Decode(line.sum[:], digits); err != nil {
		return sumLine{}, errLine
	}
	return line, nil
}

// lineAfter reads the first line that begins at a place or after it; ok is false if none does.
func (f *sumFile) lineAfter(at int64, buf []byte) (line sumLine, ok bool, err error) {
	from := at
	if at > 0 {
		n, err := f.r.ReadAt(buf[:lineBytesMax], at-1)
		if err != nil && !errors.Is(err, io.EOF) {
			return sumLine{}, false, err
		}
		end := bytes.IndexByte(buf[:n], '\n')
		switch {
		case end >= 0:
			from = at + int64(end)
		case n == lineBytesMax:
			return sumLine{}, false, errLine
		default:
			return sumLine{}, false, nil
		}
	}
	if from >= f.size {
		return sumLine{}, false, nil
	}
	line, err = f.lineAt(from, buf)
	return line, err == nil, err
}

// check looks at the order in some places: a file in another order would answer "not found" without a word.
func (f *sumFile) check() error {
	buf := make([]byte, lineBytesMax)
	var last sumLine
	for i := range int64(probes) {
		line, ok, err := f.lineAfter(f.size/probes*i, buf)
		if err != nil {
			return err
		}
		if !ok {
			return nil
		}
		if i > 0 && line.from > last.from && bytes.Compare(line.sum[:], last.sum[:]) < 0 {
			return errOrder
		}
		last = line
		next, ok, err := f.lineAfter(line.next, buf)
		if err != nil {
			return err
		}
		if ok && bytes.Compare(next.sum[:], line.sum[:]) < 0 {
			return errOrder
		}
	}
	return nil
}

// has implements [breachedList] by bisection.
func (f *sumFile) has(password []byte) (bool, error) {
	want := sha1.Sum(password)
	buf := make([]byte, lineBytesMax)
	for lo, hi := int64(0), f.size; lo < hi; {
		mid := lo + (hi-lo)/2
		line, ok, err := f.lineAfter(mid, buf)
		if err != nil {
			return false, err
		}
		switch {
		case !ok || line.from >= hi:
			hi = mid
		default:
			switch c := bytes.Compare(line.sum[:], want[:]); {
			case c == 0:
				return true, nil
			case c > 0:
				hi = mid
			default:
				lo = line.next
			}
		}
	}
	return false, nil
}
