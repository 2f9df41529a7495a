package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// certLifetime is how long a certificate of the private CA is good for; with a third of it left, it is made anew.
const certLifetime = 90 * 24 * time.Hour

// serverCertificate is the pair of files in the tls folder of a data directory.
type serverCertificate struct {
	dir  string
	host string // server-name of the configuration; empty: the machine's
}

func (c serverCertificate) certFile() string { return filepath.Join(c.dir, "server.pem") }
func (c serverCertificate) keyFile() string  { return filepath.Join(c.dir, "server.key") }

// ensure makes the CA and the certificate if they are not there, and makes a certificate of the own CA anew if little of its
// life is left, a name is missing, or the key is not its own, as after a crash between the two. One that was given to init is left alone. It reports whether it made one.
func (c serverCertificate) ensure(now time.Time, names ...string) (made bool, err error) {
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return false, err
	}
	old, err := readCertificate(c.certFile())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	host, all := c.names(names)
	if old != nil {
		if given, err := c.isGiven(old); given || err != nil {
			return false, err
		}
		had := certificateNames(old)
		all = union(all, had)
		_, err := tls.LoadX509KeyPair(c.certFile(), c.keyFile())
		if err == nil && !isDue(old, now) && len(all) == len(had) {
			return false, nil
		}
	}
	ca, err := openCA(c.dir, host, now)
	if err != nil {
		return false, err
	}
	return true, c.issue(ca, host, all, now)
}

// isGiven reports whether a certificate comes from elsewhere than the own CA.
func (c serverCertificate) isGiven(cert *x509.Certificate) (bool, error) {
	ca, err := readCertificate(filepath.Join(c.dir, "ca.pem"))
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	return err == nil && cert.CheckSignatureFrom(ca) != nil, err
}

// isDue reports whether less than a third of a certificate's life is left.
func isDue(cert *x509.Certificate, now time.Time) bool {
	return cert.NotAfter.Sub(now) < cert.NotAfter.Sub(cert.NotBefore)/3
}

// names returns the host's name, and all names that the certificate is made for.
func (c serverCertificate) names(more []string) (host string, all []string) {
	host = c.host
	if host == "" {
		host, _ = os.Hostname()
	}
	if host == "" {
		host = "localhost"
	}
	all = union(nil, append([]string{host}, more...))
	if full := fullName(host); full != "" {
		all = union(all, []string{full})
	}
	return host, union(all, []string{"localhost", "127.0.0.1", "::1"})
}

// fullName returns the canonical name of a host, as far as the machine knows one with a domain.
func fullName(host string) string {
	name, err := net.LookupCNAME(host)
	name = string(bytes.TrimSuffix([]byte(name), []byte(".")))
	if err != nil || !bytes.Contains([]byte(name), []byte(".")) || net.ParseIP(name) != nil {
		return ""
	}
	return name
}

func union(a, b []string) []string {
	for _, s := range b {
		if s != "" && !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}

func certificateNames(cert *x509.Certificate) []string {
	names := slices.Clone(cert.DNSNames)
	for _, ip := range cert.IPAddresses {
		names = append(names, ip.String())
	}
	return names
}

// issue makes a key and a certificate. The key is new each time.
func (c serverCertificate) issue(ca *authority, host string, names []string, now time.Time) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serial, err := serialNumber()
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: fmt.Sprintf("%.64s", host)},
		NotBefore:    now.Add(-clockSkew),
		NotAfter:     now.Add(certLifetime),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},

		BasicConstraintsValid: true,
	}
	if template.NotAfter.After(ca.cert.NotAfter) {
		template.NotAfter = ca.cert.NotAfter
	}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, n)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.cert, key.Public(), ca.key)
	if err != nil {
		return fmt.Errorf("make the server's certificate: %w", err)
	}
	var chain []byte
	for _, b := range [][]byte{der, ca.cert.Raw} {
		chain = append(chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: b})...)
	}
	if err := writeKey(c.keyFile(), key); err != nil {
		return err
	}
	return writeFile(c.certFile(), chain, 0o644)
}

// install takes a certificate from elsewhere into the data directory.
func (c serverCertificate) install(certFile, keyFile string) error {
	if _, err := tls.LoadX509KeyPair(certFile, keyFile); err != nil {
		return fmt.Errorf("--tls-cert %s, --tls-key %s: %w", certFile, keyFile, err)
	}
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return err
	}
	cert, err := os.ReadFile(certFile)
	if err != nil {
		return err
	}
	key, err := os.ReadFile(keyFile)
	if err != nil {
		return err
	}
	return errors.Join(writeFile(c.keyFile(), key, 0o600), writeFile(c.certFile(), cert, 0o644))
}
