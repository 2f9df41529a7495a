package ldapserver

import (
	"net"
	"sync"
	"time"
)

// output collects answers of one connection. Each answer is appended whole, under the lock, so that the reader and the
// workers may answer at the same time.
type output struct {
	mu      sync.Mutex
	buf     []byte
	conn    net.Conn
	timeout time.Duration
	err     error // the first failure; nothing is sent after it
}

var outputPool = sync.Pool{New: func() any { return new([outputBytes]byte) }}

// append lets add append one answer and sends what was collected when it is much. The answers so far are sent before
// one that would not fit, so the buffer holds at most outputBytes and one answer.
func (o *output) append(add func([]byte) []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return o.err
	}
	if o.buf == nil {
		o.buf = outputPool.Get().(*[outputBytes]byte)[:0]
	}
	o.buf = add(o.buf)
	if len(o.buf) >= outputBytes*3/4 {
		return o.send()
	}
	return nil
}

// flush sends what was collected.
func (o *output) flush() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.send()
}

func (o *output) send() error {
	if o.err != nil || len(o.buf) == 0 {
		return o.err
	}
	if o.err = o.conn.SetWriteDeadline(time.Now().Add(o.timeout)); o.err == nil {
		_, o.err = o.conn.Write(o.buf)
	}
	if cap(o.buf) == outputBytes {
		outputPool.Put((*[outputBytes]byte)(o.buf[:outputBytes]))
	}
	o.buf = nil
	return o.err
}
