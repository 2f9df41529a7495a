package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
)

// caLifetime is how long the private CA is good for.
const caLifetime = 10 * 365 * 24 * time.Hour

// authority is the private CA of one data directory: ca.pem and ca.key.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newCACommand() *cobra.Command {
	cmd := &cobra.Command{Use: "ca", Short: "The CA that signed the server's certificate"}
	var flags dataFlags
	show := &cobra.Command{
		Use: "show --data DIR", Short: "Print the CA certificate (PEM), for clients to trust", Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, dir, err := flags.open()
			if err != nil {
				return err
			}
			text, err := caOf(dir)
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(text)
			return err
		},
	}
	flags.register(show)
	cmd.AddCommand(show)
	return cmd
}

// caOf returns the certificate that clients of the directory's own certificate trust, in PEM.
func caOf(dir dataDir) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(dir.tls(), "ca.pem"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s has no CA: it is made by 'gatehouse init' or the first 'gatehouse serve', unless a certificate is given; "+
			"then ask whoever issued that certificate for the CA", dir)
	}
	return text, err
}

// openCA reads the CA of the directory, or makes one.
func openCA(dir string, host string, now time.Time) (*authority, error) {
	certFile, keyFile := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "ca.key")
	cert, err := readCertificate(certFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return makeCA(certFile, keyFile, host, now)
	case err != nil:
		return nil, err
	}
	key, err := readKey(keyFile)
	if err != nil {
		return nil, err
	}
	if !key.PublicKey.Equal(cert.PublicKey) {
		return nil, fmt.Errorf("%s does not belong to %s", keyFile, certFile)
	}
	return &authority{cert: cert, key: key}, nil
}

func makeCA(certFile, keyFile, host string, now time.Time) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := serialNumber()
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{Organization: []string{"Gatehouse"}, CommonName: fmt.Sprintf("Gatehouse CA of %.40s %x", host, serial.Bytes()[:4])},
		NotBefore:             now.Add(-clockSkew),
		NotAfter:              now.Add(caLifetime),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true, IsCA: true, MaxPathLenZero: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make the CA: %w", err)
	}
	// The key first: a certificate without its key would be of no use.
	if err := writeKey(keyFile, key); err != nil {
		return nil, err
	}
	if err := writeFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644); err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return &authority{cert: cert, key: key}, err
}

// clockSkew is how far the clocks of clients may be behind.
const clockSkew = time.Hour

func serialNumber() (*big.Int, error) {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		return nil, err
	}
	b[0] = b[0]&0x7f | 0x40 // positive, and always 16 bytes long
	return new(big.Int).SetBytes(b[:]), nil
}

// readCertificate reads the first certificate of a PEM file.
func readCertificate(name string) (*x509.Certificate, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			cert, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			return cert, nil
		}
	}
	return nil, fmt.Errorf("%s holds no certificate in PEM form", name)
}

func readKey(name string) (*ecdsa.PrivateKey, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s holds no key in PEM form", name)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: the key cannot be read: %w", name, err)
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s: the key is no ECDSA key", name)
	}
	return key, nil
}

func writeKey(name string, key *ecdsa.PrivateKey) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return writeFile(name, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600)
}

// writeFile replaces a file: it has its old or its new content, whole, whatever happens.
func writeFile(name string, content []byte, mode fs.FileMode) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
		}
	}()
	_, err = tmp.Write(content)
	err = errors.Join(err, tmp.Chmod(mode), tmp.Sync(), tmp.Close())
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}
