package acl

import (
	"slices"

	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
)

// credentialAttributes are attributes by which somebody signs in, and those that decide whether and how often somebody may try.
var credentialAttributes = []string{
	"userPassword", "authPassword", "totpSecret", "sshPublicKey", "userCertificate", "krbPrincipalKey", "sambaNTPassword",
	"pwdAccountLockedTime", "pwdReset", "pwdStartTime", "pwdEndTime", "pwdPolicySubentry", "nsAccountLock", "loginDisabled",
	"shadowExpire", "userAccountControl",
}

// nameGuarded makes columns for what guards are about.
func (c *compiler) nameGuarded() {
	c.authorityList = c.authorityTypes()
	a := Attributes{Types: c.authorityList}
	if c.schema != nil {
		if t := c.schema.TypeByName("owner"); t != nil {
			a.Types = append(a.Types, t)
		}
	}
	c.groupAuthorityList = a.Types
	if err := c.columns.name(&a); err != nil {
		c.errs = append(c.errs, err)
	}
}

// authorityTypes returns the types of authority-bearing and credential attributes.
func (c *compiler) authorityTypes() (types []*schema.AttributeType) {
	if c.schema == nil {
		return nil
	}
	for _, name := range slices.Concat(credentialAttributes, membership, []string{"memberURL"}) {
		if t := c.schema.TypeByName(name); t != nil {
			types = append(types, t)
		}
	}
	byFilter := func(f directory.Filter) {
		if f != nil {
			types = append(types, filter.Compile(c.schema, f, nil).Attributes()...)
		}
	}
	var reach func(*Reach)
	reach = func(r *Reach) {
		byFilter(r.Filter)
		for i := range r.Exclude {
			reach(&r.Exclude[i])
		}
	}
	bySubject := func(s Subject) {
		walkSubject(s, func(s Subject) {
			switch s := s.(type) {
			case Matching:
				byFilter(s.Filter)
			case NamedIn:
				types = append(types, s.Types...)
			case GroupIn:
				types = append(types, s.Types...)
			case Same:
				types = append(types, s.Types...)
			}
		})
	}
	for i := range c.program.Statements {
		bySubject(c.program.Statements[i].Subject)
		reach(&c.program.Statements[i].Reach)
	}
	for i := range c.program.Boundaries {
		b := &c.program.Boundaries[i]
		bySubject(b.Subject)
		for j := range b.Permit {
			reach(&b.Permit[j].Reach)
		}
	}
	for i := range c.program.Roles {
		bySubject(c.program.Roles[i].Subject)
	}
	for i := range c.program.Elevations {
		bySubject(c.program.Elevations[i].Eligible)
	}
	return types
}

// walkSubject calls visit for every part of a subject, those that are subtracted too.
func walkSubject(s Subject, visit func(Subject)) {
	if s == nil {
		return
	}
	visit(s)
	switch s := s.(type) {
	case All:
		for _, k := range s {
			walkSubject(k, visit)
		}
	case Any:
		for _, k := range s {
			walkSubject(k, visit)
		}
	case Unless:
		walkSubject(s.Subject, visit)
		walkSubject(s.Except, visit)
	}
}
