package bundle

import (
	"go.yaml.in/yaml/v3"
)

// subjectAt reads the subject at a key, nil if it is absent or wrong.
func (d *document) subjectAt(n *yaml.Node, key string) *Subject {
	if v := d.get(n, key); v != nil {
		return d.subject(v)
	}
	return nil
}

// subject reads a subject, with its sets expanded.
func (d *document) subject(n *yaml.Node) *Subject {
	if isReference(n) {
		s := d.set(n, setSubjects)
		if s == nil {
			return nil
		}
		defined, _ := s.value.(*Subject)
		if defined == nil {
			return nil
		}
		used := *defined
		used.Pos, used.Set = d.at(n), s.key.name
		return &used
	}
	if n.Kind != yaml.MappingNode {
		return nil
	}
	s := &Subject{Pos: d.at(n), depth: 1}
	d.sessionTerms(n, s)
	d.relativeTerms(n, s)
	s.size = len(s.Terms)
	for _, t := range s.Terms {
		if any, ok := t.(Any); ok {
			for _, part := range any.Of {
				s.grow(part)
			}
		}
	}
	if key(n, "unless") != nil {
		if s.Unless = d.subjectAt(n, "unless"); s.Unless == nil {
			return nil
		}
		s.grow(s.Unless)
	}
	switch {
	case len(n.Content) == 2 && key(n, "unless") != nil:
		d.l.problem(s.Pos, V4, "unless takes away from something: say from whom, such as authenticated: true")
		return nil
	case len(s.Terms) == 0:
		return nil // what there was is refused
	case s.size > expansionMax || s.depth > expansionDepthMax:
		d.fail(n, "with every $name expanded, the subject has more than %d terms or %d levels", expansionMax, expansionDepthMax)
		return nil
	}
	return s
}

func (s *Subject) grow(part *Subject) {
	s.size += part.size
	s.depth = max(s.depth, part.depth+1)
}

func (d *document) sessionTerms(n *yaml.Node, s *Subject) {
	if d.isTrue(n, "anyone") {
		s.Terms = append(s.Terms, Anyone{})
	}
	if d.isTrue(n, "anonymous") {
		s.Terms = append(s.Terms, Anonymous{})
	}
	if d.isTrue(n, "authenticated") {
		s.Terms = append(s.Terms, Authenticated{})
	}
	if names := d.names(n, "dn"); names != nil {
		s.Terms = append(s.Terms, Named{names})
	}
	if names := d.names(n, "subtree"); names != nil {
		s.Terms = append(s.Terms, Subtree{names})
	}
	if names := d.names(n, "group"); names != nil {
		s.Terms = append(s.Terms, Group{names})
	}
	if roles := d.roleReferences(n, "role"); roles != nil {
		s.Terms = append(s.Terms, HasRole{roles})
	}
	if f := d.filter(n, "filter"); f != nil {
		s.Terms = append(s.Terms, Matching{f})
	}
	var any []*Subject
	for item := range d.items(n, "any") {
		if part := d.subject(item); part != nil {
			any = append(any, part)
		}
	}
	if any != nil {
		s.Terms = append(s.Terms, Any{any})
	}
}

func (d *document) relativeTerms(n *yaml.Node, s *Subject) {
	if d.isTrue(n, "self") {
		s.Terms = append(s.Terms, Self{})
	}
	if d.isTrue(n, "ancestor") {
		s.Terms = append(s.Terms, Ancestor{})
	}
	if types := d.types(n, "named-in"); types != nil {
		s.Terms = append(s.Terms, NamedIn{types})
	}
	if types := d.types(n, "group-in"); types != nil {
		s.Terms = append(s.Terms, GroupIn{types})
	}
	if types := d.types(n, "same"); types != nil {
		s.Terms = append(s.Terms, Same{types})
	}
}

func (d *document) roleReferences(n *yaml.Node, key string) []*RoleReference {
	var list []*RoleReference
	for item := range d.texts(n, key) {
		r := &RoleReference{Pos: d.at(item), Name: item.Value}
		d.l.later = append(d.l.later, func() {
			if r.Role = d.l.roles[r.Name]; r.Role == nil {
				d.noRole(r.Pos, r.Name)
			}
		})
		list = append(list, r)
	}
	return list
}
