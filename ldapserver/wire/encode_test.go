package wire_test

import (
	"testing"
	"time"

	asn1 "github.com/go-asn1-ber/asn1-ber"

	"gatehouse/directory"
	"gatehouse/ldapserver/wire"
)

// limits are wide enough for every request of these tests that is not about limits.
var limits = wire.Limits{FilterDepth: 50, FilterTerms: 1000, Attributes: 1000, Changes: 1000, Values: 10000, Controls: 20}

// encode writes a request with another BER encoder than the product's own.
func encode(m *wire.Message) []byte {
	p := sequence(asn1.NewInteger(asn1.ClassUniversal, asn1.TypePrimitive, asn1.TagInteger, int64(m.ID), ""))
	p.AppendChild(encodeOp(m.Op))
	if len(m.Controls) > 0 {
		controls := asn1.Encode(asn1.ClassContext, asn1.TypeConstructed, 0, nil, "")
		for _, c := range m.Controls {
			control := sequence(octets(c.OID))
			if c.Criticality {
				control.AppendChild(boolean(asn1.ClassUniversal, asn1.TagBoolean, true))
			}
			if c.HasValue {
				control.AppendChild(octets(string(c.Value)))
			}
			controls.AppendChild(control)
		}
		p.AppendChild(controls)
	}
	return p.Bytes()
}

func encodeOp(op directory.Request) *asn1.Packet {
	application := func(n asn1.Tag, parts ...*asn1.Packet) *asn1.Packet {
		return with(asn1.Encode(asn1.ClassApplication, asn1.TypeConstructed, n, nil, ""), parts...)
	}
	switch r := op.(type) {
	case *directory.BindRequest:
		auth := context(0, string(r.Password))
		if r.Mechanism != "" {
			auth = with(asn1.Encode(asn1.ClassContext, asn1.TypeConstructed, 3, nil, ""), octets(r.Mechanism))
			if r.HasCredentials {
				auth.AppendChild(octets(string(r.Credentials)))
			}
		}
		return application(0, integer(int64(r.Version)), octets(r.Name), auth)
	case *directory.UnbindRequest:
		return asn1.Encode(asn1.ClassApplication, asn1.TypePrimitive, 2, nil, "")
	case *directory.SearchRequest:
		names := sequence()
		for _, a := range r.Attributes {
			names.AppendChild(octets(a))
		}
		return application(3, octets(r.Base), enumerated(int64(r.Scope)), enumerated(int64(r.DerefAliases)),
			integer(int64(r.SizeLimitEntries)), integer(int64(r.TimeLimit/time.Second)),
			boolean(asn1.ClassUniversal, asn1.TagBoolean, r.TypesOnly), encodeFilter(r.Filter), names)
	case *directory.ModifyRequest:
		changes := sequence()
		for _, c := range r.Changes {
			changes.AppendChild(sequence(enumerated(int64(c.Op)), encodeAttribute(c.PartialAttribute)))
		}
		return application(6, octets(r.DN), changes)
	case *directory.AddRequest:
		attributes := sequence()
		for _, a := range r.Attributes {
			attributes.AppendChild(encodeAttribute(a))
		}
		return application(8, octets(r.DN), attributes)
	case *directory.DeleteRequest:
		return asn1.NewString(asn1.ClassApplication, asn1.TypePrimitive, 10, r.DN, "")
	case *directory.ModifyDNRequest:
		p := application(12, octets(r.DN), octets(r.NewRDN), boolean(asn1.ClassUniversal, asn1.TagBoolean, r.DeleteOldRDN))
		if r.HasNewSuperior {
			p.AppendChild(context(0, r.NewSuperior))
		}
		return p
	case *directory.CompareRequest:
		return application(14, octets(r.DN), sequence(octets(r.Attr), octets(string(r.Value))))
	case *directory.AbandonRequest:
		return asn1.NewInteger(asn1.ClassApplication, asn1.TypePrimitive, 16, int64(r.ID), "")
	case *directory.ExtendedRequest:
		p := application(23, context(0, r.OID))
		if r.HasValue {
			p.AppendChild(context(1, string(r.Value)))
		}
		return p
	}
	panic("unknown request")
}

