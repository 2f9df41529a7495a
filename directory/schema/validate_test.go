package schema

import (
	"fmt"
	"strings"
	"testing"

	"gatehouse/directory"
)

// draft makes a draft from lines "attribute: value"; the first line is the name. "attribute! " marks it.
func draft(t testing.TB, s *Schema, text string) *directory.Draft {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(text), "\n")
	dn, err := directory.ParseDN(strings.TrimSpace(lines[0]))
	if err != nil {
		t.Fatal(err)
	}
	d := directory.NewDraft(dn)
	for _, line := range lines[1:] {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
		name, marked := strings.CutSuffix(name, "!")
		desc, err := s.Description(name)
		switch {
		case err != nil:
			t.Fatal(err)
		case marked:
			d.Mark(desc, true)
		case ok:
			d.Add(desc, []byte(value))
		default:
			d.Add(desc, []byte{})
		}
	}
	return d
}

func TestValidateEntry(t *testing.T) {
	t.Parallel()
	const person = "\nobjectClass: person\ncn: A\nsn: B"
	tests := []struct {
		name, entry string
		code        directory.ResultCode
		want        string // a part of the diagnostic, or the structural class
	}{
		{"person", "cn=a" + person, 0, "person"},
		{"superclasses unnamed", "uid=a\nobjectClass: inetOrgPerson\ncn: A\nsn: B\nuid: a", 0, "inetOrgPerson"},
		{"superclasses named", "uid=a\nobjectClass: top\nobjectClass: person\nobjectClass: organizationalPerson\nobjectClass: inetOrgPerson\ncn: A\nsn: B\nuid: a", 0, "inetOrgPerson"},
		{"classes by oid and alias", "cn=a\nobjectClass: 2.5.6.6\nobjectClass: TOP\ncn: A\nsn: B", 0, "person"},
		{"rfc 2307 group", "cn=g\nobjectClass: posixGroup\ncn: g\ngidNumber: 5\nmemberUid: a\nmemberUid: A", 0, "posixGroup"},
		{"rfc 2307bis group", "cn=g\nobjectClass: groupOfNames\nobjectClass: posixGroup\ncn: g\ngidNumber: 5\nmember: cn=a", 0, "groupOfNames"},
		{"rfc 2307bis unique group", "cn=g\nobjectClass: posixGroup\nobjectClass: groupOfUniqueNames\ncn: g\ngidNumber: 5\nuniqueMember: cn=a", 0, "groupOfUniqueNames"},
		{"empty group of members", "cn=g\nobjectClass: groupOfMembers\nobjectClass: posixGroup\ncn: g\ngidNumber: 5", 0, "groupOfMembers"},
		{"dc object", "dc=x\nobjectClass: organization\nobjectClass: dcObject\no: X\ndc: x", 0, "organization"},
		{"account", "uid=a\nobjectClass: account\nobjectClass: posixAccount\nobjectClass: shadowAccount\nobjectClass: ldapPublicKey\nuid: a\ncn: A\nuidNumber: 1\ngidNumber: 1\nhomeDirectory: /\nsshPublicKey: x\ngecos", 0, "account"},
		{"extensible object", "cn=a\nobjectClass: device\nobjectClass: extensibleObject\ncn: a\nmail: a@b\nuidNumber: 5", 0, "device"},
		{"operational attributes", "cn=a" + person + "\nentryUUID: 597ae2f6-16a6-1027-98f4-d28b5365dc14\npwdReset: TRUE\nnsAccountLock: true\nmemberOf: cn=x", 0, "person"},
		{"options satisfy must", "cn=a\nobjectClass: person\ncn: a\nsn;lang-de: B", 0, "person"},
		{"same value under another option", "cn=a" + person + "\ncn;lang-de: A", 0, "person"},
		{"marked", "cn=g\nobjectClass: groupOfNames\ncn: g\nmember!", 0, "groupOfNames"},
		{"name by rule", "cn=  a " + person, 0, "person"},
		{"name by alias", "commonName=A+surname=b" + person, 0, "person"},
		{"no name", "cn=other" + person, 0, "person"},
		{"two chains of one class", "ou=p\nobjectClass: pilotOrganization\nobjectClass: organization\nobjectClass: organizationalUnit\nou: p\no: p", 0, "pilotOrganization"},

		{"collective attribute", "cn=a\nobjectClass: device\nobjectClass: extensibleObject\ncn: a\nc-l: x", directory.ObjectClassViolation, "attribute 'c-l' not allowed"},
		{"no class", "cn=a\ncn: A", directory.ObjectClassViolation, "no objectClass attribute"},
		{"no structural class", "cn=a\nobjectClass: top\nobjectClass: posixAccount\ncn: A", directory.ObjectClassViolation, "no structural object class provided"},
		{"unknown class", "cn=a" + person + "\nobjectClass: nothing", directory.InvalidAttributeSyntax, `objectClass: value #1 invalid per syntax: object class "nothing" is unknown`},
		{"attribute as class", "cn=a" + person + "\nobjectClass: mail", directory.InvalidAttributeSyntax, "objectClass: value #1 invalid per syntax"},
		{"two structural classes", "cn=a" + person + "\nobjectClass: device", directory.ObjectClassViolation, "invalid structural object class chain (person/device)"},
		{"two structural subclasses", "cn=a" + person + "\nobjectClass: residentialPerson\nobjectClass: organizationalPerson\nl: x", directory.ObjectClassViolation, "invalid structural object class chain"},
		{"missing must", "cn=a\nobjectClass: person\ncn: A", directory.ObjectClassViolation, "object class 'person' requires attribute 'sn'"},
		{"missing must of a superclass", "cn=a\nobjectClass: inetOrgPerson\ncn: A", directory.ObjectClassViolation, "object class 'person' requires attribute 'sn'"},
		{"missing must of an auxiliary class", "cn=a" + person + "\nobjectClass: posixAccount", directory.ObjectClassViolation, "object class 'posixAccount' requires attribute 'uid'"},
		{"missing member", "cn=g\nobjectClass: groupOfNames\ncn: g", directory.ObjectClassViolation, "object class 'groupOfNames' requires attribute 'member'"},
		{"not allowed", "cn=a" + person + "\nmail: a@b", directory.ObjectClassViolation, "attribute 'mail' not allowed"},
		{"not allowed with option", "cn=a" + person + "\ngivenName;lang-de: x", directory.ObjectClassViolation, "attribute 'givenName;lang-de' not allowed"},
		{"syntax", "cn=a" + person + "\ntelephoneNumber: 1\ntelephoneNumber: x#", directory.InvalidAttributeSyntax, "telephoneNumber: value #1 invalid per syntax"},
		{"syntax of an empty value", "cn=a" + person + "\ndescription", directory.InvalidAttributeSyntax, "description: value #0 invalid per syntax: empty"},
		{"syntax of a name", "cn=a" + person + "\nseeAlso: bogus=x", directory.InvalidAttributeSyntax, `seeAlso: value #0 invalid per syntax: invalid DN: attribute type "bogus" is unknown`},
		{"single value", "uid=a\nobjectClass: account\nobjectClass: posixAccount\nuid: a\ncn: A\nuidNumber: 1\nuidNumber: 2\ngidNumber: 1\nhomeDirectory: /", directory.ConstraintViolation, "attribute 'uidNumber' cannot have multiple values"},
		{"duplicate", "cn=a" + person + "\ncn:  a", directory.AttributeOrValueExists, "cn: value #1 provided more than once"},
		{"duplicate name", "cn=g\nobjectClass: groupOfNames\ncn: g\nmember: cn=a,dc=x\nmember: CN=A, DC=X", directory.AttributeOrValueExists, "member: value #1 provided more than once"},
		{"duplicate class", "cn=a" + person + "\nobjectClass: 2.5.6.6", directory.AttributeOrValueExists, "objectClass: value #1 provided more than once"},
		{"duplicate without rule", "cn=a\nobjectClass: inetOrgPerson\ncn: A\nsn: B\njpegPhoto: x\njpegPhoto: y\njpegPhoto: x", directory.AttributeOrValueExists, "jpegPhoto: value #2 provided more than once"},
		{"name without attribute", "uid=a\nobjectClass: account\nobjectClass: extensibleObject\ncn: a", directory.ObjectClassViolation, "object class 'account' requires attribute 'uid'"},
		{"naming attribute absent", "description=a" + person, directory.NamingViolation, "naming attribute 'description' is not present in entry"},
		{"naming value absent", "cn=x" + person, directory.NamingViolation, "value of naming attribute 'cn' is not present in entry"},
		{"second naming value absent", "cn=a+sn=x" + person, directory.NamingViolation, "value of naming attribute 'sn' is not present in entry"},
		{"naming value only under an option", "sn=b\nobjectClass: person\ncn: a\nsn;lang-de: b", directory.NamingViolation, "naming attribute 'sn' is not present in entry"},
		{"named by an operational attribute", "entryUUID=597ae2f6-16a6-1027-98f4-d28b5365dc14" + person, directory.NamingViolation, "is operational"},
		{"named by what cannot be compared", "jpegPhoto=x" + person, directory.NamingViolation, "has no equality matching rule"},
		{"named by a collective attribute", "c-l=x" + person, directory.NamingViolation, "is collective"},
		{"named by an unknown attribute", "bogus=x" + person, directory.NamingViolation, "is not defined"},
	}
	s := Standard()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := draft(t, s, tt.entry)
			if tt.name == "no name" {
				d.DN = directory.DN{}
			}
			err := s.ValidateEntry(d)
			if directory.CodeOf(err) != tt.code {
				t.Fatalf("ValidateEntry = %v, want %v with %q", err, tt.code, tt.want)
			}
			if err != nil {
				if got := directory.ResultOf(err).DiagnosticMessage; !strings.Contains(got, tt.want) {
					t.Errorf("diagnostic %q, want %q", got, tt.want)
				}
				return
			}
			c, err := s.StructuralClass(d)
			if err != nil || c.Name() != tt.want {
				t.Errorf("StructuralClass = %v, %v, want %s", c, err, tt.want)
			}
		})
	}
}

