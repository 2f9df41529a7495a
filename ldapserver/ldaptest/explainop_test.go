package ldaptest_test

import (
	"encoding/json"
	"strings"
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"gatehouse/ldapserver/extop"
	"gatehouse/ldapserver/ldaptest"
)

const explainPeople = `
dn: ou=staff,dc=example,dc=com
objectClass: organizationalUnit
ou: staff

dn: uid=ann,ou=staff,dc=example,dc=com
objectClass: inetOrgPerson
uid: ann
cn: Ann
sn: Ann
userPassword: secret-ann

dn: uid=ben,ou=staff,dc=example,dc=com
objectClass: inetOrgPerson
uid: ben
cn: Ben
sn: Ben
userPassword: secret-ben
`

const explainPolicy = `
policy: explain
statements:
  - id: ann-views
    effect: allow
    subject: {dn: "uid=ann,ou=staff,dc=example,dc=com"}
    target: {base: "ou=staff,dc=example,dc=com"}
    actions: [view]
    attributes: [cn, sn, uid, objectClass]
  - id: ann-titles
    effect: allow
    subject: {dn: "uid=ann,ou=staff,dc=example,dc=com"}
    target: {base: "ou=staff,dc=example,dc=com", protected: include}
    actions: [write]
    attributes: [title]
    when: {controls: ["2.16.840.1.113730.3.4.2"]}
`

func explainOperation(c *ldap.Conn, request string) (string, error) {
	value := ber.NewString(ber.ClassContext, ber.TypePrimitive, 1, request, "request")
	if request == "" {
		value = nil
	}
	answer, err := c.Extended(ldap.NewExtendedRequest(extop.Explain, value))
	if err != nil || answer.Value == nil {
		return "", err
	}
	return answer.Value.Data.String(), nil
}

// TestExplainOperation: a refusal's reference is explained to who may read the policy, and to nobody else.
func TestExplainOperation(t *testing.T) {
	t.Parallel()
	srv := ldaptest.NewServer(t, ldaptest.WithLDIF(explainPeople), ldaptest.WithPolicy(ldaptest.Policy(explainPolicy)))
	ann, admin := srv.DialAs("uid=ann,ou=staff,dc=example,dc=com", "secret-ann"), srv.DialAdmin()
	change := ldap.NewModifyRequest("uid=ben,ou=staff,dc=example,dc=com", nil)
	change.Replace("sn", []string{"x"})
	refused := ann.Modify(change)
	if !ldap.IsErrorWithCode(refused, ldap.LDAPResultInsufficientAccessRights) {
		t.Fatalf("modify: %v", refused)
	}
	_, ref, ok := strings.Cut(refused.Error(), "reference ")
	if !ok || len(ref) != 16 {
		t.Fatalf("no reference: %v", refused)
	}
	answer, err := explainOperation(admin, `{"ref":"`+ref+`"}`)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Allowed bool
		As, On  string
		Parts   []struct{ Do, Attr string }
	}
	if err := json.Unmarshal([]byte(answer), &got); err != nil {
		t.Fatalf("%v: %s", err, answer)
	}
	if got.Allowed || got.As != "uid=ann,ou=staff,dc=example,dc=com" || got.On != "uid=ben,ou=staff,dc=example,dc=com" ||
		len(got.Parts) != 1 || got.Parts[0].Attr != "sn" {
		t.Errorf("%s", answer)
	}
	for name, c := range map[string]*ldap.Conn{"ann": ann, "nobody": srv.Dial()} {
		if _, err := explainOperation(c, `{"ref":"`+ref+`"}`); !ldap.IsErrorWithCode(err, ldap.LDAPResultInsufficientAccessRights) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, bad := range []string{"", "x", `{"ref":"x"}`, `{"do":"` + strings.Repeat("x", 70_000) + `"}`} {
		if _, err := explainOperation(admin, bad); !ldap.IsErrorWithCode(err, ldap.LDAPResultProtocolError) {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
}

// TestControlsOfARequest: a policy may ask for a control that the request carries, and the next request is judged by its own.
func TestControlsOfARequest(t *testing.T) {
	t.Parallel()
	srv := ldaptest.NewServer(t, ldaptest.WithLDIF(explainPeople), ldaptest.WithPolicy(ldaptest.Policy(explainPolicy)))
	ann := srv.DialAs("uid=ann,ou=staff,dc=example,dc=com", "secret-ann")
	for i := range 3 {
		for _, with := range []bool{true, false} {
			var controls []ldap.Control
			if with {
				controls = append(controls, ldap.NewControlManageDsaIT(false))
			}
			change := ldap.NewModifyRequest("uid=ben,ou=staff,dc=example,dc=com", controls)
			change.Replace("title", []string{string(rune('a' + i))})
			err := ann.Modify(change)
			if with && err != nil || !with && !ldap.IsErrorWithCode(err, ldap.LDAPResultInsufficientAccessRights) {
				t.Errorf("round %d, with the control %v: %v", i, with, err)
			}
		}
	}
}
