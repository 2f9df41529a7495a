package clienttest

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// Request is one request that went through a tap.
type Request struct {
	Conn       int
	Op         string // bind, search, ...
	DN         string // the name of a bind, the base of a search, ...
	Scope      int
	Filter     string
	Attributes []string
	Controls   []string // OIDs, with "!" behind where it is critical
	OID        string   // of an extended request
	Result     int      // -1 until it was answered
}

func (r *Request) String() string {
	return fmt.Sprintf("[%d] %s %s%s scope %d %s %v controls %v: %d", r.Conn, r.Op, r.DN, r.OID, r.Scope, r.Filter, r.Attributes, r.Controls, r.Result)
}

// Tap stands between the programs of a host and its server, at ldap://TapName and ldaps://TapName, and records what they ask. It ends
// their TLS, also that of StartTLS, with the server's certificate, and speaks plainly with the server on the same host.
type Tap struct {
	h    *Host
	conf *tls.Config

	mu       sync.Mutex
	conns    int
	requests []*Request
	open     map[*tapped]struct{}
}

// startTLSName is the OID of RFC 4511 section 4.14.
const startTLSName = "1.3.6.1.4.1.1466.20037"

// NewTap starts a tap. It ends with the test.
func NewTap(t *testing.T, h *Host) *Tap {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(h.Path(DataDir+"/tls/server.pem"), h.Path(DataDir+"/tls/server.key"))
	if err != nil {
		t.Fatal(err)
	}
	tap := &Tap{h: h, conf: &tls.Config{Certificates: []tls.Certificate{pair}}, open: map[*tapped]struct{}{}}
	for _, port := range []string{"389", "636"} {
		l, err := h.Listen("127.0.0.2:" + port)
		if err != nil {
			t.Fatal(err)
		}
		go tap.accept(l, port == "636")
		t.Cleanup(func() {
			_ = l.Close()
			tap.closeAll()
		})
	}
	return tap
}

func (tap *Tap) accept(l net.Listener, overTLS bool) {
	for {
		socket, err := l.Accept()
		if err != nil {
			return
		}
		client := socket
		if overTLS {
			client = tls.Server(socket, tap.conf)
		}
		server, err := tap.h.Dial("127.0.0.1:389")
		if err != nil {
			_ = socket.Close() // the program sees a server that is gone
			continue
		}
		tap.mu.Lock()
		c := &tapped{tap: tap, number: tap.conns, socket: socket, client: client, server: server, asked: map[int64]*Request{}}
		tap.conns++
		tap.open[c] = struct{}{}
		tap.mu.Unlock()
		go c.forward()
		go c.backward()
	}
}

func (tap *Tap) closeAll() {
	tap.mu.Lock()
	defer tap.mu.Unlock()
	for c := range tap.open {
		c.close()
	}
}

// Forget drops what was recorded.
func (tap *Tap) Forget() {
	tap.mu.Lock()
	defer tap.mu.Unlock()
	tap.requests = nil
}

// Requests returns what was recorded and a function accepts, in order.
func (tap *Tap) Requests(accept func(*Request) bool) []Request {
	tap.mu.Lock()
	defer tap.mu.Unlock()
	var found []Request
	for _, r := range tap.requests {
		if accept(r) {
			found = append(found, *r)
		}
	}
	return found
}

// tapped is one connection through a tap.
type tapped struct {
	tap            *Tap
	number         int
	socket, server net.Conn
	writing        sync.Mutex
	client         net.Conn // socket, or the TLS on it
	asked          map[int64]*Request
}

func (c *tapped) close() {
	_ = c.socket.Close()
	_ = c.server.Close()
}

// forward carries requests to the server.
func (c *tapped) forward() {
	defer c.close()
	client := c.client
	for in := bufio.NewReader(client); ; {
		raw, message, err := readMessage(in)
		if err != nil {
			return
		}
		r := c.record(message)
		if r.OID == startTLSName {
			if client, err = c.upgrade(message); err != nil {
				return
			}
			in = bufio.NewReader(client)
			continue
		}
		if _, err := c.server.Write(raw); err != nil {
			return
		}
	}
}

