package wire

import (
	"math"

	"gatehouse/directory"
	"gatehouse/directory/ber"
)

const (
	tagRequestName       byte = 0x80
	tagRequestValue      byte = 0x81
	tagResponseName      byte = 0x8a
	tagResponseValue     byte = 0x8b
	tagIntermediateName  byte = 0x80
	tagIntermediateValue byte = 0x81
)

// oidNoticeOfDisconnection is RFC 4511 section 4.4.1.
const oidNoticeOfDisconnection = "1.3.6.1.4.1.1466.20036"

// extended reads RFC 4511 section 4.12.
func (d *decoder) extended() *directory.ExtendedRequest {
	r := &d.store.extended
	*r = directory.ExtendedRequest{}
	outer := d.Enter(tagExtendedRequest)
	r.OID = d.text(tagRequestName)
	if d.Peek() == tagRequestValue {
		r.Value, r.HasValue = d.Octets(tagRequestValue), true
	}
	d.Leave(outer)
	return r
}

// abandon reads RFC 4511 section 4.11.
func (d *decoder) abandon() *directory.AbandonRequest {
	r := &d.store.abandon
	r.ID = directory.MessageID(d.integer(tagAbandonRequest, 0, math.MaxInt32, "message ID"))
	return r
}

// AppendExtendedResponse appends an ExtendedResponse. An empty oid and a nil value are left out.
func AppendExtendedResponse(dst []byte, id directory.MessageID, r *directory.Result, oid string, value []byte, controls []directory.Control) []byte {
	size := resultSize(r) + optionalSize(value)
	if oid != "" {
		size += ber.Size(len(oid))
	}
	dst = appendEnvelope(dst, id, TagExtendedResponse, size, controls)
	dst = appendResult(dst, r)
	if oid != "" {
		dst = ber.AppendOctets(dst, tagResponseName, oid)
	}
	dst = appendOptional(dst, tagResponseValue, value)
	return appendControls(dst, controls)
}

// AppendIntermediateResponse appends an IntermediateResponse (RFC 4511 section 4.13). An empty oid and a nil value are left out.
func AppendIntermediateResponse(dst []byte, id directory.MessageID, oid string, value []byte, controls []directory.Control) []byte {
	size := optionalSize(value)
	if oid != "" {
		size += ber.Size(len(oid))
	}
	dst = appendEnvelope(dst, id, TagIntermediateResponse, size, controls)
	if oid != "" {
		dst = ber.AppendOctets(dst, tagIntermediateName, oid)
	}
	dst = appendOptional(dst, tagIntermediateValue, value)
	return appendControls(dst, controls)
}

// AppendNoticeOfDisconnection appends the unsolicited notification of RFC 4511 section 4.4.1: the server is about to close
// the connection.
func AppendNoticeOfDisconnection(dst []byte, code directory.ResultCode, diagnostic string) []byte {
	r := directory.Result{Code: code, DiagnosticMessage: diagnostic}
	return AppendExtendedResponse(dst, 0, &r, oidNoticeOfDisconnection, nil, nil)
}
