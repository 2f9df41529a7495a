package wire

import (
	"gatehouse/directory"
	"gatehouse/directory/ber"
)

const (
	tagAnd            byte = 0xa0
	tagOr             byte = 0xa1
	tagNot            byte = 0xa2
	tagEquality       byte = 0xa3
	tagSubstrings     byte = 0xa4
	tagGreaterOrEqual byte = 0xa5
	tagLessOrEqual    byte = 0xa6
	tagPresent        byte = 0x87
	tagApprox         byte = 0xa8
	tagExtensible     byte = 0xa9

	tagInitial byte = 0x80
	tagMiddle  byte = 0x81
	tagFinal   byte = 0x82

	tagRule         byte = 0x81
	tagType         byte = 0x82
	tagMatchValue   byte = 0x83
	tagDNAttributes byte = 0x84
)

// undefined stands for a choice of filter that this version does not know: the CHOICE is extensible, and a filter that
// cannot be evaluated is Undefined (RFC 4511 section 4.5.1.7). No attribute type has this name.
var undefined = &directory.EqualityMatch{Attr: "?", Value: []byte("undefined")}

// filter reads RFC 4511 section 4.5.1.7.
func (d *decoder) filter(depth int) directory.Filter {
	d.term()
	if depth > d.limits.FilterDepth {
		d.refuse(directory.AdminLimitExceeded, "filter nested deeper than %d", d.limits.FilterDepth)
	}
	if d.Err() != nil {
		return nil
	}
	switch tag := d.Peek(); tag {
	case 0:
		d.Fail("filter is missing")
		return nil
	case tagAnd:
		return directory.And(d.filters(tag, depth))
	case tagOr:
		return directory.Or(d.filters(tag, depth))
	case tagNot:
		outer := d.Enter(tag)
		f := d.store.not.put(directory.Not{Filter: d.filter(depth + 1)})
		d.Leave(outer)
		return f
	case tagEquality:
		attr, value := d.assertion(tag)
		return d.store.equality.put(directory.EqualityMatch{Attr: attr, Value: value})
	case tagGreaterOrEqual:
		attr, value := d.assertion(tag)
		return d.store.greater.put(directory.GreaterOrEqual{Attr: attr, Value: value})
	case tagLessOrEqual:
		attr, value := d.assertion(tag)
		return d.store.less.put(directory.LessOrEqual{Attr: attr, Value: value})
	case tagApprox:
		attr, value := d.assertion(tag)
		return d.store.approx.put(directory.ApproxMatch{Attr: attr, Value: value})
	case tagPresent:
		return d.store.present.put(directory.Present{Attr: d.text(tag)})
	case tagSubstrings:
		return d.substrings()
	case tagExtensible:
		return d.extensible()
	default:
		d.Any()
		return undefined
	}
}

// term counts one term against the limit.
func (d *decoder) term() {
	if d.terms++; d.terms > d.limits.FilterTerms {
		d.refuse(directory.AdminLimitExceeded, "filter of more than %d terms", d.limits.FilterTerms)
	}
}

func (d *decoder) filters(tag byte, depth int) []directory.Filter {
	outer := d.Enter(tag)
	parts := d.store.filters.take(d.count(d.limits.FilterTerms, "filter terms"))
	for i := range parts {
		parts[i] = d.filter(depth + 1)
	}
	d.Leave(outer)
	return parts
}

// assertion reads an AttributeValueAssertion, whose form a filter item and a compare share.
func (d *decoder) assertion(tag byte) (attr string, value []byte) {
	outer := d.Enter(tag)
	attr, value = d.text(ber.OctetString), d.Octets(ber.OctetString)
	d.Leave(outer)
	return attr, value
}

// substrings reads the initial part first and the final part last, each at most once and none empty, as RFC 4511 says.
func (d *decoder) substrings() directory.Filter {
	outer := d.Enter(tagSubstrings)
	f := directory.Substrings{Attr: d.text(ber.OctetString)}
	parts := d.Enter(ber.Sequence)
	n := d.count(d.limits.FilterTerms, "filter terms")
	if n == 0 {
		d.refuse(directory.ProtocolError, "substring filter without a substring")
	}
	middle := d.store.values.take(n)[:0]
	for i := range n {
		d.term()
		tag, value := d.Any()
		switch {
		case tag == tagInitial && i == 0:
			f.Initial = value
		case tag == tagMiddle:
			middle = append(middle, value)
		case tag == tagFinal && i == n-1:
			f.Final = value
		default:
			d.refuse(directory.ProtocolError, "substring filter with a part out of its place")
		}
		if len(value) == 0 {
			d.refuse(directory.ProtocolError, "substring filter with an empty substring")
		}
	}
	if len(middle) > 0 {
		f.Any = middle
	}
	d.Leave(parts)
	d.Leave(outer)
	return d.store.substrings.put(f)
}

func (d *decoder) extensible() directory.Filter {
	outer := d.Enter(tagExtensible)
	var f directory.ExtensibleMatch
	if d.Peek() == tagRule {
		f.Rule = d.text(tagRule)
	}
	if d.Peek() == tagType {
		f.Attr = d.text(tagType)
	}
	f.Value = d.Octets(tagMatchValue)
	if d.Peek() == tagDNAttributes {
		f.DNAttributes = d.Boolean(tagDNAttributes)
	}
	if f.Rule == "" && f.Attr == "" {
		d.refuse(directory.ProtocolError, "extensible filter with neither a rule nor an attribute")
	}
	d.Leave(outer)
	return d.store.extensible.put(f)
}
