package schema

import "testing"

// TestSyntaxes: which values each syntax takes. What OpenLDAP 2.5 takes is taken here; the lines marked "wider" are those
// where it refuses.
func TestSyntaxes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		attr      string // whose syntax is meant
		good, bad []string
	}{
		{"description", []string{" ", "a", "\x00x", "é", "a\nb"}, []string{"", "a\x80b"}},
		{"mail", []string{"", " ", "a@b"}, []string{"é"}},
		{"telephoneNumber", []string{"+49 (0)30-12/3", "ext=5", "a?b", "-", " "}, []string{"", "123#", "12*3", "a;b", "a_b", "a@b", "é"}},
		{"facsimileTelephoneNumber", []string{"+1 23", "+1 23$fineResolution", "+1$bogus"}, []string{"", "+1$", "$fineResolution"}},
		{"preferredDeliveryMethod", []string{"any", "mhs $ physical", "mhs$physical", "Any", "telephone  $  any"}, []string{"", "bogus", "mhs $"}},
		{"postalAddress", []string{"", "a$b", "a$$b", "$", `a\24b`, `a\5Cb`, `a\5cb`, "é$x"}, []string{`a\b`, `a\2`, "a\xff"}},
		{"uidNumber", []string{"0", "-5", "12345678901234567890123"}, []string{"", "-0", "007", "+5", "5 ", "1a", "-", "--1"}},
		{"jpegPhoto", []string{"", "\xff\xd8\xff\xe0", "abc"}, nil},
		{"userPassword", []string{"", "x", "\x00\xff"}, nil},
		{"x500UniqueIdentifier", []string{"'0101'B", "''B"}, []string{"", "'012'B", "0101", "'01'b", "'B"}},
		{"aliasedObjectName", []string{"", "cn=a", "cn=a,dc=b", "cn=a+sn=b", "2.5.4.3=a", "uidNumber=5", "cn=a;dc=b", `cn="a,b"`, "OU=é",
			"oid.2.5.4.3=x", "cn=#04024869" /* wider */}, []string{"bogus=a", "cn", "cn=", "cn=a+cn=b", "1.2.3.4=a", "uidNumber=x", "cn=a,", "cn=a<b"}},
		{"uniqueMember", []string{"", "cn=a", "cn=a#'01'B", "cn=a#b", "#'01'B", `cn=a\23'01'B`}, []string{"bogus=a#'01'B", "cn"}},
		{"c", []string{"DE", "de", "D1"}, []string{"", "D", "DEU", "é"}},
		{"serialNumber", []string{"a1"}, []string{"", "a_b", "é"}},
		{"x121Address", []string{"123", "12 3", " "}, []string{"", "12a"}},
		{"telexNumber", []string{"a$b$c", "a$b", "a"}, []string{"", "a$$"}},
		{"teletexTerminalIdentifier", []string{"a", "a$graphic:x" /* wider */}, []string{""}},
		{"supportedFeatures", []string{"1.2.3", "cn", "unknownName"}, []string{"", "1", "1.2.03", "-x", "1.", "2.5.4.3x", "é"}},
		{"nisNetgroupTriple", []string{"(a,b,c)", "(,,)", "(-,u,d)"}, []string{"", "(a,b)", "a,b,c", "(a b,c,d)", "( a, b, c)", "(a,b,c", "(a,b,c,d)"}},
		{"bootParameter", []string{"root=fs:/nfsroot", "=fs:/x", "a=b:", "a=:c", "root=fs:/a b"}, []string{"", "root=fs", "root", "a=b:é"}},
		{"otherMailbox", []string{"", "x$y", "x", "$y", "x$"}, []string{"x$é"}},
		{"userCertificate", []string{"x", "\x30\x00" /* wider */}, []string{""}},
		{"hasSubordinates", []string{"TRUE", "FALSE"}, []string{"", "true", "yes"}},
		{"createTimestamp", []string{
			"20200101000000Z", "20200101000000.5Z", "20200101000000,5Z", "2020010100Z", "202001010000Z", "20200101000000+0200",
			"20200101000000-02", "20200229000000Z", "20200101000060Z", "2020010100.5Z", "202001010000.25+0130",
		}, []string{
			"", "0000", "20200101000000", "20201301000000Z", "20200001000000Z", "20200100000000Z", "20200230000000Z", "20210229000000Z",
			"19000229000000Z", "20200431000000Z", "20200101240000Z", "20200101006000Z", "20200101000061Z", "20200101000000.Z", "20200101000000z",
			"20200101000000+2400", "20200101000000+1", "20200101000000+0260", "20200101000000.5", "2020010100000Z", "20200101000000ZZ",
		}},
		{"entryUUID", []string{"597ae2f6-16a6-1027-98f4-d28b5365dc14", "597AE2F6-16A6-1027-98F4-D28B5365DC14"},
			[]string{"", "597ae2f616a6102798f4d28b5365dc14", "597ae2f6-16a6-1027-98f4-d28b5365dc1", "597ae2f6-16a6-1027-98f4-d28b5365dc1g", "597ae2f6x16a6-1027-98f4-d28b5365dc14"}},
		{"entryCSN", []string{"20200101000000.000000Z#000001#000#000000"}, []string{"", "20200101000000.000000Z", "x#0#0#0", "20200101000000Z#g#0#0"}},
		{"authPassword", []string{"MD5$c2FsdA==$aGFzaA==", " SHA1 $ x $ y "}, []string{"", "MD5$x", "$x$y", "MD5$é$y"}},
		{"attributeTypes", []string{"( 1.2.3 SYNTAX 1.2.4 )"}, []string{"", "( 1.2.3 )", "1.2.3"}},
		{"objectClasses", []string{"( 1.2.3 )"}, []string{"", "( )"}},
		{"uSNChanged", []string{"9223372036854775807", "-1"}, []string{"", "1.5"}},
		{"dSAQuality", []string{"FULL" /* wider */}, []string{""}},
	}
	for _, tt := range tests {
		t.Run(tt.attr, func(t *testing.T) {
			x := Standard().TypeByName(tt.attr).Syntax
			for _, v := range tt.good {
				if err := x.Validate([]byte(v)); err != nil {
					t.Errorf("%s refuses %q: %v", x.Desc, v, err)
				}
			}
			for _, v := range tt.bad {
				if err := x.Validate([]byte(v)); err == nil {
					t.Errorf("%s takes %q", x.Desc, v)
				}
			}
		})
	}
}

func TestUTCTime(t *testing.T) {
	t.Parallel()
	x, _ := Standard().syntaxOIDs.find(attributeSyntaxes + "53")
	for v, good := range map[string]bool{
		"9902281200Z": true, "990228120030Z": true, "990228120030+0200": true, "9902281200": true, "990228120030": true,
		"": false, "99022812Z": false, "9902301200Z": false, "990228120030.5Z": false, "9902281200X": false, "xx02281200Z": false,
	} {
		if err := x.Validate([]byte(v)); (err == nil) != good {
			t.Errorf("UTC Time %q: %v, want good %v", v, err, good)
		}
	}
}
