package filter

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// fake is an entry under rights that a test sets. References are values of the entry like any other here.
type fake struct {
	entry  *directory.Entry
	hidden []string // keys of descriptions that may not be searched
	groups map[directory.NDN][]directory.NDN
}

func (f *fake) Entry() *directory.Entry { return f.entry }

func (f *fake) Computed(t *schema.AttributeType) (directory.Attribute, error) {
	if t.Name() == "numSubordinates" {
		return directory.NewAttribute(t.Description(), []byte("3")), nil
	}
	return directory.Attribute{}, nil
}

func (f *fake) HasReference(desc *directory.AttributeDescription, t *schema.AttributeType, target directory.NDN, chain bool) (bool, error) {
	for _, a := range f.entry.Attributes() {
		if a.Desc.TypeNo != t.No || desc != nil && a.Desc != desc {
			continue
		}
		for v := range a.Values() {
			name, err := schema.Standard().AppendNDN(nil, string(v))
			if err != nil {
				return false, err
			}
			if ndn := directory.NDN(name); ndn == target || chain && slices.Contains(f.groups[ndn], target) {
				return true, nil
			}
		}
	}
	return false, nil
}

func (f *fake) AnyReference(desc *directory.AttributeDescription, t *schema.AttributeType) (bool, error) {
	return slices.ContainsFunc(f.entry.Attributes(), func(a directory.Attribute) bool {
		return a.Desc.TypeNo == t.No && (desc == nil || a.Desc == desc)
	}), nil
}

func (f *fake) MaySearch(desc *directory.AttributeDescription) bool {
	return !slices.Contains(f.hidden, desc.Key)
}

func (f *fake) MaySearchAll(desc *directory.AttributeDescription, options []string) bool {
	return !slices.ContainsFunc(f.hidden, func(key string) bool {
		hidden, err := schema.Standard().Description(key)
		return err == nil && hidden.TypeNo == desc.TypeNo && hasOptions(hidden, options)
	})
}

func (f *fake) NDN() (directory.NDN, error) { return "uid=babs,ou=people,dc=example,dc=com", nil }

var _ Source = (*fake)(nil)

func entryOf(t testing.TB, lines ...string) *directory.Entry {
	t.Helper()
	var attrs []directory.Attribute
	for _, line := range lines {
		name, values, _ := strings.Cut(line, ": ")
		desc, err := schema.Standard().Description(name)
		if err != nil {
			t.Fatal(err)
		}
		var list [][]byte
		for v := range strings.SplitSeq(values, " | ") {
			list = append(list, []byte(v))
		}
		attrs = append(attrs, directory.NewAttribute(desc, list...))
	}
	return directory.StoredEntry(attrs)
}