func TestRequiredReferences(t *testing.T) {
	t.Parallel()
	s := Standard()
	for entry, want := range map[string]string{
		"cn=g\nobjectClass: groupOfNames\ncn: g": "member", "cn=g\nobjectClass: groupOfUniqueNames\ncn: g": "uniqueMember",
		"cn=g\nobjectClass: groupOfMembers\ncn: g": "",
	} {
		list, err := s.RequiredReferences(draft(t, s, entry))
		got := ""
		for _, d := range list {
			got += d.Name
		}
		if err != nil || got != want {
			t.Errorf("%q requires %q, %v, want %q", entry, got, err, want)
		}
	}
}

func TestAbstractClassAlone(t *testing.T) {
	t.Parallel()
	b := NewBuilder()
	text := "objectclass ( 1.3.6.1.4.1.99999.1 NAME 'shape' SUP top ABSTRACT )\nobjectclass ( 1.3.6.1.4.1.99999.2 NAME 'square' SUP shape STRUCTURAL MUST cn )\n"
	if err := b.AddFile("shapes.schema", strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	s, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ValidateEntry(draft(t, s, "cn=a\nobjectClass: shape\nobjectClass: square\ncn: a")); err != nil {
		t.Errorf("an abstract class above one that is there: %v", err)
	}
	err = s.ValidateEntry(draft(t, s, "cn=a\nobjectClass: shape\nobjectClass: device\ncn: a"))
	if want := "instantiation of abstract object class 'shape' not allowed"; directory.CodeOf(err) != directory.ObjectClassViolation || !strings.Contains(err.Error(), want) {
		t.Errorf("an abstract class with no class below: %v", err)
	}
}

// TestDuplicatesAmongMany: attributes of many values take another path.
func TestDuplicatesAmongMany(t *testing.T) {
	t.Parallel()
	s := Standard()
	for _, n := range []int{2, pairwiseMax, pairwiseMax + 1, 500} {
		var text strings.Builder
		text.WriteString("cn=g\nobjectClass: posixGroup\ncn: g\ngidNumber: 1\n")
		for i := range n {
			fmt.Fprintf(&text, "memberUid: u%d\n", i)
		}
		if err := s.ValidateEntry(draft(t, s, text.String())); err != nil {
			t.Errorf("%d distinct values: %v", n, err)
		}
		text.WriteString("memberUid: u0\n")
		want := fmt.Sprintf("memberUid: value #%d provided more than once", n)
		if err := s.ValidateEntry(draft(t, s, text.String())); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d values and one again: %v, want %q", n, err, want)
		}
	}
}