func encodeAttribute(a directory.PartialAttribute) *asn1.Packet {
	set := asn1.Encode(asn1.ClassUniversal, asn1.TypeConstructed, asn1.TagSet, nil, "")
	for _, v := range a.Values {
		set.AppendChild(octets(string(v)))
	}
	return sequence(octets(a.Attr), set)
}

func encodeFilter(f directory.Filter) *asn1.Packet {
	choice := func(n asn1.Tag, parts ...*asn1.Packet) *asn1.Packet {
		return with(asn1.Encode(asn1.ClassContext, asn1.TypeConstructed, n, nil, ""), parts...)
	}
	all := func(n asn1.Tag, list []directory.Filter) *asn1.Packet {
		p := choice(n)
		for _, f := range list {
			p.AppendChild(encodeFilter(f))
		}
		return p
	}
	switch f := f.(type) {
	case directory.And:
		return all(0, f)
	case directory.Or:
		return all(1, f)
	case *directory.Not:
		return choice(2, encodeFilter(f.Filter))
	case *directory.EqualityMatch:
		return choice(3, octets(f.Attr), octets(string(f.Value)))
	case *directory.Substrings:
		parts := sequence()
		if f.Initial != nil {
			parts.AppendChild(context(0, string(f.Initial)))
		}
		for _, v := range f.Any {
			parts.AppendChild(context(1, string(v)))
		}
		if f.Final != nil {
			parts.AppendChild(context(2, string(f.Final)))
		}
		return choice(4, octets(f.Attr), parts)
	case *directory.GreaterOrEqual:
		return choice(5, octets(f.Attr), octets(string(f.Value)))
	case *directory.LessOrEqual:
		return choice(6, octets(f.Attr), octets(string(f.Value)))
	case *directory.Present:
		return context(7, f.Attr)
	case *directory.ApproxMatch:
		return choice(8, octets(f.Attr), octets(string(f.Value)))
	case *directory.ExtensibleMatch:
		p := choice(9)
		if f.Rule != "" {
			p.AppendChild(context(1, f.Rule))
		}
		if f.Attr != "" {
			p.AppendChild(context(2, f.Attr))
		}
		p.AppendChild(context(3, string(f.Value)))
		if f.DNAttributes {
			p.AppendChild(boolean(asn1.ClassContext, 4, true))
		}
		return p
	}
	panic("unknown filter")
}

func with(p *asn1.Packet, parts ...*asn1.Packet) *asn1.Packet {
	for _, c := range parts {
		p.AppendChild(c)
	}
	return p
}

func sequence(parts ...*asn1.Packet) *asn1.Packet {
	return with(asn1.Encode(asn1.ClassUniversal, asn1.TypeConstructed, asn1.TagSequence, nil, ""), parts...)
}

func octets(s string) *asn1.Packet {
	return asn1.NewString(asn1.ClassUniversal, asn1.TypePrimitive, asn1.TagOctetString, s, "")
}

func context(n asn1.Tag, s string) *asn1.Packet {
	return asn1.NewString(asn1.ClassContext, asn1.TypePrimitive, n, s, "")
}

func integer(v int64) *asn1.Packet {
	return asn1.NewInteger(asn1.ClassUniversal, asn1.TypePrimitive, asn1.TagInteger, v, "")
}

func enumerated(v int64) *asn1.Packet {
	return asn1.NewInteger(asn1.ClassUniversal, asn1.TypePrimitive, asn1.TagEnumerated, v, "")
}

func boolean(class asn1.Class, tag asn1.Tag, v bool) *asn1.Packet {
	return asn1.NewLDAPBoolean(class, asn1.TypePrimitive, tag, v, "")
}

// decode is wire.Decode of a message that must be good.
func decode(t testing.TB, pdu []byte) *wire.Message {
	t.Helper()
	m := new(wire.Message)
	if err := wire.Decode(pdu, limits, m); err != nil {
		t.Fatalf("Decode(% x): %v", pdu, err)
	}
	return m
}
