package main

import (
	"fmt"
	"net"
	"net/url"

	"gatehouse/config"
	"gatehouse/ldapserver"
)

// openListeners listens on every address of the settings, or on none.
func openListeners(cfg *config.Config) ([]*ldapserver.Listener, error) {
	var open []*ldapserver.Listener
	for _, l := range cfg.Listen {
		made, err := openListener(l)
		if err != nil {
			for _, o := range open {
				_ = o.Close()
			}
			return nil, err
		}
		for _, m := range made {
			m.LoopbackUnprotected = l.LoopbackUnprotected
			if l.Proxy {
				m.Proxy = cfg.Proxy.Trusted
			}
			open = append(open, m)
		}
	}
	return open, nil
}

func openListener(l config.Listener) ([]*ldapserver.Listener, error) {
	switch l.Scheme {
	case "ldap", "ldaps":
		made, err := ldapserver.ListenTCP(l.String(), l.Addr)
		if err != nil {
			return nil, err
		}
		made.TLS = l.Scheme == "ldaps"
		return []*ldapserver.Listener{made}, nil
	case "ldapi":
		// Everybody may connect: who they are is what the kernel says.
		made, err := ldapserver.ListenUnix(l.String(), l.Addr, 0o666)
		if err != nil {
			return nil, err
		}
		return []*ldapserver.Listener{made}, nil
	case "systemd":
		return systemdListeners()
	default:
		return nil, fmt.Errorf("listen on %s: unknown scheme", l)
	}
}

// listenerURL is the address of a listener as clients write it: with the port that was chosen for port 0.
func listenerURL(l *ldapserver.Listener) string {
	switch addr := l.Addr().(type) {
	case *net.UnixAddr:
		return "ldapi://" + url.PathEscape(addr.Name)
	default:
		scheme := "ldap"
		if l.TLS {
			scheme = "ldaps"
		}
		return scheme + "://" + addr.String()
	}
}
