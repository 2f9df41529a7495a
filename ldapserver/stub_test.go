package ldapserver_test

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/ldapserver"
)

// stub is a backend whose operations are what a test says: for panics, slow writes and order, which a real directory
// does not do on demand. Everything else is tested with the real one, in ldaptest.
type stub struct {
	mu    sync.Mutex
	calls []string
	block chan struct{} // a write waits for it, if not nil
	deaf  bool          // a write that waits does not stop when its context ends
	// unbounded makes searches run on workers; they end when their context does.
	unbounded  bool
	mayControl bool        // controls that need a right may be used
	ended      atomic.Bool // the bound identity is no longer valid

	checkPanics atomic.Bool
}

func (b *stub) note(s string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls = append(b.calls, s)
}

func (b *stub) seen() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.calls...)
}

func (b *stub) Bind(_ context.Context, s *acl.Session, req *directory.BindRequest) (bound *acl.Session, told directory.PasswordState, err error) {
	b.note("bind " + req.Name)
	switch {
	case req.Name == "cn=panic":
		panic("bind")
	case req.Name == "":
		return s.Anonymous(), told, nil
	case string(req.Password) != "secret":
		return s.Anonymous(), told, directory.Errorf(directory.InvalidCredentials, "")
	}
	return s.Authenticated(acl.Identity{Kind: acl.KindEntry, ID: 1, DN: string([]byte(req.Name)), Method: acl.MethodSimple, Level: 1}), told, nil
}

type stubSearch struct {
	b    *stub
	base string
}

func (b *stub) Search(_ context.Context, s *acl.Session, req *directory.SearchRequest) (ldapserver.Search, error) {
	b.note("search " + req.Base + " as " + s.Identity().DN)
	if req.Base == "cn=panic" {
		panic("search")
	}
	return &stubSearch{b, string([]byte(req.Base))}, nil
}

func (s *stubSearch) Bounded() bool { return !s.b.unbounded }
func (s *stubSearch) Close()        {}

func (s *stubSearch) Controls() *acl.SearchControls { return nil }

func (b *stub) MayControl(*acl.Session, string) bool { return b.mayControl }

func (s *stubSearch) Run(ctx context.Context, _ func(*acl.View) error) error {
	if s.b.unbounded {
		<-ctx.Done()
		s.b.note("cancelled " + s.base)
		return ctx.Err()
	}
	return nil
}

func (b *stub) Sync(ctx context.Context, _ *acl.Session, req *directory.SearchRequest, to acl.SyncConsumer) (acl.SyncDone, error) {
	b.note("sync " + req.Base)
	return acl.SyncDone{}, to.Idle(ctx, nil)
}

func (b *stub) Compare(_ context.Context, _ *acl.Session, req *directory.CompareRequest) (bool, error) {
	b.note("compare " + req.DN)
	return string(req.Value) == "yes", nil
}

func (b *stub) write(ctx context.Context, s string) error {
	b.note("begin " + s)
	switch {
	case b.block != nil && b.deaf:
		<-b.block
	case b.block != nil:
		select {
		case <-b.block:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	b.note("end " + s)
	return nil
}

func (b *stub) Add(ctx context.Context, _ *acl.Session, req *directory.AddRequest) (*acl.ReadEntries, error) {
	if req.DN == "cn=panic" {
		panic("add")
	}
	return nil, b.write(ctx, "add "+string([]byte(req.DN)))
}

func (b *stub) Modify(ctx context.Context, _ *acl.Session, req *directory.ModifyRequest) (*acl.ReadEntries, error) {
	return nil, b.write(ctx, "modify "+string([]byte(req.DN)))
}

func (b *stub) Delete(ctx context.Context, _ *acl.Session, req *directory.DeleteRequest) (*acl.ReadEntries, error) {
	return nil, b.write(ctx, "delete "+string([]byte(req.DN)))
}

func (b *stub) ModifyDN(ctx context.Context, _ *acl.Session, req *directory.ModifyDNRequest) (*acl.ReadEntries, error) {
	return nil, b.write(ctx, "modifyDN "+string([]byte(req.DN)))
}

func (b *stub) ModifyPassword(ctx context.Context, _ *acl.Session, req *directory.PasswordModifyRequest) ([]byte, error) {
	if req.NewPassword == nil {
		return []byte("generated"), nil
	}
	return nil, b.write(ctx, "password "+req.UserIdentity)
}

func (b *stub) Check(*acl.Session) error {
	if b.checkPanics.Load() {
		panic("check")
	}
	if b.ended.Load() {
		return directory.Errorf(directory.StrongerAuthRequired, "ended")
	}
	return nil
}

var _ ldapserver.Backend = (*stub)(nil)

// start serves the backend on loopback and returns the server and its address. It is stopped with the test.
func start(t *testing.T, o ldapserver.Options) (*ldapserver.Server, string) {
	t.Helper()
	s := ldapserver.New(o)
	l, err := ldapserver.ListenTCP("ldap://127.0.0.1", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		s.Shutdown(ctx)
		if err := <-done; err != ldapserver.ErrServerClosed {
			t.Errorf("Serve: %v", err)
		}
	})
	return s, l.Addr().String()
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nc.Close() })
	if err := nc.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return nc
}

func (b *stub) ExplainJSON(context.Context, *acl.Session, []byte) ([]byte, error) {
	return []byte(`{}`), nil
}
