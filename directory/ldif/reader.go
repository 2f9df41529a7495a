package ldif

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
)

// bufferBytesMin is what is read at a time: some hundred entries.
const bufferBytesMin = 256 << 10

var byteOrderMark = []byte("\xef\xbb\xbf")

// Reader reads the records of an LDIF one after another. It is not safe for concurrent use.
type Reader struct {
	src     io.Reader
	srcErr  error // what src ended with
	options Options
	buf     []byte // the input read and not yet parsed is buf[pos:]
	pos     int
	line    int   // number of the line at pos
	offset  int64 // of pos in the input
	err     error // ends the reading
	parser  parser
}

// NewReader returns a reader of the LDIF in src.
func NewReader(src io.Reader, o Options) *Reader {
	r := &Reader{src: src, options: o.withDefaults(), line: 1}
	r.parser.options = &r.options
	return r
}

// NewChunkReader returns a reader of a chunk that a [Splitter] cut off. It parses in place and so overwrites the chunk.
func NewChunkReader(c Chunk, o Options) *Reader {
	r := &Reader{options: o.withDefaults()}
	r.parser.options = &r.options
	r.Reset(c)
	return r
}

// Reset makes the reader read c, keeping its options and its storage.
func (r *Reader) Reset(c Chunk) {
	r.src, r.srcErr, r.err = nil, io.EOF, nil
	r.buf, r.pos, r.line, r.offset = c.Data, 0, c.Line, c.Offset
}

// Next returns the next record, which is valid until the next call. It returns [io.EOF] at the end. After an [*Error] about
// one record, Next goes on behind that record; after one about a limit, and after an error of the input, every further
// call returns the same error.
func (r *Reader) Next() (*Record, error) {
	for {
		block, err := r.block()
		if err != nil {
			return nil, err
		}
		first := r.line
		r.line += bytes.Count(block, []byte{'\n'})
		rec, err := r.parser.parse(block, first)
		if err != nil {
			return nil, err
		}
		if rec != nil {
			return rec, nil
		}
	}
}

// All yields the records, each valid until the next one, and ends behind the first error.
func (r *Reader) All() iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		for {
			rec, err := r.Next()
			if errors.Is(err, io.EOF) || !yield(rec, err) || err != nil {
				return
			}
		}
	}
}

// Offset returns how many bytes of the input the records read so far took. Reading can be resumed there.
func (r *Reader) Offset() int64 { return r.offset }

// block returns the bytes up to the next blank line or the end of the input.
func (r *Reader) block() ([]byte, error) {
	if r.err != nil {
		return nil, r.err
	}
	r.start()
	end, scanned := -1, 0
	for end < 0 {
		if end = blockEnd(r.buf, r.pos+scanned); end >= 0 {
			break
		}
		if scanned = max(0, len(r.buf)-r.pos-2); scanned > r.options.RecordBytesMax { // the end may be half of a blank line
			end = len(r.buf)
		} else if err := r.fill(); err != nil {
			if r.err = err; !errors.Is(err, io.EOF) || r.pos == len(r.buf) {
				return nil, err
			}
			end = len(r.buf)
		}
	}
	if end-r.pos > r.options.RecordBytesMax {
		r.err = &Error{Line: r.line, Reason: fmt.Sprintf(
			"record of more than %d bytes; is the blank line between records missing?", r.options.RecordBytesMax)}
		return nil, r.err
	}
	block := r.buf[r.pos:end:end]
	r.offset += int64(end - r.pos)
	r.pos = end
	return block, nil
}

// start skips blank lines and, at the start of the input, a byte order mark.
func (r *Reader) start() {
	for {
		if r.offset == 0 && r.pos == 0 {
			for len(r.buf) < len(byteOrderMark) && r.fill() == nil {
			}
			if bytes.HasPrefix(r.buf, byteOrderMark) {
				r.pos, r.offset = len(byteOrderMark), int64(len(byteOrderMark))
			}
		}
		rest := r.buf[r.pos:]
		n := 0
		switch {
		case bytes.HasPrefix(rest, []byte("\n")):
			n = 1
		case bytes.HasPrefix(rest, []byte("\r\n")):
			n = 2
		case len(rest) < 2 && r.fill() == nil:
			continue
		default:
			return
		}
		r.pos += n
		r.offset += int64(n)
		r.line++
	}
}

// fill reads more input behind buf[pos:], which it may move.
func (r *Reader) fill() error {
	if r.srcErr != nil {
		return r.srcErr
	}
	if r.pos > 0 {
		r.buf = r.buf[:copy(r.buf, r.buf[r.pos:])]
		r.pos = 0
	}
	if len(r.buf) == cap(r.buf) {
		larger := make([]byte, len(r.buf), max(bufferBytesMin, 2*cap(r.buf)))
		copy(larger, r.buf)
		r.buf = larger
	}
	for range 100 { // readers may return nothing for a while, not for ever
		n, err := r.src.Read(r.buf[len(r.buf):cap(r.buf)])
		r.buf, r.srcErr = r.buf[:len(r.buf)+n], err
		if n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	r.srcErr = io.ErrNoProgress
	return r.srcErr
}

// blockEnd returns the position behind the newline before the first blank line of b at or behind from, -1 if there is none.
func blockEnd(b []byte, from int) int {
	for from < len(b) {
		i := bytes.IndexByte(b[from:], '\n')
		if i < 0 {
			return -1
		}
		from += i + 1
		if from < len(b) && (b[from] == '\n' || b[from] == '\r' && from+1 < len(b) && b[from+1] == '\n') {
			return from
		}
	}
	return -1
}
