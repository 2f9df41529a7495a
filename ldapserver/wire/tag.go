package wire

import "gatehouse/directory"

// The tags of the protocol operations (RFC 4511 section 4.2 to 4.13), identifier octets as on the wire.
const (
	tagBindRequest     byte = 0x60
	tagUnbindRequest   byte = 0x42
	tagSearchRequest   byte = 0x63
	tagModifyRequest   byte = 0x66
	tagAddRequest      byte = 0x68
	tagDeleteRequest   byte = 0x4a
	tagModifyDNRequest byte = 0x6c
	tagCompareRequest  byte = 0x6e
	tagAbandonRequest  byte = 0x50
	tagExtendedRequest byte = 0x77
)

// The tags of the answers, for [AppendResult].
const (
	TagBindResponse          byte = 0x61
	TagSearchResultEntry     byte = 0x64
	TagSearchResultDone      byte = 0x65
	TagSearchResultReference byte = 0x73
	TagModifyResponse        byte = 0x67
	TagAddResponse           byte = 0x69
	TagDeleteResponse        byte = 0x6b
	TagModifyDNResponse      byte = 0x6d
	TagCompareResponse       byte = 0x6f
	TagExtendedResponse      byte = 0x78
	TagIntermediateResponse  byte = 0x79
)

const tagControls byte = 0xa0

// ResponseTag returns the tag of the final answer to a request, 0 for the ones that have none: unbind and abandon.
func ResponseTag(op directory.Request) byte {
	switch op.(type) {
	case *directory.BindRequest:
		return TagBindResponse
	case *directory.SearchRequest:
		return TagSearchResultDone
	case *directory.ModifyRequest:
		return TagModifyResponse
	case *directory.AddRequest:
		return TagAddResponse
	case *directory.DeleteRequest:
		return TagDeleteResponse
	case *directory.ModifyDNRequest:
		return TagModifyDNResponse
	case *directory.CompareRequest:
		return TagCompareResponse
	case *directory.ExtendedRequest:
		return TagExtendedResponse
	case *directory.UnbindRequest, *directory.AbandonRequest:
		return 0
	}
	return 0
}
