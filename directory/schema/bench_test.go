package schema

import (
	"fmt"
	"strings"
	"testing"
)

// typicalEntry is a person and account of twenty attributes as a slapd export has it, operational attributes included.
const typicalEntry = `uid=user.12345,ou=people,dc=example,dc=com
objectClass: top
objectClass: person
objectClass: organizationalPerson
objectClass: inetOrgPerson
objectClass: posixAccount
objectClass: shadowAccount
uid: user.12345
cn: Jane Q. Public
sn: Public
givenName: Jane
mail: jane.public@example.com
telephoneNumber: +1 555 0100
mobile: +1 555 0101
title: Engineer
departmentNumber: 42
employeeNumber: 12345
l: Springfield
uidNumber: 22345
gidNumber: 5000
homeDirectory: /home/user.12345
loginShell: /bin/bash
userPassword: {SSHA}0dRCyzqqRz9VmwDl6tIkCFq2NlVcb2Vi
entryUUID: 597ae2f6-16a6-1027-98f4-d28b5365dc14
creatorsName: cn=admin,dc=example,dc=com
createTimestamp: 20240101120000Z
structuralObjectClass: inetOrgPerson
`

func BenchmarkValidateEntry(b *testing.B) {
	s := Standard()
	group := "cn=g,dc=x\nobjectClass: posixGroup\ncn: g\ngidNumber: 1\n"
	var big strings.Builder
	big.WriteString(group)
	for i := range 1000 {
		fmt.Fprintf(&big, "memberUid: user.%d\n", i)
	}
	for _, bench := range []struct{ name, entry string }{
		{"person-20-attributes", typicalEntry},
		{"not-ascii", strings.NewReplacer("Jane Q.", "Jäne Q.", "Springfield", "Zürich").Replace(typicalEntry)},
		{"group-1000-memberUid", big.String()},
	} {
		b.Run(bench.name, func(b *testing.B) {
			d := draft(b, s, bench.entry)
			b.ReportAllocs()
			for b.Loop() {
				if err := s.ValidateEntry(d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppendNDN(b *testing.B) {
	s := Standard()
	for _, bench := range []struct{ name, dn string }{
		{"plain-4-rdn", "uid=user.12345,ou=People,dc=example,dc=com"},
		{"escaped", `cn=Doe\, John,ou=People,dc=example,dc=com`},
		{"not-ascii", "cn=Jäne Müller,ou=People,dc=example,dc=com"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			var dst []byte
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if dst, err = s.AppendNDN(dst[:0], bench.dn); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDescription(b *testing.B) {
	s := Standard()
	for _, name := range []string{"uid", "objectClass", "OBJECTCLASS", "cn;lang-de", "2.5.4.3"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Description(name); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEqualityKey(b *testing.B) {
	s := Standard()
	for _, bench := range []struct{ attr, value string }{
		{"cn", "Jane Q. Public"}, {"cn", "Jäne Müller"}, {"uidNumber", "22345"}, {"createTimestamp", "20240101120000Z"},
		{"objectClass", "inetOrgPerson"}, {"member", "uid=user.12345,ou=People,dc=example,dc=com"},
	} {
		b.Run(bench.attr+"-"+bench.value[:4], func(b *testing.B) {
			desc, value := s.TypeByName(bench.attr).Description(), []byte(bench.value)
			var dst []byte
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if dst, err = s.AppendEqualityKey(dst[:0], desc, value); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestAllocationBudgets: what every operation and every imported entry does allocates nothing.
func TestAllocationBudgets(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector's pools drop what they are given")
	}
	s := Standard()
	if _, err := s.Description("cn;lang-de"); err != nil {
		t.Fatal(err)
	}
	d := draft(t, s, typicalEntry)
	dst, name := make([]byte, 0, 256), []byte("Jane Public")
	var err error
	key := func(attr, value string) func() {
		desc, v := s.TypeByName(attr).Description(), []byte(value)
		return func() { dst, err = s.AppendEqualityKey(dst[:0], desc, v) }
	}
	for name, f := range map[string]func(){
		"validate":           func() { err = s.ValidateEntry(d) },
		"structural class":   func() { _, err = s.StructuralClass(d) },
		"name":               func() { dst, err = s.AppendNDN(dst[:0], "UID=User.12345, ou=People,dc=example,dc=com") },
		"name not ascii":     func() { dst, err = s.AppendNDN(dst[:0], `cn=Müller\, Jäne,ou=People,dc=example,dc=com`) },
		"description":        func() { _, err = s.Description("OBJECTCLASS") },
		"description option": func() { _, err = s.Description("CN;LANG-DE") },
		"lookup":             func() { s.Lookup("homeDirectory"); s.Lookup("unknown"); s.Lookup("cn;x-unknown") },
		"key of text":        key("cn", "Jane  Public"),
		"key not ascii":      key("cn", "Jäne Müller"),
		"key of a number":    key("uidNumber", "123456"),
		"key of a time":      key("createTimestamp", "20240101120000Z"),
		"key of a class":     key("objectClass", "inetOrgPerson"),
		"key of a name":      key("member", "uid=a,ou=b,dc=c"),
		"key of a uuid":      key("entryUUID", "597AE2F6-16A6-1027-98F4-D28B5365DC14"),
		"substring": func() {
			dst, err = s.AppendSubstringKey(dst[:0], s.TypeByName("cn"), name, Whole)
		},
	} {
		if n := testing.AllocsPerRun(200, f); n >= 1 || err != nil {
			t.Errorf("%s: %v allocations, want none (%v)", name, n, err)
		}
	}
}
