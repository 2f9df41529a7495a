package ldaptest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// Dial returns an anonymous connection that is closed when the test ends.
func (s *Server) Dial() *ldap.Conn {
	s.tb.Helper()
	c, err := ldap.DialURL(s.URL)
	s.must(err)
	s.tb.Cleanup(func() { _ = c.Close() })
	return c
}

// DialAs returns a connection that is bound.
func (s *Server) DialAs(dn, password string) *ldap.Conn {
	s.tb.Helper()
	c := s.Dial()
	s.must(c.Bind(dn, password))
	return c
}

// DialAdmin returns a connection that is bound as the administrator.
func (s *Server) DialAdmin() *ldap.Conn {
	s.tb.Helper()
	return s.DialAs(AdminDN, AdminPassword)
}

// ClientTLS returns a configuration that trusts the server's certificate.
func (s *Server) ClientTLS() *tls.Config {
	return &tls.Config{RootCAs: s.roots, ServerName: "localhost", MinVersion: tls.VersionTLS12}
}

// Via says how a client reaches the server. The zero Via is a plain connection over loopback.
type Via struct {
	IP          string // the client's address, as a proxy on the way says; empty: its own
	TLS         bool
	Certificate string // the common name of a certificate that the client shows; with TLS alone
	Socket      bool   // the local socket
}

// DialVia returns an anonymous connection that is closed when the test ends.
func (s *Server) DialVia(v Via) *ldap.Conn {
	s.tb.Helper()
	network, target := "tcp", s.URL
	if v.IP != "" {
		target = s.ProxyURL
	}
	addr := strings.TrimPrefix(target, "ldap://")
	if v.Socket {
		var err error
		network = "unix"
		addr, err = url.PathUnescape(strings.TrimPrefix(s.SocketURL, "ldapi://"))
		s.must(err)
	}
	nc, err := net.Dial(network, addr)
	s.must(err)
	if v.IP != "" {
		_, err = fmt.Fprint(nc, ProxyHeader(v.IP))
		s.must(err)
	}
	c := ldap.NewConn(nc, false)
	c.Start()
	s.tb.Cleanup(func() { _ = c.Close() })
	if v.TLS {
		config := s.ClientTLS()
		if v.Certificate != "" {
			config.Certificates = []tls.Certificate{s.ClientCertificate(v.Certificate)}
		}
		s.must(c.StartTLS(config))
	}
	return c
}

// ProxyHeader is what a proxy sends before what the client at ip sends.
func ProxyHeader(ip string) string {
	if strings.Contains(ip, ":") {
		return "PROXY TCP6 " + ip + " ::1 50000 389\r\n"
	}
	return "PROXY TCP4 " + ip + " 127.0.0.1 50000 389\r\n"
}

// ClientCertificate makes a certificate that the server trusts, with this common name.
func (s *Server) ClientCertificate(name string) tls.Certificate {
	s.tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	s.must(err)
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
		Subject:  pkix.Name{CommonName: name},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, s.pair.Leaf, key.Public(), s.pair.PrivateKey)
	s.must(err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// certificate makes a self-signed certificate for the server and writes it to CAFile.
func (s *Server) certificate(dir string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		IsCA:        true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return err
	}
	s.roots = x509.NewCertPool()
	s.roots.AddCert(leaf)
	s.CAFile = filepath.Join(dir, "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	s.pair = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
	return os.WriteFile(s.CAFile, text, 0o600)
}
