package bundle

import (
	"slices"
	"strings"
	"testing"

	"gatehouse/directory/schema"
)

func TestFixture(t *testing.T) {
	t.Parallel()
	f, err := LoadFixture(read(t, "testdata/fixture.yaml"), exampleSchema(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Entries) != 29 {
		t.Errorf("%d entries", len(f.Entries))
	}
	i := slices.IndexFunc(f.Entries, func(e *FixtureEntry) bool { return e.NDN == "uid=alice,ou=people,dc=example,dc=com" })
	alice := f.Entries[i]
	var got []string
	for _, a := range alice.Attributes {
		got = append(got, a.Desc.Name+"="+string(slices.Concat(a.Values...)))
	}
	want := []string{"objectClass=inetOrgPersonposixAccount", "manager=uid=bob,ou=people,dc=example,dc=com", "departmentNumber=d-apollo", "uid=alice"}
	if !slices.Equal(got, want) || alice.Pos.Line != 8 {
		t.Errorf("line %d: %q, want %q", alice.Pos.Line, got, want)
	}
	chess := f.Entries[slices.IndexFunc(f.Entries, func(e *FixtureEntry) bool { return strings.HasPrefix(e.Text, "cn=chess") })]
	member := schema.Standard().TypeByName("member")
	if chess.Get(member.Description()) != nil {
		t.Error("an empty list is an attribute")
	}
}

func TestFixtureRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"a map", "dn: dc=x\n", []string{"1:1: expected a list of entries, not a map"}},
		{"no dn", "- {cn: a}\n", []string{`1:3: an entry needs the key "dn"`}},
		{"malformed", `- {dn: "x"}`, []string{`1:8: "x": invalid DN at byte 1: expected '=' after an attribute type`}},
		{"placeholder", `- {dn: "cn=a,${base}"}`, []string{`1:8: "cn=a,${base}": a name may end in ${suffix} or ${scope}, and has no other placeholder`}},
		{"twice", "- {dn: \"dc=x\"}\n- {dn: \"DC=X\"}\n", []string{`2:3: the entry "DC=X" is there already, at p.yaml:1:3`}},
		{"unknown attribute", `- {dn: "dc=x", mial: [x]}`, []string{`1:16: unknown attribute type "mial"; did you mean "mail"?`}},
		{"a value", `- {dn: "dc=x", uidNumber: ["1", two]}`, []string{`1:33: "two" is no value of uidNumber`}},
		{"a number", `- {dn: "dc=x", uidNumber: 1}`, []string{`1:27: expected text, not the number "1"; write "1"`}},
		{"an anchor", `- &a {dn: "dc=x"}`, []string{"1:3: anchors are not accepted; use a definition and $name"}},
		{"no YAML", `- {dn: "dc=x"`, []string{"1:1: did not find expected ',' or '}'"}},
	} {
		_, err := LoadFixture(Source{"p.yaml", []byte(tt.text)}, nil)
		problems, _ := err.(Problems)
		if got := found(t, problems); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
