package bundle

import (
	"errors"
	"iter"
	"slices"
	"strings"

	"gatehouse/directory"
	"gatehouse/directory/schema"

	"go.yaml.in/yaml/v3"
)

// name reads a DN. It returns nil, after telling so, if it is none.
func (d *document) name(n *yaml.Node) *Name {
	return d.nameIn(n, n.Value)
}

// entry reads the name of a test's entry, which need not be one that could be stored: a value that its syntax refuses stays
// as it is written.
func (d *document) entry(n *yaml.Node) *Name {
	dn, err := directory.ParseDN(n.Value)
	if err != nil || strings.Contains(n.Value, "${") {
		return d.name(n)
	}
	name := &Name{Pos: d.at(n), Text: n.Value, DN: dn}
	for _, rdn := range slices.Backward(dn.RDNs()) {
		for _, ava := range rdn {
			if d.l.Schema.TypeByName(ava.Type) == nil {
				return d.name(n)
			}
		}
		nrdn, err := d.l.Schema.NormalizeRDN(rdn)
		if err != nil {
			nrdn = directory.NRDN(strings.ToLower(rdn.String()))
		}
		name.NDN = name.NDN.Child(nrdn)
	}
	return name
}

// filled is name for places where the empty name has no meaning.
func (d *document) filled(n *yaml.Node) *Name {
	if strings.TrimSpace(n.Value) == "" {
		d.fail(n, "the name is empty")
		return nil
	}
	return d.name(n)
}

// nameIn reads a DN that is the text of a node, or a part of it.
func (d *document) nameIn(n *yaml.Node, text string) *Name {
	name, why := parseName(d.l.Schema, text)
	if why != "" {
		d.fail(n, "%s", why)
		return nil
	}
	name.Pos = d.at(n)
	return name
}

// names reads a DN, or a list of them, at a key. It returns nil if the key is absent.
func (d *document) names(n *yaml.Node, key string) []*Name {
	var list []*Name
	for item := range d.texts(n, key) {
		if name := d.filled(item); name != nil {
			list = append(list, name)
		}
	}
	return list
}

// parseName parses a DN that may end in a placeholder. why says what is wrong.
func parseName(s *schema.Schema, text string) (name *Name, why string) {
	name = &Name{Text: text}
	rdns := text
	if i := strings.Index(text, "${"); i >= 0 {
		switch text[i:] {
		case suffixPlaceholder:
			name.Anchor = AnchorSuffix
		case scopePlaceholder:
			name.Anchor = AnchorScope
		default:
			return nil, quote(text) + ": a name may end in ${suffix} or ${scope}, and has no other placeholder"
		}
		if rdns = strings.TrimRight(text[:i], " "); rdns != "" {
			if rdns[len(rdns)-1] != ',' {
				return nil, quote(text) + ": a comma is missing before the placeholder"
			}
			rdns = rdns[:len(rdns)-1]
			if strings.TrimSpace(rdns) == "" {
				return nil, quote(text) + ": nothing stands before the comma"
			}
		}
	}
	dn, err := directory.ParseDN(rdns)
	if err != nil {
		return nil, quote(text) + ": " + diagnostic(err)
	}
	for _, rdn := range dn.RDNs() {
		for _, ava := range rdn {
			if s.TypeByName(ava.Type) == nil {
				return nil, quote(text) + ": unknown attribute type " + quote(ava.Type) + didYouMean(ava.Type, typeNames(s))
			}
		}
	}
	ndn, err := s.NormalizeDN(dn)
	if err != nil {
		return nil, quote(text) + ": " + diagnostic(err)
	}
	name.DN, name.NDN = dn, ndn
	return name, ""
}

// diagnostic returns the text of an error without its result code.
func diagnostic(err error) string {
	if e, ok := errors.AsType[*directory.Error](err); ok {
		return e.Diagnostic
	}
	return err.Error()
}

func typeNames(s *schema.Schema) iter.Seq[string] {
	return func(yield func(string) bool) {
		for no := range s.TypeCount() {
			for _, name := range s.TypeNo(no).Names {
				if !yield(name) {
					return
				}
			}
		}
	}
}

func classNames(s *schema.Schema) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, c := range s.ObjectClasses() {
			for _, name := range c.Names {
				if !yield(name) {
					return
				}
			}
		}
	}
}