func babs(t testing.TB) *fake {
	return &fake{
		entry: entryOf(t,
			"objectClass: inetOrgPerson | posixAccount", "uid: babs", "cn: Barbara  Jensen | Babs", "cn;lang-de: Bärbel Jensen",
			"sn: Jensen", "mail: Babs@Example.com", "uidNumber: 10001", "gidNumber: 100", "homeDirectory: /home/Babs",
			"telephoneNumber: +1 408 555-1862", "createTimestamp: 20200102030405Z", "userCertificate;binary: xyz",
			"manager: uid=Carol,ou=people,dc=example,dc=com", "description: a*b(c)"),
		groups: map[directory.NDN][]directory.NDN{"uid=carol,ou=people,dc=example,dc=com": {"uid=dan,ou=people,dc=example,dc=com"}},
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		filter string
		want   Truth
	}{
		// Equality, by the attribute's rule.
		{"(uid=BABS)", True}, {"(uid=bob)", False}, {"(cn=  barbara jensen )", True}, {"(cn=Barbara)", False},
		{"(homeDirectory=/home/Babs)", True}, {"(homeDirectory=/home/babs)", False},
		{"(uidNumber=10001)", True}, {"(uidNumber=010001)", Undefined}, {"(gidNumber=name)", Undefined},
		{"(telephoneNumber=+14085551862)", True}, {"(mail~=babs@example.COM)", True}, {"(0.9.2342.19200300.100.1.1=babs)", True},
		// Subtypes and options (RFC 4512 section 2.5).
		{"(name=jensen)", True}, {"(name=nobody)", False}, {"(cn=Bärbel Jensen)", True}, {"(cn;lang-de=bärbel jensen)", True},
		{"(cn;lang-de=babs)", False}, {"(cn;lang-fr=babs)", False}, {"(userCertificate=xyz)", True}, {"(userCertificate;binary=*)", True},
		{"(userCertificate=*)", True}, {"(cn;LANG-DE=*)", True}, {"(!(cn;lang-fr=*))", True}, {"(cn;lang-=bärbel jensen)", True},
		{"(cn;lang-de-=*)", True}, {"(cn;lang-d-=*)", False}, {"(cn;lang-fr-=*)", False},
		{"(!(cn;foo=*))", Undefined}, {"(!(cn;binary=x))", Undefined}, {"(cn;=x)", Undefined}, {"(!(cn;x-y;x=*))", Undefined},
		// Presence.
		{"(objectClass=*)", True}, {"(mail=*)", True}, {"(title=*)", False}, {"(nosuch=*)", Undefined}, {"(numSubordinates=*)", True},
		// Substrings.
		{"(cn=bar*)", True}, {"(cn=*jen*)", True}, {"(cn=*sen)", True}, {"(cn=b*b*s)", True}, {"(cn=babs*babs)", False},
		{"(cn=*x*)", False}, {`(description=a\2ab*)`, True}, {"(uidNumber=1*)", Undefined}, {"(mail=babs@*.com)", True},
		// Order.
		{"(uidNumber>=10001)", True}, {"(uidNumber>=10002)", False}, {"(uidNumber<=9999)", False}, {"(uidNumber<=200000)", True},
		{"(uidNumber>=-5)", True}, {"(createTimestamp>=20200102030405Z)", True}, {"(createTimestamp>=20200102030405.5Z)", False},
		{"(createTimestamp<=2020010204+0100)", False}, {"(uid>=a)", Undefined},
		// Object classes: what is listed, and what is above it.
		{"(objectClass=posixaccount)", True}, {"(objectClass=1.3.6.1.1.1.2.0)", True}, {"(objectClass=person)", True},
		{"(objectClass=organizationalPerson)", True}, {"(objectClass=top)", True}, {"(objectClass=posixGroup)", False},
		{"(objectClass=device)", False}, {"(objectClass=nosuchclass)", Undefined}, {"(!(objectClass=nosuchclass))", Undefined},
		{"(!(objectClass=1.2.3))", True}, {"(objectClass:objectIdentifierMatch:=nosuchclass)", Undefined}, {"(!(objectClass=person))", False},
		{"(2.5.4.0=2.5.6.6)", True},
		// References.
		{"(manager=UID=carol,ou=People,dc=example,dc=com)", True}, {"(manager=uid=dan,ou=people,dc=example,dc=com)", False},
		{"(manager:1.2.840.113556.1.4.1941:=uid=dan,ou=people,dc=example,dc=com)", True}, {"(manager=*)", True}, {"(member=*)", False},
		{"(uniqueMember=x#'B)", Undefined}, {"(uniqueMember=#'B)", Undefined}, {"(uniqueMember='B)", Undefined},
		{"(uniqueMember=cn=x#'01'B)", False}, {"(manager=nonsense)", Undefined}, {"(manager=uid=c*)", Undefined}, {"(entryDN=UID=babs,ou=people,dc=example,dc=com)", True},
		// Three values (RFC 4511 section 4.5.1.7).
		{"(!(nosuch=x))", Undefined}, {"(&(uid=babs)(nosuch=x))", Undefined}, {"(&(uid=bob)(nosuch=x))", False},
		{"(|(uid=babs)(nosuch=x))", True}, {"(|(uid=bob)(nosuch=x))", Undefined}, {"(!(|(uid=bob)(nosuch=x)))", Undefined},
		{"(&)", True}, {"(|)", False}, {"(!(&))", False},
		// Many values of one attribute.
		{"(|(uid=x)(uid=y)(uid=babs)(uid=z))", True}, {"(|(uid=x)(uid=y))", False}, {"(!(|(uid=x)(uid=y)(gidNumber=100)))", False},
		// Extensible.
		{"(cn:caseExactMatch:=Babs)", True}, {"(cn:caseExactMatch:=babs)", False}, {"(cn:nosuchrule:=x)", Undefined},
		{"(!(uid:numericStringMatch:=1))", Undefined}, {"(cn:octetStringMatch:=Babs)", Undefined}, {"(telephoneNumber:caseIgnoreMatch:=+1 408 555-1862)", True},
		{"(uidNumber:integerOrderingMatch:=10002)", True}, {"(uidNumber:integerOrderingMatch:=10001)", False},
		{`(cn:caseIgnoreSubstringsMatch:=\2ajen\2a)`, True}, {`(mail:caseIgnoreIA5SubstringsMatch:=babs\2a)`, True},
		{`(mail:caseIgnoreIA5SubstringsMatch:=babs@example.com)`, Undefined}, {`(cn:caseExactSubstringsMatch:=\2aJen\2a)`, Undefined},
		{`(description:caseIgnoreSubstringsMatch:=a\5c2A\2a)`, True},
		{"(ou:dn:=people)", True}, {"(ou:=people)", False}, {"(:dn:caseIgnoreMatch:=PEOPLE)", True}, {"(:caseIgnoreMatch:=jensen)", True},
		{"(uidNumber:1.2.840.113556.1.4.803:=1)", True}, {"(uidNumber:1.2.840.113556.1.4.803:=2)", False}, {"(uidNumber:1.2.840.113556.1.4.804:=3)", True},
		// SSSD.
		{"(&(uid=babs)(objectclass=posixAccount)(uid=*)(&(uidNumber=*)(!(uidNumber=0))))", True},
	} {
		f, err := Parse(tt.filter)
		if err != nil {
			t.Fatalf("%s: %v", tt.filter, err)
		}
		got, err := Compile(schema.Standard(), f, nil).Match(babs(t))
		if err != nil || got != tt.want {
			t.Errorf("%s = %v, %v; want %v", tt.filter, got, err, tt.want)
		}
	}
}

