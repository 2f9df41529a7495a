package ldaptest_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"gatehouse/ldapserver/ldaptest"
)

// dice makes random policies about the people and groups of the leak tests.
type dice struct{ *rand.Rand }

func (d dice) of(list ...string) string { return list[d.IntN(len(list))] }

// some returns between one and most of the list, each once.
func (d dice) some(most int, list ...string) []string {
	var some []string
	for _, i := range d.Perm(len(list))[:1+d.IntN(min(most, len(list)))] {
		if !slices.Contains(some, list[i]) {
			some = append(some, list[i])
		}
	}
	return some
}

var quoted = func(dn string) string { return `"` + dn + `"` }

// who are the identities that random policies name and that ask.
var who = []string{eve, seen, unseen, "uid=keeper" + inPeople, "uid=lonely" + inPeople}

func (d dice) subject(depth int) string {
	switch n := d.IntN(14); {
	case n == 0 && depth == 0:
		return "any: [{" + d.subject(1) + "}, {" + d.subject(1) + "}]"
	case n == 1 && depth == 0:
		return d.subject(1) + ", unless: {" + d.subject(1) + "}"
	case n < 4:
		return "dn: " + quoted(d.of(who...))
	case n < 6:
		return "group: " + quoted(d.of(lodge, club, "cn=plain"+inGroups))
	}
	return d.of("anyone: true", "authenticated: true", "anonymous: true", "self: true", "ancestor: true", "named-in: [manager]", "same: [title]",
		`filter: "(title=Keeper)"`, `subtree: "ou=people,dc=example,dc=com"`)
}

func (d dice) target() string {
	t := "base: " + quoted(d.of(ldaptest.Base, "${suffix}", "ou=people,"+ldaptest.Base, "ou=groups,"+ldaptest.Base, seen, unseen, club))
	if d.IntN(4) == 0 {
		t += ", scope: " + d.of("base", "one", "children", "subtree")
	}
	if d.IntN(3) == 0 {
		t += ", filter: " + quoted(d.of("(objectClass=person)", "(roomNumber=1)", "(title=Keeper)", "(!(roomNumber=1))", "(memberOf="+lodge+")", "(objectClass=groupOfNames)"))
	}
	if d.IntN(5) == 0 {
		t += ", exclude: [{base: " + quoted(d.of(seen, unseen, "ou=groups,"+ldaptest.Base)) + "}]"
	}
	if d.IntN(4) == 0 {
		t += ", protected: include"
	}
	if d.IntN(6) == 0 {
		t += ", privileged: include"
	}
	return t
}

func (d dice) attributes() string {
	return `["` + strings.Join(d.some(3, "*", "+", "cn", "sn", "title", "description", "mail", "uid", "uidNumber", "objectClass", "@person", "name", "cn;lang-de", "manager", "member", "memberOf"), `", "`) + `"]`
}

// when is a condition; most statements have none.
func (d dice) when() string {
	if d.IntN(3) > 0 {
		return ""
	}
	return "    when: {" + d.of("tls: required", "tls: none", "tls: {min-bits: 128}", "network: [10.0.0.0/8]", "network: [127.0.0.0/8]", "not-network: [10.0.0.0/8]", "auth-level: 1",
		"auth-level: 2", "auth-method: [simple]", "auth-method: [anonymous, sasl-external]", `time: {not-after: "2020-01-01T00:00:00Z"}`, `time: {within: {hours: "00:00-24:00", zone: UTC}}`) + "}\n"
}

var (
	entryActions     = []string{"discover", "discover", "discover", "delete-entry", "password.change", "password.reset", "rename", "add-entry", "bind", "move-in", "move-out"}
	attributeActions = []string{"read", "search", "compare", "view", "write", "write.add", "write.delete", "write.replace"}
)

// statement is one random statement. A deny is about entries or about attributes, not both.
func (d dice) statement(i int) string {
	effect := d.of("allow", "allow", "allow", "deny")
	list, value := d.some(3, entryActions...), ""
	names := `["*"]`
	switch {
	case d.IntN(3) > 0 && effect == "allow":
		list = append(list, d.some(3, attributeActions...)...)
		names = d.attributes()
	case d.IntN(3) > 0:
		list, names = d.some(2, "read", "search", "compare", "write", "write.add"), d.attributes()
		if d.IntN(4) == 0 {
			list, names = d.some(2, "read", "write", "write.add", "write.delete"), d.of(`[title, description]`, `[description]`, `["cn;lang-de", sn]`)
			value = "    values: {" + d.of("any-of: [about, Keeper, fresh]", `pattern: "f*"`) + "}\n"
		}
	}
	return fmt.Sprintf("  - id: r%d\n    effect: %s\n    subject: {%s}\n    target: {%s}\n    actions: [%s]\n    attributes: %s\n%s%s%s",
		i, effect, d.subject(0), d.target(), strings.Join(list, ", "), names, value, d.when(), map[bool]string{true: "    broad: at random\n"}[effect == "allow"])
}

// policy is a document with some statements and perhaps a boundary, and a right to read policies.
func (d dice) policy() string {
	text := "statements:\n"
	for i := range 3 + d.IntN(8) {
		text += d.statement(i)
	}
	text += allow("reader", "dn: "+quoted(d.of(who...)), `base: "cn=gatehouse"`, "policy.read")
	if d.IntN(2) == 0 {
		text += "boundaries:\n  - id: ceiling\n    subject: {" + d.subject(1) + "}\n    permit:\n      - {target: {base: \"cn=gatehouse\"}, actions: [policy.read]}\n"
		for range 1 + d.IntN(2) {
			text += "      - {target: {" + d.target() + "}, actions: [" + strings.Join(append(d.some(3, entryActions...), d.some(3, attributeActions...)...), ", ") + "], attributes: " + d.attributes() + "}\n"
		}
	}
	return text
}
