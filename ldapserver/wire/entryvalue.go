package wire

import (
	"gatehouse/directory"
	"gatehouse/directory/ber"
)

// AppendEntryValue appends a SearchResultEntry (RFC 4511 section 4.5.2) without the message around it, as the value of a control
// has it (RFC 4527 section 3).
func AppendEntryValue(dst []byte, dn []byte, attrs []directory.Attribute, typesOnly bool) []byte {
	list := AttributesSize(attrs, typesOnly)
	dst = ber.AppendHeader(dst, TagSearchResultEntry, ber.Size(len(dn))+ber.Size(list))
	return appendEntry(dst, dn, list, attrs, typesOnly)
}
