package bundle

import (
	"testing"

	"gatehouse/directory"
)

// TestLoadAccepts is what stands next to what is refused or warned of.
func TestLoadAccepts(t *testing.T) {
	t.Parallel()
	o := Options{NamingContexts: []directory.NDN{"dc=x", "dc=z,o=root"}, Now: november, Strict: true}
	for name, statement := range map[string]string{
		"deny of view of everything":    `effect: deny, subject: {anyone: true}, target: {base: "dc=x"}, actions: [view], attributes: ["+", "*"]`,
		"deny without attributes":       `effect: deny, subject: {anyone: true}, target: {base: "dc=x"}, actions: [discover, bind]`,
		"deny of writing secrets":       `effect: deny, subject: {anyone: true}, target: {base: "dc=x"}, actions: [write], attributes: [userPassword]`,
		"deny of all secrets":           `effect: deny, subject: {anyone: true}, target: {base: "dc=x"}, actions: [secret.read], attributes: ["%confidential"]`,
		"write of a class":              `effect: allow, subject: {group: "cn=g,dc=x"}, target: {base: "dc=x"}, actions: [write], attributes: ["@person", "*"]`,
		"manage of a secret":            `effect: allow, subject: {group: "cn=g,dc=x"}, target: {base: "dc=x"}, actions: [manage], attributes: [userPassword]`,
		"secret.read":                   `effect: allow, subject: {dn: "cn=g,dc=x"}, target: {base: "dc=x"}, actions: [secret.read], attributes: [userPassword]`,
		"broad with a reason":           `effect: allow, subject: {authenticated: true}, target: {base: "dc=x"}, actions: [write], attributes: [cn], broad: it is a wiki`,
		"narrow beside broad":           `effect: allow, subject: {authenticated: true, filter: "(ou=it)"}, target: {base: "dc=x"}, actions: [write], attributes: [cn]`,
		"a contrary of something else":  `effect: allow, subject: {group: "cn=g,dc=x"}, target: {base: "dc=x", filter: "(&(|(cn=a)(cn=b))(!(|(cn=c)(cn=d)))(!(sn=b)))"}, actions: [rename]`,
		"narrow in any beside broad":    `effect: allow, subject: {authenticated: true, any: [{group: "cn=g,dc=x"}, {self: true}]}, target: {base: "dc=x"}, actions: [write], attributes: [cn]`,
		"narrow alternatives":           `effect: allow, subject: {authenticated: true, any: [{dn: "cn=a,dc=x"}, {group: "cn=g,dc=x"}]}, target: {base: "dc=x"}, actions: [rename]`,
		"own values":                    `effect: allow, subject: {authenticated: true}, target: {base: "dc=x"}, actions: [write.add], attributes: [member], values: {self: true}`,
		"values that fit":               `effect: allow, subject: {group: "cn=g,dc=x"}, target: {base: "dc=x"}, actions: [write.add, read], attributes: [uidNumber, "*"], values: {any-of: ["12"], pattern: "1\\\\"}`,
		"names of a subtree":            `effect: allow, subject: {dn: "cn=a,ou=p,${suffix}", subtree: ["ou=q,dc=x", "ou=p,${suffix}"]}, target: {base: "dc=x"}, actions: [bind]`,
		"other placeholders":            `effect: allow, subject: {dn: "cn=a,dc=x", subtree: "${suffix}"}, target: {base: "dc=x"}, actions: [bind]`,
		"the last day":                  `effect: allow, subject: {anyone: true}, target: {base: "dc=x"}, actions: [bind], expires: "2026-11-24"`,
		"above the naming context":      `effect: allow, subject: {anyone: true}, target: {base: "o=root", scope: one}, actions: [bind]`,
		"above it, with all":            `effect: allow, subject: {anyone: true}, target: {base: "o=root"}, actions: [bind]`,
		"the server's own":              `effect: allow, subject: {anyone: true}, target: {base: "cn=audit,cn=gatehouse"}, actions: [bind]`,
		"a control":                     `effect: allow, subject: {anyone: true}, target: {base: "cn=gatehouse", scope: base}, actions: [control, extop, policy.read], attributes: [1.2.840.113556.1.4.319, "2.5.4.3"], broad: so it is`,
		"part of the networks":          `effect: allow, subject: {anyone: true}, target: {base: "dc=x"}, actions: [bind], when: {network: [10.0.0.0/8], not-network: [10.1.0.0/16, "::/0"]}`,
		"anonymous or not":              `effect: allow, subject: {any: [{anonymous: true}, {authenticated: true}]}, target: {base: "dc=x"}, actions: [bind], when: {auth-method: [anonymous, simple], auth-level: 1}`,
		"unless others":                 `effect: allow, subject: {anyone: true, unless: {authenticated: true}}, target: {base: "dc=x"}, actions: [bind]`,
		"part excluded":                 `effect: allow, subject: {anyone: true}, target: {base: "dc=x", exclude: [{base: "dc=x", filter: "(cn=a)"}, {base: "dc=x", scope: base}, {base: "ou=a,dc=x"}]}, actions: [bind]`,
		"every form of filter":          `effect: allow, subject: {anyone: true}, target: {base: "dc=x", filter: "(|(&(cn=a*b)(uidNumber>=1)(uidNumber<=9)(cn~=x))(!(mail=*))(member=cn=a,dc=x)(uniqueMember=cn=a,dc=x#'0'B)(manager:distinguishedNameMatch:=cn=a,dc=x)(cn:caseExactMatch:=A)(objectClass=*))"}, actions: [bind]`,
		"whole days, or none of others": `effect: allow, subject: {anyone: true}, target: {base: "dc=x"}, actions: [bind], when: {time: {within: {zone: UTC}, outside: {days: [sun], zone: UTC, hours: "22:00-24:00"}}}`,
		"disabled, whatever it says":    `effect: allow, subject: {anonymous: true, authenticated: true}, target: {base: "dc=y"}, actions: [write], attributes: [cn], enforce: disabled`,
	} {
		if _, err := Load([]Source{{"p.yaml", []byte("policy: p\nstatements:\n  - {id: a, " + statement + "}\n")}}, o); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
