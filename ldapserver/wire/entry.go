package wire

import (
	"slices"

	"gatehouse/directory"
	"gatehouse/directory/ber"
)

// AppendEntry appends a SearchResultEntry message (RFC 4511 section 4.5.2). Values are copied as the ready sets that they are;
// with typesOnly the sets are empty. Its size is computed once, so nothing is moved and dst grows at most once.
func AppendEntry(dst []byte, id directory.MessageID, dn []byte, attrs []directory.Attribute, typesOnly bool, controls []directory.Control) []byte {
	list := AttributesSize(attrs, typesOnly)
	size := ber.Size(len(dn)) + ber.Size(list)
	dst = slices.Grow(dst, size+entryHeadMax+ber.Size(controlsSize(controls)))
	dst = appendEnvelope(dst, id, TagSearchResultEntry, size, controls)
	dst = appendEntry(dst, dn, list, attrs, typesOnly)
	return appendControls(dst, controls)
}

// entryHeadMax bounds what surrounds the contents of an entry: two heads of at most 6 octets and a message ID of at most 6.
const entryHeadMax = 18

// AppendSearchReference appends a SearchResultReference message (RFC 4511 section 4.5.3) with at least one URI.
func AppendSearchReference(dst []byte, id directory.MessageID, uris []string, controls []directory.Control) []byte {
	dst = appendEnvelope(dst, id, TagSearchResultReference, stringsSize(uris), controls)
	dst = appendStrings(dst, uris)
	return appendControls(dst, controls)
}

func appendEntry(dst []byte, dn []byte, list int, attrs []directory.Attribute, typesOnly bool) []byte {
	dst = ber.AppendOctets(dst, ber.OctetString, dn)
	dst = ber.AppendHeader(dst, ber.Sequence, list)
	return AppendAttributes(dst, attrs, typesOnly)
}

// AppendAttributes appends the elements of a PartialAttributeList (RFC 4511 section 4.1.7); they take AttributesSize octets.
func AppendAttributes(dst []byte, attrs []directory.Attribute, typesOnly bool) []byte {
	for i := range attrs {
		name, set := attrs[i].Desc.Name, attrs[i].Set()
		if typesOnly {
			set = nil
		}
		dst = ber.AppendHeader(dst, ber.Sequence, ber.Size(len(name))+ber.Size(len(set)))
		dst = ber.AppendOctets(dst, ber.OctetString, name)
		dst = ber.AppendOctets(dst, ber.Set, set)
	}
	return dst
}

// AttributesSize is how many octets AppendAttributes appends.
func AttributesSize(attrs []directory.Attribute, typesOnly bool) int {
	n := 0
	for i := range attrs {
		set := len(attrs[i].Set())
		if typesOnly {
			set = 0
		}
		n += ber.Size(ber.Size(len(attrs[i].Desc.Name)) + ber.Size(set))
	}
	return n
}
