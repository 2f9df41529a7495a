package schema

import (
	"maps"
	"slices"

	"gatehouse/directory"
)

// shape is what a set of object classes asks of an entry. A directory has few of them, so they are kept by the values of
// objectClass as written.
type shape struct {
	structural *ObjectClass
	extensible bool
	collective bool     // the entry is a subentry of collective attributes, which may stand nowhere else
	allowed    []uint64 // bit set of type numbers
	must       []mustType
}

// mustType is a required type and the class that requires it.
type mustType struct {
	typ   *AttributeType
	class *ObjectClass
}

// shapesMax bounds the shapes that are kept. Orders and spellings of the values count apart; beyond the bound a shape is
// made anew for each entry, which is slower and not wrong.
const shapesMax = 4096

// allows reports whether an entry may have the attribute: it is in MUST or MAY, operational or the server's own, or the entry
// is extensible.
func (sh *shape) allows(t *AttributeType) bool {
	if t.Collective {
		return sh.collective
	}
	return sh.allowed[t.No/64]&(1<<(t.No%64)) != 0 || sh.extensible || t.Usage != UserApplications || t.NoUserMod
}

// shapeOf returns the shape of the values of objectClass.
func (s *Schema) shapeOf(values [][]byte, sc *scratch) (*shape, error) {
	sc.keys = sc.keys[:0]
	for _, v := range values {
		sc.keys = append(append(sc.keys, v...), 0)
	}
	if known := s.shapes.Load(); known != nil {
		if sh, ok := (*known)[string(sc.keys)]; ok {
			return sh, nil
		}
	}
	key := string(sc.keys)
	sh, err := s.makeShape(values)
	if err == nil {
		s.keepShape(key, sh)
	}
	return sh, err
}

func (s *Schema) keepShape(key string, sh *shape) {
	s.shapesLock.Lock()
	defer s.shapesLock.Unlock()
	grown := map[string]*shape{}
	if known := s.shapes.Load(); known != nil {
		if len(*known) >= shapesMax {
			return
		}
		grown = maps.Clone(*known)
	}
	grown[key] = sh
	s.shapes.Store(&grown)
}

func (s *Schema) makeShape(values [][]byte) (*shape, error) {
	listed := make([]*ObjectClass, 0, len(values))
	for i, v := range values {
		c := s.ObjectClass(stringOf(v))
		if c == nil {
			return nil, directory.Errorf(directory.InvalidAttributeSyntax,
				"objectClass: value #%d invalid per syntax: object class %q is unknown", i, clip(string(v)))
		}
		listed = append(listed, c)
	}
	structural, err := structuralOf(listed)
	if err != nil {
		return nil, err
	}
	sh := &shape{structural: structural, allowed: make([]uint64, (len(s.types)+63)/64)}
	sh.allow(s.objectClass)
	var all []*ObjectClass
	for _, c := range listed {
		for _, above := range c.all {
			if !slices.Contains(all, above) {
				all = append(all, above)
			}
		}
	}
	for _, c := range all {
		sh.extensible = sh.extensible || c.OID == extensibleObjectOID
		sh.collective = sh.collective || c.OID == collectiveSubentryOID
		for _, t := range c.Must {
			sh.allow(t)
			if !slices.ContainsFunc(sh.must, func(m mustType) bool { return m.typ == t }) {
				sh.must = append(sh.must, mustType{t, c})
			}
		}
		for _, t := range c.May {
			sh.allow(t)
		}
	}
	return sh, nil
}

func (sh *shape) allow(t *AttributeType) { sh.allowed[t.No/64] |= 1 << (t.No % 64) }

const (
	extensibleObjectOID   = "1.3.6.1.4.1.1466.101.120.111"
	collectiveSubentryOID = "2.5.17.2"
)

// structuralOf checks the kinds of the classes that an entry lists (RFC 4512 section 2.4) and returns the structural class
// that is most specific. A dual class, posixGroup, is structural as RFC 2307 has it if no other class is, and auxiliary as
// RFC 2307bis has it otherwise.
func structuralOf(listed []*ObjectClass) (*ObjectClass, error) {
	var found, dual *ObjectClass
	for _, c := range listed {
		if c.dual {
			dual = c
			continue
		}
		if c.Kind != Structural {
			continue
		}
		switch {
		case found == nil || c.IsSubclassOf(found):
			found = c
		case !found.IsSubclassOf(c):
			return nil, directory.Errorf(directory.ObjectClassViolation,
				"invalid structural object class chain (%s/%s)", found.Name(), c.Name())
		}
	}
	if found == nil {
		found = dual
	}
	if found == nil {
		return nil, directory.Errorf(directory.ObjectClassViolation, "no structural object class provided")
	}
	for _, c := range listed {
		if c.Kind == Abstract && !slices.ContainsFunc(listed, func(o *ObjectClass) bool { return o.Kind != Abstract && o.IsSubclassOf(c) }) {
			return nil, directory.Errorf(directory.ObjectClassViolation,
				"instantiation of abstract object class '%s' not allowed", c.Name())
		}
	}
	return found, nil
}
