package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"gatehouse/config"
)

// tlsFiles is the TLS configuration of the server, made anew when its files change.
type tlsFiles struct {
	own    serverCertificate
	log    *slog.Logger
	config atomic.Pointer[tls.Config]
}

// current returns the configuration for the next handshake.
func (t *tlsFiles) current() *tls.Config { return t.config.Load() }

// load reads the files of the settings and puts them into force.
func (t *tlsFiles) load(cfg *config.Config) error {
	made, err := t.read(cfg)
	if err == nil {
		t.config.Store(made)
	}
	return err
}

// read makes a configuration from the files of the settings.
func (t *tlsFiles) read(cfg *config.Config) (*tls.Config, error) {
	certFile, keyFile := cfg.TLS.Certificate, cfg.TLS.Key
	if certFile == "" {
		certFile, keyFile = t.own.certFile(), t.own.keyFile()
	}
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("certificate %s with key %s: %w", certFile, keyFile, err)
	}
	made := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	if cfg.TLS.MinVersion == "1.3" {
		made.MinVersion = tls.VersionTLS13
	}
	if cfg.TLS.ClientCA != "" {
		text, err := os.ReadFile(cfg.TLS.ClientCA)
		if err != nil {
			return nil, err
		}
		made.ClientCAs = x509.NewCertPool()
		if !made.ClientCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("%s holds no certificate in PEM form", cfg.TLS.ClientCA)
		}
	}
	switch cfg.TLS.ClientAuth {
	case "optional":
		made.ClientAuth = tls.VerifyClientCertIfGiven
	case "required":
		made.ClientAuth = tls.RequireAndVerifyClientCert
	}
	if leaf, now := pair.Leaf, time.Now(); leaf != nil && now.After(leaf.NotAfter) {
		t.log.Error("the certificate has expired: no client will trust it", "file", certFile, "until", leaf.NotAfter)
	} else if leaf != nil && isDue(leaf, now) {
		t.log.Warn("the certificate expires soon", "file", certFile, "until", leaf.NotAfter)
	}
	return made, nil
}

// renew makes the CA and the own certificate where they are missing or due. It does nothing with a certificate of the settings.
func (t *tlsFiles) renew(cfg *config.Config, now time.Time) (bool, error) {
	if cfg.TLS.Certificate != "" {
		return false, nil
	}
	made, err := t.own.ensure(now)
	if made {
		t.log.Info("the server has a new certificate of its own CA", "file", t.own.certFile())
	}
	return made, err
}
