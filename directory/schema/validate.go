package schema

import (
	"bytes"
	"slices"

	"gatehouse/directory"
)

// pairwiseMax is the number of values up to which duplicates are found by comparing each pair; above it keys are sorted.
const pairwiseMax = 16

// ValidateEntry implements [directory.Validator]: each value fits its syntax, no value stands twice, single-valued
// attributes have one; the object classes are known and form one structural chain; what they require is there and nothing
// else, but for attributes that are operational or the server's own; the values of the RDN are in the entry. A marked attribute counts as present. A
// draft with the empty name, or without one, is not checked for its RDN.
func (s *Schema) ValidateEntry(d *directory.Draft) error {
	sc := getScratch()
	defer sc.release()
	present := sc.presentSet((len(s.types) + 63) / 64)
	attrs := d.Attributes()
	var classes [][]byte
	for i := range attrs {
		a := &attrs[i]
		t := s.types[a.Desc.TypeNo]
		if len(a.Values) > 0 || a.Marked {
			present[t.No/64] |= 1 << (t.No % 64)
		}
		if err := s.validateValues(t, a, sc); err != nil {
			return err
		}
		if t == s.objectClass {
			classes = a.Values
		}
	}
	if len(classes) == 0 {
		return directory.Errorf(directory.ObjectClassViolation, "no objectClass attribute")
	}
	sh, err := s.shapeOf(classes, sc)
	if err != nil {
		return err
	}
	for i := range attrs {
		t := s.types[attrs[i].Desc.TypeNo]
		if !sh.allows(t) {
			return directory.Errorf(directory.ObjectClassViolation, "attribute '%s' not allowed", attrs[i].Desc.Name)
		}
	}
	for _, m := range sh.must {
		if present[m.typ.No/64]&(1<<(m.typ.No%64)) == 0 {
			return directory.Errorf(directory.ObjectClassViolation,
				"object class '%s' requires attribute '%s'", m.class.Name(), m.typ.Name())
		}
	}
	return s.validateNaming(d, sc)
}

// StructuralClass returns the most specific structural class of a draft: the value of structuralObjectClass.
func (s *Schema) StructuralClass(d *directory.Draft) (*ObjectClass, error) {
	sc := getScratch()
	defer sc.release()
	sh, err := s.shapeOf(d.Get(s.objectClass.desc), sc)
	if err != nil {
		return nil, err
	}
	return sh.structural, nil
}

// RequiredReferences returns the reference attributes that the classes of a draft require, such as member of groupOfNames. An
// entry loses them when the last entry they name is deleted and stays valid; who changes such an entry
// afterwards marks them in the draft, so that the change is not refused for what it did not do.
func (s *Schema) RequiredReferences(d *directory.Draft) ([]*directory.AttributeDescription, error) {
	sc := getScratch()
	defer sc.release()
	sh, err := s.shapeOf(d.Get(s.objectClass.desc), sc)
	if err != nil {
		return nil, err
	}
	var list []*directory.AttributeDescription
	for _, m := range sh.must {
		if m.typ.desc.Is(directory.FlagReference) {
			list = append(list, m.typ.desc)
		}
	}
	return list, nil
}

// validateValues checks the values of one attribute by themselves.
func (s *Schema) validateValues(t *AttributeType, a *directory.DraftAttribute, sc *scratch) error {
	check := t.Syntax.impl.check
	for i, v := range a.Values {
		if err := check(s, v); err != nil {
			return errSyntax(a, i, err)
		}
	}
	if len(a.Values) < 2 {
		return nil
	}
	if t.SingleValue {
		return directory.Errorf(directory.ConstraintViolation, "attribute '%s' cannot have multiple values", a.Desc.Name)
	}
	return s.validateDistinct(a, sc)
}

func errSyntax(a *directory.DraftAttribute, i int, err error) error {
	return directory.Errorf(directory.InvalidAttributeSyntax, "%s: value #%d invalid per syntax: %s", a.Desc.Name, i, reasonOf(err))
}

