package ldapserver

import (
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// output collects answers of one connection. Each answer is appended whole, under the lock, so that the reader and the
// workers may answer at the same time.
type output struct {
	mu      sync.Mutex
	buf     []byte
	end     int      // where the end of a search begins in buf, 0 if nothing is before it
	sock    net.Conn // for deadlines without the lock; never replaced
	conn    net.Conn
	timeout time.Duration
	hurry   *atomic.Bool // the server waits no longer
	rush    atomic.Bool  // this connection is waited for no longer
	err     error        // the first failure; nothing is sent after it
}

var (
	outputPool      = sync.Pool{New: func() any { return new([outputBytes]byte) }}
	largeOutputPool = sync.Pool{New: func() any { return new([largeOutputBytes]byte) }}
)

// append lets add append one answer and sends what was collected when it is much.
func (o *output) append(add func([]byte) []byte) error { return o.appendLarge(0, add) }

// appendLarge is append for an answer of about size octets.
func (o *output) appendLarge(size int, add func([]byte) []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.fits(size) {
		_ = o.send()
	}
	if o.add(size, add) {
		return o.send()
	}
	return o.err
}

// tryAppend is appendLarge that never waits for the client: done is false where there is no room, or somebody else is
// sending, and due says that it is time to flush.
func (o *output) tryAppend(size int, add func([]byte) []byte) (done, due bool, err error) {
	if !o.mu.TryLock() {
		return false, false, nil
	}
	defer o.mu.Unlock()
	if o.err == nil && !o.fits(size) {
		return false, false, nil
	}
	return true, o.add(size, add), o.err
}

// fits reports whether an answer of so many octets goes with those that were collected. Those are sent before one that
// does not, so the buffer holds at most what is due and one answer.
func (o *output) fits(size int) bool { return len(o.buf) == 0 || len(o.buf)+size <= o.due() }

// due is from how many octets on the buffer is sent: later where one large answer has a large one, so that the end of a
// search leaves with its entry.
func (o *output) due() int { return min(max(cap(o.buf), outputBytes), largeOutputBytes) / 4 * 3 }

// add appends one answer, unless nothing can be sent any more. A large one gets a large buffer, so that reading a group of
// thousands makes no garbage.
func (o *output) add(size int, add func([]byte) []byte) (due bool) {
	switch {
	case o.err != nil:
		return false
	case o.buf != nil:
	case size > outputBytes/2 && size < largeOutputBytes*3/4:
		o.buf = largeOutputPool.Get().(*[largeOutputBytes]byte)[:0]
	default:
		o.buf = outputPool.Get().(*[outputBytes]byte)[:0]
	}
	o.buf = add(o.buf)
	return len(o.buf) >= o.due()
}

// flush sends what was collected.
func (o *output) flush() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.send()
}

// flushSoon is flush for a client that gets lastWriteTimeout from now on, also for what is being sent already.
func (o *output) flushSoon() error {
	o.rush.Store(true)
	defer o.rush.Store(false)
	if err := o.sock.SetWriteDeadline(time.Now().Add(lastWriteTimeout)); err != nil {
		return err
	}
	return o.flush()
}

func (o *output) send() error {
	if o.err != nil || len(o.buf) == 0 {
		return o.err
	}
	o.err = o.conn.SetWriteDeadline(time.Now().Add(o.timeout))
	if o.err == nil && (o.hurry.Load() || o.rush.Load()) { // looked at after the deadline is set: who hurries is not overruled
		o.err = o.conn.SetWriteDeadline(time.Now().Add(lastWriteTimeout))
	}
	if o.err == nil {
		o.err = o.write()
	}
	switch cap(o.buf) {
	case outputBytes:
		outputPool.Put((*[outputBytes]byte)(o.buf[:outputBytes]))
	case largeOutputBytes:
		largeOutputPool.Put((*[largeOutputBytes]byte)(o.buf[:largeOutputBytes]))
	}
	o.buf, o.end = nil, 0
	return o.err
}

// write writes what was collected. Under TLS the end of a search is a record of its own: curl waits for its socket to become
// readable after each entry, and would wait for ever for an end that its TLS library has read together with the entry.
func (o *output) write() error {
	rest := o.buf
	if _, secured := o.conn.(*tls.Conn); secured && o.end > 0 {
		if _, err := o.conn.Write(rest[:o.end]); err != nil {
			return err
		}
		rest = rest[o.end:]
	}
	_, err := o.conn.Write(rest)
	return err
}

// isFailure reports whether err is why nothing can be sent any more.
func (o *output) isFailure(err error) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err != nil && errors.Is(err, o.err)
}
