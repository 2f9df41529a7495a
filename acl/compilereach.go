package acl

import (
	"errors"
	"fmt"

	"gatehouse/directory"
	"gatehouse/directory/filter"
)

func (c *compiler) reach(r *Reach) (*expr, error) {
	var places []*expr
	for _, base := range r.Bases {
		pl := place{base, r.Scope}
		n, ok := c.placeOf[pl]
		if !ok {
			n = len(c.places)
			c.placeOf[pl] = n
			c.places = append(c.places, pl)
		}
		places = append(places, &expr{op: opPlace, n: n})
	}
	label := always
	if r.Filter != nil {
		var err error
		if label, err = c.label(r.Filter); err != nil {
			return nil, err
		}
	}
	out := make([]*expr, len(r.Exclude))
	for i := range r.Exclude {
		var err error
		if out[i], err = c.reach(&r.Exclude[i]); err != nil {
			return nil, err
		}
	}
	return and(or(places...), label, not(or(out...))), nil
}

// label is the test that a filter is. One that can be undefined of every entry is refused: it would hide a mistake.
func (c *compiler) label(f directory.Filter) (*expr, error) {
	if c.schema == nil {
		return nil, errors.New("a filter without a schema")
	}
	text := filter.String(f)
	compiled := filter.Compile(c.schema, f, nil)
	undefined, stored := false, true
	filter.Walk(compiled.Root, func(n *filter.Node) bool {
		undefined = undefined || n.Op == filter.OpUndefined
		stored = stored && !n.Reference && !n.DNAttributes && n.Name == "" &&
			(len(n.Children) > 0 || n.Type != nil || len(n.TypeNos) == 0)
		for _, no := range n.TypeNos {
			stored = stored && c.schema.TypeNo(no).Flags&(directory.FlagComputed|directory.FlagReference) == 0
		}
		return true
	})
	switch {
	case undefined:
		return nil, fmt.Errorf("filter %s: an attribute is unknown, or cannot be compared so", text)
	case compiled.Root.Op == filter.OpTrue:
		return always, nil
	case compiled.Root.Op == filter.OpFalse:
		return never, nil
	}
	key := "filter " + text
	_, known := c.testOf[key]
	e := c.test(key, &test{filter: compiled, source: f, bit: -1})
	if !known && stored && c.labels < labelsMax {
		c.tests[e.n].bit = c.labels
		c.labels++
	}
	return e, nil
}
