package enact_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
	"gatehouse/directory/schema"
)

// diffBase is what the edits of the table start from.
const diffBase = `
policy: p
description: before
statements:
  - id: p.see
    effect: allow
    subject: {group: "cn=staff,${suffix}"}
    target: {base: "ou=people,${suffix}", filter: "(objectClass=inetOrgPerson)", exclude: [{base: "ou=secret,ou=people,${suffix}"}]}
    actions: [view]
    attributes: [cn, mail]
    when: {network: [10.0.0.0/8], auth-level: 1}
  - id: p.not
    effect: deny
    subject: {anyone: true, unless: {group: "cn=hr,${suffix}"}}
    target: {base: "ou=people,${suffix}"}
    actions: [read]
    attributes: [mail]
  - id: p.reset
    effect: allow
    subject: {group: "cn=desk,${suffix}"}
    target: {base: "ou=people,${suffix}"}
    actions: [password.reset]
  - id: p.phone
    effect: allow
    subject: {group: "cn=desk,${suffix}"}
    target: {base: "ou=people,${suffix}"}
    actions: [write.add, write.delete]
    attributes: [telephoneNumber]
    values: {pattern: "+49*"}
    expires: 2027-01-31
boundaries:
  - id: p.cap
    subject: {subtree: "ou=services,${suffix}"}
    permit:
      - {target: {base: "${suffix}"}, actions: [view], attributes: [cn]}
roles:
  r:
    statements:
      - {id: add, effect: allow, target: {base: "${scope}"}, actions: [add-entry]}
assignments:
  - {id: berlin, role: r, to: {group: "cn=berlin,${suffix}"}, scope: "ou=berlin,${suffix}"}
elevations:
  - id: up
    role: all
    eligible: {dn: "cn=glass,${suffix}"}
    approvers: {group: "cn=bosses,${suffix}"}
    approvals: 1
    max-duration: 1h
    require-reason: true
---
policy: q
roles:
  all:
    statements:
      - {id: any, effect: allow, target: {base: "${suffix}", protected: include, privileged: include}, actions: [write], attributes: ["*"]}
`

func loadDiff(t *testing.T, name, text string) *enact.Loaded {
	t.Helper()
	text = strings.ReplaceAll(text, "expires: 2027-01-31", `expires: "2027-01-31"`)
	b, err := enact.Load([]bundle.Source{{Name: name, Text: []byte(text)}}, enact.Settings{Schema: schema.Standard(), Contexts: contexts, Now: noon})
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return b
}

