package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// dialTCP connects to ldaps://, or to ldap:// with StartTLS. On loopback, where nobody listens in, ldap:// goes without TLS unless a CA
// or a certificate is given.
func (f *clientFlags) dialTCP(ctx context.Context, u *url.URL) (*ldap.Conn, error) {
	host, port := u.Hostname(), u.Port()
	if host == "" {
		host = "localhost"
	}
	if port == "" {
		port = map[string]string{"ldap": "389", "ldaps": "636"}[u.Scheme]
	}
	settings, err := f.tlsSettings(host)
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: clientTimeout}
	nc, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", f.url, err)
	}
	if u.Scheme == "ldaps" {
		secure := tls.Client(nc, settings)
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, errors.Join(f.explainTLS(err), nc.Close())
		}
		return newLDAPConn(ctx, secure), nil
	}
	conn := newLDAPConn(ctx, nc)
	if f.caFile == "" && f.ca == nil && f.certFile == "" && isLoopback(nc) {
		return conn, nil
	}
	if err := conn.StartTLS(settings); err != nil {
		return nil, errors.Join(f.explainTLS(err), conn.Close())
	}
	return conn, nil
}

// caText returns the CAs to trust in PEM form, nil for those of the system.
func (f *clientFlags) caText() ([]byte, error) {
	if f.caFile == "" {
		return f.ca, nil
	}
	text, err := os.ReadFile(f.caFile)
	if err != nil {
		return nil, fmt.Errorf("--ca-file: %w", err)
	}
	return text, nil
}

func isLoopback(nc net.Conn) bool {
	addr, err := netip.ParseAddrPort(nc.RemoteAddr().String())
	return err == nil && addr.Addr().Unmap().IsLoopback()
}

func (f *clientFlags) tlsSettings(host string) (*tls.Config, error) {
	settings := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if f.certFile != "" {
		pair, err := tls.LoadX509KeyPair(f.certFile, cmp.Or(f.keyFile, f.certFile))
		if err != nil {
			return nil, fmt.Errorf("--cert-file: %w", err)
		}
		settings.Certificates = []tls.Certificate{pair}
	}
	text, err := f.caText()
	if text == nil || err != nil {
		return settings, err
	}
	settings.RootCAs = x509.NewCertPool()
	if !settings.RootCAs.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("--ca-file %s: no certificate in PEM form in it", f.caFile)
	}
	return settings, nil
}

// explainTLS says what to do about a certificate that is not trusted, and about a port of the other kind.
func (f *clientFlags) explainTLS(err error) error {
	if _, is := errors.AsType[x509.UnknownAuthorityError](err); is {
		return fmt.Errorf("TLS with %s: %w\ngive --ca-file with what 'gatehouse ca show --data DIR' prints on the server", f.url, err)
	}
	if _, is := errors.AsType[tls.RecordHeaderError](err); is {
		return fmt.Errorf("TLS with %s: %w\nanother protocol is spoken there; a port that begins with StartTLS is ldap://", f.url, err)
	}
	if _, answered := errors.AsType[*ldap.Error](err); !answered && strings.HasPrefix(f.url, "ldap:") {
		return fmt.Errorf("StartTLS with %s: %w\na port that begins with TLS is ldaps://", f.url, err)
	}
	return fmt.Errorf("TLS with %s: %w", f.url, err)
}
