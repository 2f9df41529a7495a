package schema

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestEqualityRules: values of one group are equal to each other and to none of another group. bad ones have no key.
func TestEqualityRules(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rule   string
		groups [][]string
		bad    []string
	}{
		{"caseIgnoreMatch", [][]string{
			{"foo bar", " Foo  BAR ", "FOO\tBAR", "fo\u00ado bar", "foo\u00a0bar", "ＦＯＯ bar", "foo\u3000bar"},
			{"foobar"},
			{"straße", "STRASSE", "straSSe"},
			{"Å", "å", "A\u030a", "\u212b"},
			{"ΣΊΣΥΦΟΣ", "σίσυφος", "σίσυφοσ"},
			{"ﬁx", "FIX"},
			{" ", "   ", "\t", "\u00a0", "\u200b"},
			{"\U0001F600"},
			{"\ue000"},
			{"\u13a0", "\uab70"},
		}, []string{"", "\xff", "a\x80"}},
		{"caseExactMatch", [][]string{{"foo bar", " foo  bar "}, {"Foo bar"}, {"Å", "A\u030a"}, {"å"}, {"ß"}, {"ss"}}, []string{"", "\xff"}},
		{"caseIgnoreIA5Match", [][]string{{"a b", "A  B "}, {"ab"}, {""}}, []string{"é"}},
		{"caseExactIA5Match", [][]string{{"a b", "a  b "}, {"A b"}}, []string{"é"}},
		{"numericStringMatch", [][]string{{"123", "1 2 3", " 123"}, {"1234"}}, []string{"", "12a"}},
		{"telephoneNumberMatch", [][]string{{"+49 30 123-4", "+49301234", "+49-30-1234"}, {"+49301235"}, {"ext A", "EXTa"}}, []string{"", "1#2"}},
		{"caseIgnoreListMatch", [][]string{{"a b$C", "A  b $c"}, {"a$b$c"}, {"a b c"}, {`a\24b`, `A\24B`}, {"a$b"}, {`a\5cb`, `a\5Cb`}}, []string{`a\b`}},
		{"integerMatch", [][]string{{"0"}, {"1"}, {"-1"}, {"256"}, {"123456789012345678901234567890"}}, []string{"", "01", "x"}},
		{"booleanMatch", [][]string{{"TRUE"}, {"FALSE"}}, []string{"true", ""}},
		{"bitStringMatch", [][]string{{"'01'B"}, {"'010'B"}, {"''B"}}, []string{"01"}},
		{"octetStringMatch", [][]string{{"a"}, {"A"}, {"a "}, {""}, {"\x00\xff"}}, nil},
		{"generalizedTimeMatch", [][]string{
			{"20200101120000Z", "202001011200Z", "2020010112Z", "20200101120000.0Z", "20200101120000,00Z", "20200101140000+0200",
				"20200101140000+02", "20200101093000-0230", "2020010111.99999999999999Z"[:0] + "20200101115960Z"},
			{"20200101123000Z", "2020010112.5Z", "202001011230.0Z"},
			{"20200101120030Z", "202001011200.5Z"},
			{"20200101120000.25Z", "20200101120000.250Z", "20200101130000.25+01"},
			{"20191231233000Z", "20200101000000+0030"},
			{"20200229000000Z", "20200228233000-0030"},
		}, []string{"", "20200101120000", "x", "00000101000000+0100"}},
		{"distinguishedNameMatch", [][]string{
			{"cn=A B,dc=x", "CN = a  b , DC=X", "2.5.4.3=a b;domainComponent=x", `commonName=a\20b,dc=x`, "cn=#0c03412042,dc=x"},
			{"cn=a+sn=b,dc=x", "sn=B+cn=A,dc=x"},
			{"cn=a,dc=x,dc=x"},
			{""},
		}, []string{"bogus=a", "cn"}},
		{"uniqueMemberMatch", [][]string{{"cn=a", "CN=A"}, {"cn=a#'01'B", "CN=A#'01'B"}, {"cn=a#'0'B"}, {`cn=a\23'01'B`}}, []string{"bogus=a"}},
		{"objectIdentifierMatch", [][]string{
			{"person", "PERSON", "2.5.6.6"}, {"cn", "commonName", "2.5.4.3"}, {"caseIgnoreMatch", "2.5.13.2"}, {"unknown", "UnKnown"}, {"1.2.3"},
		}, []string{"", "1", "a b"}},
		{"objectIdentifierFirstComponentMatch", [][]string{{"( 2.5.4.3 NAME 'cn' )", "2.5.4.3", "cn", "(2.5.4.3)"}, {"( 2.5.4.4 SUP name )", "sn"}}, []string{"(", "( )", ""}},
		{"integerFirstComponentMatch", [][]string{{"( 5 NAME 'x' )", "5"}, {"6"}}, []string{"( x )", "("}},
		{"directoryStringFirstComponentMatch", [][]string{{"( 'Ab' x )", "aB"}, {"c"}}, []string{""}},
		{"UUIDMatch", [][]string{{"597ae2f6-16a6-1027-98f4-d28b5365dc14", "597AE2F6-16A6-1027-98F4-D28B5365DC14"}, {"597ae2f6-16a6-1027-98f4-d28b5365dc15"}}, []string{"x"}},
		{"CSNMatch", [][]string{{"20200101000000.000000Z#000001#000#000000"}, {"20200101000000.000000Z#000002#000#000000"}}, []string{"x"}},
		{"authPasswordExactMatch", [][]string{{"MD5$a$b", "md5 $ a $ b "}, {"MD5$A$b"}, {"SHA1$a$b"}}, []string{"x"}},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			r := Standard().MatchingRule(tt.rule)
			keys := map[string]string{}
			for i, group := range tt.groups {
				var first []byte
				for n, v := range group {
					key, err := r.Prepare(nil, []byte(v))
					if err != nil {
						t.Fatalf("group %d: no key of %q: %v", i, v, err)
					}
					if n == 0 {
						first = key
						if other, taken := keys[string(key)]; taken {
							t.Errorf("%q equals %q of another group", v, other)
						}
						keys[string(key)] = v
					} else if !bytes.Equal(key, first) {
						t.Errorf("%q has key %q, %q has %q", v, key, group[0], first)
					}
				}
			}
			for _, v := range tt.bad {
				if key, err := r.Prepare([]byte("x"), []byte(v)); err == nil {
					t.Errorf("%q has key %q, want an error", v, key)
				} else if len(v) > 5 && strings.Contains(err.Error(), v) && tt.rule != "distinguishedNameMatch" && tt.rule != "uniqueMemberMatch" {
					t.Errorf("the error repeats the value: %v", err)
				}
			}
		})
	}
}

