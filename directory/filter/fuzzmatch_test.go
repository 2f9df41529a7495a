package filter

import (
	"testing"

	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// FuzzMatch: whatever a filter asserts, its negation, its repetition and its disjunction with what is unknown have the
// values that three-valued logic gives them, however the compiler simplifies, and asking for each entry changes nothing
// where everything may be searched.
func FuzzMatch(f *testing.F) {
	for _, seed := range []string{
		"(uid=babs)", "(|(uid=a)(uid=babs)(cn=b)(nosuch=x))", "(&(name=jensen)(!(cn;lang-de=x)))", "(cn=b*b*s)", "(uidNumber>=10001)",
		"(:dn:caseIgnoreMatch:=people)", "(ou:dn:=people)", "(manager:1.2.840.113556.1.4.1941:=uid=dan,ou=people,dc=example,dc=com)",
		"(uidNumber:1.2.840.113556.1.4.804:=3)", "(objectClass=person)", "(uniqueMember=cn=x#'0'B)", "(createTimestamp<=20200102030405.5Z)",
		`(cn:caseIgnoreSubstringsMatch:=\2ajen\2a)`, "(:integerMatch:=77)", "(entryDN=uid=babs,ou=people,dc=example,dc=com)", "(member;x-a=*)",
	} {
		f.Add(seed)
	}
	src := babs(f)
	f.Fuzz(func(t *testing.T, s string) {
		parsed, err := Parse(s)
		if err != nil {
			return
		}
		match := func(filter directory.Filter, access func(*schema.AttributeType) Searchable) Truth {
			c := Compile(schema.Standard(), filter, access)
			truth, err := c.Match(src)
			if err != nil {
				t.Fatalf("%s: %v", c.Root, err)
			}
			return truth
		}
		got := match(parsed, nil)
		unknown := &directory.Present{Attr: "nosuch"}
		for name, pair := range map[string][2]Truth{
			"not":                  {match(&directory.Not{Filter: parsed}, nil), got.Not()},
			"and twice":            {match(directory.And{parsed, parsed}, nil), got},
			"or twice":             {match(directory.Or{parsed, directory.Or{parsed}}, nil), got},
			"and unknown":          {match(directory.And{unknown, parsed}, nil), min(got, Undefined)},
			"or unknown":           {match(directory.Or{parsed, unknown}, nil), max(got, Undefined)},
			"mixed, all permitted": {match(parsed, func(*schema.AttributeType) Searchable { return Mixed }), got},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%q is %v; %s: %v, want %v", s, got, name, pair[0], pair[1])
			}
		}
	})
}
