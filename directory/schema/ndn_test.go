package schema

import (
	"strings"
	"testing"

	"gatehouse/directory"
)

func TestNormalizeDN(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		want     directory.NDN
	}{
		{"empty", "", ""},
		{"simple", "uid=JDoe,ou=People,dc=Example,dc=COM", "uid=jdoe,ou=people,dc=example,dc=com"},
		{"first name of the schema", "userid=a,organizationalUnitName=b,2.5.4.10=c", "uid=a,ou=b,o=c"},
		{"spaces", " CN =  A   B , dc = x ", "cn=a b,dc=x"},
		{"exact rule", "homeDirectory=/Home/A,cn=X", "homedirectory=/Home/A,cn=x"},
		{"sorted parts", "uid=b+cn=a,dc=x", "cn=a+uid=b,dc=x"},
		{"sorted by the first name", "userid=b+surname=a", "sn=a+uid=b"},
		{"escaped comma", `cn=Doe\, John,dc=x`, `cn=doe\2c john,dc=x`},
		{"specials", `cn=\+\"\\\<\>\;\#a=b`, `cn=\2b\22\5c\3c\3e\3b\23a=b`},
		{"quoted", `cn="a,b";dc=x`, `cn=a\2cb,dc=x`},
		{"hex", "cn=#0c0141", "cn=a"},
		{"spaces at the ends do not count", `cn=\20a\20`, "cn=a"},
		{"utf-8", `cn=M\C3\BCLLER`, "cn=müller"},
		{"folded to more", "cn=Straße", "cn=strasse"},
		{"compatibility comma", "cn=a，b", `cn=a\2cb`},
		{"control characters vanish", `cn=a\00b`, "cn=ab"},
		{"integer", "uidNumber=42", "uidnumber=42"},
		{"time", "pwdEndTime=202001011200.5\\+0100", "pwdendtime=20200101110030Z"},
		{"uuid", "entryUUID=597AE2F6-16A6-1027-98F4-D28B5365DC14", "entryuuid=597ae2f6-16a6-1027-98f4-d28b5365dc14"},
		{"octets", `userPassword=\20A\00\ff\20`, `userpassword=\20A\00\ff\20`},
		{"telephone", "telephoneNumber=\\+49 30-12", `telephonenumber=\2b493012`},
		{"telephone of nothing", "telephoneNumber=-", `telephonenumber=\20`},
		{"country with a space", `c=\20d`, `c=d\20`},
		{"first component", "attributeTypes=( 1.2 SYNTAX 1.2 )", "attributetypes=( 1.2 SYNTAX 1.2 )"},
		{"postal address", `postalAddress=A  b$\\24`, `postaladdress=a b$\5c24`},
		{"name in a name", `seeAlso=CN\=A\,DC\=X,dc=y`, `seealso=cn=a\2cdc=x,dc=y`},
		{"name and bits", `uniqueMember=CN\=A\#'01'B`, `uniquemember=cn=a\23'01'B`},
		{"empty ia5", "dc=,cn=a", `dc=\20,cn=a`},
		{"oid value", "objectClass=PERSON", "objectclass=2.5.6.6"},
		{"no equality rule", "jpegPhoto=A", "jpegphoto=A"},
	}
	s := Standard()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := s.AppendNDN([]byte("prefix "), tt.in)
			if err != nil || string(got) != "prefix "+string(tt.want) {
				t.Fatalf("AppendNDN(%q) = %q, %v, want %q", tt.in, got, err, tt.want)
			}
			dn, ndn, err := s.ParseName(tt.in)
			if err != nil || ndn != tt.want {
				t.Errorf("ParseName(%q) = %q, %v, want %q", tt.in, ndn, err, tt.want)
			}
			again, err := s.NormalizeDN(dn)
			if err != nil || again != tt.want {
				t.Errorf("NormalizeDN(%q) = %q, %v, want %q", tt.in, again, err, tt.want)
			}
			if _, stable, err := s.ParseName(string(tt.want)); err != nil || stable != tt.want {
				t.Errorf("the normalized %q normalizes to %q, %v", tt.want, stable, err)
			}
			if len(dn.RDNs()) > 0 {
				rdn, err := s.NormalizeRDN(dn.RDNs()[0])
				if err != nil || rdn != tt.want.RDN() || tt.want.Parent().Child(rdn) != tt.want {
					t.Errorf("NormalizeRDN of %q = %q, %v", tt.in, rdn, err)
				}
			}
		})
	}
}