func TestSubstringAssertion(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a*b*c": "(x=a*b*c)", "*": "", "a": "", "": "", "**b": "(x=*b)", `\2A\2a*`: `(x=\2a\2a*)`, `*\5C2A`: `(x=*\5c2A)`, `\5c5C*`: `(x=\5c5C*)`,
	} {
		f, ok := parseSubstringAssertion([]byte(in))
		if ok != (want != "") {
			t.Errorf("%q: accepted: %v", in, ok)
			continue
		}
		if ok {
			if f.Attr = "x"; String(f) != want {
				t.Errorf("%q is %s, want %s", in, String(f), want)
			}
		}
	}
}

// TestMatchUnderRights: an attribute that may not be searched is Undefined, whatever the entry has.
func TestMatchUnderRights(t *testing.T) {
	t.Parallel()
	access := func(t *schema.AttributeType) Searchable {
		switch t.Name() {
		case "sn":
			return Never
		case "mail", "cn":
			return Mixed
		}
		return Always
	}
	for _, tt := range []struct {
		filter string
		hidden []string
		want   Truth
	}{
		{"(sn=jensen)", nil, Undefined}, {"(!(sn=nobody))", nil, Undefined}, {"(|(sn=jensen)(uid=babs))", nil, True}, {"(sn=*)", nil, Undefined},
		{"(mail=babs@example.com)", nil, True}, {"(mail=babs@example.com)", []string{"mail"}, Undefined}, {"(!(mail=x@y))", []string{"mail"}, Undefined},
		{"(title=x)", []string{"mail"}, False}, {"(mail=*)", []string{"mail"}, Undefined}, {"(mail>=a)", []string{"mail"}, Undefined},
		{"(name=jensen)", nil, Undefined}, {"(name=babs)", nil, True}, {"(name=babs)", []string{"cn"}, Undefined},
		{"(objectClass=person)", nil, True},
	} {
		f, err := Parse(tt.filter)
		if err != nil {
			t.Fatal(err)
		}
		src := babs(t)
		src.hidden = tt.hidden
		got, err := Compile(schema.Standard(), f, access).Match(src)
		if err != nil || got != tt.want {
			t.Errorf("%s with %q hidden = %v, %v; want %v", tt.filter, tt.hidden, got, err, tt.want)
		}
	}
	hidden := Compile(schema.Standard(), &directory.EqualityMatch{Attr: "objectClass", Value: []byte("person")},
		func(*schema.AttributeType) Searchable { return Never })
	if got, err := hidden.Match(babs(t)); got != Undefined || err != nil {
		t.Errorf("(objectClass=person) without the right to search it = %v, %v", got, err)
	}
}

