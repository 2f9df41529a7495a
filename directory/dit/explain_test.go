package dit_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/dit"
)

var operatorReads = server("reads", acl.Name{NDN: acl.OperatorDN}, acl.ActionPolicyRead)

// reference returns the reference in an error.
func (f *fixture) reference(err error) string {
	f.Helper()
	e, ok := errors.AsType[*directory.Error](err)
	if !ok || !aReference.MatchString(e.Diagnostic) {
		f.Fatalf("%v carries no reference", err)
	}
	return strings.TrimPrefix(e.Diagnostic, "reference ")
}

func (f *fixture) explain(req *dit.ExplainRequest) *dit.Explained {
	f.Helper()
	got, err := f.d.Explain(f.Context(), f.operator(), req)
	f.ok(err)
	return got
}

// TestEveryRefusalCarriesAReference: insufficientAccessRights and noSuchObject have one, which explains the same question.
func TestEveryRefusalCarriesAReference(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	people := func(actions acl.Actions) acl.Statement {
		return statement("people", acl.Name{NDN: f.ndn(alice)}, actions)
	}
	f.person("carol", 10003)
	own := statement("own", acl.Self{}, acl.ActionsView)
	limited := statement("limited", acl.Name{NDN: f.ndn(reader)}, acl.ActionsOf(acl.ActionWriteAdd, acl.ActionWriteDelete))
	limited.Values = &acl.Values{AnyOf: []string{"clerk"}}
	inReach := statement("in-reach", acl.Name{NDN: f.ndn(writer)}, acl.ActionsWrite|acl.ActionsOf(acl.ActionRename))
	inReach.Reach.Filter = &directory.EqualityMatch{Attr: "mail", Value: []byte("bob@example.com")}
	adds := statement("adds", acl.Name{NDN: f.ndn(writer)}, acl.ActionsOf(acl.ActionAddEntry))
	f.enforce(statement("writes", acl.Name{NDN: f.ndn(adminDN)}, acl.ActionsView|acl.ActionsWrite), people(acl.ActionsView), own, limited, inReach, adds, operatorReads,
		statement("readers", acl.Any{acl.Name{NDN: f.ndn(reader)}, acl.Name{NDN: f.ndn(writer)}}, acl.ActionsView))
	ctx := t.Context()
	anybody, a, r, w := f.as(""), f.as(alice), f.as(reader), f.as(writer)
	search := func(s *acl.Session, dn string) error { _, err := f.search(s, query{base: dn}); return err }
	rename := func(s *acl.Session, dn, rdn, superior string) error {
		return f.d.ModifyDN(ctx, s, &directory.ModifyDNRequest{DN: dn, NewRDN: rdn, NewSuperior: superior, HasNewSuperior: superior != "", DeleteOldRDN: true})
	}
	setPassword := func(s *acl.Session, who string) error {
		_, err := f.d.ModifyPassword(ctx, s, &directory.PasswordModifyRequest{UserIdentity: who, HasUserIdentity: true, NewPassword: []byte("something new")})
		return err
	}
	person := []string{"objectClass: inetOrgPerson", "uid: new", "cn: new", "sn: new"}
	const fresh = "uid=new,ou=people,dc=example,dc=com"
	for _, tt := range []struct {
		name     string
		err      error
		as       string
		do, attr string
		on       string
		value    string
	}{
		{"search of a hidden entry", search(anybody, bob), "anonymous", "discover", "", bob, ""},
		{"search of a missing entry", search(a, "uid=zzz,"+base), alice, "discover", "", "uid=zzz," + base, ""},
		{"compare", second(f.d.Compare(ctx, a, &directory.CompareRequest{DN: bob, Attr: "userPassword", Value: []byte("secret-bob")})), alice, "compare", "userPassword", bob, ""},
		{"compare of a hidden entry", second(f.d.Compare(ctx, anybody, &directory.CompareRequest{DN: bob, Attr: "mail", Value: []byte("x")})), "anonymous", "discover", "", bob, ""},
		{"modify", f.modify(a, bob, "add title: boss"), alice, "write.add", "title", bob, "boss"},
		{"modify, delete", f.modify(a, bob, "delete mail"), alice, "write.delete", "mail", bob, "bob@example.com"},
		{"modify, replace", f.modify(a, bob, "replace mail: x@example.com"), alice, "", "mail", bob, ""},
		{"modify, increment", f.modify(a, bob, "increment uidNumber: 1"), alice, "write.increment", "uidNumber", bob, "10002"},
		{"modify, a value", f.modify(r, bob, "add title: boss"), reader, "write.add", "title", bob, "boss"},
		{"modify, a password", f.modify(a, bob, "replace userPassword: other-secret"), alice, "password.reset", "", bob, ""},
		{"modify, one's own password", f.modify(a, alice, "replace userPassword: other-secret"), alice, "password.change", "", alice, ""},
		{"modify out of reach", f.modify(w, bob, "replace mail: x@example.com"), writer, "", "mail", bob, ""},
		{"modify of a hidden entry", f.modify(anybody, bob, "add title: boss"), "anonymous", "discover", "", bob, ""},
		{"delete", f.d.Delete(ctx, a, &directory.DeleteRequest{DN: bob}), alice, "delete-entry", "", bob, ""},
		{"rename", rename(a, bob, "uid=x", ""), alice, "write.delete", "uid", bob, "bob"},
		{"rename with nothing but writes", rename(f.as(adminDN), bob, "uid=x", ""), adminDN, "rename", "", bob, ""},
		{"move", rename(w, bob, "uid=bob", groups), writer, "move-out", "", bob, ""},
		{"move below a missing entry", rename(w, bob, "uid=bob", "ou=none,"+base), writer, "discover", "", "ou=none," + base, ""},
		{"add", f.addAs(a, fresh, person...), alice, "add-entry", "", fresh, ""},
		{"add, a value", f.addAs(w, fresh, append(person, "title: x")...), writer, "write.add", "", fresh, ""},
		{"add below a missing entry", f.addAs(w, "uid=new,ou=none,"+base, person...), writer, "discover", "", "ou=none," + base, ""},
		{"password of a missing entry", setPassword(a, "uid=zzz,"+base), alice, "password.reset", "", "uid=zzz," + base, ""},
		{"password of a hidden entry", setPassword(f.as(bob), alice), bob, "password.reset", "", alice, ""},
		{"password", setPassword(a, bob), alice, "password.reset", "", bob, ""},
		{"policy", second(f.d.Explain(ctx, a, &dit.ExplainRequest{Do: "read"})), alice, "policy.read", "", "cn=gatehouse", ""},
		{"new policy", second(f.d.PutPolicy(ctx, a, []byte("x"), f.compile("x", operatorWrites), dit.PutPolicyOptions{})), alice, "policy.write", "", "cn=gatehouse", ""},
	} {
		if code := directory.CodeOf(tt.err); code != directory.InsufficientAccessRights && code != directory.NoSuchObject {
			t.Errorf("%s: %v", tt.name, tt.err)
			continue
		}
		got := f.explain(&dit.ExplainRequest{Ref: f.reference(tt.err)})
		if got.Allowed || len(got.Parts) != 1 {
			t.Errorf("%s: allowed %v, %d parts", tt.name, got.Allowed, len(got.Parts))
			continue
		}
		part := got.Parts[0]
		if got.As != tt.as || got.On != tt.on || tt.do != "" && part.Do != tt.do || tt.attr != "" && part.Attribute != tt.attr || tt.value != "" && part.Value != tt.value {
			t.Errorf("%s: as %q, on %q, do %q, attribute %q, value %q", tt.name, got.As, got.On, part.Do, part.Attribute, part.Value)
		}
		if got.Refusal == nil || got.Refusal.Code != directory.CodeOf(tt.err).String() || got.Refusal.CSN == 0 {
			t.Errorf("%s: refusal %+v", tt.name, got.Refusal)
		}
		if text := fmt.Sprintf("%+v", got); strings.Contains(text, "secret-bob") || strings.Contains(text, "other-secret") {
			t.Errorf("%s: a password is told: %s", tt.name, text)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestExplainReferenceLater(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.enforce(operatorReads)
	err := f.modify(f.as(alice), bob, "add title: boss")
	ref := f.reference(err)
	f.enforce(operatorReads, statement("all", acl.Name{NDN: f.ndn(alice)}, acl.ActionsView|acl.ActionsWrite))
	f.ok(f.d.Delete(t.Context(), f.operator(), &directory.DeleteRequest{DN: bob}))
	got := f.explain(&dit.ExplainRequest{Ref: "reference " + ref})
	if got.Exists || got.Refusal.CSN == 0 {
		t.Errorf("%+v", got)
	}
	for _, bad := range []string{"x", ref[1:], ref + "0", "+" + ref[1:], "0000000000000000"} {
		if _, err := f.d.Explain(t.Context(), f.operator(), &dit.ExplainRequest{Ref: bad}); err == nil {
			t.Errorf("%q is explained", bad)
		}
	}
}

// TestRefusalsAreBounded: the newest are remembered.
func TestRefusalsAreBounded(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.enforce(operatorReads)
	s := f.as(alice)
	refuse := func(n int) (first, last string) {
		for i := range n {
			_, err := f.search(s, query{base: bob})
			if last = f.reference(err); i == 0 {
				first = last
			}
		}
		return first, last
	}
	first, _ := refuse(1)
	_, last := refuse(4096)
	if _, err := f.d.Explain(t.Context(), f.operator(), &dit.ExplainRequest{Ref: first}); directory.CodeOf(err) != directory.NoSuchAttribute {
		t.Errorf("the oldest: %v", err)
	}
	f.explain(&dit.ExplainRequest{Ref: last})
	f.enforce(operatorReads, statement("view", acl.Anyone{}, acl.ActionsView))
	first, _ = refuseLarge(f, s, 1)
	_, last = refuseLarge(f, s, 3000)
	if _, err := f.d.Explain(t.Context(), f.operator(), &dit.ExplainRequest{Ref: first}); directory.CodeOf(err) != directory.NoSuchAttribute {
		t.Errorf("the oldest of the large ones: %v", err)
	}
	f.explain(&dit.ExplainRequest{Ref: last})
}

func refuseLarge(f *fixture, s *acl.Session, n int) (first, last string) {
	for i := range n {
		last = f.reference(f.modify(s, bob, "add description: "+strings.Repeat("x", 4000)))
		if i == 0 {
			first = last
		}
	}
	return first, last
}

// TestExplainQuestions holds what is explained against what happens.
func TestExplainQuestions(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	inOffice := statement("office", acl.Group{NDN: f.ndn(staff)}, acl.ActionsView)
	inOffice.When = []acl.Conditions{{Time: acl.TimeCondition{NotAfter: start.Add(time.Hour)}}}
	clear := statement("clear", acl.Name{NDN: f.ndn(reader)}, acl.ActionsOf(acl.ActionDiscover))
	clear.When = []acl.Conditions{{TLS: acl.TLSNone}}
	strong := statement("strong", acl.Name{NDN: f.ndn(writer)}, acl.ActionsOf(acl.ActionDiscover))
	strong.When = []acl.Conditions{{Level: 2, Methods: []acl.AuthMethod{acl.MethodSASLExternal}}}
	adds := statement("adds", acl.Name{NDN: f.ndn(alice)}, acl.ActionsOf(acl.ActionAddEntry))
	schema := statement("schema", acl.Anyone{}, acl.ActionsView)
	schema.Reach.Bases = []directory.NDN{acl.SubschemaNDN, ""}
	schema.Reach.Scope = directory.ScopeBase
	f.enforce(inOffice, clear, strong, adds, schema, operatorReads)
	none, two, late := 0, 2, start.Add(2*time.Hour)
	for _, tt := range []struct {
		name string
		req  dit.ExplainRequest
		want bool
		n    int
	}{
		{"a member", dit.ExplainRequest{As: alice, Do: "discover", On: bob}, true, 1},
		{"a member, later", dit.ExplainRequest{As: alice, Do: "discover", On: bob, Via: dit.ExplainVia{At: late}}, false, 1},
		{"view", dit.ExplainRequest{As: alice, Do: "view", On: bob, Attribute: "mail"}, true, 4},
		{"view of a secret", dit.ExplainRequest{As: alice, Do: "view", On: bob, Attribute: "userPassword"}, false, 4},
		{"write", dit.ExplainRequest{As: alice, Do: "write", On: bob, Attribute: "mail", Value: "x"}, false, 4},
		{"nobody", dit.ExplainRequest{Do: "discover", On: bob}, false, 1},
		{"anonymous", dit.ExplainRequest{As: "anonymous", Do: "read", On: "", Attribute: "namingContexts"}, true, 1},
		{"the schema", dit.ExplainRequest{Do: "read", On: "cn=Subschema", Attribute: "attributeTypes"}, true, 1},
		{"the operator", dit.ExplainRequest{As: acl.OperatorDN, Do: "policy.read", On: "cn=gatehouse"}, true, 1},
		{"the operator's limits", dit.ExplainRequest{As: acl.OperatorDN, Do: "policy.write", On: "cn=gatehouse"}, false, 1},
		{"over TLS", dit.ExplainRequest{As: reader, Do: "discover", On: bob}, false, 1},
		{"in the clear", dit.ExplainRequest{As: reader, Do: "discover", On: bob, Via: dit.ExplainVia{TLS: &none, IP: "192.0.2.1"}}, true, 1},
		{"over loopback", dit.ExplainRequest{As: reader, Do: "discover", On: bob, Via: dit.ExplainVia{TLS: &none, IP: "127.0.0.1"}}, false, 1},
		{"one factor", dit.ExplainRequest{As: writer, Do: "discover", On: bob}, false, 1},
		{"two factors", dit.ExplainRequest{As: writer, Do: "discover", On: bob, Via: dit.ExplainVia{Level: &two, Method: "sasl-external"}}, true, 1},
		{"an identity from outside", dit.ExplainRequest{As: "cn=nobody", Do: "discover", On: bob}, false, 1},
		{"a missing entry", dit.ExplainRequest{As: alice, Do: "discover", On: "uid=zzz," + people}, true, 1},
		{"add", dit.ExplainRequest{As: alice, Do: "add-entry", On: "uid=zzz," + people}, true, 1},
		{"add, of another", dit.ExplainRequest{As: reader, Do: "add-entry", On: "uid=zzz," + people}, false, 1},
		{"bind", dit.ExplainRequest{Do: "bind", On: bob}, true, 1},
		{"control", dit.ExplainRequest{As: alice, Do: "control", On: "cn=gatehouse", OID: "1.2.3"}, false, 1},
	} {
		got := f.explain(&tt.req)
		if got.Allowed != tt.want || len(got.Parts) != tt.n {
			t.Errorf("%s: allowed %v, %d parts: %+v", tt.name, got.Allowed, len(got.Parts), got)
		}
	}
	for name, req := range map[string]dit.ExplainRequest{
		"no action": {On: bob}, "an unknown action": {Do: "fly", On: bob}, "no attribute": {Do: "read", On: bob},
		"an unknown attribute": {Do: "read", Attribute: "nosuch", On: bob}, "no name": {Do: "discover", On: "bob"},
		"no oid": {Do: "extop", On: "cn=gatehouse"}, "a bad identity": {As: "x", Do: "discover"},
		"an address": {Do: "discover", Via: dit.ExplainVia{IP: "x"}}, "a method": {As: alice, Do: "discover", Via: dit.ExplainVia{Method: "x"}},
	} {
		if _, err := f.d.Explain(t.Context(), f.operator(), &req); err == nil {
			t.Errorf("%s is explained", name)
		}
	}
}

func TestExplainJSON(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.enforce(operatorReads)
	answer, err := f.d.ExplainJSON(t.Context(), f.operator(), []byte(`{"as":"`+alice+`","do":"read","on":"`+bob+`","attr":"mail","via":{"tls":0,"at":"2026-03-01T12:00:00Z"}}`))
	f.ok(err)
	var got map[string]any
	f.ok(json.Unmarshal(answer, &got))
	if got["allowed"] != false || got["as"] != alice || got["on"] != bob || got["exists"] != true || len(got["parts"].([]any)) != 1 {
		t.Errorf("%s", answer)
	}
	if bytes.Contains(answer, []byte("secret-")) {
		t.Errorf("a password: %s", answer)
	}
	for _, bad := range []string{``, `null x`, `{"do":"read"} {}`, `{"nosuch":1}`, `[]`, `"x"`, `{"via":{"at":"x"}}`} {
		if _, err := f.d.ExplainJSON(t.Context(), f.operator(), []byte(bad)); directory.CodeOf(err) != directory.ProtocolError {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := f.d.ExplainJSON(t.Context(), f.as(alice), []byte(`{"do":"discover"}`)); directory.CodeOf(err) != directory.InsufficientAccessRights {
		t.Errorf("without the right: %v", err)
	}
}

func TestExplainedText(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.enforce(operatorReads, statement("see", acl.Name{NDN: f.ndn(alice)}, acl.ActionsOf(acl.ActionDiscover)))
	text := func(e *dit.Explained) string {
		var b strings.Builder
		f.ok(e.Text(&b))
		return b.String()
	}
	if got := text(f.explain(&dit.ExplainRequest{As: alice, Do: "discover", On: bob})); !strings.HasPrefix(got, "ALLOW  (by see") {
		t.Errorf("%s", got)
	}
	view := text(f.explain(&dit.ExplainRequest{As: alice, Do: "view", On: bob, Attribute: "mail"}))
	for _, line := range []string{alice + ": discover on " + bob + "\nALLOW", alice + ": read mail on " + bob + "\nDENY"} {
		if !strings.Contains(view, line) {
			t.Errorf("%q is not in:\n%s", line, view)
		}
	}
	evil := "uid=a\x1b[31m," + people
	_, err := f.search(f.as(alice), query{base: evil})
	refused := text(f.explain(&dit.ExplainRequest{Ref: f.reference(err)}))
	if strings.ContainsRune(refused, '\x1b') || !strings.HasPrefix(refused, "noSuchObject at 2026-03-01T12:00:00Z, under policy ") ||
		!strings.Contains(refused, "there is no such entry") {
		t.Errorf("%q", refused)
	}
	err = f.modify(f.as(alice), bob, "add title: x\x1b")
	if got := text(f.explain(&dit.ExplainRequest{Ref: f.reference(err)})); strings.ContainsRune(got, '\x1b') || !strings.Contains(got, `write.add title="x\x1b" on `+bob) {
		t.Errorf("%q", got)
	}
}
