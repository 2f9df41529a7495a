package directory

import (
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
)

func TestParseDN(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in, want string // want: as printed
		values         []string
	}{
		{"empty", "", "", nil},
		{"spaces", "   ", "", nil},
		{"simple", "uid=jdoe,dc=example,dc=com", "uid=jdoe,dc=example,dc=com", []string{"jdoe", "example", "com"}},
		{"multi-valued", "cn=J+uid=j,dc=x", "cn=J+uid=j,dc=x", []string{"J", "j", "x"}},
		{"spaces around", " cn = J Doe + uid = j , dc = x ", "cn=J Doe+uid=j,dc=x", []string{"J Doe", "j", "x"}},
		{"semicolon", "cn=a;dc=x", "cn=a,dc=x", []string{"a", "x"}},
		{"oid", "2.5.4.3=a", "2.5.4.3=a", []string{"a"}},
		{"oid prefix", "OID.2.5.4.3=a,oid.2.5.4.3=b", "2.5.4.3=a,2.5.4.3=b", []string{"a", "b"}},
		{"hex", "cn=#04024869", "cn=Hi", []string{"Hi"}},
		{"hex long length", "cn=#0481024869", "cn=Hi", []string{"Hi"}},
		{"hex then more", "cn=#04024869 ,dc=x", "cn=Hi,dc=x", []string{"Hi", "x"}},
		{"empty value", "cn=,dc=x", "cn=,dc=x", []string{"", "x"}},
		{"escaped specials", `cn=\"\+\,\;\<\>\\\=\#`, `cn=\"\+\,\;\<\>\\=#`, []string{`"+,;<>\=#`}},
		{"escaped sharp and spaces", `cn=\#a\ ,dc=\ b`, `cn=\#a\ ,dc=\ b`, []string{"#a ", " b"}},
		{"hex pairs", `cn=Lu\C4\8Di\c4\87`, "cn=Lučić", []string{"Lučić"}},
		{"raw utf-8", "cn=Lučić", "cn=Lučić", []string{"Lučić"}},
		{"nul and newline", `cn=a\00\0Db`, `cn=a\00\0db`, []string{"a\x00\rb"}},
		{"not utf-8", `cn=\ff\C4`, `cn=\ff\c4`, []string{"\xff\xc4"}},
		{"equals in value", "cn=a=b", "cn=a=b", []string{"a=b"}},
		{"sharp inside", "cn=a#b", "cn=a#b", []string{"a#b"}},
		{"quoted", `cn="a, b+c; \"d\"" ,dc=x`, `cn=a\, b\+c\; \"d\",dc=x`, []string{`a, b+c; "d"`, "x"}},
		{"inner spaces kept", "cn=a  b  ,dc=x", "cn=a  b,dc=x", []string{"a  b", "x"}},
		{"escaped then bare trailing space", `cn=a\   ,dc=x`, `cn=a\ ,dc=x`, []string{"a ", "x"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dn, err := ParseDN(tt.in)
			if err != nil {
				t.Fatalf("ParseDN(%q): %v", tt.in, err)
			}
			if got := dn.String(); got != tt.want {
				t.Errorf("ParseDN(%q) prints %q, want %q", tt.in, got, tt.want)
			}
			var values []string
			for _, rdn := range dn.RDNs() {
				for _, ava := range rdn {
					values = append(values, string(ava.Value))
				}
			}
			if strings.Join(values, "|") != strings.Join(tt.values, "|") {
				t.Errorf("ParseDN(%q) values %q, want %q", tt.in, values, tt.values)
			}
		})
	}
}

