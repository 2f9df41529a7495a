package filter

import (
	"fmt"
	"reflect"
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"gatehouse/directory"
)

// FuzzFilter: what Parse accepts prints and parses to the same tree, the printed form is a fixed point, and go-ldap's
// parser understands the printed form as we do.
//
// The comparison is made on the printed form because the two differ in what they tolerate. Only here: LDAPv2's escapes,
// white space around operators, an item without parentheses, "**" as one star. Only there: text after the filter,
// unescaped '(' in values, empty attributes, escapes in a name.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		"(cn=Babs Jensen)", "(&(objectClass=posixAccount)(uid=*)(&(uidNumber=*)(!(uidNumber=0))))", "(o=univ*of*mich*)",
		"(cn:dn:2.4.6.8.10:=x)", "(:dn:caseIgnoreMatch:=x)", `(a=\28\2a\00)`, "(&)", "(|)", " ( & (a>=b) (c<=d)(e~=f) ) ",
		"uid=x", "(a=**)", `(a=\(\*)`, "(a=\xff)", "(a;lang-de=ü)", "(!(!(a=b)))", "(a:=)", "(modifyTimestamp>=20261123141950.0Z)",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		parsed, err := Parse(s)
		if err != nil {
			return
		}
		printed := String(parsed)
		again, err := Parse(printed)
		if err != nil {
			t.Fatalf("%q prints as %q, which is refused: %v", s, printed, err)
		}
		if !reflect.DeepEqual(again, parsed) {
			t.Fatalf("%q prints as %q, which is another filter", s, printed)
		}
		if twice := String(again); twice != printed {
			t.Fatalf("%q prints as %q and then as %q", s, printed, twice)
		}
		packet, err := ldap.CompileFilter(printed)
		if err != nil {
			t.Fatalf("go-ldap refuses %q: %v", printed, err)
		}
		theirs, err := fromPacket(packet)
		if err != nil {
			t.Fatal(err)
		}
		if got := String(theirs); got != printed {
			t.Fatalf("go-ldap reads %q as %q", printed, got)
		}
	})
}

func fromPacket(p *ber.Packet) (directory.Filter, error) {
	switch p.Tag {
	case ldap.FilterAnd, ldap.FilterOr:
		list := []directory.Filter{}
		for _, child := range p.Children {
			f, err := fromPacket(child)
			if err != nil {
				return nil, err
			}
			list = append(list, f)
		}
		if p.Tag == ldap.FilterAnd {
			return directory.And(list), nil
		}
		return directory.Or(list), nil
	case ldap.FilterNot:
		f, err := fromPacket(p.Children[0])
		return &directory.Not{Filter: f}, err
	case ldap.FilterPresent:
		return &directory.Present{Attr: p.Data.String()}, nil
	case ldap.FilterExtensibleMatch:
		return extensibleFromPacket(p), nil
	}
	attr := p.Children[0].Data.String()
	if p.Tag == ldap.FilterSubstrings {
		return substringsFromPacket(attr, p.Children[1]), nil
	}
	value := p.Children[1].Data.Bytes()
	switch p.Tag {
	case ldap.FilterEqualityMatch:
		return &directory.EqualityMatch{Attr: attr, Value: value}, nil
	case ldap.FilterGreaterOrEqual:
		return &directory.GreaterOrEqual{Attr: attr, Value: value}, nil
	case ldap.FilterLessOrEqual:
		return &directory.LessOrEqual{Attr: attr, Value: value}, nil
	case ldap.FilterApproxMatch:
		return &directory.ApproxMatch{Attr: attr, Value: value}, nil
	}
	return nil, fmt.Errorf("unknown choice %d", p.Tag)
}

func substringsFromPacket(attr string, parts *ber.Packet) directory.Filter {
	f := &directory.Substrings{Attr: attr}
	for _, part := range parts.Children {
		switch value := part.Data.Bytes(); part.Tag {
		case ldap.FilterSubstringsInitial:
			f.Initial = value
		case ldap.FilterSubstringsAny:
			f.Any = append(f.Any, value)
		case ldap.FilterSubstringsFinal:
			f.Final = value
		}
	}
	return f
}

func extensibleFromPacket(p *ber.Packet) directory.Filter {
	f := &directory.ExtensibleMatch{}
	for _, part := range p.Children {
		switch part.Tag {
		case ldap.MatchingRuleAssertionMatchingRule:
			f.Rule = part.Data.String()
		case ldap.MatchingRuleAssertionType:
			f.Attr = part.Data.String()
		case ldap.MatchingRuleAssertionMatchValue:
			f.Value = part.Data.Bytes()
		case ldap.MatchingRuleAssertionDNAttributes:
			f.DNAttributes = true
		}
	}
	return f
}
