package bundle

import (
	"strings"

	"gatehouse/directory"

	"go.yaml.in/yaml/v3"
)

// attributeWords reads a list of attribute words and expands its sets. OIDs that are no attribute type stay as they are: the
// actions beside them say what they mean, see [document.attributes].
func (d *document) attributeWords(list *yaml.Node) []Attribute {
	var words []Attribute
	seen := map[string]bool{}
	add := func(a Attribute) {
		if !seen[a.identity()] {
			seen[a.identity()] = true
			words = append(words, a)
		}
	}
	for _, n := range list.Content {
		if d.bad[n] {
			continue
		}
		if !isReference(n) {
			if a := d.attributeWord(n); a.Kind != 0 {
				add(a)
			}
			continue
		}
		if s := d.set(n, setAttributes); s != nil {
			set, _ := s.value.([]Attribute)
			for _, a := range set {
				add(a)
			}
		}
	}
	if len(words) > expansionMax {
		d.fail(list, "more than %d attributes", expansionMax)
		return nil
	}
	return words
}

// identity is equal for words that mean the same.
func (a *Attribute) identity() string {
	switch a.Kind {
	case AttributeType:
		return a.Desc.Key
	case AttributeClass:
		return "@" + a.Class.OID
	default:
		return a.Text
	}
}

func (d *document) attributeWord(n *yaml.Node) Attribute {
	a := Attribute{Pos: d.at(n), Text: n.Value}
	switch {
	case n.Value == "*":
		a.Kind = AttributesUser
	case n.Value == "+":
		a.Kind = AttributesOperational
	case n.Value == "%confidential":
		a.Kind = AttributesSecret
	case n.Value[0] == '@':
		a.Kind, a.Class = AttributeClass, d.l.Schema.ObjectClass(n.Value[1:])
		if a.Class == nil {
			d.fail(n, "unknown object class %s%s", quote(n.Value[1:]), didYouMean(n.Value[1:], classNames(d.l.Schema)))
			return Attribute{}
		}
	case isOID(n.Value) && d.l.Schema.TypeByName(n.Value) == nil:
		a.Kind = AttributeOID
	default:
		return d.attributeType(n)
	}
	return a
}

// attributeType reads an attribute description.
func (d *document) attributeType(n *yaml.Node) Attribute {
	base, _, _ := strings.Cut(n.Value, ";")
	if d.l.Schema.TypeByName(base) == nil {
		d.fail(n, "unknown attribute type %s%s", quote(base), didYouMean(base, typeNames(d.l.Schema)))
		return Attribute{}
	}
	desc, err := d.l.Schema.Description(n.Value)
	if err != nil {
		d.fail(n, "%s", diagnostic(err))
		return Attribute{}
	}
	return Attribute{Pos: d.at(n), Kind: AttributeType, Text: n.Value, Desc: desc}
}

// attributes reads the attributes of a statement or permit with these actions. For control and extop they are OIDs.
func (d *document) attributes(n *yaml.Node, actions ActionSet) []Attribute {
	list := d.get(n, "attributes")
	if list == nil || list.Kind != yaml.SequenceNode {
		return nil
	}
	words := d.attributeWords(list)
	oids := actions&OIDActions != 0
	if oids && actions&(AttributeActions|Actions(ActionView, ActionWrite)) != 0 {
		d.report(list, "the attributes of control and extop are OIDs; give the actions on attributes a statement of their own")
		return nil
	}
	kept := words[:0:0]
	for _, a := range words {
		switch {
		case oids && (a.Kind == AttributesUser || isOID(a.Text)):
			if a.Kind != AttributesUser {
				a = Attribute{Pos: a.Pos, Kind: AttributeOID, Text: a.Text}
			}
		case oids:
			d.l.problem(a.Pos, "", `%s is no OID: the attributes of control and extop are OIDs, or "*"`, quote(a.Text))
			continue
		case a.Kind == AttributeOID:
			d.l.problem(a.Pos, "", "unknown attribute type %s", quote(a.Text))
			continue
		}
		kept = append(kept, a)
	}
	return kept
}

// types reads the attribute types at a key of a subject.
func (d *document) types(n *yaml.Node, key string) []Attribute {
	var list []Attribute
	for item := range d.texts(n, key) {
		a := d.attributeType(item)
		switch {
		case a.Kind == 0:
			continue
		case len(a.Desc.Options) > 0:
			d.fail(item, "%s: attributes of a subject are named without options", quote(item.Value))
			continue
		case a.Desc.Is(directory.FlagConfidential):
			d.fail(item, "%s is confidential: nobody's rights may depend on it", item.Value)
			continue
		case d.l.Schema.Type(a.Desc).Equality == nil:
			d.fail(item, "%s has no equality rule, so that its values cannot be compared", item.Value)
			continue
		case key != "same" && !d.holdsNames(a.Desc):
			d.fail(item, "the values of %s are not names", item.Value)
			continue
		}
		list = append(list, a)
	}
	return list
}

// The syntaxes whose values name entries (RFC 4517 sections 3.3.9 and 3.3.21).
const (
	syntaxDN                 = "1.3.6.1.4.1.1466.115.121.1.12"
	syntaxNameAndOptionalUID = "1.3.6.1.4.1.1466.115.121.1.34"
)

func (d *document) holdsNames(desc *directory.AttributeDescription) bool {
	t := d.l.Schema.Type(desc)
	return t.Syntax != nil && (t.Syntax.OID == syntaxDN || t.Syntax.OID == syntaxNameAndOptionalUID)
}

// isOID reports whether s is a numeric OID.
func isOID(s string) bool {
	arcs := strings.Split(s, ".")
	if len(arcs) < 2 {
		return false
	}
	for _, arc := range arcs {
		if arc == "" || len(arc) > 1 && arc[0] == '0' || strings.Trim(arc, "0123456789") != "" {
			return false
		}
	}
	return true
}
