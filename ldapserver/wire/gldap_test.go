package wire_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	asn1 "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
	"github.com/hashicorp/go-hclog"
	"github.com/jimlambrt/gldap"

	"gatehouse/directory"
	"gatehouse/ldapserver/wire"
)

// portMutex keeps parallel tests from finding the same free port.
var portMutex sync.Mutex

// startGLDAP runs a gldap server with the handlers that routes registers and returns its address.
func startGLDAP(t testing.TB, routes func(mux *gldap.Mux) error) string {
	t.Helper()
	portMutex.Lock()
	defer portMutex.Unlock()
	l, err := net.Listen("tcp", "127.0.0.1:0") // gldap shows no listener: find a free port for it
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	server, err := gldap.NewServer(gldap.WithLogger(hclog.NewNullLogger()))
	if err != nil {
		t.Fatal(err)
	}
	mux, err := gldap.NewMux()
	if err != nil {
		t.Fatal(err)
	}
	if err := routes(mux); err != nil {
		t.Fatal(err)
	}
	if err := server.Router(mux); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- server.Run(addr) }()
	for !server.Ready() {
		time.Sleep(time.Millisecond)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Errorf("gldap: %v", err)
		}
		<-done
	})
	return addr
}

// dial connects to a server. Whatever goes wrong later ends at a deadline.
func dial(t testing.TB, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c
}

// tap is a connection that remembers what was written to it.
type tap struct {
	net.Conn
	mu   sync.Mutex
	sent bytes.Buffer
}

func (c *tap) Write(p []byte) (int, error) {
	c.mu.Lock()
	c.sent.Write(p)
	c.mu.Unlock()
	return c.Conn.Write(p)
}

// messages decodes all that was written.
func (c *tap) messages(t *testing.T) (out []*wire.Message) {
	t.Helper()
	c.mu.Lock()
	rest := bytes.Clone(c.sent.Bytes())
	c.mu.Unlock()
	for len(rest) > 0 {
		n, err := wire.Frame(rest, 1<<20)
		if n == 0 {
			t.Fatalf("Frame(% x): %v", rest, err)
		}
		out, rest = append(out, decode(t, rest[:n])), rest[n:]
	}
	return out
}

// TestCodecAgainstGLDAP sends requests of go-ldap to a gldap server and decodes the same bytes: for what gldap serves, both
// must have understood the same.
func TestCodecAgainstGLDAP(t *testing.T) {
	t.Parallel()
	var theirs []string
	answer := func(w *gldap.ResponseWriter, r gldap.Response, seen string) {
		theirs = append(theirs, seen) // the client waits for each answer, so handlers do not overlap
		if err := w.Write(r); err != nil {
			t.Errorf("gldap: %v", err)
		}
	}
	success := gldap.WithResponseCode(gldap.ResultSuccess)
	addr := startGLDAP(t, func(mux *gldap.Mux) error {
		return firstError(
			mux.Bind(func(w *gldap.ResponseWriter, r *gldap.Request) {
				m, err := r.GetSimpleBindMessage()
				if err != nil {
					t.Error(err)
					return
				}
				answer(w, r.NewBindResponse(success), fmt.Sprintf("bind %q %q", m.UserName, string(m.Password)))
			}),
			mux.Search(func(w *gldap.ResponseWriter, r *gldap.Request) {
				m, err := r.GetSearchMessage()
				if err != nil {
					t.Error(err)
					return
				}
				answer(w, r.NewSearchDoneResponse(success), fmt.Sprintf("search %q %d %d %d %d %v %s %q", m.BaseDN, m.Scope, m.DerefAliases,
					m.SizeLimit, m.TimeLimit, m.TypesOnly, m.Filter, m.Attributes))
			}),
			mux.Add(func(w *gldap.ResponseWriter, r *gldap.Request) {
				m, err := r.GetAddMessage()
				if err != nil {
					t.Error(err)
					return
				}
				seen := fmt.Sprintf("add %q", m.DN)
				for _, a := range m.Attributes {
					seen += fmt.Sprintf(" %s=%q", a.Type, a.Vals)
				}
				answer(w, r.NewResponse(success, gldap.WithApplicationCode(gldap.ApplicationAddResponse)), seen)
			}),
			mux.Delete(func(w *gldap.ResponseWriter, r *gldap.Request) {
				m, err := r.GetDeleteMessage()
				if err != nil {
					t.Error(err)
					return
				}
				answer(w, r.NewResponse(success, gldap.WithApplicationCode(gldap.ApplicationDelResponse)), fmt.Sprintf("delete %q", m.DN))
			}),
		)
	})
	c := &tap{Conn: dial(t, addr)}
	client := ldap.NewConn(c, false)
	client.Start()
	defer client.Close()

	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	check(client.Bind("cn=admin,dc=example", "s3cret ä"))
	for i, filter := range []string{
		"(uid=a)", "(&(objectClass=posixAccount)(uid=*)(!(uidNumber=0)))", "(|(cn=a*)(cn=*b*c)(sn~=x)(n>=1)(n<=2))", `(cn=\2a\28)`,
	} {
		_, err := client.Search(ldap.NewSearchRequest("ou=people,dc=example", i%3, i%4, 10*i, i, i%2 == 1, filter, []string{"cn", "*", "+"}[:i%4], nil))
		check(err)
	}
	add := ldap.NewAddRequest("cn=a,dc=example", nil)
	add.Attribute("objectClass", []string{"top", "person"})
	add.Attribute("description", []string{"", "ä\n"})
	check(client.Add(add))
	check(client.Del(ldap.NewDelRequest("cn=a,dc=example", nil)))

	var ours []string
	for _, m := range c.messages(t) {
		ours = append(ours, describe(t, m.Op))
	}
	if !slices.Equal(ours, theirs) {
		t.Errorf("we read\n%s\ngldap reads\n%s", strings.Join(ours, "\n"), strings.Join(theirs, "\n"))
	}
}

// describe prints a request as the handlers above do.
func describe(t *testing.T, op directory.Request) string {
	t.Helper()
	switch r := op.(type) {
	case *directory.BindRequest:
		return fmt.Sprintf("bind %q %q", r.Name, r.Password)
	case *directory.SearchRequest:
		filter, err := ldap.DecompileFilter(asn1.DecodePacket(encodeFilter(r.Filter).Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("search %q %d %d %d %d %v %s %q", r.Base, r.Scope, r.DerefAliases, r.SizeLimitEntries,
			r.TimeLimit/time.Second, r.TypesOnly, filter, r.Attributes)
	case *directory.AddRequest:
		s := fmt.Sprintf("add %q", r.DN)
		for _, a := range r.Attributes {
			s += fmt.Sprintf(" %s=%q", a.Attr, a.Values)
		}
		return s
	case *directory.DeleteRequest:
		return fmt.Sprintf("delete %q", r.DN)
	}
	return fmt.Sprintf("%T", op)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// send writes a request.
func send(t *testing.T, c io.Writer, id directory.MessageID, op directory.Request) {
	t.Helper()
	if _, err := c.Write(encode(&wire.Message{ID: id, Op: op})); err != nil {
		t.Fatal(err)
	}
}