// reasonOf returns what is wrong with a value, without the words of a result code.
func reasonOf(err error) string {
	if e, ok := err.(*directory.Error); ok {
		return e.Diagnostic
	}
	return err.Error()
}

// validateDistinct finds values that are equal by the type's rule.
func (s *Schema) validateDistinct(a *directory.DraftAttribute, sc *scratch) error {
	sc.keys, sc.ends = sc.keys[:0], sc.ends[:0]
	for i, v := range a.Values {
		var err error
		if sc.keys, err = s.AppendEqualityKey(sc.keys, a.Desc, v); err != nil {
			return errSyntax(a, i, err)
		}
		sc.ends = append(sc.ends, len(sc.keys))
	}
	if len(a.Values) > pairwiseMax {
		return validateSorted(a, sc)
	}
	for i := range a.Values {
		for j := range i {
			if bytes.Equal(sc.key(i), sc.key(j)) {
				return errTwice(a, i)
			}
		}
	}
	return nil
}

func validateSorted(a *directory.DraftAttribute, sc *scratch) error {
	sc.order = sc.order[:0]
	for i := range a.Values {
		sc.order = append(sc.order, i)
	}
	slices.SortFunc(sc.order, func(i, j int) int { return bytes.Compare(sc.key(i), sc.key(j)) })
	for n, i := range sc.order[1:] {
		if j := sc.order[n]; bytes.Equal(sc.key(i), sc.key(j)) {
			return errTwice(a, max(i, j))
		}
	}
	return nil
}

func errTwice(a *directory.DraftAttribute, i int) error {
	return directory.Errorf(directory.AttributeOrValueExists, "%s: value #%d provided more than once", a.Desc.Name, i)
}

// key returns the i-th key of the attribute at hand.
func (s *scratch) key(i int) []byte {
	start := 0
	if i > 0 {
		start = s.ends[i-1]
	}
	return s.keys[start:s.ends[i]]
}

func (s *scratch) presentSet(words int) []uint64 {
	if cap(s.present) < words {
		s.present = make([]uint64, words)
	}
	s.present = s.present[:words]
	clear(s.present)
	return s.present
}

// validateNaming checks that the entry has the values of its RDN (RFC 4512 section 2.3.1).
func (s *Schema) validateNaming(d *directory.Draft, sc *scratch) error {
	rdns := d.DN.RDNs()
	if len(rdns) == 0 {
		return nil
	}
	for _, ava := range rdns[0] {
		t := s.TypeByName(ava.Type)
		switch {
		case t == nil:
			return directory.Errorf(directory.NamingViolation, "naming attribute '%s' is not defined", clip(ava.Type))
		case t.Usage != UserApplications:
			return directory.Errorf(directory.NamingViolation, "naming attribute '%s' is operational", t.Name())
		case t.Collective:
			return directory.Errorf(directory.NamingViolation, "naming attribute '%s' is collective", t.Name())
		case t.Equality == nil:
			return directory.Errorf(directory.NamingViolation, "naming attribute '%s' has no equality matching rule", t.Name())
		}
		values := d.Get(t.desc)
		if len(values) == 0 {
			return directory.Errorf(directory.NamingViolation, "naming attribute '%s' is not present in entry", t.Name())
		}
		if !s.hasValue(t, values, ava.Value, sc) {
			return directory.Errorf(directory.NamingViolation, "value of naming attribute '%s' is not present in entry", t.Name())
		}
	}
	return nil
}

// hasValue reports whether one of the values equals value.
func (s *Schema) hasValue(t *AttributeType, values [][]byte, value []byte, sc *scratch) bool {
	for _, v := range values {
		if bytes.Equal(v, value) {
			return true
		}
	}
	keys, err := s.AppendEqualityKey(sc.keys[:0], t.desc, value)
	if err != nil {
		return false
	}
	want := len(keys)
	for _, v := range values {
		if keys, err = s.AppendEqualityKey(keys[:want], t.desc, v); err == nil && bytes.Equal(keys[:want], keys[want:]) {
			return true
		}
	}
	sc.keys = keys
	return false
}
