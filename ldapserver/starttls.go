package ldapserver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/ldapserver/extop"
	"gatehouse/ldapserver/wire"
)

// startTLS is RFC 4511 section 4.14. Nothing is outstanding. Bytes that came behind the request were sent in the clear by
// somebody who did not wait for the answer, or by an attacker: they are never looked at.
func (c *conn) startTLS(id directory.MessageID, req *directory.ExtendedRequest) error {
	refuse := func(code directory.ResultCode, why string) error {
		r := directory.Result{Code: code, DiagnosticMessage: why}
		return c.out.append(func(b []byte) []byte {
			return wire.AppendExtendedResponse(b, id, &r, extop.StartTLS, nil, nil)
		})
	}
	switch {
	case req.HasValue:
		return refuse(directory.ProtocolError, "StartTLS takes no value")
	case c.session.Transport().TLSBits > 0:
		return refuse(directory.OperationsError, "the connection uses TLS already")
	case c.srv.tls == nil || c.srv.tls() == nil:
		return refuse(directory.Unavailable, "the server has no certificate")
	case c.in.buffered():
		if err := refuse(directory.OperationsError, "data followed the StartTLS request in the clear"); err != nil {
			return err
		}
		return &wire.Error{Code: directory.ProtocolError, Fatal: true, Diagnostic: "data followed the StartTLS request in the clear"}
	}
	if err := refuse(directory.Success, ""); err != nil {
		return err
	}
	if err := c.out.flush(); err != nil {
		return err
	}
	return c.secure()
}

// secure does the TLS handshake on the connection and lets everything from now on go through it. The session's identity
// is kept; its transport is a new one.
func (c *conn) secure() error {
	t, tc, err := c.srv.handshake(c.ctx, c.net, *c.session.Transport())
	if err != nil {
		c.log().Info("TLS handshake did not succeed", "error", err)
		c.out.mu.Lock()
		c.out.err = errClosed // nothing may follow in the clear
		c.out.mu.Unlock()
		return errClosed
	}
	c.net, c.raw = tc, nil
	c.in.release()
	c.out.mu.Lock()
	c.out.conn = tc
	c.out.mu.Unlock()
	c.session = c.session.WithTransport(t)
	if c.stopping.Load() {
		return errClosed // the deadline that was to wake the reader may have been cleared by the handshake
	}
	return nil
}

// handshake runs a bounded number of handshakes at once, each for a bounded time.
func (s *Server) handshake(ctx context.Context, nc net.Conn, t acl.Transport) (acl.Transport, *tls.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	select {
	case s.shaking <- struct{}{}:
		defer func() { <-s.shaking }()
	case <-ctx.Done():
		return t, nil, ctx.Err()
	}
	config := s.tls()
	if config == nil {
		return t, nil, errors.New("the server has no certificate")
	}
	tc := tls.Server(nc, config)
	if err := tc.HandshakeContext(ctx); err != nil {
		return t, nil, fmt.Errorf("handshake: %w", err)
	}
	if err := tc.SetDeadline(time.Time{}); err != nil {
		return t, nil, err
	}
	state := tc.ConnectionState()
	t.TLSBits = cipherBits(state.CipherSuite)
	if len(state.VerifiedChains) > 0 {
		t.ClientCertSubject = state.PeerCertificates[0].Subject.ToRDNSequence().String()
	}
	return t, tc, nil
}

// cipherBits is the strength of a cipher suite in bits: 128 for what crypto/tls offers with AES-128, else 256.
func cipherBits(suite uint16) int {
	switch suite {
	case tls.TLS_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
		tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA:
		return 128
	}
	return 256
}
