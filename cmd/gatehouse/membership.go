package main

import (
	"errors"
	"fmt"

	"github.com/go-ldap/ldap/v3"
)

// groupClasses are what is read of a group that gets or loses members.
var groupClasses = []string{"objectClass", "cn"}

// groupsNamed finds groups by their names.
func (c *client) groupsNamed(names []string) ([]*ldap.Entry, error) {
	groups := make([]*ldap.Entry, len(names))
	for i, name := range names {
		var err error
		if groups[i], err = c.findAmong([]*kind{groupKind}, name, groupClasses); err != nil {
			return nil, err
		}
	}
	return groups, nil
}

// joinAll makes an entry a member of groups, and says of each that it could not join what to do.
func (c *client) joinAll(groups []*ldap.Entry, dn string) error {
	var errs []error
	for _, g := range groups {
		if err := c.changeMembers(g, ldap.AddAttribute, []member{{dn: dn}}); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// A member is an entry that becomes a member of a group, or stops being one.
type member struct {
	dn  string
	uid string // for groups that name members so; read when it is needed
}

// memberAttribute returns the attribute that a group names its members in.
func memberAttribute(group *ldap.Entry) string {
	switch {
	case hasClass(group, "groupOfMembers"), hasClass(group, "groupOfNames"):
		return "member"
	case hasClass(group, "groupOfUniqueNames"):
		return "uniqueMember"
	case hasClass(group, "posixGroup"):
		return "memberUid"
	}
	return "member"
}

// changeMembers adds members to a group or takes them away, one modify for all. Those that are members already, or are none, are no error.
func (c *client) changeMembers(group *ldap.Entry, op uint, members []member) error {
	attr := memberAttribute(group)
	values := make([]string, len(members))
	for i, m := range members {
		values[i] = m.dn
		if attr != "memberUid" {
			continue
		}
		if values[i] = m.uid; m.uid != "" {
			continue
		}
		e, err := c.read(m.dn, []string{"uid"})
		if err != nil {
			return err
		}
		if values[i] = e.GetEqualFoldAttributeValue("uid"); values[i] == "" {
			return fmt.Errorf("%s has no uid, and the group %s has only names of users", printable(m.dn), printable(group.DN))
		}
	}
	err := c.modifyMembers(group.DN, attr, op, values)
	if len(values) > 1 && isSettled(err) { // some of them: one by one
		for _, v := range values {
			if err = c.modifyMembers(group.DN, attr, op, []string{v}); err != nil && !isSettled(err) {
				break
			}
		}
	}
	if err == nil || isSettled(err) {
		return nil
	}
	doing := "add to"
	if op == ldap.DeleteAttribute {
		doing = "take from"
	}
	return c.explain(doing+" the group "+printable(firstValue(group.DN)), err)
}

// isSettled reports whether a member was one already, or was none.
func isSettled(err error) bool {
	return ldap.IsErrorAnyOf(err, ldap.LDAPResultAttributeOrValueExists, ldap.LDAPResultNoSuchAttribute)
}

func (c *client) modifyMembers(dn, attr string, op uint, values []string) error {
	m := ldap.NewModifyRequest(dn, nil)
	if op == ldap.AddAttribute {
		m.Add(attr, values)
	} else {
		m.Delete(attr, values)
	}
	return c.Modify(m)
}
