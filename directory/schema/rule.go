package schema

import "errors"

// RuleUse says what a matching rule compares.
type RuleUse uint8

// The uses.
const (
	EqualityRule RuleUse = iota
	OrderingRule
	SubstringsRule
	BitRule // the rules of AD that test bits of integers; for extensible filters alone
)

// ruleImpl is a matching rule that the server implements.
//
// Invariants:
//  1. Two values match exactly if prepare makes the same key of them.
//  2. The ordering rule of a family makes the keys that its equality rule makes, so that one index serves both, and their
//     bytes sort as the values do.
//  3. named, if set, makes the text that stands for a value in normalized names: a value of the same syntax with the
//     same key.
type ruleImpl struct {
	oid     string
	name    string
	use     RuleUse
	syntax  string   // of the assertion
	values  []string // further syntaxes of attributes that it applies to
	prepare func(s *Schema, dst, v []byte) ([]byte, error)
	part    func(dst, v []byte, sp spaces) ([]byte, error) // substrings rules
	named   func(s *Schema, dst, v []byte) ([]byte, error) // nil if the key is text itself
}

var (
	ignoreList = []string{oidPrintableString, oidCountryString, oidTelephoneNumber, oidIA5String}
	firstList  = []string{
		attributeSyntaxes + "3", attributeSyntaxes + "30", attributeSyntaxes + "31", attributeSyntaxes + "37",
		attributeSyntaxes + "54", attributeSyntaxes + "16",
	}
)

