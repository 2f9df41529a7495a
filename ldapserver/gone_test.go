package ldapserver_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/ldapserver"
)

// endless answers a search with entries until one cannot be sent.
type endless struct {
	*stub
	unbounded bool
}

func (b endless) Search(context.Context, *acl.Session, *directory.SearchRequest) (ldapserver.Search, error) {
	return b, nil
}
func (b endless) Bounded() bool { return !b.unbounded }
func (endless) Close()          {}

func (endless) Controls() *acl.SearchControls { return nil }

func (endless) Run(_ context.Context, yield func(*acl.View) error) error {
	for {
		if err := yield(&acl.View{}); err != nil {
			return err
		}
	}
}

// logBuffer keeps a log for a test.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// TestClientThatWentAwayIsNoFailure: a client that ends its connection in the middle of an answer is not what an operator who
// watches for failed operations should see.
func TestClientThatWentAwayIsNoFailure(t *testing.T) {
	t.Parallel()
	log := &logBuffer{}
	s, addr := start(t, ldapserver.Options{
		Backend: endless{stub: &stub{}}, Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	nc := dial(t, addr)
	send(t, nc, searchRequest(1, "cn=x"))
	if _, err := nc.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if err := nc.(*net.TCPConn).SetLinger(0); err != nil {
		t.Fatal(err)
	}
	_ = nc.Close()
	eventually(t, "the connection to end", func() bool { return s.Connections() == 0 })
	eventually(t, "the end to be logged", func() bool { return strings.Contains(log.String(), "connection ended") })
	if strings.Contains(log.String(), "operation failed") {
		t.Errorf("logged as a failure:\n%s", log)
	}
}
