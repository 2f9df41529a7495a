package clientconfig

import (
	"errors"
	"fmt"
	"slices"
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
	Domain   string // of mail addresses: what the base says
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
	v.Domain = domainOf(p.Base)
	return v, nil
}

// GroupName is the name of the group, without where it stands.
func (v *view) GroupName() string {
	_, value, _ := strings.Cut(firstRDN(v.Group), "=")
	return value
}

// GroupParent is where the group stands; ou=groups without one.
func (v *view) GroupParent() string {
	if v.Group == "" {
		return "ou=groups," + v.Base
	}
	return strings.TrimPrefix(strings.TrimPrefix(v.Group, firstRDN(v.Group)), ",")
}

// domainOf is the domain that the dc parts of a DN spell; localhost without any.
func domainOf(dn string) string {
	var labels []string
	for part := range strings.SplitSeq(dn, ",") {
		if kind, value, _ := strings.Cut(strings.TrimSpace(part), "="); strings.EqualFold(kind, "dc") {
			labels = append(labels, value)
		}
	}
	if len(labels) == 0 {
		return "localhost"
	}
	return strings.Join(labels, ".")
}

// firstRDN is a DN up to its first comma that is not escaped.
func firstRDN(dn string) string {
	for i := 0; i < len(dn); i++ {
		switch dn[i] {
		case '\\':
			i++
		case ',':
			return dn[:i]
		}
	}
	return dn
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
	if p.Schema != RFC2307 && p.Schema != RFC2307bis {
		return fmt.Errorf("schema %q is not %s or %s", p.Schema, RFC2307, RFC2307bis)
	}
	if len(p.Client.Modes) == 0 && p.Mode != "" {
		return fmt.Errorf("%s has no modes to choose from", p.Client.Name)
	}
	if len(p.Client.Modes) > 0 && !slices.Contains(p.Client.Modes, p.Mode) {
		return fmt.Errorf("%s has no mode %q; it has %s", p.Client.Name, p.Mode, strings.Join(p.Client.Modes, " and "))
	}
	return nil
}
