package ldaptest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
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

// certificate makes a self-signed certificate for the server and writes it to CAFile.
func (s *Server) certificate(dir string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, err
	}
	s.roots = x509.NewCertPool()
	s.roots.AddCert(leaf)
	s.CAFile = filepath.Join(dir, "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, os.WriteFile(s.CAFile, text, 0o600)
}
