package ldapserver

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"

	"gatehouse/directory"
	"gatehouse/ldapserver/wire"
)

// input is what a connection has received and not yet served. A connection without bytes has no buffer: a plain socket
// waits in the poller first and takes one when there is something to read.
type input struct {
	buf   []byte
	r, w  int // unread: buf[r:w]
	share *inputShare
	count *atomic.Int64 // what buf is counted in; nil if it is the pool's
	// waited says that the reader has waited for its client since this was last cleared.
	waited bool
}

// inputShare counts the octets of the buffers of a whole server that are larger than those of the pool, since each waits for
// the rest of a message that may never come.
type inputShare struct {
	bound, anonymous atomic.Int64
}

// of returns the count of those who may send messages of max octets, and its bound.
func (s *inputShare) of(max int) (count *atomic.Int64, most int64) {
	if max > requestBytesAnonymous {
		return &s.bound, inputBytesAll
	}
	return &s.anonymous, inputBytesAnonymous
}

// errLargeInput refuses a large message while too many others are being received.
var errLargeInput = &wire.Error{Code: directory.Busy, Fatal: true, Diagnostic: "too many large requests at the same time; try again later"}

var inputPool = sync.Pool{New: func() any { return new([inputBytes]byte) }}

// next returns the next message, at most max octets long. It is valid until the next call. drained is called before
// waiting for more.
func (in *input) next(nc net.Conn, raw syscall.RawConn, max int, drained func() error) ([]byte, error) {
	for {
		n, err := wire.Frame(in.buf[in.r:in.w], max)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			pdu := in.buf[in.r : in.r+n : in.r+n]
			in.r += n
			return pdu, nil
		}
		if err := drained(); err != nil {
			return nil, err
		}
		if err := in.fill(nc, raw, max); err != nil {
			return nil, err
		}
	}
}

// buffered reports whether there are bytes that nothing has looked at.
func (in *input) buffered() bool { return in.r < in.w }

// fill reads more, at least one octet.
func (in *input) fill(nc net.Conn, raw syscall.RawConn, max int) error {
	if in.r == in.w {
		in.release()
		if raw != nil {
			return in.wait(raw)
		}
		in.take()
	}
	if err := in.makeRoom(max); err != nil {
		return err
	}
	n, err := nc.Read(in.buf[in.w:])
	in.w += n
	if n > 0 {
		return nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}

// wait parks in the poller with no buffer and an almost empty stack, and reads when the socket is readable.
func (in *input) wait(raw syscall.RawConn) error {
	var n int
	var readErr error
	err := raw.Read(func(fd uintptr) bool {
		in.take()
		n, readErr = syscall.Read(int(fd), in.buf)
		if errors.Is(readErr, syscall.EAGAIN) || errors.Is(readErr, syscall.EINTR) {
			in.release()
			in.waited = true
			return false
		}
		return true
	})
	switch {
	case err != nil:
		return err
	case readErr != nil:
		return readErr
	case n == 0:
		return io.EOF
	}
	in.w = n
	return nil
}

func (in *input) take() {
	if in.buf == nil {
		in.buf = inputPool.Get().(*[inputBytes]byte)[:]
	}
}

// release gives the buffer back. Larger ones, made for one large message, are left to the collector.
func (in *input) release() {
	switch {
	case in.count != nil:
		in.count.Add(-int64(len(in.buf)))
	case in.buf != nil:
		inputPool.Put((*[inputBytes]byte)(in.buf))
	}
	in.count = nil
	in.buf, in.r, in.w = nil, 0, 0
}

// makeRoom moves the unread bytes to the front and doubles the buffer where they fill it.
func (in *input) makeRoom(max int) error {
	if in.w < len(in.buf) {
		return nil
	}
	old := in.buf[in.r:in.w]
	if in.r > 0 && len(old) <= len(in.buf)/2 {
		in.w = copy(in.buf, old)
		in.r = 0
		return nil
	}
	size := min(2*len(in.buf), max+inputBytes)
	count, most := in.share.of(max)
	if count.Add(int64(size)) > most {
		count.Add(-int64(size))
		return errLargeInput
	}
	bigger := make([]byte, size)
	n := copy(bigger, old)
	in.release()
	in.buf, in.count, in.r, in.w = bigger, count, 0, n
	return nil
}
