package foreign

import (
	"bytes"
	"strconv"
	"strings"
)

// history389 turns passwordHistory, TIME{SCHEME}HASH, into pwdHistory: time#syntax#length#data.
func (c *converter) history389(d draft, at place) {
	for _, v := range d.take("passwordHistory") {
		i := bytes.IndexByte(v, '{')
		if i < 15 || len(v)-i > 2048 || strings.Trim(string(v[:i]), "0123456789Z") != "" {
			c.report.note(LeftOut, "values of passwordHistory", "they are not of the form TIME{SCHEME}HASH", at)
			continue
		}
		d.add("pwdHistory", string(v[:i])+"#1.3.6.1.4.1.1466.115.121.1.40#"+strconv.Itoa(len(v)-i)+"#"+string(v[i:]))
	}
}

// policies389 are the settings of a password policy, with the switch that must be on.
var policies389 = []struct{ from, to, needs string }{
	{"passwordMaxAge", "pwdMaxAge", "passwordExp"},
	{"passwordWarning", "pwdExpireWarning", "passwordExp"},
	{"passwordGraceLimit", "pwdGraceAuthNLimit", "passwordExp"},
	{"passwordMinAge", "pwdMinAge", ""},
	{"passwordInHistory", "pwdInHistory", "passwordHistory"},
	{"passwordMinLength", "pwdMinLength", "passwordCheckSyntax"},
	{"passwordMaxFailure", "pwdMaxFailure", "passwordLockout"},
	{"passwordResetFailureCount", "pwdFailureCountInterval", "passwordLockout"},
	{"passwordLockoutDuration", "pwdLockoutDuration", "passwordLockout"},
}

// policy389 makes a policy of draft-behera-ldap-password-policy-10 of a passwordPolicy entry. As in 389-DS, a setting counts
// only where its switch is on, except that a switch which the entry does not have is on if the setting is there.
func (c *converter) policy389(d draft, at place) {
	c.report.note(Changed, "password policies", "the settings of 389-DS are those of pwdPolicy now", at)
	history := d.first("passwordHistory")
	if a := d.take("passwordHistory"); len(a) > 0 {
		history = string(a[0])
	}
	on := func(name string) bool {
		value := d.first(name)
		if name == "passwordHistory" {
			value = history
		}
		return value == "" || isOn(value)
	}
	for _, p := range policies389 {
		value := d.first(p.from)
		if value == "" || d.get(p.to) != nil || p.needs != "" && !on(p.needs) {
			continue
		}
		if n, err := strconv.Atoi(value); err != nil || n < 0 {
			continue
		}
		if p.to == "pwdLockoutDuration" && d.first("passwordUnlock") != "" && !isOn(d.first("passwordUnlock")) {
			value = "0" // until somebody unlocks it
		}
		d.add(p.to, value)
	}
	if d.get("pwdAttribute") == nil {
		d.add("pwdAttribute", "userPassword")
	}
	for _, p := range []struct{ from, to string }{
		{"passwordLockout", "pwdLockout"}, {"passwordMustChange", "pwdMustChange"}, {"passwordChange", "pwdAllowUserChange"},
	} {
		if value := d.first(p.from); value != "" && d.get(p.to) == nil {
			d.add(p.to, map[bool]string{true: "TRUE", false: "FALSE"}[isOn(value)])
		}
	}
	if value := d.first("passwordCheckSyntax"); value != "" && d.get("pwdCheckQuality") == nil {
		d.add("pwdCheckQuality", map[bool]string{true: "2", false: "0"}[isOn(value)])
	}
	c.rest389(d, at)
	d.remove("objectClass", "ldapsubentry")
	d.remove("objectClass", "extensibleObject")
	if !c.oneStructuralKnown(d) {
		d.addOnce("objectClass", "device")
	}
}

// rest389 says which settings of a policy have no counterpart.
func (c *converter) rest389(d draft, at place) {
	used := map[string]bool{"passwordmustchange": true, "passwordchange": true, "passwordlockout": true, "passwordexp": true, "passwordunlock": true, "passwordchecksyntax": true}
	for _, p := range policies389 {
		used[strings.ToLower(p.from)] = true
	}
	var names []string
	for _, a := range d.rec.Attributes {
		if strings.HasPrefix(strings.ToLower(a.Attr), "password") {
			names = append(names, a.Attr)
		}
	}
	for _, name := range names {
		d.take(name)
		if !used[strings.ToLower(name)] {
			c.report.note(LeftOut, "setting "+name+" of password policies", "pwdPolicy has no such setting", at)
		}
	}
}

// oneStructuralKnown reports whether the classes name a structural one.
func (c *converter) oneStructuralKnown(d draft) bool {
	s := c.shape(d)
	return len(s.structural) > 0 || s.dual
}

func isOn(v string) bool {
	return strings.EqualFold(v, "on") || strings.EqualFold(v, "true") || v == "1"
}