func TestNormalizeDNErrors(t *testing.T) {
	t.Parallel()
	s := Standard()
	for in, want := range map[string]string{
		"bogus=a,dc=x":         `attribute type "bogus" is unknown`,
		"dc=x,bogus=a":         `attribute type "bogus" is unknown`,
		"cn=,dc=x":             `the value of "cn" is invalid`,
		"cn= ,dc=x":            `the value of "cn" is invalid`,
		"uidNumber=x":          `the value of "uidNumber" is invalid`,
		`cn=\ff`:               `the value of "cn" is invalid`,
		"mail=é":               `the value of "mail" is invalid`,
		"cn=a+commonName=b":    `attribute "cn" stands twice`,
		"cn=a,":                "an attribute type is missing",
		"cn=a,  ":              "an attribute type is missing",
		"cn=a,dc":              "expected '='",
		",":                    "expected '='",
		"seeAlso=bogus\\=a":    `the value of "seeAlso" is invalid`,
		"cn;lang-de=a":         "expected '='",
		strings.Repeat("a", 9): "expected '='",
	} {
		got, err := s.AppendNDN([]byte("x"), in)
		if directory.CodeOf(err) != directory.InvalidDNSyntax || !strings.Contains(err.Error(), want) || string(got) != "x" {
			t.Errorf("AppendNDN(%q) = %q, %v, want invalidDNSyntax with %q", in, got, err, want)
		}
	}
	if _, err := s.NormalizeRDN(nil); directory.CodeOf(err) != directory.InvalidDNSyntax {
		t.Errorf("NormalizeRDN(nil): %v", err)
	}
}

// TestNestedNamesAreBounded: a name in a name in a name is refused, and does not cost what its nesting asks for.
func TestNestedNamesAreBounded(t *testing.T) {
	t.Parallel()
	s := Standard()
	for _, prefix := range []string{"seeAlso=", "uniqueMember=", "userCertificate=1$"} {
		in := strings.Repeat(prefix, 20000) + "cn=a"
		if ndn, err := s.AppendNDN(nil, in); len(ndn) > 2*len(in) {
			t.Errorf("%s...: %d bytes, %v", prefix, len(ndn), err)
		}
	}
	if _, err := s.AppendNDN(nil, "seeAlso=seeAlso=seeAlso=cn=a"); directory.CodeOf(err) != directory.InvalidDNSyntax {
		t.Errorf("three names in each other: %v", err)
	}
}

// FuzzName: a normalized name normalizes to itself, its way through a DN does not matter, and its parts are what their
// separators say.
func FuzzName(f *testing.F) {
	for _, seed := range []string{
		"uid=JDoe,ou=People,dc=Example,dc=COM", `cn=Doe\, John+sn=\20x,dc=x`, "seeAlso=cn\\=a,uidNumber=5", "cn=a，b", `userPassword=\20\ff`,
		"cn= a  b ,dc=x", "dc=,dc=x", "postalAddress=a$b", "pwdEndTime=2020010112Z", "uniqueMember=cn\\=a\\#'01'B",
	} {
		f.Add(seed)
	}
	s := Standard()
	f.Fuzz(func(t *testing.T, in string) {
		ndn, err := s.AppendNDN(nil, in)
		if err != nil {
			return
		}
		again, err := s.AppendNDN(nil, string(ndn))
		if err != nil || string(again) != string(ndn) {
			t.Fatalf("%q normalizes to %q, and that to %q, %v", in, ndn, again, err)
		}
		dn, slow, err := s.ParseName(in)
		if err != nil || string(slow) != string(ndn) {
			t.Fatalf("%q normalizes to %q, by its DN to %q, %v", in, ndn, slow, err)
		}
		if _, printed, err := s.ParseName(dn.String()); err != nil || string(printed) != string(ndn) {
			t.Fatalf("%q normalizes to %q, printed as %q to %q, %v", in, ndn, dn, printed, err)
		}
		n := 0
		for rest := directory.NDN(ndn); rest != ""; rest = rest.Parent() {
			n++
		}
		if n != len(dn.RDNs()) {
			t.Fatalf("%q normalizes to %q of %d RDNs, want %d", in, ndn, n, len(dn.RDNs()))
		}
	})
}
