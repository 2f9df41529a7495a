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

var (
	outputPool      = sync.Pool{New: func() any { return new([outputBytes]byte) }}
	largeOutputPool = sync.Pool{New: func() any { return new([largeOutputBytes]byte) }}
)

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

// appendLarge is append for an answer of about size octets. One that is larger than the usual buffer gets a large one, so
// that reading a group of thousands makes no garbage.
func (o *output) appendLarge(size int, add func([]byte) []byte) error {
	if size > outputBytes/4 {
		o.mu.Lock()
		if err := o.send(); err != nil {
			o.mu.Unlock()
			return err
		}
		if size > outputBytes/2 && size < largeOutputBytes*3/4 {
			o.buf = largeOutputPool.Get().(*[largeOutputBytes]byte)[:0]
		}
		o.mu.Unlock()
	}
	return o.append(add)
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
	switch cap(o.buf) {
	case outputBytes:
		outputPool.Put((*[outputBytes]byte)(o.buf[:outputBytes]))
	case largeOutputBytes:
		largeOutputPool.Put((*[largeOutputBytes]byte)(o.buf[:largeOutputBytes]))
	}
	o.buf = nil
	return o.err
}
