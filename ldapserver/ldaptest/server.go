// Package ldaptest starts the real server on loopback for tests: the directory with its hooks over a store in memory or on
// disk, behind ldap, ldaps and ldapi listeners. Product code does not import it.
package ldaptest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/directory/hook"
	"gatehouse/directory/ldif"
	"gatehouse/directory/password"
	"gatehouse/directory/schema"
	"gatehouse/ldapserver"
	"gatehouse/storage"
	"gatehouse/storage/badgerkv"
	"gatehouse/storage/kv"
	"gatehouse/storage/memkv"
)

// What every server has unless an option says otherwise.
const (
	Base          = "dc=example,dc=com"
	AdminDN       = "cn=admin," + Base
	AdminPassword = "admin-secret"
)

// firstLDIF is what every server begins with.
const firstLDIF = `dn: dc=example,dc=com
objectClass: dcObject
objectClass: organization
dc: example
o: example

dn: ou=people,dc=example,dc=com
objectClass: organizationalUnit
ou: people

dn: ou=groups,dc=example,dc=com
objectClass: organizationalUnit
ou: groups

dn: cn=admin,dc=example,dc=com
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: admin
userPassword: admin-secret
`

// Server is a running server. Its fields are set by NewServer and must not be changed.
type Server struct {
	URL       string // ldap://127.0.0.1:PORT
	SecureURL string // ldaps://127.0.0.1:PORT
	SocketURL string // ldapi://PATH
	ProxyURL  string // ldap://127.0.0.1:PORT, for clients that send a header of the PROXY protocol; see DialVia
	CAFile    string // PEM, for tools; see ClientTLS for Go
	Directory *dit.Directory
	Store     *storage.Store

	tb     testing.TB
	db     kv.DB
	server *ldapserver.Server
	schema *schema.Schema
	now    func() time.Time
	pair   tls.Certificate // of the server, which is its own CA
	roots  *x509.CertPool
}

// NewServer starts a server and stops it when the test ends. Password hashes are cheap, so that tests are quick.
func NewServer(tb testing.TB, opts ...Option) *Server {
	tb.Helper()
	o := &options{ldif: firstLDIF, password: password.Options{Argon2: password.Argon2{MemoryKiB: 64, Time: 1, Threads: 1}}}
	o.dit.Identity = []dit.IdentityRule{{Name: "root", To: acl.OperatorDN}, {Name: "server", To: acl.OperatorDN}}
	for _, opt := range opts {
		opt(o)
	}
	s := &Server{tb: tb, now: o.dit.Now, schema: schema.Standard()}
	dir := tb.TempDir()
	s.must(s.loadSchema(o))
	s.must(s.openStore(o, dir))
	s.must(s.openDirectory(o))
	s.must(s.load(o.ldif))
	policy, err := s.firstPolicy(o)
	s.must(err)
	s.Directory.SetPolicy(policy)
	s.must(s.listen(o, dir))
	return s
}

func (s *Server) must(err error) {
	s.tb.Helper()
	if err != nil {
		s.tb.Fatalf("ldaptest: %v", err)
	}
}

func (s *Server) openStore(o *options, dir string) error {
	so := storage.Options{Schema: s.schema, Now: o.dit.Now}
	if o.disk {
		so.Dir = filepath.Join(dir, "store")
		db, err := badgerkv.Open(badgerkv.Options{Dir: so.Dir})
		if err != nil {
			return err
		}
		s.db = db
	} else {
		s.db = memkv.Open(memkv.Options{})
	}
	if o.reads != nil {
		s.db = traced{s.db, o.reads}
	}
	var err error
	s.Store, err = storage.Create(s.db, so)
	s.tb.Cleanup(func() {
		if s.Store != nil {
			s.check(s.Store.Close())
		}
		s.check(s.db.Close())
	})
	return err
}

func (s *Server) check(err error) {
	if err != nil {
		s.tb.Errorf("ldaptest: %v", err)
	}
}

func (s *Server) openDirectory(o *options) error {
	hasher, err := password.New(o.password)
	if err != nil {
		return err
	}
	d := o.dit
	d.Store, d.Schema, d.Hasher, d.Hooks = s.Store, s.schema, hasher, hook.Standard()
	d.Suffixes = append([]string{Base}, o.suffixes...)
	d.RootDSE = ldapserver.Capabilities("test")
	if d.Policy, err = loading(); err != nil {
		return err
	}
	s.Directory, err = dit.New(d)
	return err
}

// load imports LDIF as the operator, who may do that whatever policy is in force afterwards.
func (s *Server) load(text string) error {
	operator := acl.Operator(acl.Transport{LocalSocket: true}, time.Now())
	for rec, err := range ldif.NewReader(strings.NewReader(text), ldif.Options{}).All() {
		if err != nil {
			return err
		}
		if _, err := s.Directory.Import(context.Background(), operator, rec, dit.ConflictFail); err != nil {
			return fmt.Errorf("line %d: %s: %w", rec.Line, rec.DN, err)
		}
	}
	return nil
}

// listen opens the listeners and serves them.
func (s *Server) listen(o *options, dir string) error {
	if err := s.certificate(dir); err != nil {
		return err
	}
	config := &tls.Config{
		Certificates: []tls.Certificate{s.pair}, MinVersion: tls.VersionTLS12, ClientCAs: s.roots, ClientAuth: tls.VerifyClientCertIfGiven,
	}
	s.server = ldapserver.New(ldapserver.Options{
		Backend: backend{s.Directory}, TLS: func() *tls.Config { return config }, Log: slog.New(slog.DiscardHandler), Limits: o.limits,
	})
	s.tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		s.server.Shutdown(ctx)
	})
	plain, err := ldapserver.ListenTCP("ldap://127.0.0.1", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.URL = "ldap://" + plain.Addr().String()
	secure, err := ldapserver.ListenTCP("ldaps://127.0.0.1", "127.0.0.1:0")
	if err != nil {
		return err
	}
	secure.TLS = true
	s.SecureURL = "ldaps://" + secure.Addr().String()
	proxied, err := ldapserver.ListenTCP("ldap://127.0.0.1", "127.0.0.1:0")
	if err != nil {
		return err
	}
	proxied.Proxy = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	s.ProxyURL = "ldap://" + proxied.Addr().String()
	path := filepath.Join(dir, "ldapi")
	local, err := ldapserver.ListenUnix("ldapi://"+path, path, 0o600)
	if err != nil {
		return err
	}
	s.SocketURL = "ldapi://" + url.PathEscape(path)
	for _, l := range []*ldapserver.Listener{plain, secure, proxied, local} {
		go func() { _ = s.server.Serve(l) }() // until Shutdown
	}
	return nil
}

// Shutdown stops the server before the test ends.
func (s *Server) Shutdown(ctx context.Context) { s.server.Shutdown(ctx) }

// backend is the directory as the server sees it.
type backend struct{ *dit.Directory }

// Search implements [ldapserver.Backend].
func (b backend) Search(ctx context.Context, s *acl.Session, req *directory.SearchRequest) (ldapserver.Search, error) {
	x, err := b.Directory.Search(ctx, s, req)
	if err != nil {
		return nil, err
	}
	return x, nil
}
