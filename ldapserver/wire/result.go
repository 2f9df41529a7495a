package wire

import (
	"gatehouse/directory"
	"gatehouse/directory/ber"
)

const tagReferral byte = 0xa3

// AppendResult appends an answer that is an LDAPResult and nothing else (RFC 4511 section 4.1.9): all but bind and extended.
// tag is one of the Tag constants, or [ResponseTag] of the request.
func AppendResult(dst []byte, id directory.MessageID, tag byte, r *directory.Result, controls []directory.Control) []byte {
	dst = appendEnvelope(dst, id, tag, resultSize(r), controls)
	dst = appendResult(dst, r)
	return appendControls(dst, controls)
}

// appendEnvelope appends the head of an LDAPMessage and of its protocol operation, whose contents take size octets.
func appendEnvelope(dst []byte, id directory.MessageID, tag byte, size int, controls []directory.Control) []byte {
	n := 2 + ber.IntegerSize(int64(id)) + ber.Size(size)
	if len(controls) > 0 {
		n += ber.Size(controlsSize(controls))
	}
	dst = ber.AppendHeader(dst, ber.Sequence, n)
	dst = ber.AppendInteger(dst, ber.Integer, int64(id))
	return ber.AppendHeader(dst, tag, size)
}

func resultSize(r *directory.Result) int {
	n := 2 + ber.IntegerSize(int64(r.Code)) + ber.Size(len(r.MatchedDN)) + ber.Size(len(r.DiagnosticMessage))
	if len(r.Referral) > 0 {
		n += ber.Size(stringsSize(r.Referral))
	}
	return n
}

func appendResult(dst []byte, r *directory.Result) []byte {
	dst = ber.AppendInteger(dst, ber.Enumerated, int64(r.Code))
	dst = ber.AppendOctets(dst, ber.OctetString, r.MatchedDN)
	dst = ber.AppendOctets(dst, ber.OctetString, r.DiagnosticMessage)
	if len(r.Referral) > 0 {
		dst = ber.AppendHeader(dst, tagReferral, stringsSize(r.Referral))
		dst = appendStrings(dst, r.Referral)
	}
	return dst
}

func stringsSize(list []string) int {
	n := 0
	for _, s := range list {
		n += ber.Size(len(s))
	}
	return n
}

func appendStrings(dst []byte, list []string) []byte {
	for _, s := range list {
		dst = ber.AppendOctets(dst, ber.OctetString, s)
	}
	return dst
}

// optionalSize is the size of an element that is absent if v is nil.
func optionalSize(v []byte) int {
	if v == nil {
		return 0
	}
	return ber.Size(len(v))
}

func appendOptional(dst []byte, tag byte, v []byte) []byte {
	if v == nil {
		return dst
	}
	return ber.AppendOctets(dst, tag, v)
}

func controlsSize(controls []directory.Control) int {
	n := 0
	for i := range controls {
		n += ber.Size(controlSize(&controls[i]))
	}
	return n
}

func controlSize(c *directory.Control) int {
	n := ber.Size(len(c.OID))
	if c.Criticality {
		n += 3
	}
	if c.HasValue {
		n += ber.Size(len(c.Value))
	}
	return n
}

func appendControls(dst []byte, controls []directory.Control) []byte {
	if len(controls) == 0 {
		return dst
	}
	dst = ber.AppendHeader(dst, tagControls, controlsSize(controls))
	for i := range controls {
		c := &controls[i]
		dst = ber.AppendHeader(dst, ber.Sequence, controlSize(c))
		dst = ber.AppendOctets(dst, ber.OctetString, c.OID)
		if c.Criticality {
			dst = ber.AppendBoolean(dst, ber.Boolean, true)
		}
		if c.HasValue {
			dst = ber.AppendOctets(dst, ber.OctetString, c.Value)
		}
	}
	return dst
}
