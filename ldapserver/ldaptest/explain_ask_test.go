package ldaptest_test

import (
	"fmt"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/ldapserver/ldaptest"
)

// one asks one random question.
func (x *comparison) one() {
	x.t.Helper()
	a := x.askers[x.IntN(len(x.askers))]
	on := x.of(append([]string{club, lodge, "ou=people," + ldaptest.Base, "cn=child," + seen}, who...)...)
	switch x.IntN(10) {
	case 0:
		found, err := search(a.Conn, on, "(objectClass=*)")
		x.agree(a, "discover "+on, x.may(a, on, "discover"), len(found) > 0 && contains(found, on), nil)
		x.refused("search of "+on, err)
	case 1, 2:
		x.reads(a, on)
	case 3:
		x.compares(a, on)
	case 4, 5:
		x.writes(a, on)
	case 6:
		x.deletes(a)
	case 7:
		x.passwords(a)
	case 8:
		x.binds(a)
	default:
		_, err := explainOperation(a.Conn, `{"do": "discover", "on": "dc=example,dc=com"}`)
		x.agree(a, "policy.read", x.may(a, "cn=gatehouse", "policy.read"), err == nil, err)
		x.others(a, on)
	}
}

func contains(list []string, dn string) bool {
	for _, have := range list {
		if strings.EqualFold(have, dn) {
			return true
		}
	}
	return false
}

// valuesOf are what questions are asked about; all people that policies name have them, but not all attributes.
var valuesOf = map[string]string{
	"cn;lang-de": "Geheim", "sn": "Tester", "title": "Keeper", "description": "about", "mail": "g@example.com", "uidNumber": "4711", "givenName": "Gordon",
	"roomNumber": "1", "objectClass": "top",
}

// has returns a random attribute of valuesOf that an entry has.
func (x *comparison) has(on string) (name, value string, ok bool) {
	x.t.Helper()
	name = x.of("cn;lang-de", "sn", "title", "description", "mail", "uidNumber", "givenName", "roomNumber")
	x.undo(func(admin *ldap.Conn) error {
		r, err := admin.Search(ldap.NewSearchRequest(on, ldap.ScopeBaseObject, 0, 0, 0, false, "(objectClass=*)", []string{name}, nil))
		ok = err == nil && len(r.Entries) == 1 && r.Entries[0].GetAttributeValue(name) == valuesOf[name]
		return err
	})
	return name, valuesOf[name], ok
}

func (x *comparison) reads(a asker, on string) {
	x.t.Helper()
	name, value, ok := x.has(on)
	if !ok {
		return
	}
	r, err := a.Search(ldap.NewSearchRequest(on, ldap.ScopeBaseObject, 0, 0, 0, false, "(objectClass=*)", []string{name}, nil))
	does := err == nil && len(r.Entries) == 1 && r.Entries[0].GetAttributeValue(name) == value
	x.agree(a, "read "+name+" of "+on, x.may(a, on, "discover", "read "+name+" "+value), does, err)

	found, err := search(a.Conn, ldaptest.Base, fmt.Sprintf("(%s=%s)", name, value))
	if strings.Contains(on, "ou=people") {
		x.agree(a, "search "+name+" of "+on, x.may(a, on, "discover", "search "+name), contains(found, on), err)
		notFound, err := search(a.Conn, ldaptest.Base, fmt.Sprintf("(!(%s=%s9))", name, value))
		x.agree(a, "search by the opposite of "+name+" of "+on, x.may(a, on, "discover", "search "+name), contains(notFound, on), err)
	}
}

func (x *comparison) compares(a asker, on string) {
	x.t.Helper()
	name, value, ok := x.has(on)
	if !ok {
		return
	}
	is, err := a.Compare(on, name, value)
	if err == nil && !is {
		x.t.Errorf("%s: compare of %s is false", x.where, name)
	}
	x.agree(a, "compare "+name+" of "+on, x.may(a, on, "discover", "compare "+name), err == nil, err)
}

