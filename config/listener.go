package config

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// Listener is one address to listen on.
type Listener struct {
	Scheme string // ldap, ldaps, ldapi or systemd
	Addr   string // HOST:PORT, or a path for ldapi
	// LoopbackUnprotected ends the rule that loopback counts as protected transport.
	LoopbackUnprotected bool
	// Proxy says that trusted addresses speak the PROXY protocol first.
	Proxy bool
}

// String returns the URL of the listener.
func (l Listener) String() string {
	s := l.Scheme + "://" + l.Addr
	var opts []string
	if l.LoopbackUnprotected {
		opts = append(opts, "loopback-protected=false")
	}
	if l.Proxy {
		opts = append(opts, "proxy=true")
	}
	if len(opts) > 0 {
		s += "?" + strings.Join(opts, "&")
	}
	return s
}

// ParseListener reads ldap://HOST:PORT, ldaps://HOST:PORT, ldapi:///PATH (or slapd's form with %2F) or systemd:, with the
// options loopback-protected=BOOL and proxy=BOOL behind a question mark. Ports default to 389 and 636.
func ParseListener(s string) (Listener, error) {
	rest, query, _ := strings.Cut(s, "?")
	scheme, addr, found := strings.Cut(rest, ":")
	l := Listener{Scheme: strings.ToLower(scheme)}
	if !found {
		return l, fmt.Errorf("%q is not a URL such as ldap://127.0.0.1:389", s)
	}
	addr = strings.TrimPrefix(addr, "//")
	var err error
	switch l.Scheme {
	case "ldap":
		l.Addr, err = hostPort(addr, "389")
	case "ldaps":
		l.Addr, err = hostPort(addr, "636")
	case "ldapi":
		if l.Addr, err = url.PathUnescape(addr); err == nil && !strings.HasPrefix(l.Addr, "/") {
			err = fmt.Errorf("%q needs an absolute path: ldapi:///run/gatehouse/ldapi", s)
		}
	case "systemd":
		if addr != "" {
			err = fmt.Errorf("%q: systemd: takes no address; the socket unit has it", s)
		}
	default:
		err = fmt.Errorf("%q: scheme %s is not ldap, ldaps, ldapi or systemd", s, l.Scheme)
		if !strings.Contains(s, "://") { // HOST:PORT
			err = fmt.Errorf("%q is not a URL such as ldap://%s", s, rest)
		}
	}
	if err != nil {
		return l, err
	}
	options, err := url.ParseQuery(query)
	if err != nil {
		return l, fmt.Errorf("%q: %w", s, err)
	}
	for name := range options {
		on, err := strconv.ParseBool(options.Get(name))
		switch {
		case err != nil:
			return l, fmt.Errorf("%q: option %s is not true or false", s, name)
		case name == "loopback-protected":
			l.LoopbackUnprotected = !on
		case name == "proxy":
			l.Proxy = on
		default:
			return l, fmt.Errorf("%q: unknown option %s", s, name)
		}
	}
	return l, nil
}

func hostPort(addr, port string) (string, error) {
	addr = strings.TrimSuffix(addr, "/")
	if !strings.Contains(addr, ":") || strings.HasSuffix(addr, "]") {
		addr += ":" + port
	}
	_, p, err := net.SplitHostPort(addr)
	if err != nil {
		return "", fmt.Errorf("address %q: %w", addr, err)
	}
	if n, err := strconv.ParseUint(p, 10, 16); err != nil {
		return "", fmt.Errorf("address %q: port %q is not a number from 0 to 65535", addr, p)
	} else if n == 0 {
		return addr, nil // any free port: tests and sockets of one's own choice
	}
	return addr, nil
}
