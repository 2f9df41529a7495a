package wire_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	asn1 "github.com/go-asn1-ber/asn1-ber"
	"github.com/jimlambrt/gldap"

	"gatehouse/directory"
)

// The probes below hold what gldap cannot do, the reasons why it is not the front door of this server. Each asserts what
// the pinned version does; when one fails, upstream has mended something and the decision deserves another look.

const mended = "upstream mended gldap: "

// TestGLDAPClosesOnOtherOperations sends the operations that gldap does not know: it hangs up instead of answering.
func TestGLDAPClosesOnOtherOperations(t *testing.T) {
	t.Parallel()
	addr := startGLDAP(t, func(mux *gldap.Mux) error {
		return mux.DefaultRoute(func(w *gldap.ResponseWriter, r *gldap.Request) { _ = w.Write(r.NewResponse()) })
	})
	for _, c := range []struct {
		name string
		op   directory.Request
	}{
		{"Compare", &directory.CompareRequest{DN: "cn=a", Attr: "cn", Value: []byte("a")}},
		{"ModifyDN", &directory.ModifyDNRequest{DN: "cn=a", NewRDN: "cn=b"}},
		{"Abandon", &directory.AbandonRequest{ID: 1}},
		{"SASL bind", &directory.BindRequest{Version: 3, Mechanism: "EXTERNAL"}},
	} {
		conn := dial(t, addr)
		send(t, conn, 2, c.op)
		if answer, err := io.ReadAll(conn); err != nil || len(answer) > 0 {
			t.Errorf(mended+"%s no longer just closes the connection: % x, %v", c.name, answer, err)
		}
	}
}

// TestGLDAPDropsExtendedValue: the value of an extended request does not reach the handler, so there can be no RFC 3062, and
// the answer has no place for a value.
func TestGLDAPDropsExtendedValue(t *testing.T) {
	t.Parallel()
	seen := make(chan string, 1)
	addr := startGLDAP(t, func(mux *gldap.Mux) error {
		return mux.ExtendedOperation(func(w *gldap.ResponseWriter, r *gldap.Request) {
			seen <- messageOf(r).FieldByName("Value").String()
			_ = w.Write(r.NewExtendedResponse(gldap.WithResponseCode(gldap.ResultSuccess)))
		}, gldap.ExtendedOperationPasswordModify)
	})
	send(t, dial(t, addr), 1, &directory.ExtendedRequest{OID: string(gldap.ExtendedOperationPasswordModify), HasValue: true, Value: []byte("\x30\x03\x82\x01n")})
	if value := receive(t, seen); value != "" {
		t.Errorf(mended+"an extended request has the value %q", value)
	}
	response := reflect.TypeFor[*gldap.ExtendedResponse]()
	for i := range response.NumMethod() {
		if name := response.Method(i).Name; strings.Contains(name, "Value") {
			t.Errorf(mended+"an extended response has a method %s", name)
		}
	}
}

// messageOf looks at the message of a request, for which gldap has no accessor in the case of an extended one.
func messageOf(r *gldap.Request) reflect.Value {
	return reflect.ValueOf(r).Elem().FieldByName("message").Elem().Elem()
}

// TestGLDAPHandsOverRawValues: the values of a modify arrive as the raw BER of the set, in one string.
func TestGLDAPHandsOverRawValues(t *testing.T) {
	t.Parallel()
	seen := make(chan []string, 1)
	addr := startGLDAP(t, func(mux *gldap.Mux) error {
		return mux.Modify(func(w *gldap.ResponseWriter, r *gldap.Request) {
			m, err := r.GetModifyMessage()
			if err != nil || len(m.Changes) != 1 {
				t.Errorf("gldap: %v", err)
				return
			}
			seen <- m.Changes[0].Modification.Vals
		})
	})
	send(t, dial(t, addr), 1, &directory.ModifyRequest{DN: "cn=a", Changes: []directory.Modification{
		{Op: directory.ModifyAdd, PartialAttribute: attribute("mail", "one", "two")}}})
	if values := receive(t, seen); len(values) != 1 || values[0] != "\x04\x03one\x04\x03two" {
		t.Errorf(mended+"the values of a modify are %q", values)
	}
}

// TestGLDAPShowsNoPeer: a handler learns neither the address nor the TLS state of its client, and servers listen on TCP only.
func TestGLDAPShowsNoPeer(t *testing.T) {
	t.Parallel()
	request := reflect.TypeFor[*gldap.Request]()
	for i := range request.NumMethod() {
		m := request.Method(i)
		for out := range m.Type.Outs() {
			if s := out.String(); strings.Contains(s, "net.") || strings.Contains(s, "netip.") || strings.Contains(s, "tls.") {
				t.Errorf(mended+"Request.%s returns %s", m.Name, s)
			}
		}
	}
	server, err := gldap.NewServer()
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := reflect.TypeOf(server).MethodByName("Serve"); ok {
		t.Error(mended + "a server takes a listener")
	}
	if err := server.Run(t.TempDir() + "/ldapi"); !errors.Is(err, gldap.ErrInvalidParameter) {
		t.Errorf(mended+"Run of a socket path: %v", err)
	}
}