// writes changes what no rule depends on.
func (x *comparison) writes(a asker, on string) {
	x.t.Helper()
	if !strings.HasPrefix(on, "uid=") {
		return
	}
	value := x.of("fresh", "other", "free")
	err := modify(a.Conn, on, "add description "+value)
	x.agree(a, "write.add of "+value+" to "+on, x.may(a, on, "discover", "write.add description "+value), err == nil, err)
	if err != nil {
		x.undo(func(admin *ldap.Conn) error { return modify(admin, on, "add description "+value) })
	}
	err = modify(a.Conn, on, "delete description "+value)
	x.agree(a, "write.delete of "+value+" of "+on, x.may(a, on, "discover", "write.delete description "+value), err == nil, err)
	if err != nil {
		x.undo(func(admin *ldap.Conn) error { return modify(admin, on, "delete description "+value) })
	}
}

// deletes tries it on somebody made for that.
func (x *comparison) deletes(a asker) {
	x.t.Helper()
	dn := "uid=victim" + inPeople
	x.undo(func(admin *ldap.Conn) error {
		return addEntry(admin, person("victim", x.of("roomNumber: 1", "title: Keeper", "title: Baker", "manager: "+eve)))
	})
	says := x.may(a, dn, "discover", "delete-entry")
	err := remove(a.Conn, dn)
	x.agree(a, "delete-entry of "+dn, says, err == nil, err)
	if err != nil {
		x.undo(func(admin *ldap.Conn) error { return remove(admin, dn) })
	}
}

// passwords resets that of somebody made for that, and changes the own one.
func (x *comparison) passwords(a asker) {
	x.t.Helper()
	dn := "uid=victim" + inPeople
	x.undo(func(admin *ldap.Conn) error {
		return addEntry(admin, person("victim", x.of("roomNumber: 1", "title: Keeper")))
	})
	if a.name != "" {
		says := x.may(a, dn, "password.reset")
		err := reset(a.Conn, dn, "fresh-secret")
		x.agree(a, "password.reset of "+dn, says, err == nil, err)
		_, err = a.PasswordModify(ldap.NewPasswordModifyRequest("", passwordOf(a.name), passwordOf(a.name)))
		x.agree(a, "password.change of "+a.name, x.may(a, a.name, "password.change"), err == nil, err)
	}
	x.undo(func(admin *ldap.Conn) error { return remove(admin, dn) })
}

// binds tries it from where the asker is, on a connection of its own.
func (x *comparison) binds(a asker) {
	x.t.Helper()
	as, via := x.of(who...), ldaptest.Via{IP: a.via.IP, TLS: *a.via.TLS > 0}
	if via.IP == "127.0.0.1" {
		via.IP = ""
	}
	c := x.DialVia(via)
	err := c.Bind(as, passwordOf(as))
	x.agree(asker{c, "", a.via}, "bind as "+as, x.may(asker{c, "", a.via}, as, "bind"), err == nil, nil)
	_ = c.Close()
}

// others tries changes of which explain cannot be asked beforehand; their refusals it must explain.
func (x *comparison) others(a asker, on string) {
	x.t.Helper()
	switch x.IntN(4) {
	case 0:
		dn := "uid=made" + inPeople
		err := addEntry(a.Conn, strings.Replace(person("made", x.of("roomNumber: 1", "title: Keeper", "title: Baker")), "userPassword: made-secret\n", "", 1))
		x.refused("add of "+dn, err)
		if err == nil {
			x.undo(func(admin *ldap.Conn) error { return remove(admin, dn) })
		}
	case 1:
		rdn, superior, _ := strings.Cut(on, ",")
		err := rename(a.Conn, on, "cn=renamed", "")
		x.refused("rename of "+on, err)
		if err == nil {
			x.undo(func(admin *ldap.Conn) error {
				return admin.ModifyDN(ldap.NewModifyDNRequest("cn=renamed,"+superior, rdn, !strings.HasPrefix(rdn, "cn="), ""))
			})
		}
	case 2:
		group, member := x.of(club, lodge), "cn=x"+inGroups
		err := modify(a.Conn, group, "add member "+member)
		x.refused("a new member of "+group, err)
		if err == nil {
			x.undo(func(admin *ldap.Conn) error { return modify(admin, group, "delete member "+member) })
		}
	default:
		err := modify(a.Conn, on, "add title Baker", "replace description x")
		x.refused("two changes of "+on, err)
		if err == nil {
			x.undo(func(admin *ldap.Conn) error {
				return modify(admin, on, "delete title Baker", "replace description about")
			})
		}
	}
}