// TestOrderingRules: keys sort as the values are listed.
func TestOrderingRules(t *testing.T) {
	t.Parallel()
	for rule, sorted := range map[string][]string{
		"integerOrderingMatch": {
			"-" + strings.Repeat("9", 400), "-" + strings.Repeat("9", 300), "-99999999999999999999", "-9223372036854775808", "-65536", "-256", "-255", "-2", "-1",
			"0", "1", "2", "127", "128", "255", "256", "65535", "65536", "9223372036854775807", "18446744073709551616",
			strings.Repeat("9", 300), strings.Repeat("9", 400),
		},
		"generalizedTimeOrderingMatch": {
			"00010101000000Z", "19991231235959Z", "20200101000000+0100", "20200101000000Z", "20200101000000.01Z", "20200101000000.1Z",
			"20200101000000.19Z", "20200101000000.2Z", "20200101000001Z", "20200101000000-0100", "99991231235959Z",
		},
		"caseIgnoreOrderingMatch":    {" ", "a", "a b", "AB", "b", "é"},
		"caseExactOrderingMatch":     {"A", "B", "a", "b"},
		"numericStringOrderingMatch": {"1", "12", "2 0", "3"},
		"octetStringOrderingMatch":   {"", "\x00", "\x00a", "a", "\xff"},
		"UUIDOrderingMatch":          {"00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-00000000000A", "a0000000-0000-0000-0000-000000000000"},
		"CSNOrderingMatch":           {"20200101000000.000000Z#000001#000#000000", "20200101000000.000000Z#000002#000#000000", "20200101000000.000001Z#000000#000#000000"},
	} {
		r := Standard().MatchingRule(rule)
		var before []byte
		for i, v := range sorted {
			key, err := r.Prepare(nil, []byte(v))
			if err != nil {
				t.Fatalf("%s: no key of %q: %v", rule, v, err)
			}
			if i > 0 && bytes.Compare(before, key) >= 0 {
				t.Errorf("%s: %q (%x) does not sort before %q (%x)", rule, sorted[i-1], before, v, key)
			}
			before = key
		}
	}
}

