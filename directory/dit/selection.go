package dit

import (
	"strings"

	"gatehouse/directory/schema"
)

// selectAttributes reads the attribute list of a search (RFC 4511 section 4.5.1.8): "*", "+" (RFC 3673), "1.1", "@class"
// (RFC 4529), names with and without options; none at all is "*". What the schema does not know selects nothing, "dn"
// among it.
func (x *Search) selectAttributes(names []string) {
	x.wanted.Reset()
	if len(names) == 0 {
		x.selectAll()
	}
	for _, name := range names {
		switch {
		case name == "*":
			x.selectAll()
		case name == "+":
			x.wanted.Operational()
			x.wanted.Type(x.d.attr.memberOf.TypeNo) // for policies it is one of them
		case strings.HasPrefix(name, "@"):
			x.selectClass(x.d.schema.ObjectClass(name[1:]))
		default:
			x.selectName(name)
		}
	}
	x.wantComputed = x.wantComputed[:0]
	for _, desc := range x.d.attr.computed {
		if x.wanted.Has(desc) {
			x.wantComputed = append(x.wantComputed, desc)
		}
	}
	x.wantReference = x.wanted.MayHave(x.d.attr.references)
}

// selectAll selects the user attributes, and memberOf with them, as everybody is used to.
func (x *Search) selectAll() {
	x.wanted.All()
	x.wanted.Type(x.d.attr.memberOf.TypeNo)
}

func (x *Search) selectName(name string) {
	base, options, described := strings.Cut(name, ";")
	t := x.d.schema.TypeByName(base)
	if t == nil {
		return
	}
	for _, no := range x.d.schema.Subtypes(t.No) {
		if described {
			x.wanted.Described(no, strings.Split(strings.ToLower(options), ";"))
		} else {
			x.wanted.Type(no)
		}
	}
}

// classDepthMax bounds the walk to the superclasses.
const classDepthMax = 32

func (x *Search) selectClass(c *schema.ObjectClass) { x.selectClassAt(c, 0) }

func (x *Search) selectClassAt(c *schema.ObjectClass, depth int) {
	if c == nil || depth == classDepthMax {
		return
	}
	if c.Name() == "extensibleObject" {
		x.selectAll()
	}
	for _, list := range [][]*schema.AttributeType{c.Must, c.May} {
		for _, t := range list {
			for _, no := range x.d.schema.Subtypes(t.No) {
				x.wanted.Type(no)
			}
		}
	}
	for _, sup := range c.Sup {
		x.selectClassAt(sup, depth+1)
	}
}
