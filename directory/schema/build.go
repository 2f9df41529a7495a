package schema

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"sync"
)

// build is the work of [Builder.Build]: what refers to what becomes a pointer, and all problems are collected.
type build struct {
	*Builder
	schema   *Schema
	problems []error
	classOf  map[*ObjectClass]*collected[*ObjectClassDefinition]
	typeOf   map[*AttributeType]*collected[*AttributeTypeDefinition]
	done     map[any]bool // types and classes that are resolved; false while they are being resolved
}

// Build resolves all references and returns the schema. All problems are reported, with their places. The builder may be
// used on, and built again.
func (b *Builder) Build() (*Schema, error) {
	w := &build{
		Builder: b, schema: &Schema{}, done: map[any]bool{},
		classOf: map[*ObjectClass]*collected[*ObjectClassDefinition]{},
		typeOf:  map[*AttributeType]*collected[*AttributeTypeDefinition]{},
	}
	w.makeSyntaxes()
	w.makeRules()
	w.makeTypes()
	w.makeClasses()
	if err := errors.Join(w.problems...); err != nil {
		return nil, err
	}
	s := w.schema
	if s.objectClass = s.TypeByName("objectClass"); s.objectClass == nil {
		return nil, errors.New("schema: objectClass is not defined")
	}
	s.subschema = sync.OnceValue(s.makeSubschema)
	s.digest = s.makeDigest()
	return s, nil
}

func (w *build) problem(origin, format string, args ...any) {
	w.problems = append(w.problems, fmt.Errorf("%s: %w", origin, fmt.Errorf(format, args...)))
}

func (w *build) makeSyntaxes() {
	s := w.schema
	for i := range syntaxTable {
		impl := &syntaxTable[i]
		x := &Syntax{OID: impl.oid, Desc: impl.desc, schema: s, impl: impl}
		s.syntaxes = append(s.syntaxes, x)
		s.syntaxOIDs.add(x.OID, x)
	}
	for _, c := range w.syntaxes {
		if _, known := s.syntaxOIDs.find(c.def.OID); known {
			continue
		}
		like, ok := w.substitute(c.def)
		if !ok {
			w.problem(c.origin, "syntax %s: X-SUBST must name a syntax that the server knows", c.def.OID)
			continue
		}
		x := &Syntax{OID: c.def.OID, Desc: c.def.Desc, schema: s, impl: like.impl}
		s.syntaxes = append(s.syntaxes, x)
		s.syntaxOIDs.add(x.OID, x)
	}
}

// substitute finds the syntax that X-SUBST names.
func (w *build) substitute(d *SyntaxDefinition) (*Syntax, bool) {
	for _, x := range d.Extensions {
		if x.Name == "X-SUBST" && len(x.Values) == 1 {
			oid, err := w.expand(x.Values[0])
			if err != nil {
				return nil, false
			}
			return w.schema.syntaxOIDs.find(oid)
		}
	}
	return nil, false
}

func (w *build) makeRules() {
	s := w.schema
	for i := range ruleTable {
		impl := &ruleTable[i]
		r := &MatchingRule{OID: impl.oid, Names: []string{impl.name}, schema: s, impl: impl}
		r.Syntax, _ = s.syntaxOIDs.find(impl.syntax)
		s.rules = append(s.rules, r)
		s.ruleNames.add(r.OID, r)
		s.ruleNames.add(impl.name, r)
	}
}

func (s *Schema) makeDigest() [32]byte {
	h := sha256.New()
	h.Write([]byte("tables " + strconv.Itoa(NormalizationTable) + "\n"))
	for _, x := range s.syntaxes {
		h.Write([]byte(x.definition().String() + "\n"))
	}
	for _, r := range s.rules {
		h.Write([]byte(r.definition().String() + "\n"))
	}
	for _, t := range s.types {
		h.Write([]byte(t.def.String() + "\n"))
	}
	for _, c := range s.classes {
		h.Write([]byte(c.def.String() + "\n"))
	}
	return [32]byte(h.Sum(nil))
}
