package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/spf13/cobra"

	"gatehouse/config"
)

const connectHelp = `
The command is an ordinary client of the server: it may do what the policy lets you do, and no more.

  On the machine of the server nothing has to be set up. With --data DIR (or GATEHOUSE_DATA) it goes through the control socket of
  that directory, and works without a running server too. Otherwise it takes the local socket /run/gatehouse/ldapi. Either way the
  kernel says who you are; root and the server's own user are the operator, unless the identity-map says otherwise.

  From elsewhere: --url ldaps://HOST --ca-file ca.pem -D NAME ('gatehouse ca show' prints the CA). Over ldap:// StartTLS comes
  first, but on loopback. NAME is a DN, or the uid of somebody below ou=people. The password is asked for, or read from
  --password-file. With --cert-file a client certificate says who you are, where the server takes one (tls: client-ca).

GATEHOUSE_URL, GATEHOUSE_CA_FILE, GATEHOUSE_BIND_DN and GATEHOUSE_PASSWORD_FILE stand for these flags.`

// wellKnownSocket is where the unit that comes with the server listens for local clients.
const wellKnownSocket = "/run/gatehouse/ldapi"

// clientTimeout bounds each answer of a server.
const clientTimeout = 60 * time.Second

// clientFlags say which server a command asks, and as whom.
type clientFlags struct {
	dataFlags
	url, caFile, bindDN, passwordFile, base string
	certFile, keyFile                       string

	ca     []byte // PEM, in place of --ca-file
	asJSON bool
}

// registerClient adds the flags to a command and all below it.
func (f *clientFlags) registerClient(cmd *cobra.Command) {
	fl := cmd.PersistentFlags()
	fl.StringVar(&f.data, "data", "", "data directory of the server on this machine (also GATEHOUSE_DATA)")
	fl.StringVar(&f.config, "config", "", "configuration file (also GATEHOUSE_CONFIG)")
	fl.StringVar(&f.url, "url", "", "server: ldaps://HOST, ldap://HOST or ldapi:///PATH")
	fl.StringVar(&f.caFile, "ca-file", "", "PEM file with the CA of the server's certificate; the system's CAs by default")
	fl.StringVar(&f.certFile, "cert-file", "", "PEM file with a client certificate; without --bind-dn you are whom it is mapped to")
	fl.StringVar(&f.keyFile, "key-file", "", "PEM file with the key of --cert-file; the same file by default")
	fl.StringVarP(&f.bindDN, "bind-dn", "D", "", "whom to bind as: a DN, or a uid below ou=people")
	fl.StringVar(&f.passwordFile, "password-file", "", "file with the password of --bind-dn in its first line; - for standard input")
	fl.StringVar(&f.base, "base", "", "base of the directory; the server's first naming context by default")
	fl.BoolVar(&f.asJSON, "json", false, "print JSON")
}

// fromEnvironment fills in what the environment says and no flag does.
func (f *clientFlags) fromEnvironment() {
	for _, e := range []struct {
		flag *string
		name string
	}{{&f.url, config.EnvURL}, {&f.caFile, config.EnvCAFile}, {&f.bindDN, config.EnvBindDN}, {&f.passwordFile, config.EnvPasswordFile}} {
		if *e.flag == "" && (e.flag != &f.url || f.data == "") { // --data is nearer than a URL of the environment
			*e.flag = os.Getenv(e.name)
		}
	}
}

// client is a connection to a directory, with what commands have to know of it.
type client struct {
	*ldap.Conn
	base string
	data string // the data directory, if it was reached by that

	contexts []string // DNs of what the server holds
	isLocal  bool     // no server runs on it: this process has opened the store

	plain func(ctx context.Context) (*ldap.Conn, error) // another connection, protected and not bound
	close []func() error
}

// connect connects and binds; end the client with done.
func (f *clientFlags) connect(cmd *cobra.Command) (*client, error) {
	if err := f.checkCaller(cmd); err != nil {
		return nil, err
	}
	c, err := f.dial(cmd.Context())
	if err != nil {
		return nil, err
	}
	if err := f.bind(cmd, c); err != nil {
		return nil, errors.Join(err, c.done())
	}
	return c, nil
}

// dial connects without a bind, and finds the base.
func (f *clientFlags) dial(ctx context.Context) (*client, error) {
	f.fromEnvironment()
	c := &client{}
	dial, err := f.dialer(c)
	if err != nil {
		return nil, err
	}
	c.plain = dial
	if c.Conn, err = dial(ctx); err == nil {
		c.close = append(c.close, c.Conn.Close)
		err = c.findBase(f.base)
	}
	if err != nil {
		return nil, errors.Join(err, c.done())
	}
	return c, nil
}

