package filter

import (
	"testing"

	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// named is an entry with a name of its own.
type named struct {
	*fake
	ndn directory.NDN
}

func (n named) NDN() (directory.NDN, error) { return n.ndn, nil }

func TestBitRules(t *testing.T) {
	t.Parallel()
	const and, or = "(uidNumber:1.2.840.113556.1.4.803:=", "(uidNumber:integerBitOrMatch:="
	for _, tt := range []struct {
		stored, filter string
		want           Truth
	}{
		{"5", and + "5)", True}, {"5", and + "4)", True}, {"5", and + "7)", False}, {"5", and + "0)", True}, {"5", and + "-8)", False},
		{"5", or + "7)", True}, {"5", or + "2)", False}, {"5", or + "0)", False},
		// AD keeps flags of 32 bits in signed numbers and clients ask for the highest as a positive one.
		{"-2147483646", and + "2147483648)", True}, {"2", and + "2147483648)", False},
		{"9223372036854775807", and + "4611686018427387904)", True}, {"9223372036854775808", and + "1)", False},
		{"5", and + "9223372036854775808)", Undefined}, {"5", and + "x)", Undefined}, {"5", and + ")", Undefined}, {"5", and + "+5)", Undefined},
		{"5", "(cn:1.2.840.113556.1.4.803:=1)", Undefined}, {"5", "(:1.2.840.113556.1.4.803:=4)", True}, {"5", "(:1.2.840.113556.1.4.803:=8)", False},
	} {
		src := &fake{entry: entryOf(t, "uidNumber: "+tt.stored, "cn: 1")}
		got, err := Compile(schema.Standard(), parse(t, tt.filter), nil).Match(src)
		if got != tt.want || err != nil {
			t.Errorf("%s on %s: %v, %v; want %v", tt.filter, tt.stored, got, err, tt.want)
		}
	}
}

// The attributes of a name are those of every RDN, the entry's own and the others.
func TestNameAttributes(t *testing.T) {
	t.Parallel()
	_, ndn, err := schema.Standard().ParseName(`cn=Doe\, John+employeeNumber=7,ou=a\+b \3d c,o=Große Firma,c=DE,dc=example`)
	if err != nil {
		t.Fatal(err)
	}
	src := named{&fake{entry: entryOf(t, "cn: somebody else")}, ndn}
	for filter, want := range map[string]Truth{
		"(cn:dn:=DOE,  john)": True, "(employeeNumber:dn:=7)": True, "(ou:dn:=A+B = C)": True, "(ou:dn:=a)": False, "(ou:dn:=b)": False,
		"(o:dn:=GROSSE firma)": True, "(o:dn:=große firma)": True, "(dc:dn:=example)": True, "(name:dn:=doe, john)": True,
		"(c:dn:=de)": True, "(o:=große firma)": False, "(cn:dn:caseIgnoreMatch:=doe, john)": True,
		// A name is kept as its own rules compare it, which tells nothing about another rule.
		"(cn:dn:caseExactMatch:=Doe, John)": Undefined, "(cn:dn:caseExactMatch:=somebody else)": True,
		"(:dn:caseIgnoreMatch:=example)": False, "(:dn:caseIgnoreIA5Match:=EXAMPLE)": True, "(:dn:caseIgnoreMatch:=doe, john)": True,
		"(cn;lang-de:dn:=doe, john)": False, "(jpegPhoto:dn:=x)": Undefined, "(uidNumber:dn:=x)": Undefined,
		"(uidNumber:dn:=7)": False,
	} {
		got, err := Compile(schema.Standard(), parse(t, filter), nil).Match(src)
		if got != want || err != nil {
			t.Errorf("%s on %s: %v, %v; want %v", filter, ndn, got, err, want)
		}
	}
}

// A match on all attributes has those that may be searched: what may not is not there, and a negation says so.
func TestAllAttributesUnderRights(t *testing.T) {
	t.Parallel()
	access := func(t *schema.AttributeType) Searchable {
		switch t.Name() {
		case "sn":
			return Never
		case "cn", "manager":
			return Mixed
		}
		return Always
	}
	const carol = "(:distinguishedNameMatch:=uid=carol,ou=people,dc=example,dc=com)"
	for _, tt := range []struct {
		filter string
		hidden []string
		want   Truth
	}{
		{"(:caseIgnoreMatch:=jensen)", nil, False}, {"(!(:caseIgnoreMatch:=jensen))", nil, True},
		{"(:caseIgnoreMatch:=BABS)", nil, True}, {"(:caseExactMatch:=Babs)", nil, True}, {"(:caseExactMatch:=Babs)", []string{"cn"}, False},
		{"(!(:caseExactMatch:=Babs))", []string{"cn"}, True},
		{carol, nil, True}, {carol, []string{"manager"}, False}, {"(:1.2.840.113556.1.4.1941:=cn=x)", nil, Undefined},
		{`(:caseIgnoreSubstringsMatch:=b\2as)`, nil, True}, {"(:nosuch:=x)", nil, Undefined}, {"(:integerMatch:=x)", nil, Undefined}, {"(!(:integerMatch:=77))", nil, True},
	} {
		src := babs(t)
		src.hidden = tt.hidden
		got, err := Compile(schema.Standard(), parse(t, tt.filter), access).Match(src)
		if got != tt.want || err != nil {
			t.Errorf("%s with %q hidden: %v, %v; want %v", tt.filter, tt.hidden, got, err, tt.want)
		}
	}
}

// noLinks fails on any question about links.
type noLinks struct {
	*fake
	t *testing.T
}

func (n noLinks) HasReference(*directory.AttributeDescription, *schema.AttributeType, directory.NDN, bool) (bool, error) {
	n.t.Error("the links were asked")
	return true, nil
}

// A value with a bit string names no entry: only the record has it.
func TestBitStringOfUniqueMember(t *testing.T) {
	t.Parallel()
	src := noLinks{&fake{entry: entryOf(t, "uniqueMember: cn=A,dc=x#'01'B | cn=b,dc=x")}, t}
	for filter, want := range map[string]Truth{
		"(uniqueMember=CN=a,dc=x#'01'B)": True, "(uniqueMember=cn=a,dc=x#'10'B)": False,
		"(uniqueMember:uniqueMemberMatch:=cn=a,dc=x#'01'B)": True, "(uniqueMember:octetStringMatch:=cn=a,dc=x#'01'B)": Undefined,
	} {
		got, err := Compile(schema.Standard(), parse(t, filter), nil).Match(src)
		if got != want || err != nil {
			t.Errorf("%s: %v, %v; want %v", filter, got, err, want)
		}
	}
	// What only looks like a bit string is part of a name, here of none.
	for _, filter := range []string{"(uniqueMember=x#'B)", "(uniqueMember='0'B)", "(uniqueMember=x#'2'B)", "(uniqueMember=x#B)"} {
		got, err := Compile(schema.Standard(), parse(t, filter), nil).Match(src)
		if got != Undefined || err != nil {
			t.Errorf("%s: %v, %v; want Undefined", filter, got, err)
		}
	}
	linked := &fake{entry: src.entry}
	for _, filter := range []string{"(|(uniqueMember=cn=q,dc=x#'01'B)(uniqueMember=cn=b,dc=x))", "(|(uniqueMember=cn=b,dc=x)(uniqueMember=cn=q,dc=x#'01'B))"} {
		c := Compile(schema.Standard(), parse(t, filter), nil)
		if want := "(|(uniqueMember=cn=q,dc=x#'01'B)(uniqueMember=cn=b,dc=x))"; c.Root.String() != want {
			t.Errorf("%s is compiled to %s, which asks no link", filter, c.Root)
		}
	}
	if got, err := Compile(schema.Standard(), parse(t, "(uniqueMember=cn=B,dc=x)"), nil).Match(linked); got != True || err != nil {
		t.Errorf("without a bit string: %v, %v", got, err)
	}
}

func TestReferenceOptions(t *testing.T) {
	t.Parallel()
	src := &fake{entry: entryOf(t, "manager;x-acting: cn=a,dc=x")}
	for filter, want := range map[string]Truth{
		"(manager;x-acting=cn=a,dc=x)": True, "(manager=cn=a,dc=x)": True, "(manager;x-acting=*)": True,
		"(manager;x-nobody-uses-it=cn=a,dc=x)": Undefined, "(manager;x-nobody-uses-it=*)": Undefined,
	} {
		got, err := Compile(schema.Standard(), parse(t, filter), nil).Match(src)
		if got != want || err != nil {
			t.Errorf("%s: %v, %v; want %v", filter, got, err, want)
		}
	}
}
