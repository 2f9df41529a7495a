package dit

import (
	"bytes"
	"math/big"
	"slices"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/storage"
)

func (m *modifying) add(desc *directory.AttributeDescription, values [][]byte) error {
	for _, v := range values {
		if err := m.ask(acl.ActionWriteAdd, desc, v); err != nil {
			return err
		}
	}
	have := m.Draft.Get(desc)
	places := m.places(desc, have)
	var fresh [][]byte
	for _, v := range values {
		ref, err := m.reference(desc, v)
		if err != nil {
			return err
		}
		if ref != nil {
			if err := m.refs.add(ref); err != nil {
				return err
			}
			continue
		}
		key, err := m.key(desc, v)
		if err != nil {
			return err
		}
		if _, twice := places[key]; twice {
			return directory.Errorf(directory.AttributeOrValueExists, "%s: the value is there already", desc)
		}
		places[key] = len(have) + len(fresh)
		fresh = append(fresh, v)
	}
	if fresh != nil {
		m.Draft.Add(desc, fresh...)
	}
	return nil
}

// reference returns the reference that a value is, nil for any other value.
func (m *modifying) reference(desc *directory.AttributeDescription, value []byte) (*storage.Reference, error) {
	if !desc.Is(directory.FlagReference) {
		return nil, nil
	}
	return readReference(m.Schema, m.d.suffixes, m.Draft.DN, desc, value)
}

// key returns what a value of the request is compared by.
func (m *modifying) key(desc *directory.AttributeDescription, value []byte) (string, error) {
	key, err := m.Schema.EqualityKey(desc, value)
	if err != nil {
		return "", badValue(desc)
	}
	return string(key), nil
}

// keyOf is key for a value that was looked at before; one that has no key stands for itself.
func (m *modifying) keyOf(desc *directory.AttributeDescription, value []byte) string {
	key, err := m.Schema.EqualityKey(desc, value)
	if err != nil {
		key = value
	}
	return string(key)
}

// places returns where each value stands, by key. A stored value that no longer fits its syntax has itself as key.
func (m *modifying) places(desc *directory.AttributeDescription, values [][]byte) map[string]int {
	places := make(map[string]int, len(values))
	for i, v := range values {
		places[m.keyOf(desc, v)] = i
	}
	return places
}

func (m *modifying) delete(desc *directory.AttributeDescription, values [][]byte) error {
	for _, v := range values {
		if err := m.ask(acl.ActionWriteDelete, desc, v); err != nil {
			return err
		}
	}
	have := m.Draft.Get(desc)
	places := m.places(desc, have)
	gone := make(map[int]struct{})
	for _, v := range values {
		ref, err := m.reference(desc, v)
		if err != nil {
			return err
		}
		if ref != nil {
			if err := m.refs.remove(ref); err != nil {
				return err
			}
			continue
		}
		key, err := m.key(desc, v)
		if err != nil {
			return err
		}
		at, ok := places[key]
		if !ok {
			return noSuchValue(desc)
		}
		delete(places, key)
		gone[at] = struct{}{}
	}
	if len(gone) > 0 {
		rest := make([][]byte, 0, len(have)-len(gone))
		for i, v := range have {
			if _, is := gone[i]; !is {
				rest = append(rest, v)
			}
		}
		m.Draft.Set(desc, rest...)
	}
	return nil
}

func noSuchValue(desc *directory.AttributeDescription) error {
	return directory.Errorf(directory.NoSuchAttribute, "%s: no such value", desc)
}

func (m *modifying) deleteAll(desc *directory.AttributeDescription) error {
	if !m.Draft.Has(desc) {
		if !m.may(acl.ActionWriteDelete, desc, nil) {
			return m.denied(acl.ActionWriteDelete, desc, nil)
		}
		return directory.Errorf(directory.NoSuchAttribute, "%s: no such attribute", desc)
	}
	for _, v := range m.Draft.Get(desc) {
		if err := m.ask(acl.ActionWriteDelete, desc, v); err != nil {
			return err
		}
	}
	if desc.Is(directory.FlagReference) {
		if err := m.refs.clear(m, desc); err != nil {
			return err
		}
	}
	m.Draft.Set(desc)
	return nil
}

