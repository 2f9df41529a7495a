package dit

import (
	"bytes"
	"slices"

	"gatehouse/directory"
	"gatehouse/directory/schema"
	"gatehouse/storage"
)

// content is an entry that a request proposes, its references apart: the schema has looked at no more than its names.
type content struct {
	draft      *directory.Draft
	references []storage.Reference
}

// readContent turns the attributes of an add or a record of LDIF into a draft. Values that name entries of ours become
// references, and mark the attribute in the draft. Values of the RDN that the list lacks are added: a client may leave them
// out (RFC 4511 section 4.7).
func readContent(s *schema.Schema, suffixes Suffixes, dn directory.DN, attrs []directory.PartialAttribute) (*content, error) {
	c := &content{draft: directory.NewDraft(dn)}
	for _, a := range attrs {
		desc, err := s.Description(a.Attr)
		if err != nil {
			return nil, err
		}
		switch {
		case len(a.Values) == 0:
			return nil, directory.Errorf(directory.ProtocolError, "no values for %s", desc)
		case c.draft.Has(desc):
			return nil, directory.Errorf(directory.AttributeOrValueExists, "%s is given twice", desc)
		case !desc.Is(directory.FlagReference):
			c.draft.Set(desc, a.Values...)
		default:
			if err := c.readReferences(s, suffixes, desc, a.Values); err != nil {
				return nil, err
			}
		}
	}
	return c, c.addNaming(s)
}

// addNaming adds the values of the RDN that are missing. Whether their types may name an entry is for the schema to say.
func (c *content) addNaming(s *schema.Schema) error {
	if c.draft.DN.IsZero() {
		return nil
	}
	for _, part := range c.draft.DN.RDNs()[0] {
		t := s.TypeByName(part.Type)
		switch {
		case t == nil || isServerOwned(t.Description()):
			continue
		case t.Description().Is(directory.FlagConfidential):
			return directory.Errorf(directory.NamingViolation, "%s cannot be part of a name", t.Name())
		}
		desc := t.Description()
		if !slices.ContainsFunc(c.draft.Get(desc), func(v []byte) bool { return sameValue(s, desc, v, part.Value) }) {
			c.draft.Add(desc, part.Value)
		}
	}
	return nil
}

func (c *content) readReferences(s *schema.Schema, suffixes Suffixes, desc *directory.AttributeDescription, values [][]byte) error {
	seen := make(map[directory.NDN]struct{}, len(values))
	for _, v := range values {
		ref, err := readReference(s, suffixes, c.draft.DN, desc, v)
		if err != nil {
			return err
		}
		if ref == nil {
			c.draft.Add(desc, v)
			continue
		}
		if _, twice := seen[ref.Target]; twice {
			return valueTwice(desc)
		}
		seen[ref.Target] = struct{}{}
		c.references = append(c.references, *ref)
	}
	if len(seen) > 0 {
		c.draft.Mark(desc, true)
	}
	return nil
}

// readReference returns the reference that a value of the entry dn is, nil if it is kept as text: a name outside the naming contexts,
// a name with a bit string (uniqueMember, RFC 4517 section 3.3.21), a value of the entry's own RDN.
func readReference(s *schema.Schema, suffixes Suffixes, dn directory.DN, desc *directory.AttributeDescription, value []byte) (*storage.Reference, error) {
	if isOptionalUID(value) {
		return nil, nil
	}
	_, ndn, err := s.ParseName(string(value))
	if err != nil {
		return nil, badValue(desc)
	}
	if !suffixes.Hold(ndn) || isNaming(s, dn, desc, value) {
		return nil, nil
	}
	return &storage.Reference{Desc: desc, Target: ndn, Text: string(value)}, nil
}

// isOptionalUID reports whether the value ends in a bit string.
func isOptionalUID(value []byte) bool {
	return bytes.HasSuffix(value, []byte("'B")) && bytes.Contains(value, []byte("#'"))
}

// isNaming reports whether the value stands in the RDN of dn.
func isNaming(s *schema.Schema, dn directory.DN, desc *directory.AttributeDescription, value []byte) bool {
	if dn.IsZero() {
		return false
	}
	for _, part := range dn.RDNs()[0] {
		if t := s.TypeByName(part.Type); t != nil && t.Description() == desc && sameValue(s, desc, part.Value, value) {
			return true
		}
	}
	return false
}

// sameValue compares two values by the equality rule.
func sameValue(m directory.Matcher, desc *directory.AttributeDescription, a, b []byte) bool {
	x, err := m.EqualityKey(desc, a)
	if err != nil {
		return false
	}
	y, err := m.EqualityKey(desc, b)
	return err == nil && bytes.Equal(x, y)
}

func badValue(desc *directory.AttributeDescription) error {
	return directory.Errorf(directory.InvalidAttributeSyntax, "a value of %s does not fit its syntax", desc)
}

func valueTwice(desc *directory.AttributeDescription) error {
	return directory.Errorf(directory.AttributeOrValueExists, "%s: a value is given twice", desc)
}

// serverOwned is the answer to a client that writes what the server maintains.
func serverOwned(desc *directory.AttributeDescription) error {
	return directory.Errorf(directory.ConstraintViolation, "%s: no user modification allowed", desc)
}

// isServerOwned reports whether only the server, or an import, writes the attribute.
func isServerOwned(desc *directory.AttributeDescription) bool {
	return desc.Is(directory.FlagNoUserMod) || desc.Is(directory.FlagComputed)
}