// ruleTable lists the matching rules in the order in which they are published. Rules of rare attributes whose structure
// the server does not know compare the whole value.
var ruleTable = []ruleImpl{
	{oid: "2.5.13.0", name: "objectIdentifierMatch", syntax: oidOID, prepare: prepareOID},
	{oid: "2.5.13.1", name: "distinguishedNameMatch", syntax: oidDN, prepare: prepareDN},
	{oid: "2.5.13.2", name: "caseIgnoreMatch", syntax: oidDirectoryString, values: ignoreList, prepare: prepareIgnore},
	{oid: "2.5.13.3", name: "caseIgnoreOrderingMatch", use: OrderingRule, syntax: oidDirectoryString, values: ignoreList, prepare: prepareIgnore},
	{oid: "2.5.13.4", name: "caseIgnoreSubstringsMatch", use: SubstringsRule, syntax: oidSubstring, values: append([]string{oidDirectoryString}, ignoreList...), part: partIgnore},
	{oid: "2.5.13.5", name: "caseExactMatch", syntax: oidDirectoryString, values: ignoreList, prepare: prepareExact},
	{oid: "2.5.13.6", name: "caseExactOrderingMatch", use: OrderingRule, syntax: oidDirectoryString, values: ignoreList, prepare: prepareExact},
	{oid: "2.5.13.7", name: "caseExactSubstringsMatch", use: SubstringsRule, syntax: oidSubstring, values: append([]string{oidDirectoryString}, ignoreList...), part: partExact},
	{oid: "2.5.13.8", name: "numericStringMatch", syntax: oidNumericString, prepare: prepareNumeric},
	{oid: "2.5.13.9", name: "numericStringOrderingMatch", use: OrderingRule, syntax: oidNumericString, prepare: prepareNumeric},
	{oid: "2.5.13.10", name: "numericStringSubstringsMatch", use: SubstringsRule, syntax: oidSubstring, values: []string{oidNumericString}, part: partNumeric},
	{oid: "2.5.13.11", name: "caseIgnoreListMatch", syntax: oidPostalAddress, prepare: prepareList},
	{oid: "2.5.13.12", name: "caseIgnoreListSubstringsMatch", use: SubstringsRule, syntax: oidSubstring, values: []string{oidPostalAddress}, part: partList},
	{oid: "2.5.13.13", name: "booleanMatch", syntax: oidBoolean, prepare: prepareBoolean},
	{oid: "2.5.13.14", name: "integerMatch", syntax: oidInteger, prepare: prepareInteger, named: prepareVerbatim},
	{oid: "2.5.13.15", name: "integerOrderingMatch", use: OrderingRule, syntax: oidInteger, prepare: prepareInteger},
	{oid: "2.5.13.16", name: "bitStringMatch", syntax: oidBitString, prepare: prepareBits},
	{oid: "2.5.13.17", name: "octetStringMatch", syntax: oidOctetString, prepare: prepareVerbatim},
	{oid: "2.5.13.18", name: "octetStringOrderingMatch", use: OrderingRule, syntax: oidOctetString, prepare: prepareVerbatim},
	{oid: "2.5.13.19", name: "octetStringSubstringsMatch", use: SubstringsRule, syntax: oidOctetString, part: partVerbatim},
	{oid: "2.5.13.20", name: "telephoneNumberMatch", syntax: oidTelephoneNumber, prepare: prepareTelephone},
	{oid: "2.5.13.21", name: "telephoneNumberSubstringsMatch", use: SubstringsRule, syntax: oidSubstring, values: []string{oidTelephoneNumber}, part: partTelephone},
	{oid: "2.5.13.22", name: "presentationAddressMatch", syntax: oidPresentation, prepare: prepareIgnore},
	{oid: "2.5.13.23", name: "uniqueMemberMatch", syntax: oidNameAndUID, prepare: prepareNameAndUID},
	{oid: "2.5.13.24", name: "protocolInformationMatch", syntax: oidProtocolInfo, prepare: prepareIgnore},
	{oid: "2.5.13.27", name: "generalizedTimeMatch", syntax: oidGeneralizedTime, prepare: prepareTime, named: nameTime},
	{oid: "2.5.13.28", name: "generalizedTimeOrderingMatch", use: OrderingRule, syntax: oidGeneralizedTime, prepare: prepareTime},
	{oid: "2.5.13.29", name: "integerFirstComponentMatch", syntax: oidInteger, values: firstList[5:], prepare: prepareIntegerFirst, named: prepareVerbatim},
	{oid: "2.5.13.30", name: "objectIdentifierFirstComponentMatch", syntax: oidOID, values: firstList, prepare: prepareOIDFirst, named: prepareVerbatim},
	{oid: "2.5.13.31", name: "directoryStringFirstComponentMatch", syntax: oidDirectoryString, prepare: prepareIgnoreFirst, named: prepareVerbatim},
	{oid: "2.5.13.34", name: "certificateExactMatch", syntax: oidCertAssertion, values: []string{oidCertificate}, prepare: prepareCertificate, named: prepareVerbatim},
	{oid: "2.5.13.38", name: "certificateListExactMatch", syntax: oidCertificateList, prepare: prepareVerbatim},
	{oid: "2.5.13.45", name: "attributeCertificateExactMatch", syntax: oidAttrCertificate, prepare: prepareVerbatim},
	{oid: "1.3.6.1.4.1.1466.109.114.1", name: "caseExactIA5Match", syntax: oidIA5String, prepare: prepareExactIA5},
	{oid: "1.3.6.1.4.1.1466.109.114.2", name: "caseIgnoreIA5Match", syntax: oidIA5String, prepare: prepareIgnoreIA5},
	{oid: "1.3.6.1.4.1.1466.109.114.3", name: "caseIgnoreIA5SubstringsMatch", use: SubstringsRule, syntax: oidIA5String, part: partIgnoreIA5},
	{oid: "1.3.6.1.4.1.4203.1.2.1", name: "caseExactIA5SubstringsMatch", use: SubstringsRule, syntax: oidIA5String, part: partExactIA5},
	{oid: "1.3.6.1.1.16.2", name: "UUIDMatch", syntax: oidUUID, prepare: prepareUUID},
	{oid: "1.3.6.1.1.16.3", name: "UUIDOrderingMatch", use: OrderingRule, syntax: oidUUID, prepare: prepareUUID},
	{oid: "1.3.6.1.4.1.4203.666.11.2.2", name: "CSNMatch", syntax: oidCSN, prepare: prepareCSN},
	{oid: "1.3.6.1.4.1.4203.666.11.2.3", name: "CSNOrderingMatch", use: OrderingRule, syntax: oidCSN, prepare: prepareCSN},
	{oid: "1.3.6.1.4.1.4203.1.2.2", name: "authPasswordExactMatch", syntax: oidAuthPassword, prepare: prepareAuthPassword},
	{oid: "1.3.6.1.4.1.4203.666.4.12", name: "authzMatch", syntax: oidAuthz, prepare: prepareVerbatim},
	{oid: "1.3.6.1.4.1.4203.666.4.13", name: "privateKeyMatch", syntax: oidPrivateKey, prepare: prepareVerbatim},
	{oid: "1.2.840.113556.1.4.803", name: "integerBitAndMatch", use: BitRule, syntax: oidInteger, prepare: prepareInteger},
	{oid: "1.2.840.113556.1.4.804", name: "integerBitOrMatch", use: BitRule, syntax: oidInteger, prepare: prepareInteger},
	{oid: "1.2.840.113556.1.4.1941", name: "inChainMatch", syntax: oidDN, prepare: prepareDN},
}