// replace is judged by what differs: a value that appears, one that disappears. Replacing values by the same ones needs the
// right to read them, or it would tell what they are.
func (m *modifying) replace(desc *directory.AttributeDescription, values [][]byte) error {
	fresh, refs, err := m.split(desc, values)
	if err != nil {
		return err
	}
	differs, err := m.replaceValues(desc, fresh)
	if err != nil {
		return err
	}
	if desc.Is(directory.FlagReference) {
		changed, err := m.refs.replace(m, desc, refs)
		if err != nil {
			return err
		}
		differs = differs || changed
	}
	if !differs && !m.rights.Read(desc) && !m.may(acl.ActionWriteReplace, desc, nil) {
		return m.denied(acl.ActionRead, desc, nil)
	}
	m.Draft.Set(desc, fresh...)
	return nil
}

// replaceValues asks for what differs between the values of an attribute and others, and reports whether anything does.
func (m *modifying) replaceValues(desc *directory.AttributeDescription, fresh [][]byte) (differs bool, err error) {
	old := m.Draft.Get(desc)
	had, gets := m.places(desc, old), m.places(desc, fresh)
	for key, i := range had {
		if _, stays := gets[key]; !stays {
			differs = true
			if err := m.askReplace(acl.ActionWriteDelete, desc, old[i]); err != nil {
				return differs, err
			}
		}
	}
	for key, i := range gets {
		if _, was := had[key]; !was {
			differs = true
			if err := m.askReplace(acl.ActionWriteAdd, desc, fresh[i]); err != nil {
				return differs, err
			}
		}
	}
	return differs, nil
}

// split separates references from other values and refuses doubles.
func (m *modifying) split(desc *directory.AttributeDescription, values [][]byte) (fresh [][]byte, refs []storage.Reference, err error) {
	seen := make(map[string]struct{}, len(values))
	for _, v := range values {
		ref, err := m.reference(desc, v)
		if err != nil {
			return nil, nil, err
		}
		key := ""
		if ref != nil {
			key = "r" + string(ref.Target)
			refs = append(refs, *ref)
		} else {
			if key, err = m.key(desc, v); err != nil {
				return nil, nil, err
			}
			key = "v" + key
			fresh = append(fresh, v)
		}
		if _, twice := seen[key]; twice {
			return nil, nil, valueTwice(desc)
		}
		seen[key] = struct{}{}
	}
	return fresh, refs, nil
}

// askReplace asks for write.replace or, without it, for the right to what the replacement does with one value.
func (m *modifying) askReplace(a acl.Action, desc *directory.AttributeDescription, value []byte) error {
	if m.may(acl.ActionWriteReplace, desc, value) {
		return m.ask(acl.ActionWriteReplace, desc, value)
	}
	return m.ask(a, desc, value)
}

// increment is judged by the values that the attribute loses and by those that it gets. What cannot be added to needs the right to
// increment whatever values there are.
func (m *modifying) increment(desc *directory.AttributeDescription, values [][]byte) error {
	if len(values) != 1 {
		return directory.Errorf(directory.ProtocolError, "increment of %s needs exactly one value", desc)
	}
	have := m.Draft.Get(desc)
	sums, err := m.sums(desc, have, values[0])
	if err != nil {
		if !m.may(acl.ActionWriteIncrement, desc, nil) {
			return m.denied(acl.ActionWriteIncrement, desc, nil)
		}
		return err
	}
	for _, v := range slices.Concat(have, sums) {
		if err := m.ask(acl.ActionWriteIncrement, desc, v); err != nil {
			return err
		}
	}
	m.Draft.Set(desc, sums...)
	return nil
}

// sums adds a number to each value.
func (m *modifying) sums(desc *directory.AttributeDescription, have [][]byte, by []byte) ([][]byte, error) {
	step, ok := integer(by)
	if !ok {
		return nil, directory.Errorf(directory.ConstraintViolation, "increment of %s: not an integer", desc)
	}
	if len(have) == 0 {
		return nil, directory.Errorf(directory.NoSuchAttribute, "%s: no such attribute", desc)
	}
	sums := make([][]byte, len(have))
	for i, v := range have {
		n, ok := integer(v)
		if !ok {
			return nil, directory.Errorf(directory.ConstraintViolation, "increment of %s: its value is not an integer", desc)
		}
		sums[i] = n.Add(n, step).Append(nil, 10)
	}
	return sums, nil
}

// integerDigitsMax bounds the numbers that are added.
const integerDigitsMax = 256

func integer(v []byte) (*big.Int, bool) {
	if len(v) == 0 || len(v) > integerDigitsMax || v[0] == '+' || bytes.IndexByte(v, '_') >= 0 {
		return nil, false
	}
	return new(big.Int).SetString(string(v), 10)
}
