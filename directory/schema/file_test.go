package schema

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gatehouse/directory"
)

const acmeSchema = `# Acme's own schema, as an administrator of slapd has it.
objectIdentifier AcmeRoot 1.3.6.1.4.1.99999
objectidentifier AcmeAttr AcmeRoot:1
objectIdentifier AcmeString 1.3.6.1.4.1.1466.115.121.1.15

attributetype ( AcmeAttr:1
	NAME ( 'acmeBadge' 'badge' )
	DESC 'number on the badge, it\27s printed'
	EQUALITY caseIgnoreMatch
# a comment in between
	SUBSTR caseIgnoreSubstringsMatch
	SYNTAX AcmeString{32} SINGLE-VALUE )

attributeTypes ( AcmeAttr:2 NAME 'acmeBoss' SUP manager )

objectclass ( AcmeRoot:2.1 NAME 'acmePerson' SUP top AUXILIARY
	MUST acmeBadge
	MAY ( acmeBoss $ mail ) )

ldapsyntax ( AcmeRoot:3.1 DESC 'Acme number' X-SUBST '1.3.6.1.4.1.1466.115.121.1.27' )
attributetype ( AcmeAttr:3 NAME 'acmeLevel' EQUALITY integerMatch SYNTAX AcmeRoot:3.1 )
`

func acmeLDIF() string {
	return `# AUTO-GENERATED FILE
dn: cn={5}acme,cn=schema,cn=config
objectClass: olcSchemaConfig
cn: {5}acme
olcObjectIdentifier: {0}AcmeRoot 1.3.6.1.4.1.99999
olcObjectIdentifier: {1}AcmeAttr AcmeRoot:1
olcLdapSyntaxes: {0}( AcmeRoot:3.1 DESC 'Acme number' X-SUBST '1.3.6.1.4.1.1466.
 115.121.1.27' )
olcAttributeTypes: {0}( AcmeAttr:1 NAME ( 'acmeBadge' 'badge' ) DESC 'number on
  the badge' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.
 3.6.1.4.1.1466.115.121.1.15{32} SINGLE-VALUE )
olcAttributeTypes:: ` + base64.StdEncoding.EncodeToString([]byte("{1}( AcmeAttr:2 NAME 'acmeBoss' SUP manager )")) + `
olcAttributeTypes: {2}( AcmeAttr:3 NAME 'acmeLevel' EQUALITY integerMatch SYNTAX AcmeRoot:3.1 )
olcObjectClasses: {0}( AcmeRoot:2.1 NAME 'acmePerson' SUP top AUXILIARY MUST acm
 eBadge MAY ( acmeBoss $ mail ) )
structuralObjectClass: olcSchemaConfig
`
}

func TestAddFile(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"acme.schema": acmeSchema, "acme.ldif": acmeLDIF(),
		"acme-crlf.schema": strings.ReplaceAll(acmeSchema, "\n", "\r\n"),
		"99user.ldif": "dn: cn=schema\nattributeTypes: ( 1.3.6.1.4.1.99999.1.1 NAME ( 'acmeBadge' 'badge' ) EQUALITY caseIgnoreMatch SUBSTR " +
			"caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15{32} SINGLE-VALUE X-ORIGIN ( 'acme' 'user defined' ) )\n" +
			"attributeTypes: ( 1.3.6.1.4.1.99999.1.2 NAME 'acmeBoss' SUP manager )\nattributeTypes: ( 1.3.6.1.4.1.99999.1.3 NAME 'acmeLevel' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 )\n" +
			"objectClasses: ( 1.3.6.1.4.1.99999.2.1 NAME 'acmePerson' SUP top AUXILIARY MUST acmeBadge MAY ( acmeBoss $ mail ) )\n",
	} {
		t.Run(name, func(t *testing.T) {
			b := NewBuilder()
			if err := b.AddFile(name, strings.NewReader(text)); err != nil {
				t.Fatal(err)
			}
			s, err := b.Build()
			if err != nil {
				t.Fatal(err)
			}
			badge := s.TypeByName("BADGE")
			if badge == nil || badge.OID != "1.3.6.1.4.1.99999.1.1" || badge.SyntaxLen != 32 || !badge.SingleValue || badge.Substr == nil {
				t.Fatalf("badge is %+v", badge)
			}
			if boss := s.TypeByName("acmeBoss"); boss.Sup.Name() != "manager" || boss.Equality.Name() != "distinguishedNameMatch" {
				t.Errorf("acmeBoss is %+v", boss)
			}
			entry := "cn=a\nobjectClass: person\nobjectClass: acmePerson\ncn: a\nsn: b\nbadge: 7"
			if err := s.ValidateEntry(draft(t, s, entry)); err != nil {
				t.Errorf("an entry of the new class: %v", err)
			}
			level := s.TypeByName("acmeLevel")
			if level.Syntax.Validate([]byte("x")) == nil || level.Syntax.Validate([]byte("5")) != nil {
				t.Error("the substituted syntax checks nothing")
			}
			if s.Digest() == Standard().Digest() {
				t.Error("the digest is that of the standard schema")
			}
		})
	}
}

