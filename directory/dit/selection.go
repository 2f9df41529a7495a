package dit

import (
	"slices"
	"strings"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// selection is an attribute list, and what it means for making a view.
type selection struct {
	wanted     acl.Selection
	computed   []*directory.AttributeDescription // that are made on read
	references bool                              // some reference attribute may be wanted
	views      []*directory.AttributeDescription // ways to look at memberships that are asked for by name
	names      bool                              // memberUid is among them: every member of a group has to be looked at
}

// choose reads an attribute list (RFC 4511 section 4.5.1.8): "*", "+" (RFC 3673), "1.1", "@class" (RFC 4529), names with and without
// options; none at all is "*". What the schema does not know selects nothing, "dn" among it. It keeps nothing of names.
func (q *selection) choose(d *Directory, names []string) {
	q.wanted.Reset()
	q.views, q.names = q.views[:0], false
	if len(names) == 0 {
		q.all(d)
	}
	for _, name := range names {
		switch {
		case name == "*":
			q.all(d)
		case name == "+":
			q.wanted.Operational()
			q.wanted.Type(d.attr.memberOf.TypeNo) // for policies it is one of them
		case strings.HasPrefix(name, "@"):
			q.class(d, d.schema.ObjectClass(name[1:]), 0)
		default:
			q.name(d, name)
		}
	}
	q.computed = q.computed[:0]
	for _, desc := range d.attr.computed {
		if q.wanted.Has(desc) {
			q.computed = append(q.computed, desc)
		}
	}
	q.references = len(q.views) > 0 || q.wanted.MayHave(d.attr.references)
}

// all selects the user attributes, and memberOf with them, as everybody is used to.
func (q *selection) all(d *Directory) {
	q.wanted.All()
	q.wanted.Type(d.attr.memberOf.TypeNo)
}

func (q *selection) name(d *Directory, name string) {
	base, options, described := strings.Cut(name, ";")
	t := d.schema.TypeByName(base)
	if t == nil {
		return
	}
	if desc := t.Description(); !described && d.isMembership(t) && !slices.Contains(q.views, desc) {
		q.views = append(q.views, desc)
		q.names = q.names || desc == d.attr.memberUid
	}
	for _, no := range d.schema.Subtypes(t.No) {
		if described {
			q.wanted.Described(no, strings.Split(strings.ToLower(options), ";"))
		} else {
			q.wanted.Type(no)
		}
	}
}

// classDepthMax bounds the walk to the superclasses.
const classDepthMax = 32

func (q *selection) class(d *Directory, c *schema.ObjectClass, depth int) {
	if c == nil || depth == classDepthMax {
		return
	}
	if c.Name() == "extensibleObject" {
		q.all(d)
	}
	for _, list := range [][]*schema.AttributeType{c.Must, c.May} {
		for _, t := range list {
			for _, no := range d.schema.Subtypes(t.No) {
				q.wanted.Type(no)
			}
		}
	}
	for _, sup := range c.Sup {
		q.class(d, sup, depth+1)
	}
}
