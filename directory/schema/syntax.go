package schema

import "errors"

// syntaxImpl is a syntax that the server implements: its place in the published list and its check.
type syntaxImpl struct {
	oid   string
	desc  string
	flags syntaxFlags
	check func(s *Schema, v []byte) error
}

type syntaxFlags uint8

const (
	syntaxBlob     syntaxFlags = 1 << iota // octets, not text: X-NOT-HUMAN-READABLE; takes ;binary
	syntaxTransfer                         // clients of RFC 4523 ask for it with ;binary
)

// attributeSyntaxes is the arc of RFC 4517.
const attributeSyntaxes = "1.3.6.1.4.1.1466.115.121.1."

// OIDs of syntaxes that the code itself speaks of.
const (
	oidBitString       = attributeSyntaxes + "6"
	oidBoolean         = attributeSyntaxes + "7"
	oidDN              = attributeSyntaxes + "12"
	oidDirectoryString = attributeSyntaxes + "15"
	oidGeneralizedTime = attributeSyntaxes + "24"
	oidIA5String       = attributeSyntaxes + "26"
	oidInteger         = attributeSyntaxes + "27"
	oidNameAndUID      = attributeSyntaxes + "34"
	oidNumericString   = attributeSyntaxes + "36"
	oidOID             = attributeSyntaxes + "38"
	oidOctetString     = attributeSyntaxes + "40"
	oidPostalAddress   = attributeSyntaxes + "41"
	oidPrintableString = attributeSyntaxes + "44"
	oidCountryString   = attributeSyntaxes + "11"
	oidTelephoneNumber = attributeSyntaxes + "50"
	oidSubstring       = attributeSyntaxes + "58"
	oidUUID            = "1.3.6.1.1.16.1"
	oidCSN             = "1.3.6.1.4.1.4203.666.11.2.1"
	oidAuthPassword    = "1.3.6.1.4.1.4203.1.1.2"
	oidCertificate     = attributeSyntaxes + "8"
	oidCertAssertion   = "1.3.6.1.1.15.1"
	oidCertificateList = attributeSyntaxes + "9"
	oidAttrCertificate = "1.3.6.1.4.1.4203.666.11.10.2.1"
	oidAuthz           = "1.3.6.1.4.1.4203.666.2.7"
	oidProtocolInfo    = attributeSyntaxes + "42"
	oidPresentation    = attributeSyntaxes + "43"
	oidPrivateKey      = "1.2.840.113549.1.8.1.1"
)