func TestAddFileErrors(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"unknown keyword", "\n\nfoo bar\n", "x:3: unknown keyword \"foo\""},
		{"include", "include /etc/ldap/schema/core.schema\n", "x:1: unknown keyword"},
		{"continues nothing", "  ( 1.2.3 )\n", "x:1: an indented line continues nothing"},
		{"line within a definition", "attributetype ( 1.2.3\n\tNAME 'a'\n# c\n\tFOO )\n", "x:4: unknown field FOO"},
		{"unfinished", "attributetype ( 1.2.3\n\tNAME 'a\n", "x:2: the quoted string does not end"},
		{"unknown macro", "attributetype ( Foo:1 NAME 'a' SUP cn )\n", `x:1: "Foo:1" is neither an OID nor a known OID macro`},
		{"unknown syntax macro", "attributetype ( 1.2.3 NAME 'a' SYNTAX Foo )\n", `x:1: "Foo" is neither`},
		{"bad macro", "objectidentifier Foo\n", "x:1: an objectIdentifier is a name and an OID"},
		{"content rule", "ditcontentrule ( 1.2.3 )\n", "x:1: DIT content rules are not supported"},
		{"two problems", "foo\nbar\n", "x:2: unknown keyword \"bar\""},
		{"ldif base64", "dn: cn=x\nolcAttributeTypes:: !!\n", "x:2: illegal base64"},
		{"ldif definition", "dn: cn=x\n\n\nolcAttributeTypes: {0}( 1.2.3 NAME 'a' )\n", "x:4: an attribute type needs SUP or SYNTAX"},
		{"redefined otherwise", "attributetype ( 1.2.3 NAME 'a' SUP cn )\nattributetype ( 1.2.3 NAME 'b' SUP cn )\n", "x:2: attribute type 1.2.3 is defined otherwise at x:1"},
		{"class redefined otherwise", "objectclass ( 1.2.3 NAME 'a' )\nobjectclass ( 1.2.3 NAME 'b' )\n", "x:2: object class 1.2.3 is defined otherwise at x:1"},

		{"unknown superior", "attributetype ( 1.2.3 NAME 'a' SUP nothing )\n", `x:1: the superior "nothing" is not defined`},
		{"superior of itself", "attributetype ( 1.2.3 NAME 'a' SUP b )\nattributetype ( 1.2.4 NAME 'b' SUP a )\n", "is above itself"},
		{"unknown syntax", "attributetype ( 1.2.3 NAME 'a' SYNTAX 1.2.4 )\n", "x:1: the syntax 1.2.4 is not supported"},
		{"unknown rule", "attributetype ( 1.2.3 NAME 'a' SUP cn EQUALITY foo )\n", `x:1: the matching rule "foo" is not supported`},
		{"rule in the wrong place", "attributetype ( 1.2.3 NAME 'a' SUP cn ORDERING caseIgnoreMatch )\n", `x:1: the matching rule "caseIgnoreMatch" cannot stand here`},
		{"name taken", "attributetype ( 1.2.3 NAME 'cn' SUP name )\n", "x:1: attribute type cn is already defined at 10-core.schema:"},
		{"class name taken", "objectclass ( 1.2.3 NAME 'person' )\n", "x:1: object class person is already defined at 10-core.schema:"},
		{"unknown attribute", "objectclass ( 1.2.3 NAME 'a' MUST nothing )\n", `x:1: the attribute type "nothing" is not defined`},
		{"unknown superclass", "objectclass ( 1.2.3 NAME 'a' SUP nothing )\n", `x:1: the superclass "nothing" is not defined`},
		{"class above itself", "objectclass ( 1.2.3 NAME 'a' SUP b )\nobjectclass ( 1.2.4 NAME 'b' SUP a )\n", "is above itself"},
		{"auxiliary below structural", "objectclass ( 1.2.3 NAME 'a' SUP person AUXILIARY )\n", `a class that is AUXILIARY cannot be below "person", which is STRUCTURAL`},
		{"bad substitute", "ldapsyntax ( 1.2.3 X-SUBST '1.2.4' )\n", "x:1: syntax 1.2.3: X-SUBST must name a syntax"},
		{"reference of text", "attributetype ( 1.2.3 NAME 'a' SUP cn X-GATEHOUSE 'reference' )\n", "does not fit attribute type"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := NewBuilder()
			err := b.AddFile("x", strings.NewReader(tt.text))
			if err == nil {
				_, err = b.Build()
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

// TestStandardDefinitionsMayBeRepeated: files of an OpenLDAP installation load on top, and take nothing away that the server
// needs.
func TestStandardDefinitionsMayBeRepeated(t *testing.T) {
	t.Parallel()
	b := NewBuilder()
	text := `attributetype ( 2.5.4.31 NAME 'member' DESC 'mine' SUP distinguishedName )
attributetype ( 2.5.18.1 NAME 'createTimestamp' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
objectclass ( 1.3.6.1.1.1.2.2 NAME 'posixGroup' DESC 'rfc2307bis' SUP top AUXILIARY MUST gidNumber MAY ( userPassword $ memberUid $ description ) )
`
	if err := b.AddFile("mine.schema", strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	s, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	if m := s.TypeByName("member"); m.Desc != "mine" || m.Flags != directory.FlagReference {
		t.Errorf("member is %q with flags %b", m.Desc, m.Flags)
	}
	if c := s.TypeByName("createTimestamp"); c.Usage != DirectoryOperation || c.Syntax.OID != oidGeneralizedTime {
		t.Errorf("createTimestamp was replaced: %+v", c)
	}
	for _, entry := range []string{
		"cn=g\nobjectClass: posixGroup\ngidNumber: 5\ncn: g\nobjectClass: extensibleObject",
		"cn=g\nobjectClass: posixGroup\nobjectClass: groupOfNames\ngidNumber: 5\ncn: g\nmember: cn=a",
	} {
		if err := s.ValidateEntry(draft(t, s, entry)); err != nil {
			t.Errorf("%q: %v", entry, err)
		}
	}
}

// TestFilesOfOpenLDAP loads the schema files of an installed OpenLDAP, in both forms.
func TestFilesOfOpenLDAP(t *testing.T) {
	t.Parallel()
	var files []string
	for _, pattern := range []string{"*.schema", "*.ldif"} {
		found, err := filepath.Glob("/etc/ldap/schema/" + pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) == 0 {
		t.Skip("OpenLDAP's schema files are not installed")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			if filepath.Base(file) == "dsee.schema" {
				t.Skip("this file of OpenLDAP 2.5 misspells a keyword; its LDIF form is tested")
			}
			f, err := os.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			b := NewBuilder()
			if err := b.AddFile(file, f); err != nil {
				t.Fatal(err)
			}
			if _, err := b.Build(); err != nil {
				t.Fatal(err)
			}
		})
	}
}
