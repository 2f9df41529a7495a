package schema

import "slices"

func (w *build) makeClasses() {
	s := w.schema
	for _, c := range w.classes {
		d := c.def
		o := &ObjectClass{
			OID: d.OID, Names: d.Names, Desc: d.Desc, Kind: d.Kind, Obsolete: d.Obsolete, Extensions: d.Extensions, def: d,
			dual: slices.Contains(marks(d.Extensions), "dual"),
		}
		o.Must = w.typeList(c, d.Must)
		o.May = w.typeList(c, d.May)
		s.classes = append(s.classes, o)
		w.classOf[o] = c
		for _, name := range append([]string{d.OID}, d.Names...) {
			if !s.classNames.add(name, o) {
				if other := s.ObjectClass(name); other != o {
					w.problem(c.origin, "object class %s is already defined at %s", name, w.classOf[other].origin)
				}
			}
		}
	}
	for _, o := range s.classes {
		w.resolveClass(o)
	}
}

func (w *build) typeList(c *collected[*ObjectClassDefinition], names []string) []*AttributeType {
	list := make([]*AttributeType, 0, len(names))
	for _, name := range names {
		t := w.schema.TypeByName(name)
		if t == nil {
			w.problem(c.origin, "the attribute type %q is not defined", name)
			continue
		}
		list = append(list, t)
	}
	return list
}

func (w *build) resolveClass(o *ObjectClass) {
	if _, begun := w.done[o]; begun {
		return
	}
	w.done[o] = false
	c := w.classOf[o]
	o.all = []*ObjectClass{o}
	for _, name := range c.def.Sup {
		sup := w.schema.ObjectClass(name)
		if sup == nil {
			w.problem(c.origin, "the superclass %q is not defined", name)
			continue
		}
		w.resolveClass(sup)
		switch {
		case !w.done[sup]:
			w.problem(c.origin, "object class %s is above itself", o.OID)
			continue
		case o.Kind == Abstract && sup.Kind != Abstract, o.Kind == Auxiliary && sup.Kind == Structural, o.Kind == Structural && sup.Kind == Auxiliary:
			w.problem(c.origin, "a class that is %v cannot be below %q, which is %v", o.Kind, name, sup.Kind)
		}
		o.Sup = append(o.Sup, sup)
		for _, above := range sup.all {
			if !slices.Contains(o.all, above) {
				o.all = append(o.all, above)
			}
		}
	}
	w.done[o] = true
}
