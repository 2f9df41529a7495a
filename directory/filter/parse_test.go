package filter

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"gatehouse/directory"
)

func eq(attr, value string) directory.Filter {
	return &directory.EqualityMatch{Attr: attr, Value: []byte(value)}
}

func TestParse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		want     directory.Filter
		out      string // as printed; empty: as in
	}{
		{"equality", "(cn=Babs Jensen)", eq("cn", "Babs Jensen"), ""},
		{"not", "(!(cn=Tim Howes))", &directory.Not{Filter: eq("cn", "Tim Howes")}, ""},
		{"and of or", "(&(objectClass=Person)(|(sn=Jensen)(cn=Babs J*)))", directory.And{eq("objectClass", "Person"),
			directory.Or{eq("sn", "Jensen"), &directory.Substrings{Attr: "cn", Initial: []byte("Babs J")}}}, ""},
		{"substrings", "(o=univ*of*mich*)", &directory.Substrings{Attr: "o", Initial: []byte("univ"), Any: [][]byte{[]byte("of"), []byte("mich")}}, ""},
		{"final", "(o=*x)", &directory.Substrings{Attr: "o", Final: []byte("x")}, ""},
		{"any alone", "(o=*x*)", &directory.Substrings{Attr: "o", Any: [][]byte{[]byte("x")}}, ""},
		{"initial and final", "(o=a*b)", &directory.Substrings{Attr: "o", Initial: []byte("a"), Final: []byte("b")}, ""},
		{"double star", "(o=a**b)", &directory.Substrings{Attr: "o", Initial: []byte("a"), Final: []byte("b")}, "(o=a*b)"},
		{"stars alone", "(o=***)", &directory.Present{Attr: "o"}, "(o=*)"},
		{"empty value", "(seeAlso=)", eq("seeAlso", ""), ""},
		{"present", "(uid=*)", &directory.Present{Attr: "uid"}, ""},
		{"greater", "(a>=5)", &directory.GreaterOrEqual{Attr: "a", Value: []byte("5")}, ""},
		{"less", "(a<=5)", &directory.LessOrEqual{Attr: "a", Value: []byte("5")}, ""},
		{"approx", "(a~=5)", &directory.ApproxMatch{Attr: "a", Value: []byte("5")}, ""},
		{"value with equals sign", "(a=b=c)", eq("a", "b=c"), ""},
		{"value with operators", "(a=b>=c:=d)", eq("a", "b>=c:=d"), ""},
		{"rule", "(cn:caseExactMatch:=Fred Flintstone)", &directory.ExtensibleMatch{Attr: "cn", Rule: "caseExactMatch", Value: []byte("Fred Flintstone")}, ""},
		{"no rule", "(cn:=Betty Rubble)", &directory.ExtensibleMatch{Attr: "cn", Value: []byte("Betty Rubble")}, ""},
		{"dn and rule", "(sn:dn:2.4.6.8.10:=Barney Rubble)", &directory.ExtensibleMatch{Attr: "sn", Rule: "2.4.6.8.10", DNAttributes: true, Value: []byte("Barney Rubble")}, ""},
		{"dn", "(o:dn:=Ace Industry)", &directory.ExtensibleMatch{Attr: "o", DNAttributes: true, Value: []byte("Ace Industry")}, ""},
		{"rule alone", "(:1.2.3:=Wilma Flintstone)", &directory.ExtensibleMatch{Rule: "1.2.3", Value: []byte("Wilma Flintstone")}, ""},
		{"dn in capitals", "(:DN:2.4.6.8.10:=Dino)", &directory.ExtensibleMatch{Rule: "2.4.6.8.10", DNAttributes: true, Value: []byte("Dino")}, "(:dn:2.4.6.8.10:=Dino)"},
		{"rule called dn", "(cn:dn:dn:=x)", &directory.ExtensibleMatch{Attr: "cn", DNAttributes: true, Rule: "dn", Value: []byte("x")}, ""},
		{"escapes", `(o=Parens R Us \28for all your parenthetical needs\29)`, eq("o", "Parens R Us (for all your parenthetical needs)"), ""},
		{"escaped star", `(cn=*\2A*)`, &directory.Substrings{Attr: "cn", Any: [][]byte{[]byte("*")}}, `(cn=*\2a*)`},
		{"backslash", `(filename=C:\5cMyFile)`, eq("filename", `C:\MyFile`), ""},
		{"octets", `(bin=\00\00\00\04)`, eq("bin", "\x00\x00\x00\x04"), ""},
		{"needless escape", `(a=\41)`, eq("a", "A"), "(a=A)"},
		{"UTF-8", `(sn=Lu\c4\8di\c4\87)`, eq("sn", "Lučić"), "(sn=Lučić)"},
		{"no UTF-8", "(a=\xff)", eq("a", "\xff"), `(a=\ff)`},
		{"LDAPv2 escapes", `(a=\(\)\*\\)`, eq("a", `()*\`), `(a=\28\29\2a\5c)`},
		{"OID and options", "(1.3.6.1.4.1.1466.0;lang-de;x-a=\x7f)", eq("1.3.6.1.4.1.1466.0;lang-de;x-a", "\x7f"), `(1.3.6.1.4.1.1466.0;lang-de;x-a=\7f)`},
		{"true", "(&)", directory.And{}, ""},
		{"false", "(|)", directory.Or{}, ""},
		{"white space", " ( & (a=b) ( | ( c=d)\n\t(e=f) ) ( ! (g=h) ) ) ", directory.And{eq("a", "b"),
			directory.Or{eq("c", "d"), eq("e", "f")}, &directory.Not{Filter: eq("g", "h")}}, "(&(a=b)(|(c=d)(e=f))(!(g=h)))"},
		{"spaces of a value", "(a= b )", eq("a", " b "), ""},
		{"no parentheses", "uid=x", eq("uid", "x"), "(uid=x)"},
		{"no parentheses, star", " uid=x* ", &directory.Substrings{Attr: "uid", Initial: []byte("x"), Final: []byte(" ")}, "(uid=x* )"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := Parse(test.in)
			if err != nil {
				t.Fatalf("Parse(%q): %v", test.in, err)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("Parse(%q) = %#v, want %#v", test.in, got, test.want)
			}
			out := test.out
			if out == "" {
				out = test.in
			}
			if s := String(got); s != out {
				t.Errorf("String = %q, want %q", s, out)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in, reason string
		offset           int
	}{
		{"empty", "", "an attribute description is missing", 0},
		{"no item", "()", "an attribute description is missing", 1},
		{"no operator", "(cn)", "must follow the attribute description", 3},
		{"half an operator", "(cn>5)", "must follow the attribute description", 3},
		{"space before operator", "(cn =x)", "must follow the attribute description", 3},
		{"no attribute", "(=x)", "an attribute description is missing", 1},
		{"attribute starts with a hyphen", "(-a=x)", "starts with a letter or a digit", 1},
		{"unclosed item", "(cn=x", "')' is missing", 5},
		{"unclosed list", "(&(cn=x)", "')' is missing", 8},
		{"unclosed not", "(!(cn=x)", "')' is missing", 8},
		{"trailing text", "(cn=x)y", "text after the end", 6},
		{"second filter", "(cn=x)(cn=y)", "text after the end", 6},
		{"not of two", "(!(a=b)(c=d))", "')' is missing", 7},
		{"not of nothing", "(!)", "must follow '!'", 2},
		{"item in a list without parentheses", "(&a=b)", "')' is missing", 2},
		{"double parentheses", "((a=b))", "an attribute description is missing", 1},
		{"parenthesis in a value", "(a=b(c))", `write \28`, 4},
		{"closing parenthesis in a bare value", "a=b)", `write \29`, 3},
		{"NUL", "(a=\x00)", `write \00`, 3},
		{"short escape", `(a=\4)`, "two hexadecimal digits", 3},
		{"wrong escape", `(a=\zz)`, "two hexadecimal digits", 3},
		{"escape at the end", `a=\`, "two hexadecimal digits", 2},
		{"star after >=", "(a>=*)", `write \2a`, 4},
		{"star in an extensible match", "(a:=x*)", `write \2a`, 5},
		{"neither attribute nor rule", "(:=x)", "needs an attribute or a matching rule", 1},
		{"only dn", "(:dn:=x)", "needs an attribute or a matching rule", 4},
		{"two rules", "(a:b:c:=x)", "':=' must follow", 6},
		{"empty rule", "(a::=x)", "matching rule is missing", 3},
		{"colon without end", "(a:b)", "':=' is missing", 4},
		{"too deep", strings.Repeat("(!", DepthMax) + "(a=b)" + strings.Repeat(")", DepthMax), "nested more than 100 deep", 2 * DepthMax},
		{"too many terms", "(|" + strings.Repeat("(a=b)", TermsMax) + ")", "more than 32768 terms", 2 + 5*(TermsMax-1) + 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f, err := Parse(test.in)
			syntax, ok := errors.AsType[*SyntaxError](err)
			if !ok {
				t.Fatalf("Parse(%.40q) = %v, %v; want a SyntaxError", test.in, f, err)
			}
			if syntax.Offset != test.offset || !strings.Contains(syntax.Error(), test.reason) {
				t.Errorf("Parse(%.40q): %v, want %q at %d", test.in, err, test.reason, test.offset)
			}
		})
	}
}

func TestParseBounds(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]string{
		"depth": strings.Repeat("(!", DepthMax-1) + "(a=b)" + strings.Repeat(")", DepthMax-1),
		"terms": "(|" + strings.Repeat("(a=b)", TermsMax-1) + ")",
	} {
		if _, err := Parse(in); err != nil {
			t.Errorf("%s: what the bound allows is refused: %v", name, err)
		}
	}
}

// What arrives on the wire may have any bytes as a name; the printed form must not read as another filter.
func TestStringCannotBeForged(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		in   directory.Filter
		want string
	}{
		{"name with syntax", eq("a=b)(c", "x"), `(a\3db\29\28c=x)`},
		{"rule with syntax", &directory.ExtensibleMatch{Attr: "a", Rule: "r:=", Value: []byte("v")}, `(a:r\3a\3d:=v)`},
		{"value with a line break", eq("a", "x\ny"), `(a=x\0ay)`},
		{"missing filter", nil, "(?)"},
		{"not of a missing filter", &directory.Not{}, "(!(?))"},
	}
	for _, test := range tests {
		if got := String(test.in); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