// fallbackOrdering names the ordering rule that goes with an equality rule, see [AttributeType.EffectiveOrdering].
var fallbackOrdering = map[string]string{
	"caseIgnoreMatch": "caseIgnoreOrderingMatch", "caseIgnoreIA5Match": "caseIgnoreOrderingMatch",
	"caseExactMatch": "caseExactOrderingMatch", "caseExactIA5Match": "caseExactOrderingMatch",
	"numericStringMatch": "numericStringOrderingMatch", "integerMatch": "integerOrderingMatch",
	"octetStringMatch": "octetStringOrderingMatch", "generalizedTimeMatch": "generalizedTimeOrderingMatch",
	"UUIDMatch": "UUIDOrderingMatch", "CSNMatch": "CSNOrderingMatch",
}

var errNoSubstrings = errors.New("the rule does not compare parts")

// Use says what the rule compares.
func (r *MatchingRule) Use() RuleUse { return r.impl.use }

// Prepare appends the key by which the rule compares: values match exactly if their keys are equal, and the keys of an
// ordering rule sort as the values do. A rule and the ordering rule of its family make the same keys. An error means that
// the value does not fit the rule; it never repeats the value.
func (r *MatchingRule) Prepare(dst, value []byte) ([]byte, error) {
	if r.impl.prepare == nil {
		return r.impl.part(dst, value, spacesWhole)
	}
	return r.impl.prepare(r.schema, dst, value)
}

// PreparePart appends a value or a part prepared for a substrings rule: a part is in a value exactly if its bytes are, at
// the start for Initial, at the end for Final.
func (r *MatchingRule) PreparePart(dst, value []byte, part SubstringPart) ([]byte, error) {
	if r.impl.part == nil {
		return dst, errNoSubstrings
	}
	return r.impl.part(dst, value, spacesOf[part])
}

// AppliesTo reports whether the rule may be used on values of the type in an extensible filter.
func (r *MatchingRule) AppliesTo(t *AttributeType) bool {
	if t.Equality == r || t.Ordering == r || t.Substr == r || t.Syntax.impl.oid == r.impl.syntax {
		return true
	}
	for _, oid := range r.impl.values {
		if t.Syntax.impl.oid == oid {
			return true
		}
	}
	return false
}

func (r *MatchingRule) definition() *MatchingRuleDefinition {
	return &MatchingRuleDefinition{OID: r.OID, Names: r.Names, Desc: r.Desc, Syntax: r.Syntax.OID}
}