func TestDiff(t *testing.T) {
	t.Parallel()
	base := loadDiff(t, "base.yaml", diffBase)
	for _, tt := range []struct {
		name, from, to string
		gains, losses  string // a part of the one line that is expected; "" for none, "*" for any
	}{
		{"nothing", "", "", "", ""},
		{"a description", "description: before", "description: after", "", ""},
		{"a comment", "policy: p", "# a comment\npolicy: p", "", ""},
		{"order of words", "attributes: [cn, mail]\n    when", "attributes: [mail, cn]\n    when", "", ""},
		{"an id", "id: p.see", "id: p.other", "", ""},
		{"a statement split", "subject: {group: \"cn=desk,${suffix}\"}\n    target: {base: \"ou=people,${suffix}\"}\n    actions: [password.reset]",
			"subject: {any: [{group: \"cn=desk,${suffix}\"}]}\n    target: {base: \"ou=people,${suffix}\"}\n    actions: [password.reset]", "", ""},
		{"an attribute more", "[cn, mail]\n    when", "[cn, mail, sn]\n    when", "search,read,compare sn cn=staff p.see", ""},
		{"an attribute less", "[cn, mail]\n    when", "[cn]\n    when", "", "search,read,compare mail"},
		{"an action more", "actions: [password.reset]", "actions: [password.reset, account.unlock]", "account.unlock cn=desk p.reset", ""},
		{"a wider base", `target: {base: "ou=people,${suffix}"}
    actions: [password.reset]`, `target: {base: "${suffix}"}
    actions: [password.reset]`, "password.reset on dc=example,dc=com", ""},
		{"a narrower base", `target: {base: "ou=people,${suffix}"}
    actions: [password.reset]`, `target: {base: "ou=x,ou=people,${suffix}"}
    actions: [password.reset]`, "", "password.reset"},
		{"no filter", `filter: "(objectClass=inetOrgPerson)", `, "", "cn=staff p.see", ""},
		{"a narrower filter", `"(objectClass=inetOrgPerson)"`, `"(&(objectClass=inetOrgPerson)(title=x))"`, "", "cn=staff"},
		{"no exclude", `, exclude: [{base: "ou=secret,ou=people,${suffix}"}]`, "", "p.see", ""},
		{"a smaller exclude", "ou=secret,ou=people,${suffix}", "cn=x,ou=secret,ou=people,${suffix}", "p.see", ""},
		{"a larger exclude", `exclude: [{base: "ou=secret,ou=people,${suffix}"}]`, `exclude: [{base: "ou=people,${suffix}", scope: one}, {base: "ou=secret,ou=people,${suffix}"}]`,
			"", "p.see"},
		{"no condition", "\n    when: {network: [10.0.0.0/8], auth-level: 1}", "", "p.see", ""},
		{"a wider network", "10.0.0.0/8", "0.0.0.0/0", "p.see", ""},
		{"a narrower network", "10.0.0.0/8", "10.1.0.0/16", "", "p.see"},
		{"a lower level", "auth-level: 1", "auth-level: 0", "p.see", ""},
		{"one condition more", "auth-level: 1}", "auth-level: 1, tls: required}", "", "p.see"},
		{"no values", "\n    values: {pattern: \"+49*\"}", "", "telephoneNumber", ""},
		{"no end", "\n    expires: 2027-01-31", "", "telephoneNumber", ""},
		{"a later end", "expires: 2027-01-31", "expires: \"2027-02-28\"", "telephoneNumber", ""},
		{"an earlier end", "expires: 2027-01-31", "expires: \"2026-12-31\"", "", "telephoneNumber"},
		{"an include", "target: {base: \"ou=people,${suffix}\"}\n    actions: [password.reset]",
			"target: {base: \"ou=people,${suffix}\", protected: include}\n    actions: [password.reset]", "password.reset protected principals included", ""},
		{"no deny", "effect: deny", "enforce: disabled\n    effect: deny", "no longer denied p.not read mail", ""},
		{"a narrower deny", `unless: {group: "cn=hr,${suffix}"}`, `unless: {any: [{group: "cn=hr,${suffix}"}, {group: "cn=staff,${suffix}"}]}`, "no longer denied", ""},
		{"a wider deny", `, unless: {group: "cn=hr,${suffix}"}`, "", "", "denied now p.not"},
		{"no boundary", `subject: {subtree: "ou=services,${suffix}"}`, `subject: {subtree: "ou=none,ou=services,${suffix}"}`, "*", ""},
		{"a wider permit", "actions: [view], attributes: [cn]}", "actions: [view, write], attributes: [cn]}", "*", ""},
		{"a narrower permit", "actions: [view], attributes: [cn]}", "actions: [read], attributes: [cn]}", "", "limited now"},
		{"a holder more", `to: {group: "cn=berlin,${suffix}"}`, `to: {group: ["cn=berlin,${suffix}", "cn=paris,${suffix}"]}`, "cn=paris add-entry berlin/add", ""},
		{"a larger scope", `scope: "ou=berlin,${suffix}"`, `scope: "${suffix}"`, "add-entry on dc=example,dc=com", ""},
		{"fewer approvals", "approvals: 1", "approvals: 0", "elevate 0 approvals instead of 1", ""},
		{"longer", "max-duration: 1h", "max-duration: 2h", "elevate for 2h0m0s", ""},
		{"without a reason", "require-reason: true", "require-reason: false", "without a reason", ""},
		{"other approvers", "cn=bosses", "cn=friends", "other approvers", ""},
		{"no longer powerful", "actions: [password.reset]", "actions: [password.change]", "*", "password.reset"},
	} {
		text := strings.Replace(diffBase, tt.from, tt.to, 1)
		if tt.from != "" && text == diffBase {
			t.Fatalf("%s: nothing is replaced", tt.name)
		}
		d, err := enact.Diff(base, loadDiff(t, "other.yaml", text))
		if err != nil {
			t.Fatal(err)
		}
		for _, half := range []struct {
			what, want string
			got        []enact.Change
		}{{"gains", tt.gains, d.Gains}, {"losses", tt.losses, d.Losses}} {
			if problem := wrong(half.want, half.got); problem != "" {
				var b bytes.Buffer
				_ = d.Text(&b)
				t.Errorf("%s: %s: %s\n%s", tt.name, half.what, problem, &b)
			}
		}
		if d.HasGain() != (tt.gains != "") {
			t.Errorf("%s: HasGain %v", tt.name, d.HasGain())
		}
	}
}

