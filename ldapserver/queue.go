package ldapserver

import (
	"context"
	"sync"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/ldapserver/wire"
)

// pending is an operation that does not run on the reader. It has its own copy of the message.
type pending struct {
	msg     wire.Message
	session *acl.Session
	ctx     context.Context
	cancel  context.CancelFunc
	bytes   int // of its message
	most    int // operations that its connection may have in flight

	// Under the lock of the queue:
	abandoned  bool
	begun      bool
	ended      bool                // it has given its answer
	canceledBy directory.MessageID // the Cancel that waits for its end; zero: none
	persists   bool                // it is counted as a persistent search

	stopped bool // that Cancel has stopped it; of the goroutine that carries it out
}

// mayWait counts a request that waits or runs, if it is large; false where too many do.
func (s *Server) mayWait(octets int) bool {
	if octets > requestBytesAnonymous && s.waiting.Add(int64(octets)) > waitingBytes {
		s.waiting.Add(-int64(octets))
		return false
	}
	return true
}

// waitsNoLonger is called once for each request that mayWait has counted.
func (s *Server) waitsNoLonger(octets int) {
	if octets > requestBytesAnonymous {
		s.waiting.Add(-int64(octets))
	}
}

// queue holds the outstanding operations of one connection.
//
// Invariants: count is the number of pendings that were put and not yet done; byID has one for each of their message
// IDs; running is true while a goroutine works on fifo.
type queue struct {
	mu      sync.Mutex
	changed sync.Cond
	fifo    []*pending // in the order received: writes, and what came behind one
	byID    map[directory.MessageID]*pending
	count   int
	bytes   int // of the messages of all of them
	running bool
}

func newQueue() *queue {
	q := &queue{}
	q.changed.L = &q.mu
	return q
}

// register counts an operation, waiting for room. It is false where the message ID is in use.
func (q *queue) register(p *pending) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.byID[p.msg.ID] != nil {
		return false
	}
	for q.isFull(p) {
		q.changed.Wait()
	}
	if q.byID == nil {
		q.byID = make(map[directory.MessageID]*pending)
	}
	q.byID[p.msg.ID] = p
	q.count++
	q.bytes += p.bytes
	return true
}

// full reports whether register would wait.
func (q *queue) full(p *pending) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.isFull(p)
}

func (q *queue) isFull(p *pending) bool {
	return q.count >= p.most || q.count > 0 && q.bytes+p.bytes > operationsBytes
}

// put hands a registered operation to the connection's ordered goroutine; start says that the caller has to run it.
func (q *queue) put(p *pending) (start bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.fifo = append(q.fifo, p)
	start = !q.running
	q.running = true
	return start
}

// take returns the next operation of the ordered goroutine, nil when it may end.
func (q *queue) take() *pending {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.fifo) == 0 {
		q.running, q.fifo = false, nil
		q.changed.Broadcast()
		return nil
	}
	p := q.fifo[0]
	q.fifo = q.fifo[1:]
	return p
}

// done forgets an operation.
func (q *queue) done(p *pending) {
	p.cancel()
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.byID, p.msg.ID)
	q.count--
	q.bytes -= p.bytes
	if q.count == 0 {
		q.byID = nil
	}
	q.changed.Broadcast()
}

// ordered reports whether something is queued that the next operation must not overtake.
func (q *queue) ordered() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.running
}

// idle reports whether nothing is outstanding.
func (q *queue) idle() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.count == 0
}

// waitIdle waits until nothing is outstanding.
func (q *queue) waitIdle() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.count > 0 || q.running {
		q.changed.Wait()
	}
}

// abandon marks an operation: one that has not begun never runs, a running search stops, a write in progress goes on
// (RFC 4511 section 4.11). None of them is answered, but for that write.
func (q *queue) abandon(id directory.MessageID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if p := q.byID[id]; p != nil {
		p.abandoned = true
		p.cancel()
	}
}

// abandonSearches abandons what nobody waits for when the client has gone. Writes that were received are carried out.
func (q *queue) abandonSearches() {
	q.abandonWhere(func(p *pending) bool {
		_, search := p.msg.Op.(*directory.SearchRequest)
		return search
	})
}

func (q *queue) abandonWhere(is func(*pending) bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, p := range q.byID {
		if is(p) {
			p.abandoned = true
			p.cancel()
		}
	}
}

// isAbandoned reports whether the operation was abandoned.
func (q *queue) isAbandoned(p *pending) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return p.abandoned
}