// TestErrorsHoldNoSecret: a diagnostic names the attribute and the number of the value, never the value.
func TestErrorsHoldNoSecret(t *testing.T) {
	t.Parallel()
	s := Standard()
	for _, entry := range []string{
		"cn=a\nobjectClass: person\ncn: a\nsn: b\nuserPassword: hunter2\nuserPassword: hunter2",
		"cn=a\nobjectClass: device\nobjectClass: authPasswordObject\ncn: a\nauthPassword: hunter2",
		"cn=a\nobjectClass: device\ncn: a\nuserPassword: hunter2",
	} {
		if err := s.ValidateEntry(draft(t, s, entry)); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", entry, err)
		}
	}
}

func TestShapesAreBounded(t *testing.T) {
	t.Parallel()
	s := fresh(t)
	spell := func(n int) string { // the n-th spelling of "person" by the case of its letters and of "organizationalperson"
		b := []byte("organizationalperson")
		for i := range b {
			if n>>i&1 == 1 {
				b[i] -= 'a' - 'A'
			}
		}
		return string(b)
	}
	for i := range shapesMax + 10 {
		d := directory.NewDraft(directory.DN{})
		d.Add(s.objectClass.desc, []byte(spell(i)))
		if _, err := s.StructuralClass(d); err != nil {
			t.Fatal(err)
		}
		if i == 100 { // the copies would take long: fill the rest at once
			full := map[string]*shape{}
			for n := range shapesMax {
				full[spell(n)+"\x00"] = (*s.shapes.Load())[spell(0)+"\x00"]
			}
			s.shapes.Store(&full)
		}
	}
	if n := len(*s.shapes.Load()); n > shapesMax {
		t.Errorf("%d shapes are kept, want at most %d", n, shapesMax)
	}
}
