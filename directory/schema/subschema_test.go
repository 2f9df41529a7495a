package schema

import (
	"strings"
	"testing"
)

// TestSubschema: what is published parses, and is the whole schema.
func TestSubschema(t *testing.T) {
	t.Parallel()
	s := Standard()
	parsers := map[string]func(string) (string, error){
		"objectClasses": parser(ParseObjectClass), "attributeTypes": parser(ParseAttributeType), "ldapSyntaxes": parser(ParseSyntax),
		"matchingRules": parser(ParseMatchingRule), "matchingRuleUse": parser(ParseMatchingRuleUse),
	}
	want := map[string]int{
		"objectClasses": len(s.classes), "attributeTypes": len(s.types), "ldapSyntaxes": len(syntaxTable), "matchingRules": len(ruleTable),
	}
	published := map[string]int{}
	for _, a := range s.Subschema() {
		typ := s.Type(a.Desc)
		for v := range a.Values() {
			published[a.Desc.Name]++
			if err := typ.Syntax.Validate(v); err != nil {
				t.Errorf("%s: %q does not fit its own syntax: %v", a.Desc, v, err)
			}
			if got, err := parsers[a.Desc.Name](string(v)); err != nil || got != string(v) {
				t.Errorf("%s: %q prints %q, %v", a.Desc, v, got, err)
			}
			if _, err := s.EqualityKey(a.Desc, v); err != nil {
				t.Errorf("%s: no key of %q: %v", a.Desc, v, err)
			}
		}
	}
	for name, n := range want {
		if published[name] != n {
			t.Errorf("%d %s are published, want %d", published[name], name, n)
		}
	}
	if published["matchingRuleUse"] == 0 {
		t.Error("no matchingRuleUse is published")
	}
}

// TestSubschemaBuildsAgain: the published definitions make a schema with the same definitions.
func TestSubschemaBuildsAgain(t *testing.T) {
	t.Parallel()
	var ldif strings.Builder
	ldif.WriteString("dn: cn=Subschema\n")
	for _, a := range Standard().Subschema() {
		for v := range a.Values() {
			ldif.WriteString(a.Desc.Name + ": " + string(v) + "\n")
		}
	}
	b := &Builder{macros: map[string]string{}}
	if err := b.AddFile("subschema.ldif", strings.NewReader(ldif.String())); err != nil {
		t.Fatal(err)
	}
	s, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	if s.Digest() != Standard().Digest() {
		t.Error("the schema that was published and read again has another digest")
	}
}

func TestRulesAndSyntaxesAreConsistent(t *testing.T) {
	t.Parallel()
	s := Standard()
	for _, r := range s.rules {
		if r.Syntax == nil {
			t.Errorf("rule %s: its syntax is not in the table", r.Name())
		}
		if (r.impl.prepare == nil) == (r.impl.part == nil) || (r.impl.part != nil) != (r.Use() == SubstringsRule) {
			t.Errorf("rule %s: its functions do not fit its use", r.Name())
		}
	}
	for equality, ordering := range fallbackOrdering {
		eq, ord := s.MatchingRule(equality), s.MatchingRule(ordering)
		if eq == nil || ord == nil || eq.Use() != EqualityRule || ord.Use() != OrderingRule {
			t.Errorf("%s cannot be sorted by %s", equality, ordering)
		}
	}
	for _, typ := range s.types {
		if typ.Equality != nil && !typ.Equality.AppliesTo(typ) {
			t.Errorf("%s: %s does not apply to it", typ.Name(), typ.Equality.Name())
		}
		if len(typ.Names) == 0 {
			t.Errorf("%s has no name", typ.OID)
		}
	}
}
