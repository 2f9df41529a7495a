package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/acl/shipped"
	"gatehouse/directory/password"
)

// madeAccount says what became of the account of a client.
type madeAccount struct {
	DN       string `json:"dn"`
	Role     string `json:"role"`               // DN of the group
	Made     bool   `json:"made"`               // the account was not there
	Joined   bool   `json:"joined"`             // it was not a member of the role's group
	Password string `json:"password,omitempty"` // new, and shown this once
}

// makeAccount makes, with the rights of the caller, what is missing of the account: the entry, its password, and the membership that
// gives it its rights.
func (s *clientSession) makeAccount() error {
	p := &s.params
	a := &madeAccount{DN: p.BindDN, Role: "cn=" + s.client.Role + ",ou=roles," + p.Base}
	s.account = a
	there, err := exists(s.caller.Conn, a.DN, "(objectClass=*)")
	if err != nil {
		return err
	}
	a.Made = !there
	member, err := exists(s.caller.Conn, a.Role, "(member="+ldap.EscapeFilter(a.DN)+")")
	if err != nil {
		return err
	}
	a.Joined = !member
	given := p.Password
	if given == "" && (a.Made || s.flags.newPassword) {
		made := password.Generate()
		a.Password = string(made.Bytes())
		made.Clear()
		p.Password = a.Password
	}
	if s.flags.dryRun {
		a.Password = ""
		return nil
	}
	switch {
	case a.Made:
		err = s.addAccount(a, p.Password)
	case s.flags.newPassword:
		_, err = s.caller.PasswordModify(ldap.NewPasswordModifyRequest("dn:"+a.DN, "", p.Password))
	}
	if err != nil {
		return fmt.Errorf("account %s: %w", a.DN, err)
	}
	if a.Joined {
		if err := s.join(a); err != nil {
			return fmt.Errorf("make %s a member of %s: %w", a.DN, a.Role, err)
		}
	}
	return nil
}

// addAccount adds the entry, and the unit above it if that is missing.
func (s *clientSession) addAccount(a *madeAccount, clear string) error {
	name, err := ldap.ParseDN(a.DN)
	if err != nil || len(name.RDNs) < 2 || len(name.RDNs[0].Attributes) != 1 {
		return usagef("--bind-dn %q is not the name of an account", a.DN)
	}
	parent := &ldap.DN{RDNs: name.RDNs[1:]}
	if first := parent.RDNs[0].Attributes[0]; strings.EqualFold(first.Type, "ou") {
		if err := s.addUnless(parent.String(), "objectClass", "organizationalUnit", "ou", first.Value); err != nil {
			return err
		}
	}
	rdn := name.RDNs[0].Attributes[0]
	class := "applicationProcess"
	if strings.EqualFold(rdn.Type, "uid") {
		class = "account"
	}
	req := ldap.NewAddRequest(a.DN, nil)
	req.Attribute("objectClass", []string{class, "simpleSecurityObject"})
	req.Attribute(rdn.Type, []string{rdn.Value})
	req.Attribute("description", []string{s.client.Title})
	req.Attribute("userPassword", []string{clear})
	return s.caller.Add(req)
}

// join adds the account to the group of its role, and makes the group if the directory is older than the role.
func (s *clientSession) join(a *madeAccount) error {
	groups := shipped.Groups()
	i := slices.IndexFunc(groups, func(g shipped.Group) bool { return g.Name == s.client.Role })
	if i < 0 {
		return fmt.Errorf("no shipped role is called %s", s.client.Role)
	}
	if err := s.addUnless(a.Role, "objectClass", "groupOfMembers", "cn", s.client.Role, "description", groups[i].Description); err != nil {
		return err
	}
	req := ldap.NewModifyRequest(a.Role, nil)
	req.Add("member", []string{a.DN})
	err := s.caller.Modify(req)
	if ldap.IsErrorWithCode(err, ldap.LDAPResultAttributeOrValueExists) {
		return nil
	}
	return err
}

// addUnless adds an entry of attributes and values, unless it is there.
func (s *clientSession) addUnless(dn string, pairs ...string) error {
	if there, err := exists(s.caller.Conn, dn, "(objectClass=*)"); there || err != nil {
		return err
	}
	req := ldap.NewAddRequest(dn, nil)
	for i := 0; i < len(pairs); i += 2 {
		req.Attribute(pairs[i], []string{pairs[i+1]})
	}
	return s.caller.Add(req)
}

// exists reports whether an entry is there, as far as the caller may see, and fits a filter.
func exists(conn *ldap.Conn, dn, filter string) (bool, error) {
	req := ldap.NewSearchRequest(dn, ldap.ScopeBaseObject, ldap.NeverDerefAliases, 1, 0, false, filter, []string{"1.1"}, nil)
	res, err := conn.Search(req)
	if ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchObject) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("%s: %w", dn, err)
	}
	return len(res.Entries) > 0, nil
}

// print says what was done, or would be.
func (a *madeAccount) print(w io.Writer, dryRun bool) {
	if a == nil {
		return
	}
	would := map[bool]string{true: "would be "}[dryRun]
	if a.Made {
		fmt.Fprintf(w, "account %s: %smade\n", a.DN, would)
	}
	if a.Joined {
		fmt.Fprintf(w, "account %s: %sa member of %s now\n", a.DN, would, a.Role)
	}
	if !a.Made && !a.Joined {
		fmt.Fprintf(w, "account %s: is there, with its role\n", a.DN)
	}
	if a.Password != "" {
		fmt.Fprintf(w, "password %s   (in the files, and shown this once)\n", a.Password)
	}
}