// wrong says how changes differ from what is expected: all the words in one of them, or none at all.
func wrong(want string, got []enact.Change) string {
	switch {
	case want == "" && len(got) > 0:
		return "there are some"
	case want != "" && len(got) == 0:
		return "there are none"
	case want == "" || want == "*":
		return ""
	}
	missing := ""
	for _, c := range got {
		line := strings.Join([]string{c.Subject, strings.Join(c.Actions, ","), strings.Join(c.Attributes, ","), "on " + c.Target, c.By, c.Note}, " ")
		missing = ""
		for _, word := range strings.Fields(want) {
			if !strings.Contains(line, word) {
				missing = "no " + word + " in " + line
			}
		}
		if missing == "" {
			return ""
		}
	}
	return missing
}

// TestDiffText is the form for people and programs.
func TestDiffText(t *testing.T) {
	t.Parallel()
	to := strings.Replace(diffBase, "attributes: [cn, mail]\n    when", "attributes: [cn, sn]\n    when", 1)
	to = strings.Replace(to, `subject: {group: "cn=desk,${suffix}"}
    target: {base: "ou=people,${suffix}"}
    actions: [password.reset]`, `subject: {group: ["cn=desk,${suffix}", "cn=more,${suffix}"]}
    target: {base: "ou=people,${suffix}"}
    actions: [password.reset]`, 1)
	d, err := enact.Diff(loadDiff(t, "old.yaml", diffBase), loadDiff(t, "new.yaml", to))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := d.Text(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"GAINS  cn=more,dc=example,dc=com   password.reset", "by p.reset (new.yaml:18)", "GAINS  cn=staff,dc=example,dc=com  search,read,compare  sn    on ou=people",
		"on ou=people,dc=example,dc=com matching (objectClass=inetOrgPerson) except ou=secret,ou=people,dc=example,dc=com",
		"LOSES  cn=staff,dc=example,dc=com  search,read,compare", "by p.see (old.yaml:5)  when auth-level 1, network 10.0.0.0/8",
		"GUARD  cn=more,dc=example,dc=com becomes protected\n", "GUARD  cn=more,dc=example,dc=com becomes a privileged group\n", "2 gains, 1 loss\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, &b)
		}
	}
	text, err := json.Marshal(d)
	if err != nil || !strings.HasPrefix(string(text), `{"old":"`) || !strings.Contains(string(text), `"gains":[{"subject":"cn=more,dc=example,dc=com","actions":["password.reset"],"target":`) {
		t.Errorf("%s, %v", text, err)
	}
}

// TestDiffUnderProxy: what denies or limits somebody does so in the name of another as well, who would have the access.
func TestDiffUnderProxy(t *testing.T) {
	t.Parallel()
	const text = `
policy: p
statements:
  - id: p.see
    effect: allow
    subject: {dn: "uid=vault,ou=people,${suffix}"}
    target: {base: "ou=people,${suffix}"}
    actions: [secret.read]
    attributes: [totpSecret]
  - id: p.not
    effect: deny
    subject: {dn: "cn=robot,ou=services,${suffix}"}
    target: {base: "ou=people,${suffix}"}
    actions: [secret.read]
    attributes: [totpSecret]
  - id: p.act
    effect: allow
    subject: {dn: "cn=robot,ou=services,${suffix}"}
    target: {base: "ou=people,${suffix}"}
    actions: [proxy]
boundaries:
  - id: p.cap
    subject: {subtree: "ou=services,${suffix}"}
    permit:
      - {target: {base: "${suffix}"}, actions: [view, proxy], attributes: [cn]}
`
	for _, tt := range []struct{ name, from, to, gain string }{
		{"no deny", "effect: deny", "enforce: disabled\n    effect: deny", "cn=robot secret.read totpSecret no longer denied p.not"},
		{"no boundary", `subject: {subtree: "ou=services`, `subject: {subtree: "ou=none,ou=services`, "ou=services secret.read totpSecret no longer limited p.cap p.see"},
	} {
		d, err := enact.Diff(loadDiff(t, "old.yaml", text), loadDiff(t, "new.yaml", strings.Replace(text, tt.from, tt.to, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if problem := wrong(tt.gain, d.Gains); problem != "" {
			t.Errorf("%s: %s: %v", tt.name, problem, d.Gains)
		}
	}
}
