package schema

import (
	"errors"
	"strings"
	"testing"
)

func TestParseAttributeType(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{ // want: as printed, or a part of the error
		{
			"every field",
			`( 1.2.3 NAME ( 'a' 'b' ) DESC 'it\27s a \5C' OBSOLETE SUP cn EQUALITY caseIgnoreMatch ORDERING caseIgnoreOrderingMatch ` +
				`SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15{64} SINGLE-VALUE COLLECTIVE ` +
				`NO-USER-MODIFICATION USAGE dSAOperation X-ORIGIN ( 'x' 'y' ) X-ORDERED 'VALUES' )`,
			"",
		},
		{"least", "(1.2.3 SUP name)", "( 1.2.3 SUP name )"},
		{"tabs and lines", "(\t1.2.3\r\n\tNAME\t'a'\n\tSYNTAX 1.2.4 )", "( 1.2.3 NAME 'a' SYNTAX 1.2.4 )"},
		{"any order, any case", "( 1.2.3 single-value syntax 1.2.4 name 'a' )", "( 1.2.3 NAME 'a' SYNTAX 1.2.4 SINGLE-VALUE )"},
		{"quoted oid", "( 1.2.3 SYNTAX '1.2.4' )", "( 1.2.3 SYNTAX 1.2.4 )"},
		{"default usage", "( 1.2.3 SYNTAX 1.2.4 USAGE userApplications )", "( 1.2.3 SYNTAX 1.2.4 )"},
		{"lone backslash", `( 1.2.3 DESC 'a\b' SYNTAX 1.2.4 )`, `( 1.2.3 DESC 'a\5Cb' SYNTAX 1.2.4 )`},
		{"no parenthesis", "1.2.3", "at byte 0: expected '('"},
		{"no end", "( 1.2.3 SYNTAX 1.2.4", "at byte 20: expected a field or ')', found the end"},
		{"trailing", "( 1.2.3 SYNTAX 1.2.4 ) x", "at byte 23: expected the end, found x"},
		{"no oid", "( )", "at byte 2: expected an OID"},
		{"twice", "( 1.2.3 SYNTAX 1.2.4 SYNTAX 1.2.4 )", "at byte 21: SYNTAX is given twice"},
		{"unknown field", "( 1.2.3 MUST cn )", "at byte 8: unknown field MUST"},
		{"no syntax", "( 1.2.3 NAME 'a' )", "needs SUP or SYNTAX"},
		{"bad name", "( 1.2.3 NAME '1a' SYNTAX 1.2.4 )", `"1a" is no name`},
		{"empty list", "( 1.2.3 NAME ( ) SYNTAX 1.2.4 )", "expected a quoted string"},
		{"open quote", "( 1.2.3 DESC 'a", "at byte 13: the quoted string does not end"},
		{"bare description", "( 1.2.3 DESC a )", "expected a quoted string"},
		{"bad length", "( 1.2.3 SYNTAX 1.2.4{x} )", "bad length"},
		{"bad usage", "( 1.2.3 SYNTAX 1.2.4 USAGE foo )", "unknown usage foo"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := tt.want
			if want == "" {
				want = tt.in
			}
			d, err := ParseAttributeType(tt.in)
			if err != nil {
				if _, ok := errors.AsType[*DefinitionError](err); !ok || !strings.Contains(err.Error(), want) {
					t.Errorf("ParseAttributeType(%q): %v, want %q", tt.in, err, want)
				}
				return
			}
			if got := d.String(); got != want {
				t.Errorf("ParseAttributeType(%q) prints\n%s, want\n%s", tt.in, got, want)
			}
		})
	}
}