func TestIntegerKeysSortAsNumbers(t *testing.T) {
	t.Parallel()
	r := Standard().MatchingRule("integerOrderingMatch")
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64().Draw(t, "a"), rapid.Int64().Draw(t, "b")
		ka, errA := r.Prepare(nil, strconv.AppendInt(nil, a, 10))
		kb, errB := r.Prepare(nil, strconv.AppendInt(nil, b, 10))
		if errA != nil || errB != nil || bytes.Compare(ka, kb) != cmp.Compare(a, b) {
			t.Fatalf("%d has key %x, %d has key %x (%v, %v)", a, ka, b, kb, errA, errB)
		}
	})
}

// TestSubstringsRules: whether a value matches initial*any*final, by the keys alone.
func TestSubstringsRules(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rule, value, pattern string // the pattern's parts have '*' between them, "" is absent
		want                 bool
	}{
		{"caseIgnoreSubstringsMatch", "John Smith", "john*", true},
		{"caseIgnoreSubstringsMatch", "John Smith", "*SMITH", true},
		{"caseIgnoreSubstringsMatch", "John Smith", "*n s*", true},
		{"caseIgnoreSubstringsMatch", "John   Smith", "*n s*", true},
		{"caseIgnoreSubstringsMatch", "John Smith", "*n  s*", true},
		{"caseIgnoreSubstringsMatch", "John Smith", "*ns*", false},
		{"caseIgnoreSubstringsMatch", "John Smith", "smith*", false},
		{"caseIgnoreSubstringsMatch", "John Smith", "*john", false},
		{"caseIgnoreSubstringsMatch", "John Smith", "john *", true},
		{"caseIgnoreSubstringsMatch", "Johnny", "john *", false},
		{"caseIgnoreSubstringsMatch", "John Smith", "* smith", true},
		{"caseIgnoreSubstringsMatch", "Blacksmith", "* smith", false},
		{"caseIgnoreSubstringsMatch", "John Smith", "* *", true},
		{"caseIgnoreSubstringsMatch", "John Smith", "*john*smith*", true},
		{"caseIgnoreSubstringsMatch", "John Smith", "*smith*john*", false},
		{"caseIgnoreSubstringsMatch", "Müller", "*üLL*", true},
		{"caseIgnoreSubstringsMatch", "Müller", "*u\u0308LL*", true},
		{"caseIgnoreSubstringsMatch", "Straße", "*SSE", true},
		{"caseIgnoreSubstringsMatch", "aa", "a*a*a", false},
		{"caseExactSubstringsMatch", "John", "*oh*", true},
		{"caseExactSubstringsMatch", "John", "*OH*", false},
		{"caseIgnoreIA5SubstringsMatch", "A@B", "a@*", true},
		{"caseExactIA5SubstringsMatch", "A@B", "a@*", false},
		{"numericStringSubstringsMatch", "12 34", "*23*", true},
		{"telephoneNumberSubstringsMatch", "+49 30-1234", "*301*", true},
		{"telephoneNumberSubstringsMatch", "+49 30-1234", "*0 1-2*", true},
		{"octetStringSubstringsMatch", "a B", "*a B", true},
		{"octetStringSubstringsMatch", "a B", "*b", false},
		{"caseIgnoreListSubstringsMatch", "Main St$Town", "*main*town*", true},
		{"caseIgnoreListSubstringsMatch", "Main St$Town", "*st t*", false},
		{"caseIgnoreListSubstringsMatch", `5\24 St$Town`, "5$*", true},
	}
	for _, tt := range tests {
		r := Standard().MatchingRule(tt.rule)
		prepare := func(text string, part SubstringPart) []byte {
			key, err := r.PreparePart(nil, []byte(text), part)
			if err != nil {
				t.Fatalf("%s: %q: %v", tt.rule, text, err)
			}
			return key
		}
		rest, got := prepare(tt.value, Whole), true
		parts := strings.Split(tt.pattern, "*")
		if p := parts[0]; p != "" {
			var ok bool
			rest, ok = bytes.CutPrefix(rest, prepare(p, Initial))
			got = got && ok
		}
		for _, p := range parts[1 : len(parts)-1] {
			_, after, ok := bytes.Cut(rest, prepare(p, Any))
			rest, got = after, got && ok
		}
		if p := parts[len(parts)-1]; p != "" {
			got = got && bytes.HasSuffix(rest, prepare(p, Final))
		}
		if got != tt.want {
			t.Errorf("%s: %q matches %q: %v, want %v", tt.rule, tt.value, tt.pattern, got, tt.want)
		}
	}
}

