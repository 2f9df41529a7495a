package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"gatehouse/config"
)

// open connects to the server, as the caller, and finds out what there is to know of a data directory.
func (s *clientSession) open(cmd *cobra.Command) error {
	f := s.flags
	connect := clientFlags{dataFlags: f.dataFlags, base: f.base}
	cfg, err := f.settings()
	if err != nil {
		return err
	}
	if connect.data = cfg.Data; cfg.Data == "" && f.adminDN != "" {
		connect.url, connect.caFile, connect.bindDN, connect.passwordFile = f.urls[0], f.caFile, f.adminDN, f.adminPWFile
	}
	if s.caller, err = connect.connect(cmd); err != nil {
		return err
	}
	s.base = s.caller.base
	if cfg.Data == "" {
		return nil
	}
	dir, err := dataDirOf(cfg)
	if err != nil {
		return err
	}
	if s.addresses, err = findAddresses(cmd.Context(), cfg, dir); err != nil || cfg.TLS.Certificate != "" {
		return err
	}
	if s.ca, err = os.ReadFile(filepath.Join(dir.tls(), "ca.pem")); errors.Is(err, fs.ErrNotExist) {
		return nil // its certificate is from elsewhere
	}
	return err
}

// findAddresses asks a running server where it listens; without one it is what the settings say.
func findAddresses(ctx context.Context, cfg *config.Config, dir dataDir) ([]string, error) {
	var addresses []string
	if nc, err := dialControl(ctx, dir); err == nil {
		o := newOperations(func(ctx context.Context) (net.Conn, error) { return dialControl(ctx, dir) })
		defer o.http.CloseIdleConnections()
		_ = nc.Close()
		out, err := o.call(ctx, "addresses", nil, nil)
		if err != nil {
			return nil, err
		}
		if err := errors.Join(decodeAll(out, &addresses), out.Close()); err != nil {
			return nil, err
		}
	} else {
		for _, l := range cfg.Listen {
			addresses = append(addresses, l.Scheme+"://"+l.Addr)
		}
	}
	return usable(cfg, dir, addresses), nil
}

// addressesVerb says where the server listens.
func addressesVerb(_ context.Context, n *node, _ url.Values, _ io.Reader, out io.Writer) error {
	return writeJSON(out, n.addresses)
}

// usable turns the addresses of listeners into those that clients use: with the name of the certificate where a listener takes every
// address, ldaps before ldap, only one of the two, and none on loopback if there are others.
func usable(cfg *config.Config, dir dataDir, listeners []string) []string {
	byScheme := map[string][]string{}
	for _, text := range listeners {
		u, err := url.Parse(text)
		if err != nil || u.Scheme != "ldap" && u.Scheme != "ldaps" {
			continue
		}
		host, port := u.Hostname(), u.Port()
		if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
			host = certificateHost(cfg, dir)
		}
		address := u.Scheme + "://" + net.JoinHostPort(host, port)
		if !slices.Contains(byScheme[u.Scheme], address) {
			byScheme[u.Scheme] = append(byScheme[u.Scheme], address)
		}
	}
	list := byScheme["ldaps"]
	if len(list) == 0 {
		list = byScheme["ldap"]
	}
	if others := slices.DeleteFunc(slices.Clone(list), onLoopback); len(others) > 0 {
		return others
	}
	return list
}

// onLoopback reports whether an address is of this machine alone.
func onLoopback(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// certificateHost is the name of the machine in the server's certificate: the longest that is a name with a domain, else its first.
func certificateHost(cfg *config.Config, dir dataDir) string {
	if cfg.ServerName != "" {
		return cfg.ServerName
	}
	file := cfg.TLS.Certificate
	if file == "" {
		file = serverCertificate{dir: dir.tls()}.certFile()
	}
	cert, err := readCertificate(file)
	if err != nil || len(cert.DNSNames) == 0 {
		return "localhost"
	}
	best := cert.DNSNames[0]
	for _, name := range cert.DNSNames {
		if len(name) > len(best) && name != "localhost" {
			best = name
		}
	}
	return best
}