func TestParseOtherDefinitions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in, want string
		parse          func(string) (string, error)
	}{
		{"class", "( 2.5.6.9 NAME 'g' DESC 'd' SUP ( top $ x ) ABSTRACT MUST ( a $ b ) MAY c X-Y 'z' )", "", parser(ParseObjectClass)},
		{"class without kind", "( 2.5.6.9 SUP top )", "( 2.5.6.9 SUP top STRUCTURAL )", parser(ParseObjectClass)},
		{"class list without dollars", "( 2.5.6.9 MUST ( a b ) )", "( 2.5.6.9 STRUCTURAL MUST ( a $ b ) )", parser(ParseObjectClass)},
		{"class of two kinds", "( 2.5.6.9 ABSTRACT AUXILIARY )", "one kind", parser(ParseObjectClass)},
		{"class list unfinished", "( 2.5.6.9 MUST ( a $ ) )", "expected an attribute type", parser(ParseObjectClass)},
		{"rule", "( 2.5.13.2 NAME 'caseIgnoreMatch' SYNTAX 1.2.3 )", "", parser(ParseMatchingRule)},
		{"rule without syntax", "( 2.5.13.2 NAME 'caseIgnoreMatch' )", "needs SYNTAX", parser(ParseMatchingRule)},
		{"rule use", "( 2.5.13.2 NAME 'caseIgnoreMatch' OBSOLETE APPLIES ( cn $ sn ) )", "", parser(ParseMatchingRuleUse)},
		{"rule use of nothing", "( 2.5.13.2 )", "needs APPLIES", parser(ParseMatchingRuleUse)},
		{"syntax", "( 1.2.3 DESC 'x' X-SUBST '1.2.4' )", "", parser(ParseSyntax)},
		{"syntax with a name", "( 1.2.3 NAME 'x' DESC 'y' )", "( 1.2.3 DESC 'y' )", parser(ParseSyntax)},
		{"syntax with a rule", "( 1.2.3 EQUALITY x )", "unknown field EQUALITY", parser(ParseSyntax)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := tt.want
			if want == "" {
				want = tt.in
			}
			got, err := tt.parse(tt.in)
			if err != nil {
				got = err.Error()
				if !strings.Contains(got, want) {
					t.Errorf("%q: %v, want %q", tt.in, err, want)
				}
			} else if got != want {
				t.Errorf("%q prints %q, want %q", tt.in, got, want)
			}
		})
	}
}

// parser makes a parse function that prints what it read.
func parser[D interface{ String() string }](parse func(string) (D, error)) func(string) (string, error) {
	return func(s string) (string, error) {
		d, err := parse(s)
		if err != nil {
			return "", err
		}
		return d.String(), nil
	}
}

// FuzzSchemaDefinition: a definition of any kind prints to a text that parses and prints the same.
func FuzzSchemaDefinition(f *testing.F) {
	for _, s := range []string{
		"( 2.5.4.3 NAME ( 'cn' 'commonName' ) DESC 'it\\27s' SUP name SYNTAX 1.2.3{5} USAGE dSAOperation X-A ( 'b' 'c' ) )",
		"( 2.5.6.9 NAME 'g' SUP ( top $ x ) AUXILIARY MUST ( a $ b ) MAY c )",
		"( 2.5.13.2 NAME 'caseIgnoreMatch' SYNTAX 1.2.3 )", "( 2.5.13.2 APPLIES ( cn $ sn ) )", "( 1.2.3 DESC 'x' )",
		"( '1.2.3' SUP 'a b' )",
	} {
		f.Add(s)
	}
	parsers := []func(string) (string, error){
		parser(ParseAttributeType), parser(ParseObjectClass), parser(ParseMatchingRule), parser(ParseMatchingRuleUse), parser(ParseSyntax),
	}
	f.Fuzz(func(t *testing.T, in string) {
		for _, parse := range parsers {
			text, err := parse(in)
			if err != nil {
				continue
			}
			again, err := parse(text)
			if err != nil {
				t.Fatalf("%q prints %q, which does not parse: %v", in, text, err)
			}
			if again != text {
				t.Fatalf("%q prints %q, which prints %q", in, text, again)
			}
		}
	})
}
