package ldif

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Chunk is a piece of an LDIF that starts and ends at record boundaries.
type Chunk struct {
	Data   []byte
	Line   int   // of the first line, from 1
	Offset int64 // of the first byte
}

// Splitter cuts an LDIF into chunks, so that each can be parsed by a goroutine of its own ([NewChunkReader]) with the right
// line numbers in its errors. It is not safe for concurrent use; the chunks are independent of it.
type Splitter struct {
	src        io.Reader
	chunkBytes int
	recordMax  int
	rest       []byte // read, and behind the last chunk
	line       int
	offset     int64
	err        error
}

// NewSplitter returns a splitter of src into chunks of about chunkBytes. Of o only RecordBytesMax counts here.
func NewSplitter(src io.Reader, chunkBytes int, o Options) *Splitter {
	return &Splitter{src: src, chunkBytes: max(chunkBytes, 1), recordMax: o.withDefaults().RecordBytesMax, line: 1}
}

// Next returns the next chunk, [io.EOF] at the end. Its data takes the place of what is in buf, a chunk that is done
// with or nil, and may be larger.
func (s *Splitter) Next(buf []byte) (Chunk, error) {
	buf = append(buf[:0], s.rest...)
	s.rest = s.rest[:0]
	want := s.chunkBytes
	for {
		if s.err == nil && len(buf) < want {
			buf, s.err = readUpTo(s.src, buf, want)
		}
		if s.err != nil && !errors.Is(s.err, io.EOF) || len(buf) == 0 {
			return Chunk{}, s.err
		}
		end := lastBoundary(buf)
		if s.err != nil {
			end = len(buf)
		}
		if end > 0 {
			s.rest = append(s.rest, buf[end:]...)
			c := Chunk{Data: buf[:end:end], Line: s.line, Offset: s.offset}
			s.line += bytes.Count(c.Data, []byte{'\n'})
			s.offset += int64(end)
			return c, nil
		}
		if len(buf) > s.recordMax {
			s.err = &Error{Line: s.line, Reason: fmt.Sprintf(
				"record of more than %d bytes; is the blank line between records missing?", s.recordMax)}
			return Chunk{}, s.err
		}
		want = 2 * len(buf)
	}
}

// readUpTo reads until buf holds want bytes.
func readUpTo(src io.Reader, buf []byte, want int) ([]byte, error) {
	if cap(buf) < want {
		buf = append(make([]byte, 0, want), buf...)
	}
	n, err := io.ReadFull(src, buf[len(buf):want])
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return buf[:len(buf)+n], err
}

// lastBoundary returns the position behind the last blank line of b, 0 if there is none.
func lastBoundary(b []byte) int {
	for end := len(b); ; {
		i := bytes.LastIndexByte(b[:end], '\n')
		if i < 1 {
			return 0
		}
		if b[i-1] == '\n' || i > 1 && b[i-1] == '\r' && b[i-2] == '\n' {
			return i + 1
		}
		end = i
	}
}