func TestRuleErrors(t *testing.T) {
	t.Parallel()
	s := Standard()
	if _, err := s.AppendOrderingKey(nil, s.TypeByName("cn"), []byte("a")); err == nil {
		t.Error("cn has no ordering rule, and yet an ordering key")
	}
	if _, err := s.AppendSubstringKey(nil, s.TypeByName("uidNumber"), []byte("1"), Any); err == nil {
		t.Error("uidNumber has no substrings rule, and yet a substring key")
	}
	if _, err := s.MatchingRule("caseIgnoreMatch").PreparePart(nil, []byte("a"), Any); err == nil {
		t.Error("an equality rule prepares parts")
	}
	key, err := s.AppendOrderingKey([]byte("x"), s.TypeByName("uidNumber"), []byte("5"))
	if want := "x\x81\x05"; err != nil || string(key) != want {
		t.Errorf("the ordering key of 5 is %q, %v, want %q", key, err, want)
	}
	if key, err := s.EqualityKey(s.TypeByName("jpegPhoto").Description(), []byte("A")); err != nil || string(key) != "A" {
		t.Errorf("the key of a value without a rule is %q, %v", key, err)
	}
}

// TestPreparedIsPrepared: what string preparation makes is left alone by a second pass, for all rules on text.
func TestPreparedIsPrepared(t *testing.T) {
	t.Parallel()
	rules := []string{"caseIgnoreMatch", "caseExactMatch", "caseIgnoreListMatch", "numericStringMatch", "telephoneNumberMatch"}
	rapid.Check(t, func(t *rapid.T) {
		r := Standard().MatchingRule(rapid.SampledFrom(rules).Draw(t, "rule"))
		runes := rapid.SliceOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune(" aAßſİıŉ\u0345\u0308ﬁ\u00a0\u00ad-1$Σςϒΰᾼ")))).Draw(t, "text")
		key, err := r.Prepare(nil, []byte(string(runes)))
		if err != nil || len(key) == 0 {
			return
		}
		again, err := r.Prepare(nil, key)
		if err != nil || !slices.Equal(key, again) {
			t.Fatalf("%s: %q prepares to %q, which prepares to %q, %v", r.Name(), string(runes), key, again, err)
		}
	})
}