// dialer decides how the server is reached.
func (f *clientFlags) dialer(c *client) (func(context.Context) (*ldap.Conn, error), error) {
	if f.url != "" {
		return f.dialURL, nil
	}
	cfg, err := f.settings()
	if err != nil {
		return nil, err
	}
	if cfg.Data == "" {
		if _, err := os.Stat(wellKnownSocket); err == nil {
			f.url = "ldapi://" + wellKnownSocket
			return f.dialURL, nil
		}
		return nil, usagef("which server? Give --data DIR on its machine, or --url ldaps://HOST --ca-file FILE -D NAME")
	}
	dir, err := dataDirOf(cfg)
	if err != nil {
		return nil, err
	}
	c.data = string(dir)
	var local *localLDAP
	return func(ctx context.Context) (*ldap.Conn, error) {
		if local == nil {
			nc, err := dialControlLDAP(ctx, dir)
			switch {
			case err == nil:
				return newLDAPConn(ctx, nc), nil
			case errors.Is(err, os.ErrPermission):
				return nil, fmt.Errorf("%s: %w; as another user than root and the server's own give --url and -D", dir.control(), os.ErrPermission)
			case errors.Is(err, errOtherVersion):
				return nil, err
			}
			if local, err = waitLocalLDAP(ctx, dir, cfg); err != nil {
				return nil, err
			} else if local == nil { // a server has come
				nc, err := dialControlLDAP(ctx, dir)
				if err != nil {
					return nil, err
				}
				return newLDAPConn(ctx, nc), nil
			}
			c.close, c.isLocal = append(c.close, local.close), true
		}
		nc, err := local.dial(ctx)
		if err != nil {
			return nil, err
		}
		return newLDAPConn(ctx, nc), nil
	}, nil
}

func newLDAPConn(ctx context.Context, nc net.Conn) *ldap.Conn {
	conn := ldap.NewConn(nc, false)
	conn.Start()
	conn.SetTimeout(clientTimeout)
	context.AfterFunc(ctx, func() { _ = nc.Close() })
	return conn
}

// done ends the connection, and the store if it was opened for it.
func (c *client) done() error {
	var errs []error
	for i := len(c.close) - 1; i >= 0; i-- {
		errs = append(errs, c.close[i]())
	}
	c.close = nil
	return errors.Join(errs...)
}

// findBase reads which names the server holds.
func (c *client) findBase(given string) error {
	root, err := c.Search(ldap.NewSearchRequest("", ldap.ScopeBaseObject, ldap.NeverDerefAliases, 0, 0, false,
		"(objectClass=*)", []string{"namingContexts", "defaultNamingContext"}, nil))
	if err != nil {
		return fmt.Errorf("read the root DSE: %w", err)
	}
	first := ""
	if len(root.Entries) == 1 {
		c.contexts = root.Entries[0].GetAttributeValues("namingContexts")
		first = root.Entries[0].GetAttributeValue("defaultNamingContext")
	}
	switch c.base = cmp.Or(given, first); {
	case c.base != "":
	case len(c.contexts) == 1:
		c.base = c.contexts[0]
	case len(c.contexts) > 1:
		return usagef("the server holds %s; which? Give --base DN", strings.Join(c.contexts, " and "))
	default:
		return errors.New("the server holds no directory yet")
	}
	return nil
}

// dialURL connects to the server of --url, with TLS.
func (f *clientFlags) dialURL(ctx context.Context) (*ldap.Conn, error) {
	if !strings.Contains(f.url, "://") {
		return nil, usagef("--url %q: ldaps://HOST, ldap://HOST or ldapi:///PATH is needed, such as ldaps://%s", f.url, f.url)
	}
	u, err := url.Parse(strings.ReplaceAll(f.url, "ldapi://%2F", "ldapi:///%2F"))
	if err != nil {
		return nil, usagef("--url %q: %v", f.url, err)
	}
	switch u.Scheme {
	case "ldapi":
		path := u.Path
		if strings.HasPrefix(path, "//") {
			path = path[1:]
		}
		if path == "" || path == "/" {
			path = wellKnownSocket
		}
		short, release, err := socketPath(path)
		if err != nil {
			return nil, err
		}
		defer release()
		nc, err := (&net.Dialer{Timeout: clientTimeout}).DialContext(ctx, "unix", short)
		if err != nil {
			return nil, fmt.Errorf("connect to %s: %w", f.url, err)
		}
		return newLDAPConn(ctx, nc), nil
	case "ldap", "ldaps":
		return f.dialTCP(ctx, u)
	}
	return nil, usagef("--url %q: ldaps://HOST, ldap://HOST or ldapi:///PATH is needed", f.url)
}
