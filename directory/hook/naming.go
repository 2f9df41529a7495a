package hook

import (
	"bytes"
	"fmt"

	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/directory/schema"
)

// Naming keeps the values of an entry's RDN among its attributes (RFC 4512 section 2.3.1).
type Naming struct{}

// NewNaming returns the hook.
func NewNaming() Naming { return Naming{} }

// Name implements [dit.Hook].
func (Naming) Name() string { return "naming" }

// Prepare refuses a draft without a value of its RDN: a modify must not remove one. What an add lacks has been taken from its
// name before.
func (Naming) Prepare(w *dit.Write) error {
	rdns := w.Draft.DN.RDNs()
	if len(rdns) == 0 {
		return nil
	}
	for _, part := range rdns[0] {
		desc, err := w.Schema.Description(part.Type)
		if err != nil {
			return err
		}
		if isAmong(w.Schema, desc, part.Value, w.Draft.Get(desc)) {
			continue
		}
		if w.Kind == dit.KindModify {
			return directory.Errorf(directory.NotAllowedOnRDN, "%s: the value is part of the entry's name", desc)
		}
		return directory.Errorf(directory.NamingViolation, "naming attribute %s: its value is not in the entry", desc)
	}
	return nil
}

func isAmong(m directory.Matcher, desc *directory.AttributeDescription, value []byte, among [][]byte) bool {
	key, err := m.EqualityKey(desc, value)
	if err != nil {
		return false
	}
	for _, v := range among {
		if k, err := m.EqualityKey(desc, v); err == nil && bytes.Equal(k, key) {
			return true
		}
	}
	return false
}

// Follow implements [dit.Hook].
func (Naming) Follow(*dit.Write) error { return nil }

// Verify implements [dit.Hook].
func (Naming) Verify(v *dit.Stored) error {
	rdns := v.DN.RDNs()
	if len(rdns) == 0 {
		return fmt.Errorf("the entry has no name")
	}
	for _, part := range rdns[0] {
		desc, err := v.Schema.Description(part.Type)
		if err != nil {
			return err
		}
		if !isAmong(v.Schema, desc, part.Value, values(v.Entry.Get(desc))) {
			return fmt.Errorf("the value of %s in its name is not in the entry", desc)
		}
	}
	return nil
}

func values(a directory.Attribute) [][]byte {
	list := make([][]byte, 0, a.Len())
	for v := range a.Values() {
		list = append(list, v)
	}
	return list
}

// attribute returns the description of a standard attribute type; nil if the schema lacks it.
func attribute(s *schema.Schema, name string) *directory.AttributeDescription {
	if t := s.TypeByName(name); t != nil {
		return t.Description()
	}
	return nil
}
