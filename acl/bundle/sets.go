package bundle

import (
	"iter"
	"maps"

	"go.yaml.in/yaml/v3"
)

// setKind is the key of a document under which sets of one kind stand.
type setKind string

const (
	setAttributes setKind = "attributes"
	setSubjects   setKind = "subjects"
	setTargets    setKind = "targets"
	setNetworks   setKind = "networks"
)

var setKinds = []setKind{setAttributes, setSubjects, setTargets, setNetworks}

type setKey struct {
	kind setKind
	name string
}

// set is a definition that $name stands for. It is read once, with its problems told where it stands.
type set struct {
	doc   *document
	key   setKey
	at    Position
	node  *yaml.Node // nil if its form was refused
	state setState
	value any // []Attribute, *Subject, *Target or []netip.Prefix
}

type setState uint8

const (
	setUnread setState = iota
	setBeingRead
	setRead
)

// index notes every set, so that documents may stand in any order.
func (l *loader) index() {
	for _, d := range l.docs {
		for _, kind := range setKinds {
			for k, v := range d.pairs(d.node, string(kind)) {
				s := &set{doc: d, key: setKey{kind, k.Value}, at: d.at(k), node: v}
				if d.bad[v] {
					s.node = nil
				}
				d.sets[s.key] = s
				if d.Kind != Definitions {
					continue
				}
				if other := l.shared[s.key]; other != nil {
					l.problem(s.at, "", "%s of the name %q are defined twice; the other is at %s", kind, k.Value, other.at)
					continue
				}
				l.shared[s.key] = s
			}
		}
	}
}

// set finds what $name stands for in a document: its own set, or a shared one. It returns nil, after telling so, if there is
// none, and nil for a set that is being read: a circle.
func (d *document) set(n *yaml.Node, kind setKind) *set {
	k := setKey{kind, n.Value[1:]}
	s := d.sets[k]
	if s == nil {
		s = d.l.shared[k]
	}
	switch {
	case s == nil:
		d.fail(n, "there is no %s among the %s%s", quote(n.Value), kind, didYouMean(n.Value, d.setNames(kind)))
		return nil
	case s.state == setBeingRead:
		d.l.problem(s.at, "", "%q is defined by itself", k.name)
		return nil
	case s.state == setUnread:
		s.state = setBeingRead
		s.value = s.doc.readSet(s)
		s.state = setRead
	}
	return s
}

func (d *document) setNames(kind setKind) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, sets := range []map[setKey]*set{d.sets, d.l.shared} {
			for k := range maps.Keys(sets) {
				if k.kind == kind && !yield("$"+k.name) {
					return
				}
			}
		}
	}
}

func (d *document) readSet(s *set) any {
	if s.node == nil {
		return nil
	}
	switch s.key.kind {
	case setAttributes:
		return d.attributeWords(s.node)
	case setSubjects:
		return d.subject(s.node)
	case setTargets:
		return d.target(s.node)
	default:
		return d.networks(s.node)
	}
}

// readSets reads the sets that nothing uses, so that their mistakes are found as well.
func (d *document) readSets() {
	for _, kind := range setKinds {
		for k := range d.pairs(d.node, string(kind)) {
			if s := d.sets[setKey{kind, k.Value}]; s.state == setUnread {
				s.state = setBeingRead
				s.value = d.readSet(s)
				s.state = setRead
			}
		}
	}
}

// isReference reports whether a node is $name.
func isReference(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && len(n.Value) > 1 && n.Value[0] == '$' && n.Value[1] != '{'
}