// TestClassKeys: a class with subclasses is a set of keys that an equality index answers, top is everything that has a class.
func TestClassKeys(t *testing.T) {
	t.Parallel()
	compile := func(class string) *Node {
		return Compile(schema.Standard(), &directory.EqualityMatch{Attr: "objectClass", Value: []byte(class)}, nil).Root
	}
	if n := compile("posixAccount"); n.Op != OpEqual || len(n.Key) == 0 {
		t.Errorf("posixAccount: %v", n.Op)
	}
	n := compile("person")
	if n.Op != OpAnyOf || len(n.Keys) < 3 || !slices.IsSortedFunc(n.Keys, bytes.Compare) {
		t.Errorf("person: %v with %d keys", n.Op, len(n.Keys))
	}
	if n := compile("top"); n.Op != OpPresent {
		t.Errorf("top: %v", n.Op)
	}
}

func TestMatchDoesNotAllocate(t *testing.T) {
	src := babs(t)
	for _, text := range []string{
		"(uid=babs)", "(&(uid=babs)(objectclass=posixAccount)(uid=*)(&(uidNumber=*)(!(uidNumber=0))))", "(cn=bar*sen)",
		"(objectClass=person)", "(createTimestamp>=20200102030405Z)", "(manager=uid=carol,ou=people,dc=example,dc=com)",
	} {
		f, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		c := Compile(schema.Standard(), f, nil)
		budget := 0.0
		if strings.Contains(text, "manager") {
			budget = 8 // of the fake, which parses names
		}
		if got := testing.AllocsPerRun(100, func() {
			if truth, err := c.Match(src); truth != True || err != nil {
				t.Fatal(text, truth, err)
			}
		}); got > budget {
			t.Errorf("%s: %v allocations", text, got)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	src := babs(b)
	for name, text := range map[string]string{
		"uid": "(uid=babs)", "sssd": "(&(uid=babs)(objectclass=posixAccount)(uid=*)(&(uidNumber=*)(!(uidNumber=0))))",
		"and-8-terms": "(&(uid=babs)(sn=jensen)(cn=babs)(mail=*)(uidNumber>=5)(gidNumber<=500)(cn=b*)(!(title=x)))",
	} {
		b.Run(name, func(b *testing.B) {
			f, err := Parse(text)
			if err != nil {
				b.Fatal(err)
			}
			c := Compile(schema.Standard(), f, nil)
			b.ReportAllocs()
			for b.Loop() {
				if truth, err := c.Match(src); truth != True || err != nil {
					b.Fatal(truth, err)
				}
			}
		})
	}
}
