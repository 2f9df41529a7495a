package filter

import (
	"bytes"
	"slices"
	"strings"

	"gatehouse/directory"
)

// Scratch is the memory that an evaluation needs, for one goroutine at a time. It serves any number of filters, so that
// a worker needs one for all. The zero Scratch is ready.
type Scratch struct {
	key []byte // the prepared value
}

// Match evaluates the filter on an entry. It does not allocate once it has met the longest value, and one goroutine at a
// time may call it. An error is the source's.
func (c *Compiled) Match(src Source) (Truth, error) { return c.MatchWith(src, &c.scratch) }

// MatchWith is Match with the caller's memory, by which several goroutines can share a filter.
func (c *Compiled) MatchWith(src Source, scratch *Scratch) (Truth, error) {
	m := matcher{Compiled: c, src: src, attrs: src.Entry().Attributes(), scratch: scratch}
	return m.eval(c.Root)
}

type matcher struct {
	*Compiled
	src     Source
	attrs   []directory.Attribute
	scratch *Scratch
}

func (m *matcher) eval(n *Node) (Truth, error) {
	switch n.Op {
	case OpUndefined:
		return Undefined, nil
	case OpTrue:
		return True, nil
	case OpFalse:
		return False, nil
	case OpNot:
		t, err := m.eval(n.Children[0])
		return t.Not(), err
	case OpAnd:
		t := True
		for _, child := range n.Children {
			u, err := m.eval(child)
			if t = t.And(u); t == False || err != nil {
				return t, err
			}
		}
		return t, nil
	case OpOr:
		t := False
		for _, child := range n.Children {
			u, err := m.eval(child)
			if t = t.Or(u); t == True || err != nil {
				return t, err
			}
		}
		return t, nil
	default:
		return m.leaf(n)
	}
}

func (m *matcher) leaf(n *Node) (Truth, error) {
	switch {
	case n.DNAttributes:
		return m.name(n)
	case n.Op == OpEntryIDs:
		return truth(m.isAmong(n), nil)
	case n.Reference || n.computed:
		if n.Rights == Mixed && !m.src.MaySearchAll(n.desc, n.Options) {
			return n.forbidden(), nil
		}
		if n.Reference {
			return truth(m.reference(n))
		}
		return truth(m.computed(n))
	default:
		return m.stored(n), nil
	}
}

func truth(is bool, err error) (Truth, error) {
	if err != nil {
		return Undefined, err
	}
	if is {
		return True, nil
	}
	return False, nil
}

// forbidden is the value of a leaf, or a part of one, on an attribute that may not be searched in this entry.
func (n *Node) forbidden() Truth {
	if n.anyType {
		return False
	}
	return Undefined
}

func (m *matcher) reference(n *Node) (bool, error) {
	if n.Op == OpPresent {
		return m.src.AnyReference(n.Desc, n.Type)
	}
	return m.src.HasReference(n.Desc, n.Type, n.Name, n.Op == OpInChain)
}

func (m *matcher) computed(n *Node) (bool, error) {
	if n.entryDN {
		name, err := m.src.NDN()
		return name == n.Name && len(n.Options) == 0, err
	}
	a, err := m.src.Computed(n.Type)
	if err != nil || a.Len() == 0 || !hasOptions(a.Desc, n.Options) {
		return false, err
	}
	return m.any(n, a.Set()), nil
}

// stored evaluates a leaf on the record. On a Mixed node each type, and each description of it that a policy tells apart, counts
// as a part of its own whether or not the entry has it: otherwise a negation would tell whether it has.
func (m *matcher) stored(n *Node) Truth {
	t, each := False, n.Rights == Mixed
	for _, desc := range n.ask {
		if !m.src.MaySearchAll(desc, n.Options) {
			t = Undefined
			break
		}
	}
	each = each && (t == Undefined || len(n.ask) == 0) // where all descriptions may be searched, each of them may
	for i := range m.attrs {
		a := &m.attrs[i]
		if !n.types.has(a.Desc.TypeNo) || len(n.Options) > 0 && !hasOptions(a.Desc, n.Options) {
			continue
		}
		if each && !m.src.MaySearch(a.Desc) {
			t = t.Or(n.forbidden())
			continue
		}
		if m.any(n, a.Set()) {
			return True
		}
	}
	return t
}

func hasOptions(desc *directory.AttributeDescription, options []string) bool {
	for _, option := range options {
		if !slices.Contains(desc.Options, option) && !hasLanguage(desc, option) {
			return false
		}
	}
	return true
}

// hasLanguage reports whether a description has a language of the range (RFC 3866 section 3.2) "lang-de-": lang-de and all
// tags that begin so; of "lang-": any.
func hasLanguage(desc *directory.AttributeDescription, languages string) bool {
	return strings.HasPrefix(languages, "lang-") && strings.HasSuffix(languages, "-") &&
		slices.ContainsFunc(desc.Options, func(o string) bool {
			return strings.HasPrefix(o, languages) || o == languages[:len(languages)-1]
		})
}

// any reports whether a value of the set matches. A value that is the assertion value byte for byte is found before
// anything is prepared: most searches are written as the value is stored.
func (m *matcher) any(n *Node, set []byte) bool {
	if n.Op == OpPresent {
		return len(set) > 0
	}
	if n.Op == OpEqual {
		for rest := set; len(rest) > 0; {
			var v []byte
			if v, rest = directory.NextValue(rest); v != nil && bytes.Equal(v, n.raw) {
				return true
			}
		}
	}
	for len(set) > 0 {
		var v []byte
		if v, set = directory.NextValue(set); v != nil && m.value(n, v) {
			return true
		}
	}
	return false
}

// name evaluates a match on the attributes of the entry's name.
func (m *matcher) name(n *Node) (Truth, error) {
	name, err := m.src.NDN()
	if err != nil {
		return Undefined, err
	}
	for rest := string(name); rest != ""; {
		ava := rest
		if i := strings.IndexAny(rest, ",+"); i >= 0 {
			ava, rest = rest[:i], rest[i+1:]
		} else {
			rest = ""
		}
		if n.Type != nil {
			if slices.Contains(n.avas, ava) {
				return True, nil
			}
			continue
		}
		i := strings.IndexByte(ava, '=')
		if i < 0 || ava[i:] != n.avas[0] {
			continue
		}
		if t := m.schema.TypeByName(ava[:i]); t != nil && t.Equality == n.Rule {
			return True, nil
		}
	}
	return False, nil
}