// upgrade answers a StartTLS and ends the TLS that comes.
func (c *tapped) upgrade(message *ber.Packet) (net.Conn, error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	answer := ber.NewSequence("")
	answer.AppendChild(message.Children[0])
	response := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationExtendedResponse, nil, "")
	response.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, 0, ""))
	response.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, "", ""))
	response.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, "", ""))
	answer.AppendChild(response)
	if _, err := c.client.Write(answer.Bytes()); err != nil {
		return nil, err
	}
	c.client = tls.Server(c.client, c.tap.conf)
	return c.client, nil
}

// backward carries answers to the client.
func (c *tapped) backward() {
	defer c.close()
	for in := bufio.NewReader(c.server); ; {
		raw, message, err := readMessage(in)
		if err != nil {
			return
		}
		c.answered(message)
		c.writing.Lock()
		_, err = c.client.Write(raw)
		c.writing.Unlock()
		if err != nil {
			return
		}
	}
}

// record notes a request.
func (c *tapped) record(message *ber.Packet) *Request {
	r := &Request{Conn: c.number, Result: -1, Scope: -1}
	id, _ := message.Children[0].Value.(int64)
	op := message.Children[1]
	text := func(i int) string { return string(op.Children[i].ByteValue) }
	switch op.Tag {
	case ldap.ApplicationBindRequest:
		r.Op, r.DN = "bind", text(1)
	case ldap.ApplicationSearchRequest:
		scope, _ := op.Children[1].Value.(int64)
		r.Op, r.DN, r.Scope = "search", text(0), int(scope)
		r.Filter, _ = ldap.DecompileFilter(op.Children[6])
		for _, a := range op.Children[7].Children {
			r.Attributes = append(r.Attributes, string(a.ByteValue))
		}
	case ldap.ApplicationExtendedRequest:
		r.Op, r.OID = "extended", op.Children[0].Data.String()
	case ldap.ApplicationAbandonRequest:
		r.Op = "abandon"
	case ldap.ApplicationUnbindRequest:
		r.Op = "unbind"
	case ldap.ApplicationCompareRequest:
		r.Op, r.DN = "compare", text(0)
	default:
		r.Op = fmt.Sprintf("operation %d", op.Tag)
	}
	if len(message.Children) > 2 {
		for _, control := range message.Children[2].Children {
			oid := string(control.Children[0].ByteValue)
			if len(control.Children) > 1 && control.Children[1].Value == true {
				oid += "!"
			}
			r.Controls = append(r.Controls, oid)
		}
	}
	c.tap.mu.Lock()
	defer c.tap.mu.Unlock()
	c.asked[id] = r
	c.tap.requests = append(c.tap.requests, r)
	return r
}

// answered notes the result of a request.
func (c *tapped) answered(message *ber.Packet) {
	id, _ := message.Children[0].Value.(int64)
	op := message.Children[1]
	if op.Tag == ldap.ApplicationSearchResultEntry || op.Tag == ldap.ApplicationSearchResultReference || len(op.Children) == 0 {
		return
	}
	c.tap.mu.Lock()
	defer c.tap.mu.Unlock()
	if r := c.asked[id]; r != nil {
		code, _ := op.Children[0].Value.(int64)
		r.Result = int(code)
	}
}

// readMessage reads one LDAPMessage, as it is and taken apart.
func readMessage(in *bufio.Reader) ([]byte, *ber.Packet, error) {
	head, err := in.Peek(2)
	if err != nil {
		return nil, nil, err
	}
	size := 2 + int(head[1])
	if head[1]&0x80 != 0 {
		n := int(head[1] & 0x7f)
		if head, err = in.Peek(2 + n); err != nil {
			return nil, nil, err
		}
		size = 0
		for _, b := range head[2:] {
			size = size<<8 | int(b)
		}
		size += 2 + n
	}
	raw := make([]byte, size)
	if _, err := io.ReadFull(in, raw); err != nil {
		return nil, nil, err
	}
	message, err := ber.DecodePacketErr(raw)
	if err == nil && len(message.Children) < 2 {
		err = io.ErrUnexpectedEOF
	}
	return raw, message, err
}

// searches accepts searches, but of the root DSE, whose filter holds all texts, in whatever case.
func searches(texts ...string) func(*Request) bool {
	return func(r *Request) bool {
		return r.Op == "search" && r.DN != "" && !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(strings.ToLower(r.Filter), strings.ToLower(text)) })
	}
}

// list prints requests, one a line.
func list(requests []Request) string {
	var b strings.Builder
	for _, r := range requests {
		b.WriteString(r.String() + "\n")
	}
	return b.String()
}
