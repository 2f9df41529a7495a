package foreign

import (
	"bytes"
	"strings"
	"time"

	"gatehouse/directory"
	"gatehouse/directory/ldif"
)

// readLLDAP reads what ldapsearch prints of lldap, with its end ("search: 2, result: 0 Success") or without.
func (c *converter) readLLDAP(in []Input) error {
	text, err := readAll(in[0])
	if err != nil {
		return err
	}
	body := withoutResult(text)
	if err := c.lldapScaffold(in[0].Name, body); err != nil {
		return err
	}
	x := &dialect{c: c, change: c.changeLLDAP}
	return x.read(Input{in[0].Name, strings.NewReader(body)})
}

// withoutResult blanks the lines in which ldapsearch says how it went, and keeps the count of lines.
func withoutResult(text string) string {
	i := strings.LastIndex(text, "\nsearch: ")
	if i < 0 || !strings.HasSuffix(strings.TrimRight(text[:i], "\r"), "\n") && !strings.Contains(text[:i], "# search result") {
		return text
	}
	if strings.Contains(text[i:], "\ndn:") {
		return text
	}
	return text[:i+1]
}

// lldapScaffold hands on the entries above people and groups, which lldap does not list.
func (c *converter) lldapScaffold(name, text string) error {
	base, listed := c.lldapBase(text)
	if c.options.Base != "" {
		base = c.options.Base
	}
	if base == "" {
		return nil
	}
	at := place{name, 1}
	for _, dn := range []string{base, "ou=people," + base, "ou=groups," + base} {
		_, ndn, err := c.options.Schema.ParseName(dn)
		if err == nil && !listed[ndn] {
			err = c.scaffold(at, dn)
		}
		if err != nil {
			return at.errorf("%s is no name to put entries below: %v", clip(dn), err)
		}
	}
	return nil
}

// lldapBase finds the entry above ou=people and ou=groups, and which containers are listed. What cannot be read
// is left to the conversion.
func (c *converter) lldapBase(text string) (base string, listed map[directory.NDN]bool) {
	listed = make(map[directory.NDN]bool)
	r := ldif.NewReader(strings.NewReader(text), ldif.Options{})
	for {
		rec, err := r.Next()
		if err != nil {
			return base, listed
		}
		dn, ndn, err := c.options.Schema.ParseName(strings.Clone(rec.DN))
		if err != nil || dn.IsZero() {
			continue
		}
		if kind, _, _ := strings.Cut(strings.ToLower(dn.RDNs()[0].String()), "="); kind == "dc" || kind == "o" || kind == "ou" {
			listed[ndn] = true
		}
		for ; base == "" && !dn.IsZero(); dn = dn.Parent() {
			if rdn := strings.ToLower(dn.RDNs()[0].String()); rdn == "ou=people" || rdn == "ou=groups" {
				base = dn.Parent().String()
			}
		}
	}
}

// changeLLDAP adapts an entry of lldap.
func (c *converter) changeLLDAP(d draft, at place) (skip bool) {
	rename(d, "creationDate", "createTimestamp")
	rename(d, "creation_date", "createTimestamp")
	for _, attr := range []string{"createTimestamp", "modifyTimestamp", "pwdChangedTime"} {
		c.times(d, attr, at)
	}
	rename(d, "uuid", "entryUUID")
	rename(d, "avatar", "jpegPhoto")
	if name := d.first("cn"); strings.HasPrefix(name, "lldap_") && d.get("member") != nil {
		c.report.note(ToDo, "group "+name, lldapRole(name), at)
	}
	isGroup := d.has("objectClass", "groupOfNames") || d.has("objectClass", "groupOfUniqueNames")
	switch {
	case isGroup:
		if d.get("member") == nil && d.get("uniqueMember") != nil {
			rename(d, "uniqueMember", "member")
		}
		d.take("uniqueMember") // the same once more
		d.remove("objectClass", "groupOfUniqueNames")
		d.addOnce("objectClass", "groupOfNames")
		d.take("uid")
	case d.has("objectClass", "inetOrgPerson") || d.has("objectClass", "person"):
		d.addOnce("objectClass", "inetOrgPerson")
		if d.get("userPassword") == nil {
			c.report.note(ToDo, "users without a password", "lldap lets nobody read them (they are OPAQUE keys); each user needs a new one", at)
		}
	}
	incomplete := d.get("uidNumber") == nil || d.get("gidNumber") == nil || d.get("homeDirectory") == nil
	if d.has("objectClass", "posixAccount") && incomplete {
		d.remove("objectClass", "posixAccount")
		c.report.note(Changed, "users without the numbers of a POSIX account", "lldap says posixAccount of everybody; the class is left out where uidNumber, gidNumber or homeDirectory are missing", at)
	}
	if d.has("objectClass", "posixGroup") && d.get("gidNumber") == nil {
		d.remove("objectClass", "posixGroup")
	}
	if d.get("sshPublicKey") != nil {
		d.addOnce("objectClass", "ldapPublicKey")
	}
	return c.fit(d, at)
}

// lldapRole says who gets what the groups of lldap gave.
func lldapRole(name string) string {
	switch name {
	case "lldap_strict_readonly":
		return "rights are not imported; make its members members of cn=app-lookup,ou=roles"
	case "lldap_password_manager":
		return "rights are not imported; make its members members of cn=helpdesk,ou=roles"
	}
	return "rights are not imported; the administrator is cn=admin below the base"
}

// rename gives an attribute another name, unless there is one of it, and reports whether it did.
func rename(d draft, from, to string) bool {
	if d.get(from) == nil || d.get(to) != nil {
		return false
	}
	d.get(from).Attr = to
	return true
}

// times writes times of RFC 3339 as generalized times.
func (c *converter) times(d draft, attr string, at place) {
	a := d.get(attr)
	if a == nil {
		return
	}
	for i, v := range a.Values {
		t, err := generalizedTime(v)
		if err != nil {
			d.take(attr)
			c.report.note(LeftOut, "attribute "+attr, "it is not a time", at)
			return
		}
		a.Values[i] = t
	}
}

func generalizedTime(v []byte) ([]byte, error) {
	if bytes.HasSuffix(v, []byte("Z")) && !bytes.ContainsAny(v, "-:") {
		return v, nil
	}
	t, err := time.Parse(time.RFC3339Nano, string(v))
	if err != nil {
		return nil, err
	}
	return []byte(t.UTC().Format("20060102150405Z")), nil
}
