package clientconfig

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// view is what a template sees.
type view struct {
	*Params
	Server   // the first
	StartTLS bool
	URIs     []string
	CAFile   string
}

func newView(p *Params) (*view, error) {
	v := &view{Params: p, Server: p.Servers[0], StartTLS: !p.Servers[0].TLS, CAFile: systemCAPath}
	for _, s := range p.Servers {
		if s.TLS != v.TLS {
			return nil, errors.New("the addresses must be all ldaps:// or all ldap://")
		}
		v.URIs = append(v.URIs, s.URI())
	}
	if len(p.CA) > 0 {
		v.CAFile = CAPath
	}
	return v, nil
}

// check refuses what no file can hold.
func (p *Params) check() error {
	if len(p.Servers) == 0 {
		return errors.New("an address of the server is needed")
	}
	if p.Base == "" {
		return errors.New("a base is needed")
	}
	for what, text := range map[string]string{"the base": p.Base, "the bind DN": p.BindDN, "the password": p.Password, "the group": p.Group} {
		if strings.ContainsFunc(text, unicode.IsControl) || strings.TrimSpace(text) != text {
			return fmt.Errorf("%s holds a control character, or begins or ends with a space; no configuration file can hold that", what)
		}
	}
	switch p.Schema {
	case RFC2307, RFC2307bis:
		return nil
	default:
		return fmt.Errorf("schema %q is not %s or %s", p.Schema, RFC2307, RFC2307bis)
	}
}
