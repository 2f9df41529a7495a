package foreign

import (
	"bytes"

	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// The reasons of what the schema makes of an entry.
const (
	whyUnknownAttr  = "the schema does not have it; add a file to 'schema: files' to keep it"
	whyUnknownClass = whyUnknownAttr
	whyNotAllowed   = "none of the object classes that are left allows it"
	whyComputed     = "the server computes it"
	whyTheirs       = "it belongs to the other server alone"
)

// mayAdd reports whether the schema lets the entry have the attribute.
func (c *converter) mayAdd(d draft, name string) bool {
	desc, err := c.options.Schema.Description(name)
	if err != nil {
		return false
	}
	t := c.options.Schema.Type(desc)
	return t.Usage == schema.UserApplications && c.shape(d).allows(t)
}

// IsStamp reports whether an attribute is one of those that the server prints of itself, and that an import keeps all the same.
func IsStamp(desc *directory.AttributeDescription) bool {
	return desc.Key == "modifytimestamp" || desc.Key == "modifiersname"
}

// shape is what the object classes of an entry say.
type shape struct {
	allowed    map[int]bool // types by number
	extensible bool
	structural []*schema.ObjectClass // none of them is above another
	dual       bool                  // there is one that may stand without a structural one beside it, or with it
}

func (s *shape) allows(t *schema.AttributeType) bool {
	return s.extensible || s.allowed[t.No] || t.Usage != schema.UserApplications
}

// shapesMax bounds the shapes that are kept; a directory has some dozens.
const shapesMax = 1000

// shape reads the object classes that the schema has.
func (c *converter) shape(d draft) *shape {
	key := string(bytes.ToLower(bytes.Join(d.values("objectClass"), []byte{0})))
	s := c.shapes[key]
	if s == nil {
		s = c.newShape(d)
		if c.shapes == nil || len(c.shapes) >= shapesMax {
			c.shapes = make(map[string]*shape)
		}
		c.shapes[key] = s
	}
	return s
}

func (c *converter) newShape(d draft) *shape {
	s := &shape{allowed: map[int]bool{}}
	s.allowed[c.options.Schema.TypeByName("objectClass").No] = true
	a := d.get("objectClass")
	if a == nil {
		return s
	}
	for _, v := range a.Values {
		class := c.options.Schema.ObjectClass(string(v))
		if class == nil {
			continue
		}
		for _, x := range class.All() {
			s.extensible = s.extensible || x.Name() == "extensibleObject"
			for _, list := range [][]*schema.AttributeType{x.Must, x.May} {
				for _, t := range list {
					s.allowed[t.No] = true
					for _, no := range c.options.Schema.Subtypes(t.No) {
						s.allowed[no] = true
					}
				}
			}
		}
		if class.Kind == schema.Structural {
			s.addStructural(class)
		}
	}
	return s
}

// addStructural keeps the lowest classes of each chain.
func (s *shape) addStructural(class *schema.ObjectClass) {
	if isDual(class) {
		s.dual = true
		return
	}
	kept := s.structural[:0]
	for _, other := range s.structural {
		if other.IsSubclassOf(class) {
			return
		}
		if !class.IsSubclassOf(other) {
			kept = append(kept, other)
		}
	}
	s.structural = append(kept, class)
}

// isDual reports whether a class is structural by itself and auxiliary beside another one, as posixGroup is.
func isDual(class *schema.ObjectClass) bool {
	for _, x := range class.Extensions {
		if x.Name == "X-GATEHOUSE" && len(x.Values) > 0 && x.Values[0] == "dual" {
			return true
		}
	}
	return false
}

// dropUnknown leaves out the classes and attributes that the schema does not have, and what the server computes.
func (c *converter) dropUnknown(d draft, at place) {
	if a := d.get("objectClass"); a != nil {
		kept := make([][]byte, 0, len(a.Values))
		for _, v := range a.Values {
			if c.options.KeepUnknown || c.options.Schema.ObjectClass(string(v)) != nil {
				kept = append(kept, v)
			} else {
				c.report.note(LeftOut, "object class "+string(v), whyUnknownClass, at)
			}
		}
		a.Values = kept
	}
	kept := make([]directory.PartialAttribute, 0, len(d.rec.Attributes))
	for _, a := range d.rec.Attributes {
		desc, err := c.options.Schema.Description(a.Attr)
		switch {
		case err != nil && c.options.KeepUnknown:
			kept = append(kept, a)
		case err != nil:
			c.report.note(LeftOut, "attribute "+a.Attr, whyUnknownAttr, at)
		case IsStamp(desc):
			kept = append(kept, a)
		case desc.Is(directory.FlagComputed):
			c.report.note(LeftOut, "attribute "+a.Attr, whyComputed, at)
		case c.options.Schema.Type(desc).Usage == schema.DSAOperation:
			c.report.note(LeftOut, "attribute "+a.Attr, whyTheirs, at)
		default:
			kept = append(kept, a)
		}
	}
	d.rec.Attributes = kept
}

// dropNotAllowed leaves out attributes that no class of the entry allows.
func (c *converter) dropNotAllowed(d draft, at place) {
	if c.options.KeepUnknown {
		return
	}
	s := c.shape(d)
	kept := make([]directory.PartialAttribute, 0, len(d.rec.Attributes))
	for _, a := range d.rec.Attributes {
		desc, err := c.options.Schema.Description(a.Attr)
		if err == nil && !s.allows(c.options.Schema.Type(desc)) {
			c.report.note(LeftOut, "attribute "+a.Attr, whyNotAllowed, at)
			continue
		}
		kept = append(kept, a)
	}
	d.rec.Attributes = kept
}

// dropFurther leaves the first value of attributes that have one value here.
func (c *converter) dropFurther(d draft, at place) {
	if c.options.KeepUnknown {
		return
	}
	for i := range d.rec.Attributes {
		a := &d.rec.Attributes[i]
		desc, err := c.options.Schema.Description(a.Attr)
		if err == nil && len(a.Values) > 1 && c.options.Schema.Type(desc).SingleValue {
			a.Values = a.Values[:1]
			c.report.note(LeftOut, "further values of "+a.Attr, "the attribute has one value; the first is kept", at)
		}
	}
}

// oneStructural leaves one structural class of several that are not of one chain, and reports whether there is one at all.
func (c *converter) oneStructural(d draft, at place) bool {
	s := c.shape(d)
	if len(s.structural) == 0 {
		return s.dual
	}
	if len(s.structural) == 1 {
		return true
	}
	best := s.structural[0]
	for _, class := range s.structural[1:] {
		if rank(class) > rank(best) {
			best = class
		}
	}
	a := d.get("objectClass")
	kept := make([][]byte, 0, len(a.Values))
	for _, v := range a.Values {
		class := c.options.Schema.ObjectClass(string(v))
		if class == nil || class.Kind != schema.Structural || isDual(class) || best.IsSubclassOf(class) {
			kept = append(kept, v)
			continue
		}
		c.report.note(Changed, "object class "+class.Name()+" beside "+best.Name(), "an entry has one structural class; this one was left out", at)
	}
	a.Values = kept
	return true
}

// rank says which of two structural classes is kept: people before groups before devices.
func rank(class *schema.ObjectClass) int {
	for i, name := range []string{"device", "account", "groupOfUniqueNames", "groupOfNames", "person", "organizationalPerson", "inetOrgPerson"} {
		if class.Name() == name {
			return i + 1
		}
	}
	return 0
}

// emptyGroups makes groupOfMembers of groups without a member, which others take as groupOfNames.
func (c *converter) emptyGroups(d draft, at place) {
	for class, attr := range map[string]string{"groupOfNames": "member", "groupOfUniqueNames": "uniqueMember"} {
		if d.has("objectClass", class) && d.get(attr) == nil {
			d.remove("objectClass", class)
			d.addOnce("objectClass", "groupOfMembers")
			c.report.note(Changed, "groups without a member", class+" requires one; they are groupOfMembers now", at)
		}
	}
}

// missingNames fills in what inetOrgPerson requires.
func (c *converter) missingNames(d draft, at place) {
	class := false
	for _, name := range []string{"person", "organizationalPerson", "inetOrgPerson"} {
		class = class || d.has("objectClass", name)
	}
	if !class {
		return
	}
	name := d.first("cn")
	if name == "" {
		name = d.first("displayName")
	}
	if name == "" {
		name = d.first("uid")
	}
	if d.get("cn") == nil && name != "" {
		d.add("cn", name)
		c.report.note(Changed, "people without cn", "the class requires it; it is the displayName or uid", at)
	}
	if last := surname(name); d.get("sn") == nil && last != "" {
		d.add("sn", last)
		c.report.note(Changed, "people without sn", "the class requires it; it is the last word of cn or the uid", at)
	}
}
