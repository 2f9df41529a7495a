package clientconfig

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
)

// Server is one address of the directory.
type Server struct {
	Host string // name or address, without brackets
	Port int
	TLS  bool // ldaps; otherwise ldap, with StartTLS before anything else
}

// ParseServer reads ldap://HOST[:PORT] or ldaps://HOST[:PORT].
func ParseServer(text string) (Server, error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Path != "" && u.Path != "/" {
		return Server{}, fmt.Errorf("%q is not ldaps://HOST[:PORT] or ldap://HOST[:PORT]", text)
	}
	s := Server{Host: u.Hostname(), TLS: u.Scheme == "ldaps"}
	switch u.Scheme {
	case "ldaps":
		s.Port = 636
	case "ldap":
		s.Port = 389
	default:
		return Server{}, fmt.Errorf("%q: clients speak ldaps:// or ldap:// with StartTLS", text)
	}
	if p := u.Port(); p != "" {
		if s.Port, err = strconv.Atoi(p); err != nil || s.Port < 1 || s.Port > 65535 {
			return Server{}, fmt.Errorf("%q: %s is no port", text, p)
		}
	}
	for _, r := range s.Host {
		if !isHostRune(r) {
			return Server{}, fmt.Errorf("%q: %q does not belong in the name of a host", text, r)
		}
	}
	return s, nil
}

func isHostRune(r rune) bool {
	return r == '.' || r == '-' || r == '_' || r == ':' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// Scheme returns ldaps or ldap.
func (s Server) Scheme() string {
	if s.TLS {
		return "ldaps"
	}
	return "ldap"
}

// Address returns HOST:PORT, with brackets around an IPv6 address.
func (s Server) Address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// BracketedHost returns the host as it stands in a URL.
func (s Server) BracketedHost() string {
	if ip := net.ParseIP(s.Host); ip != nil && ip.To4() == nil {
		return "[" + s.Host + "]"
	}
	return s.Host
}

// URI returns the address as a URL, the usual port left out.
func (s Server) URI() string {
	if s.TLS && s.Port == 636 || !s.TLS && s.Port == 389 {
		return s.Scheme() + "://" + s.BracketedHost()
	}
	return s.Scheme() + "://" + s.Address()
}
