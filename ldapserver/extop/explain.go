package extop

// Explain asks what the policy decides, and why: by the reference that a refusal carried, or by a question. The request value and
// the response value are JSON texts in UTF-8, the same that "gatehouse policy explain --json" has to do with:
//
//	{"ref": "0123456789abcdef"}
//	{"as": DN, "do": ACTION, "on": DN, "attr": NAME, "value": TEXT, "oid": OID,
//	 "via": {"ip": ADDRESS, "tls": BITS, "level": N, "auth-method": NAME, "at": TIME, "elevated": [NAME]}}
//
// It needs the right policy.read. The response name is the same OID.
const Explain = "2.25.75177243326012903985011441062457618234.3.1"

// ExplainRequestBytesMax bounds the value of a request: a few names and a value.
const ExplainRequestBytesMax = 64 << 10