// syntaxTable lists the syntaxes in the order in which they are published. Syntaxes of rare and superseded attributes are
// checked no further than their character set: what a directory has held for years must load.
var syntaxTable = []syntaxImpl{
	{attributeSyntaxes + "3", "Attribute Type Description", 0, definitionCheck(ParseAttributeType)},
	{attributeSyntaxes + "4", "Audio", syntaxBlob, checkAny},
	{attributeSyntaxes + "5", "Binary", syntaxBlob, checkAny},
	{oidBitString, "Bit String", 0, checkBitString},
	{oidBoolean, "Boolean", 0, checkBoolean},
	{oidCertificate, "Certificate", syntaxBlob | syntaxTransfer, checkNotEmpty},
	{oidCertificateList, "Certificate List", syntaxBlob | syntaxTransfer, checkNotEmpty},
	{attributeSyntaxes + "10", "Certificate Pair", syntaxBlob | syntaxTransfer, checkNotEmpty},
	{oidCountryString, "Country String", 0, checkCountryString},
	{oidDN, "DN", 0, checkDN},
	{attributeSyntaxes + "13", "Data Quality", 0, checkDirectoryString},
	{attributeSyntaxes + "14", "Delivery Method", 0, checkDeliveryMethod},
	{oidDirectoryString, "Directory String", 0, checkDirectoryString},
	{attributeSyntaxes + "16", "DIT Content Rule Description", 0, checkDirectoryString},
	{attributeSyntaxes + "17", "DIT Structure Rule Description", 0, checkDirectoryString},
	{attributeSyntaxes + "19", "DSA Quality", 0, checkDirectoryString},
	{attributeSyntaxes + "21", "Enhanced Guide", 0, checkDirectoryString},
	{attributeSyntaxes + "22", "Facsimile Telephone Number", 0, checkPrintableStrings},
	{attributeSyntaxes + "23", "Fax", syntaxBlob, checkAny},
	{oidGeneralizedTime, "Generalized Time", 0, checkGeneralizedTime},
	{attributeSyntaxes + "25", "Guide", 0, checkDirectoryString},
	{oidIA5String, "IA5 String", 0, checkIA5},
	{oidInteger, "INTEGER", 0, checkInteger},
	{attributeSyntaxes + "28", "JPEG", syntaxBlob, checkAny},
	{attributeSyntaxes + "30", "Matching Rule Description", 0, definitionCheck(ParseMatchingRule)},
	{attributeSyntaxes + "31", "Matching Rule Use Description", 0, definitionCheck(ParseMatchingRuleUse)},
	{oidNameAndUID, "Name And Optional UID", 0, checkNameAndUID},
	{attributeSyntaxes + "35", "Name Form Description", 0, checkDirectoryString},
	{oidNumericString, "Numeric String", 0, checkNumericString},
	{attributeSyntaxes + "37", "Object Class Description", 0, definitionCheck(ParseObjectClass)},
	{oidOID, "OID", 0, checkOID},
	{attributeSyntaxes + "39", "Other Mailbox", 0, checkIA5},
	{oidOctetString, "Octet String", syntaxBlob, checkAny},
	{oidPostalAddress, "Postal Address", 0, checkPostalAddress},
	{oidProtocolInfo, "Protocol Information", 0, checkDirectoryString},
	{oidPresentation, "Presentation Address", 0, checkDirectoryString},
	{oidPrintableString, "Printable String", 0, checkPrintableString},
	{attributeSyntaxes + "45", "Subtree Specification", 0, checkDirectoryString},
	{attributeSyntaxes + "49", "Supported Algorithm", syntaxBlob | syntaxTransfer, checkNotEmpty},
	{oidTelephoneNumber, "Telephone Number", 0, checkPrintableString},
	{attributeSyntaxes + "51", "Teletex Terminal Identifier", 0, checkPrintableStrings},
	{attributeSyntaxes + "52", "Telex Number", 0, checkPrintableStrings},
	{attributeSyntaxes + "53", "UTC Time", 0, checkUTCTime},
	{attributeSyntaxes + "54", "LDAP Syntax Description", 0, definitionCheck(ParseSyntax)},
	{oidSubstring, "Substring Assertion", 0, checkDirectoryString},
	{"1.3.6.1.1.1.0.0", "RFC 2307 NIS Netgroup Triple", 0, checkNetgroupTriple},
	{"1.3.6.1.1.1.0.1", "RFC 2307 Boot Parameter", 0, checkBootParameter},
	{oidCertAssertion, "Certificate Exact Assertion", 0, checkDirectoryString},
	{oidUUID, "UUID", 0, checkUUID},
	{oidAuthPassword, "Authentication Password", 0, checkAuthPassword},
	{oidCSN, "CSN", 0, checkCSN},
	{oidAttrCertificate, "X.509 AttributeCertificate", syntaxBlob | syntaxTransfer, checkNotEmpty},
	{oidAuthz, "OpenLDAP authz", 0, checkDirectoryString},
	{oidPrivateKey, "PKCS#8 PrivateKeyInfo", syntaxBlob, checkNotEmpty},
	{"1.2.840.113556.1.4.906", "Large Integer", 0, checkInteger},
}

var (
	errEmpty = errors.New("empty")
	errChar  = errors.New("a character is not allowed here")
)

// Validate reports whether value fits the syntax. The error says what is wrong, without the value.
func (x *Syntax) Validate(value []byte) error { return x.impl.check(x.schema, value) }

// IsHumanReadable reports whether values are text.
func (x *Syntax) IsHumanReadable() bool { return x.impl.flags&syntaxBlob == 0 }

// isName reports whether values are names of entries.
func (x *Syntax) isName() bool { return x.impl.oid == oidDN || x.impl.oid == oidNameAndUID }

func (x *Syntax) definition() *SyntaxDefinition {
	d := &SyntaxDefinition{OID: x.OID, Desc: x.Desc}
	if x.impl.flags&syntaxTransfer != 0 {
		d.Extensions = append(d.Extensions, Extension{Name: "X-BINARY-TRANSFER-REQUIRED", Values: []string{"TRUE"}})
	}
	if x.impl.flags&syntaxBlob != 0 {
		d.Extensions = append(d.Extensions, Extension{Name: "X-NOT-HUMAN-READABLE", Values: []string{"TRUE"}})
	}
	return d
}
