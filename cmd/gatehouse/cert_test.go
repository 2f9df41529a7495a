package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/config"
)

// trustOf returns a client's configuration that trusts the CA of a data directory.
func trustOf(t *testing.T, dir string) *tls.Config {
	t.Helper()
	text, err := caOf(dataDir(dir))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		t.Fatal("the CA is not PEM")
	}
	return &tls.Config{RootCAs: pool, ServerName: "localhost", MinVersion: tls.VersionTLS12}
}

func read(t *testing.T, name string) *x509.Certificate {
	t.Helper()
	cert, err := readCertificate(name)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// TestExpiredCertificate: a certificate from elsewhere that has expired is not said to expire soon.
func TestExpiredCertificate(t *testing.T) {
	t.Parallel()
	for want, made := range map[string]time.Time{
		"level=ERROR msg=\"the certificate has expired": time.Now().AddDate(-1, 0, 0),
		"level=WARN msg=\"the certificate expires soon": time.Now().AddDate(0, 0, -80),
	} {
		own := serverCertificate{dir: filepath.Join(t.TempDir(), "tls"), host: "ldap.example.com"}
		if _, err := own.ensure(made); err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		files := &tlsFiles{log: slog.New(slog.NewTextHandler(&log, nil))}
		cfg := &config.Config{TLS: config.TLS{Certificate: own.certFile(), Key: own.keyFile()}}
		if _, err := files.read(cfg); err != nil || !strings.Contains(log.String(), want) {
			t.Errorf("made %v: got %q, %v; want %q", made, &log, err, want)
		}
	}
}

// TestRenewal: a certificate is made anew with a third of its life left, by the same CA, for the same names, with another key.
func TestRenewal(t *testing.T) {
	t.Parallel()
	c := serverCertificate{dir: filepath.Join(t.TempDir(), "tls"), host: "ldap.example.com"}
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	ensure := func(at time.Time, want bool, names ...string) *x509.Certificate {
		t.Helper()
		made, err := c.ensure(at, names...)
		if err != nil || made != want {
			t.Fatalf("at %v: made %v, %v; want %v", at, made, err, want)
		}
		return read(t, c.certFile())
	}
	first := ensure(now, true, "directory.example.com", "192.0.2.7")
	ca := read(t, filepath.Join(c.dir, "ca.pem"))
	for _, name := range []string{"ldap.example.com", "directory.example.com", "localhost", "127.0.0.1", "::1", "192.0.2.7"} {
		if err := first.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
	if life := ca.NotAfter.Sub(now); life < 9*365*24*time.Hour {
		t.Errorf("the CA is good for %v", life)
	}
	if got := ensure(now.Add(59*24*time.Hour), false); !got.Equal(first) {
		t.Error("a certificate with more than a third of its life left was made anew")
	}
	later := now.Add(61 * 24 * time.Hour)
	second := ensure(later, true)
	if bytes.Equal(second.RawSubjectPublicKeyInfo, first.RawSubjectPublicKeyInfo) {
		t.Error("the key is the old one")
	}
	if !slices.Equal(slices.Sorted(slices.Values(certificateNames(first))), slices.Sorted(slices.Values(certificateNames(second)))) {
		t.Errorf("names: %q, then %q", certificateNames(first), certificateNames(second))
	}
	pool := x509.NewCertPool()
	pool.AddCert(ca)
	for _, cert := range []*x509.Certificate{first, second} {
		_, err := cert.Verify(x509.VerifyOptions{Roots: pool, DNSName: "localhost", CurrentTime: cert.NotBefore.Add(2 * time.Hour)})
		if err != nil {
			t.Error(err)
		}
	}
	if _, err := tls.LoadX509KeyPair(c.certFile(), c.keyFile()); err != nil {
		t.Error(err)
	}
	// A crash between the writing of the key and of the certificate.
	other, err := os.ReadFile(filepath.Join(c.dir, "ca.key"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(c.keyFile(), other, 0o600); err != nil {
		t.Fatal(err)
	}
	ensure(later, true)
	if _, err := tls.LoadX509KeyPair(c.certFile(), c.keyFile()); err != nil {
		t.Error(err)
	}
	// Another name of the machine is added; the old ones stay.
	c.host = "new.example.com"
	third := ensure(later, true)
	for _, name := range []string{"new.example.com", "ldap.example.com"} {
		if err := third.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{c.keyFile(), filepath.Join(c.dir, "ca.key")} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

// TestGivenCertificate: one from elsewhere is not touched, however old it is.
func TestGivenCertificate(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	other := serverCertificate{dir: filepath.Join(t.TempDir(), "other"), host: "other.example.com"}
	if _, err := other.ensure(now); err != nil {
		t.Fatal(err)
	}
	c := serverCertificate{dir: filepath.Join(t.TempDir(), "tls"), host: "ldap.example.com"}
	if err := c.install(other.certFile(), other.keyFile()); err != nil {
		t.Fatal(err)
	}
	given := read(t, c.certFile())
	if made, err := c.ensure(now.Add(1000 * 24 * time.Hour)); made || err != nil {
		t.Errorf("made %v, %v", made, err)
	}
	if !read(t, c.certFile()).Equal(given) {
		t.Error("the certificate was replaced")
	}
	if _, err := os.Stat(filepath.Join(c.dir, "ca.key")); err == nil {
		t.Error("a CA was made that signs nothing")
	}
	if err := c.install(other.certFile(), filepath.Join(other.dir, "ca.key")); err == nil {
		t.Error("a key that does not fit was taken")
	}
}