// TestGLDAPHasNoBounds: one connection starts as many handlers as it sends requests, and a bind does not wait for the searches
// before it (RFC 4511 section 4.2.1).
func TestGLDAPHasNoBounds(t *testing.T) {
	t.Parallel()
	const searches = 500
	entered, bound, release := make(chan int, searches), make(chan int, 1), make(chan struct{})
	defer close(release)
	addr := startGLDAP(t, func(mux *gldap.Mux) error {
		return firstError(
			mux.Search(func(*gldap.ResponseWriter, *gldap.Request) { entered <- 1; <-release }),
			mux.Bind(func(*gldap.ResponseWriter, *gldap.Request) { bound <- 1 }),
		)
	})
	conn := dial(t, addr)
	for id := range searches {
		send(t, conn, directory.MessageID(id+1), &directory.SearchRequest{Filter: &directory.Present{Attr: "objectClass"}})
	}
	send(t, conn, searches+1, &directory.BindRequest{Version: 3, Name: "cn=a", Password: []byte("b")})
	timeout := time.After(5 * time.Second)
	for n := range searches {
		select {
		case <-entered:
		case <-timeout:
			t.Fatalf(mended+"%d handlers of one connection run at once", n)
		}
	}
	select {
	case <-bound:
	case <-timeout:
		t.Error(mended + "a bind waits for the searches before it")
	}
}

// TestGLDAPSendsInTheClear: a search that is in flight during StartTLS is answered in the clear on the protected connection.
func TestGLDAPSendsInTheClear(t *testing.T) {
	t.Parallel()
	entered, hold := make(chan int, 1), make(chan struct{})
	release := sync.OnceFunc(func() { close(hold) })
	defer release()
	config := serverTLS(t)
	addr := startGLDAP(t, func(mux *gldap.Mux) error {
		return firstError(
			mux.Search(func(w *gldap.ResponseWriter, r *gldap.Request) {
				entered <- 1
				<-hold
				_ = w.Write(r.NewSearchResponseEntry("cn=secret", gldap.WithAttributes(map[string][]string{"userPassword": {"in the clear"}})))
			}),
			mux.ExtendedOperation(func(w *gldap.ResponseWriter, r *gldap.Request) {
				_ = w.Write(r.NewExtendedResponse(gldap.WithResponseCode(gldap.ResultSuccess)))
				if err := r.StartTLS(config); err != nil {
					t.Errorf("gldap: %v", err)
				}
			}, gldap.ExtendedOperationStartTLS),
		)
	})
	conn := dial(t, addr)
	send(t, conn, 1, &directory.SearchRequest{Filter: &directory.Present{Attr: "objectClass"}})
	receive(t, entered)
	send(t, conn, 2, &directory.ExtendedRequest{OID: string(gldap.ExtendedOperationStartTLS)})
	if _, err := asn1.ReadPacket(conn); err != nil {
		t.Fatal(err)
	}
	// TLS 1.2 ends the handshake with a message of the server: nothing more comes unless something is sent.
	if err := tls.Client(conn, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12}).Handshake(); err != nil {
		t.Fatal(err)
	}
	release()
	raw := make([]byte, 512)
	n, err := conn.Read(raw)
	if err != nil || !bytes.Contains(raw[:n], []byte("in the clear")) {
		t.Errorf(mended+"behind StartTLS comes % x, %v", raw[:n], err)
	}
}

// serverTLS makes a certificate for one test.
func serverTLS(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// panicEnv makes the test binary the victim of TestGLDAPPanics.
const panicEnv = "GATEHOUSE_GLDAP_PANIC"

// TestGLDAPPanics: a handler that panics takes the whole process with it, in spite of gldap's recovery.
func TestGLDAPPanics(t *testing.T) {
	t.Parallel()
	if os.Getenv(panicEnv) != "" {
		addr := startGLDAP(t, func(mux *gldap.Mux) error {
			return mux.Search(func(*gldap.ResponseWriter, *gldap.Request) { panic("handler gives up") })
		})
		conn := dial(t, addr)
		send(t, conn, 1, &directory.SearchRequest{Filter: &directory.Present{Attr: "objectClass"}})
		if err := conn.SetReadDeadline(time.Now().Add(3 * time.Second)); err != nil {
			t.Fatal(err)
		}
		_, _ = io.ReadAll(conn)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestGLDAPPanics$")
	cmd.Env = append(os.Environ(), panicEnv+"=1")
	out, err := cmd.CombinedOutput()
	if _, ok := errors.AsType[*exec.ExitError](err); !ok || !bytes.Contains(out, []byte("panic: handler gives up")) {
		t.Errorf(mended+"the process survives a handler that panics: %v\n%s", err, out)
	}
}

// receive waits for what a handler reports.
func receive[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(5 * time.Second):
		t.Fatal("the handler was not called")
		panic("unreachable")
	}
}