func TestParseDNErrors(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"no type", "=a", `at byte 0: "" is no attribute type`},
		{"no equals", "cn", "at byte 2: expected '='"},
		{"trailing comma", "cn=a,", "at byte 5: an attribute type is missing"},
		{"double comma", "cn=a,,dc=x", "at byte 5: expected '='"},
		{"trailing plus", "cn=a+", "at byte 5: an attribute type is missing"},
		{"bad type", "1a=b", `at byte 0: "1a" is no attribute type`},
		{"option in type", "cn;lang-de=b", "at byte 2: expected '='"},
		{"leading zero arc", "2.05=b", "is no attribute type"},
		{"single arc", "2=b", "is no attribute type"},
		{"raw quote", `cn=a"b`, `at byte 4: '"' must be escaped`},
		{"raw angle", "cn=<a>", "must be escaped"},
		{"not utf-8", "cn=\uFFFDa\xff", "at byte 7: not UTF-8"},
		{"raw nul", "cn=a\x00", "must be escaped"},
		{"open quote", `cn="a`, "at byte 3: the quoted value does not end"},
		{"text after quote", `cn="a"b`, "at byte 6: expected ','"},
		{"dangling backslash", `cn=a\`, "at byte 4: nothing follows"},
		{"bad escape", `cn=\xy`, "may not stand before 'x'"},
		{"half a hex pair", `cn=\4`, "may not stand before '4'"},
		{"hex odd", "cn=#040248691", "expected ','"},
		{"hex empty", "cn=#", "not one BER value"},
		{"hex too short", "cn=#0405aa", "not one BER value"},
		{"hex trailing", "cn=#0401aabb", "not one BER value"},
		{"hex indefinite", "cn=#2480", "not one BER value"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseDN(tt.in)
			if CodeOf(err) != InvalidDNSyntax || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("ParseDN(%q) = %v, want invalidDNSyntax with %q", tt.in, err, tt.want)
			}
		})
	}
}

func TestParseRDN(t *testing.T) {
	t.Parallel()
	rdn, err := ParseRDN(` cn=a\,b + uid=c `)
	if err != nil || rdn.String() != `cn=a\,b+uid=c` {
		t.Errorf("ParseRDN = %q, %v", rdn, err)
	}
	for _, in := range []string{"", "cn=a,dc=x", "cn"} {
		if rdn, err := ParseRDN(in); CodeOf(err) != InvalidDNSyntax {
			t.Errorf("ParseRDN(%q) = %q, %v, want invalidDNSyntax", in, rdn, err)
		}
	}
}

func TestNDNParts(t *testing.T) {
	t.Parallel()
	n := NDN("cn=a+uid=b,ou=x,dc=y")
	if n.RDN() != "cn=a+uid=b" || n.Parent() != "ou=x,dc=y" || n.Parent().Parent().Parent() != "" {
		t.Errorf("parts of %q: %q, %q", n, n.RDN(), n.Parent())
	}
	if !n.IsUnder("dc=y") || !n.IsUnder(n) || !n.IsUnder("") || n.IsUnder("=y") || NDN("dc=y").IsUnder(n) {
		t.Error("IsUnder is wrong")
	}
	if got := NDN("").Child("dc=y").Child("ou=x"); got != "ou=x,dc=y" {
		t.Errorf("Child = %q", got)
	}
}

// FuzzDN: what is printed parses to the same name, and go-ldap reads the same types and values where it accepts the text.
func FuzzDN(f *testing.F) {
	for _, s := range []string{
		"", "uid=jdoe,ou=people,dc=example,dc=com", `cn=\"\+\,\;\<\>\\\=\#+uid=\ a\ ;dc=x`, `cn="quoted, \"value\""`,
		"2.5.4.3=#04024869", `cn=Lu\C4\8Di\C4\87`, "cn=a  b  , dc = x",
		"OID.2.5.4.3=x",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		dn, err := ParseDN(in)
		if err != nil {
			return
		}
		text := dn.String()
		again, err := ParseDN(text)
		if err != nil {
			t.Fatalf("%q prints %q, which does not parse: %v", in, text, err)
		}
		sameNames(t, in, dn, again)
		for _, text := range []string{in, text} {
			if other, err := ldap.ParseDN(text); err == nil {
				sameAsGoLDAP(t, text, dn, other)
			}
		}
	})
}

func sameNames(t *testing.T, in string, a, b DN) {
	t.Helper()
	if len(a.rdns) != len(b.rdns) {
		t.Fatalf("%q: %d RDNs, printed and parsed %d", in, len(a.rdns), len(b.rdns))
	}
	for i := range a.rdns {
		if len(a.rdns[i]) != len(b.rdns[i]) {
			t.Fatalf("%q: RDN %d has %d values, printed and parsed %d", in, i, len(a.rdns[i]), len(b.rdns[i]))
		}
		for j, ava := range a.rdns[i] {
			if other := b.rdns[i][j]; ava.Type != other.Type || string(ava.Value) != string(other.Value) {
				t.Fatalf("%q: %q, printed and parsed %q", in, ava, other)
			}
		}
	}
}

func sameAsGoLDAP(t *testing.T, text string, dn DN, other *ldap.DN) {
	t.Helper()
	if len(dn.rdns) != len(other.RDNs) {
		t.Fatalf("%q: %d RDNs, go-ldap reads %d", text, len(dn.rdns), len(other.RDNs))
	}
	for i, rdn := range dn.rdns {
		if len(rdn) != len(other.RDNs[i].Attributes) {
			t.Fatalf("%q: RDN %d has %d values, go-ldap reads %d", text, i, len(rdn), len(other.RDNs[i].Attributes))
		}
		for j, ava := range rdn {
			o := other.RDNs[i].Attributes[j]
			if len(o.Type) > 4 && strings.EqualFold(o.Type[:4], "oid.") {
				o.Type = o.Type[4:] // go-ldap keeps the prefix of RFC 2253
			}
			if ava.Type != o.Type || string(ava.Value) != o.Value {
				t.Fatalf("%q: %s=%q, go-ldap reads %s=%q", text, ava.Type, ava.Value, o.Type, o.Value)
			}
		}
	}
}

func BenchmarkParseDN(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseDN("uid=user.12345,ou=people,dc=example,dc=com"); err != nil {
			b.Fatal(err)
		}
	}
}
