package wire_test

import (
	"bytes"
	"testing"
	"time"

	"pgregory.net/rapid"

	"gatehouse/directory"
	"gatehouse/ldapserver/wire"
)

// The generators are shared by tests that do not run in parallel: rapid fills in their names without a lock.
var (
	randomText   = rapid.StringN(0, 12, 200)
	randomName   = rapid.StringMatching(`[a-z][a-zA-Z0-9;-]{0,12}`)
	randomOctets = rapid.SliceOfN(rapid.Byte(), 0, 200)
	someOctets   = rapid.SliceOfN(rapid.Byte(), 1, 20)
)

var randomFilter = rapid.Custom(func(t *rapid.T) directory.Filter { return drawFilter(t, 4) })

func drawFilter(t *rapid.T, depth int) directory.Filter {
	list := func() []directory.Filter {
		parts := make([]directory.Filter, rapid.IntRange(0, 4).Draw(t, "parts"))
		for i := range parts {
			parts[i] = drawFilter(t, depth-1)
		}
		return parts
	}
	kind := rapid.IntRange(0, 9)
	if depth == 0 {
		kind = rapid.IntRange(3, 9)
	}
	attr := randomName.Draw(t, "attr")
	switch kind.Draw(t, "kind") {
	case 0:
		return directory.And(list())
	case 1:
		return directory.Or(list())
	case 2:
		return &directory.Not{Filter: drawFilter(t, depth-1)}
	case 3:
		return &directory.EqualityMatch{Attr: attr, Value: randomOctets.Draw(t, "value")}
	case 4:
		f := &directory.Substrings{Attr: attr, Any: rapid.SliceOfN(someOctets, 0, 3).Draw(t, "any")}
		if rapid.Bool().Draw(t, "initial") || len(f.Any) == 0 {
			f.Initial = someOctets.Draw(t, "initial")
		}
		if rapid.Bool().Draw(t, "final") {
			f.Final = someOctets.Draw(t, "final")
		}
		return f
	case 5:
		return &directory.GreaterOrEqual{Attr: attr, Value: randomOctets.Draw(t, "value")}
	case 6:
		return &directory.LessOrEqual{Attr: attr, Value: randomOctets.Draw(t, "value")}
	case 7:
		return &directory.Present{Attr: attr}
	case 8:
		return &directory.ApproxMatch{Attr: attr, Value: randomOctets.Draw(t, "value")}
	default:
		f := &directory.ExtensibleMatch{Attr: attr, Value: randomOctets.Draw(t, "value"), DNAttributes: rapid.Bool().Draw(t, "dn")}
		if rapid.Bool().Draw(t, "rule") {
			f.Rule = randomName.Draw(t, "rule")
		}
		return f
	}
}

var randomAttribute = rapid.Custom(func(t *rapid.T) directory.PartialAttribute {
	return directory.PartialAttribute{Attr: randomName.Draw(t, "attr"), Values: rapid.SliceOfN(randomOctets, 0, 5).Draw(t, "values")}
})

var randomRequest = rapid.Custom(func(t *rapid.T) directory.Request {
	dn := randomText.Draw(t, "dn")
	flag := rapid.Bool().Draw(t, "flag")
	switch rapid.IntRange(0, 9).Draw(t, "operation") {
	case 0:
		r := &directory.BindRequest{Version: rapid.IntRange(1, 127).Draw(t, "version"), Name: dn}
		if !flag {
			r.Password = randomOctets.Draw(t, "password")
			return r
		}
		r.Mechanism = randomName.Draw(t, "mechanism")
		if r.HasCredentials = rapid.Bool().Draw(t, "has"); r.HasCredentials {
			r.Credentials = randomOctets.Draw(t, "credentials")
		}
		return r
	case 1:
		return &directory.UnbindRequest{}
	case 2:
		number := rapid.IntRange(0, 1<<31-1)
		return &directory.SearchRequest{
			Base: dn, Scope: directory.Scope(rapid.IntRange(0, 3).Draw(t, "scope")),
			DerefAliases:     directory.DerefAliases(rapid.IntRange(0, 3).Draw(t, "deref")),
			SizeLimitEntries: number.Draw(t, "size"), TimeLimit: time.Duration(number.Draw(t, "time")) * time.Second,
			TypesOnly: flag, Filter: randomFilter.Draw(t, "filter"), Attributes: rapid.SliceOfN(randomName, 0, 10).Draw(t, "names"),
		}
	case 3:
		r := &directory.ModifyRequest{DN: dn}
		for range rapid.IntRange(0, 4).Draw(t, "changes") {
			r.Changes = append(r.Changes, directory.Modification{
				Op: directory.ModifyOp(rapid.IntRange(0, 3).Draw(t, "op")), PartialAttribute: randomAttribute.Draw(t, "attribute")})
		}
		return r
	case 4:
		return &directory.AddRequest{DN: dn, Attributes: rapid.SliceOfN(randomAttribute, 0, 5).Draw(t, "attributes")}
	case 5:
		return &directory.DeleteRequest{DN: dn}
	case 6:
		r := &directory.ModifyDNRequest{DN: dn, NewRDN: randomText.Draw(t, "rdn"), DeleteOldRDN: flag}
		if r.HasNewSuperior = rapid.Bool().Draw(t, "has"); r.HasNewSuperior {
			r.NewSuperior = randomText.Draw(t, "superior")
		}
		return r
	case 7:
		return &directory.CompareRequest{DN: dn, Attr: randomName.Draw(t, "attr"), Value: randomOctets.Draw(t, "value")}
	case 8:
		return &directory.AbandonRequest{ID: directory.MessageID(rapid.Int32Range(0, 1<<31-1).Draw(t, "id"))}
	default:
		r := &directory.ExtendedRequest{OID: randomName.Draw(t, "oid"), HasValue: flag}
		if flag {
			r.Value = randomOctets.Draw(t, "value")
		}
		return r
	}
})

var randomControl = rapid.Custom(func(t *rapid.T) directory.Control {
	c := directory.Control{OID: randomName.Draw(t, "oid"), Criticality: rapid.Bool().Draw(t, "critical")}
	if c.HasValue = rapid.Bool().Draw(t, "has"); c.HasValue {
		c.Value = randomOctets.Draw(t, "value")
	}
	return c
})

// TestDecodeAgainstASN1 decodes random requests that another encoder wrote, into one Message that is used again and again,
// and encodes what came out: every field must have found its place.
func TestDecodeAgainstASN1(t *testing.T) {
	var reused wire.Message
	rapid.Check(t, func(t *rapid.T) {
		want := wire.Message{
			ID:       directory.MessageID(rapid.Int32Range(1, 1<<31-1).Draw(t, "id")),
			Op:       randomRequest.Draw(t, "request"),
			Controls: rapid.SliceOfN(randomControl, 0, 4).Draw(t, "controls"),
		}
		pdu := encode(&want)
		if n, err := wire.Frame(pdu, len(pdu)); n != len(pdu) || err != nil {
			t.Fatalf("Frame = %d, %v; want %d", n, err, len(pdu))
		}
		if err := wire.Decode(pdu, limits, &reused); err != nil {
			t.Fatalf("Decode(% x): %v", pdu, err)
		}
		if got := encode(&reused); !bytes.Equal(got, pdu) {
			t.Fatalf("got  % x\nwant % x", got, pdu)
		}
	})
}
