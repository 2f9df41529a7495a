package ldapserver

import (
	"io"
	"log/slog"
	"net"
	"time"

	"gatehouse/acl"
	"gatehouse/directory"
)

// ReadProxyHeaderForTest reads a PROXY header and what follows it.
func ReadProxyHeaderForTest(nc net.Conn) (peer, rest string, err error) {
	behind, t, err := readProxyHeader(nc, acl.Transport{})
	if err != nil {
		return "", "", err
	}
	b, err := io.ReadAll(behind)
	return t.Peer.String(), string(b), err
}

// LargeInputForTest returns the octets that buffers of messages hold of bound connections.
func LargeInputForTest(s *Server) int64 { return s.input.bound.Load() }

// AnonymousInputForTest returns the octets that buffers of messages hold of connections that have not bound.
func AnonymousInputForTest(s *Server) int64 { return s.input.anonymous.Load() }

// WaitingForTest returns the octets of large requests that are queued or run.
func WaitingForTest(s *Server) int64 { return s.waiting.Load() }

// FillWaitingForTest counts octets as if so many were queued, below the bound by free, and returns what ends that.
func FillWaitingForTest(s *Server, free int64) (end func()) {
	s.waiting.Add(waitingBytes - free)
	return func() { s.waiting.Add(free - waitingBytes) }
}

// FillUnreadForTest takes all places of searches that wait for their clients, and returns what gives them back.
func FillUnreadForTest(s *Server) (end func()) {
	for range cap(s.unread) {
		s.unread <- struct{}{}
	}
	return func() {
		for range cap(s.unread) {
			<-s.unread
		}
	}
}

// BindLogForTest is the log of refused binds.
type BindLogForTest struct{ log *bindLog }

// NewBindLogForTest returns one.
func NewBindLogForTest(log *slog.Logger, now time.Time) BindLogForTest {
	return BindLogForTest{newBindLog(log, now)}
}

// Refused logs a bind with a wrong password.
func (l BindLogForTest) Refused(now time.Time, dn string) {
	l.log.refused(now, &acl.Transport{}, &directory.BindRequest{Name: dn}, directory.Errorf(directory.InvalidCredentials, ""))
}

// Tell logs what was omitted.
func (l BindLogForTest) Tell(now time.Time) { l.log.tell(now) }

// PersistentForTest counts the persistent searches.
func PersistentForTest(s *Server) int64 { return s.persistent.Load() }
