package main

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-ldap/ldap/v3"
)

// kind is one kind of entries that administrators work with every day.
type kind struct {
	noun, article string
	naming        string   // attribute of the RDN
	container     string   // below the base, where new ones are made
	filter        string   // what is of the kind
	names         []string // attributes that one is known by, the naming one first
	attributes    []string // what is read to show one
	label         string   // attribute with a readable name
}

var (
	userKind = &kind{
		noun: "user", article: "a user", naming: "uid", container: "ou=people", label: "cn",
		filter: "(|(objectClass=person)(objectClass=posixAccount)(objectClass=account))",
		names:  []string{"uid", "mail"}, attributes: []string{"*", "+"},
	}
	groupKind = &kind{
		noun: "group", article: "a group", naming: "cn", container: "ou=groups", label: "description",
		filter: "(|(objectClass=groupOfMembers)(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=posixGroup)(objectClass=groupOfURLs))",
		names:  []string{"cn"}, attributes: []string{"*", "+"},
	}
	appKind = &kind{
		noun: "app", article: "an app", naming: "cn", container: "ou=services", label: "description",
		filter: "(objectClass=applicationProcess)",
		names:  []string{"cn"}, attributes: []string{"*", "+"},
	}
	hostKind = &kind{
		noun: "host", article: "a host", naming: "cn", container: "ou=hosts", label: "description",
		filter: "(|(objectClass=device)(objectClass=ipHost))",
		names:  []string{"cn", "ipHostNumber"}, attributes: []string{"*", "+"},
	}
)

// memberKinds are what may be a member of a group.
var memberKinds = []*kind{userKind, groupKind, appKind, hostKind}

// dn returns the DN of one of the kind in its container.
func (k *kind) dn(name, base string) string {
	return rdn(k.naming, name) + "," + k.container + "," + base
}

// known returns the filter for what is known by a name.
func (k *kind) known(name string) string {
	var b strings.Builder
	for _, attr := range k.names {
		b.WriteString("(" + attr + "=" + ldap.EscapeFilter(name) + ")")
	}
	return "(&" + k.filter + "(|" + b.String() + "))"
}

// rdn writes one relative distinguished name (RFC 4514 section 2.4).
func rdn(attr, value string) string {
	var b strings.Builder
	b.WriteString(attr + "=")
	for i := range len(value) {
		switch c := value[i]; {
		case c < 0x20 || c == 0x7f:
			const digits = "0123456789ABCDEF"
			b.Write([]byte{'\\', digits[c>>4], digits[c&15]})
			continue
		case strings.IndexByte(`"+,;<>\=`, c) >= 0, c == ' ' && (i == 0 || i == len(value)-1), c == '#' && i == 0:
			b.WriteByte('\\')
		}
		b.WriteByte(value[i])
	}
	return b.String()
}

// isDN reports whether a name that somebody gave is a DN.
func isDN(name string) bool {
	parsed, err := ldap.ParseDN(name)
	return err == nil && len(parsed.RDNs) > 1
}

// firstValue returns the value of the first RDN of a DN, or the DN if it has none.
func firstValue(dn string) string {
	parsed, err := ldap.ParseDN(dn)
	if err != nil || len(parsed.RDNs) == 0 || len(parsed.RDNs[0].Attributes) == 0 {
		return dn
	}
	return parsed.RDNs[0].Attributes[0].Value
}

// isBelow reports whether a DN is below another.
func isBelow(dn, above string) bool {
	below, err := ldap.ParseDN(dn)
	if err != nil {
		return false
	}
	top, err := ldap.ParseDN(above)
	return err == nil && top.AncestorOfFold(below)
}

// isSameDN compares two DNs without regard to case.
func isSameDN(a, b string) bool {
	x, err := ldap.ParseDN(a)
	if err != nil {
		return false
	}
	y, err := ldap.ParseDN(b)
	return err == nil && x.EqualFold(y)
}

// checkName refuses what can be no name of a new entry.
func (k *kind) checkName(name string) error {
	switch {
	case name == "":
		return usagef("the name of %s is not empty", k.article)
	case !utf8.ValidString(name):
		return usagef("the name %q is not UTF-8", name)
	case k == hostKind && strings.ContainsFunc(name, unicode.IsSpace):
		return usagef("no host can be called %q", name)
	case isDN(name):
		return usagef("%s is a DN; give the name alone, and --in for another place than %s", name, k.container)
	}
	return nil
}

// checkUnixName refuses names that a file of users or groups could not hold, or that a command would take for something else.
func (k *kind) checkUnixName(name string) error {
	wrong := func(r rune) bool {
		return strings.ContainsRune(":,/", r) || unicode.IsControl(r) || k == userKind && unicode.IsSpace(r)
	}
	noDigit := func(r rune) bool { return r < '0' || r > '9' }
	switch {
	case strings.ContainsFunc(name, wrong), strings.HasPrefix(name, "-"), name == ".", name == "..", strings.TrimSpace(name) != name:
		return usagef("on Unix no %s can be called %q; give another name, or --no-posix", k.noun, name)
	case !strings.ContainsFunc(name, noDigit):
		return usagef("on Unix %q is a number, and not the name of %s; give another name, or --no-posix", name, k.article)
	}
	return nil
}
