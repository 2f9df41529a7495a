package dit

import (
	"slices"
	"strings"

	"gatehouse/acl"
	"gatehouse/directory"
)

// dereference is one attribute whose values are followed, and what is wanted of the entries that they name.
type dereference struct {
	attr    string // as the client has written it
	types   []int
	options []string
	made    []*directory.AttributeDescription // of these types, computed: memberOf
	views   []*directory.AttributeDescription // the attribute, if it is a way to look at memberships
	wanted  selection
}

// The syntaxes of values that name entries.
const (
	syntaxDN         = "1.3.6.1.4.1.1466.115.121.1.12"
	syntaxNameAndUID = "1.3.6.1.4.1.1466.115.121.1.34"
)

// prepareDeref finds the attributes. One that the schema does not have refers to nothing.
func (x *Search) prepareDeref(asked *directory.RequestControls) error {
	for i := range asked.Deref {
		spec := &asked.Deref[i]
		base, tail, described := strings.Cut(spec.Attr, ";")
		t := x.d.schema.TypeByName(base)
		switch {
		case t == nil:
			continue
		case t.Syntax.OID != syntaxDN && t.Syntax.OID != syntaxNameAndUID:
			if asked.DerefCritical {
				return directory.Errorf(directory.ProtocolError, "values of %s name no entries, so there is nothing to dereference", t.Name())
			}
			continue
		}
		r := dereference{attr: strings.Clone(spec.Attr), types: x.d.schema.Subtypes(t.No)}
		if described {
			r.options = strings.Split(strings.ToLower(tail), ";")
		}
		for _, no := range r.types {
			if desc := x.d.schema.TypeNo(no).Description(); slices.Contains(x.d.attr.computed, desc) && len(r.options) == 0 {
				r.made = append(r.made, desc)
			}
		}
		if !described && x.d.isMembership(t) {
			r.views = append(r.views, t.Description())
		}
		r.wanted.choose(x.d, spec.Attributes)
		x.controls.deref = append(x.controls.deref, r)
	}
	if x.controls.deref != nil {
		f := &follower{x: x}
		f.c.d, f.c.s, f.c.sn, f.c.now, f.c.memo, f.c.visible = x.d, x.c.s, x.c.sn, x.c.now, &f.memo, &x.visible
		f.c.tick = x.tick
		x.controls.answer.Deref, x.controls.answer.DerefCritical = f.all, asked.DerefCritical
	}
	return nil
}

// follower follows the references of the entry that is being sent. Each entry that it comes to is decided about like one that was
// searched for, and shows what it would show then.
type follower struct {
	x     *Search
	c     candidate // the entry that is referred to
	memo  acl.Memo
	view  acl.View
	ndn   []byte
	yield func(acl.Dereferenced, error) bool
	done  bool
}

// all yields what the entry refers to, attribute by attribute.
func (f *follower) all(yield func(acl.Dereferenced, error) bool) {
	f.yield, f.done = yield, false
	for i := range f.x.controls.deref {
		if err := f.references(&f.x.controls.deref[i]); err != nil {
			yield(acl.Dereferenced{}, err)
			return
		}
		if f.done {
			return
		}
	}
}

// references follows one attribute: links, values that are kept as text, then those that are made.
func (f *follower) references(r *dereference) (err error) {
	c := &f.x.c
	var descs []*directory.AttributeDescription
	if c.made == nil {
		if descs, err = c.sn.ReferenceDescriptions(c.id); err != nil {
			return err
		}
	}
	for _, desc := range descs {
		if r.has(desc) && c.rights.Read(desc) {
			if err := f.links(r, desc); err != nil || f.done {
				return err
			}
		}
	}
	for _, a := range c.entry.Attributes() {
		if r.has(a.Desc) && c.rights.Read(a.Desc) {
			if err := f.names(r, a); err != nil || f.done {
				return err
			}
		}
	}
	if len(r.views) > 0 {
		more, err := c.views(r.views, descs)
		if err != nil {
			return err
		}
		for _, a := range more {
			if err := f.names(r, a); err != nil || f.done {
				return err
			}
		}
	}
	for _, desc := range r.made {
		if !c.rights.Read(desc) {
			continue
		}
		a, err := c.computed(desc)
		if err == nil {
			err = f.names(r, a)
		}
		if err != nil || f.done {
			return err
		}
	}
	return nil
}

func (r *dereference) has(desc *directory.AttributeDescription) bool {
	return slices.Contains(r.types, desc.TypeNo) && containsEach(desc.Options, r.options)
}

// links follows the values of a reference attribute, which are printed in the order in which they are yielded.
func (f *follower) links(r *dereference, desc *directory.AttributeDescription) error {
	c := &f.x.c
	printed, err := c.sn.ReferenceAttribute(c.id, desc)
	if err != nil {
		return err
	}
	rest := printed.Set()
	for ref, err := range c.sn.References(c.id, desc) {
		if err != nil {
			return err
		}
		var value []byte
		if value, rest = directory.NextValue(rest); value == nil {
			break
		}
		if err := f.follow(r, desc, value, ref.Target); err != nil || f.done {
			return err
		}
	}
	return nil
}

// names follows values that are text.
func (f *follower) names(r *dereference, a directory.Attribute) error {
	for value := range a.Values() {
		var id directory.EntryID
		ndn, err := f.x.d.schema.AppendNDN(f.ndn[:0], string(value))
		if err == nil {
			f.ndn = ndn
			if id, err = f.x.c.sn.Lookup(ndnOf(ndn)); err != nil && !isNotFound(err) {
				return err
			}
		}
		if err := f.follow(r, a.Desc, value, id); err != nil || f.done {
			return err
		}
	}
	return nil
}

// follow yields one value, if it may be read, and what may be seen of the entry that it names. An entry that is hidden and one that
// is not there look the same.
func (f *follower) follow(r *dereference, desc *directory.AttributeDescription, value []byte, id directory.EntryID) error {
	if !f.x.c.rights.ReadValue(desc, value) {
		return nil
	}
	if err := f.x.tick(); err != nil {
		return err
	}
	ref := acl.Dereferenced{Attr: r.attr, Value: value}
	if id != 0 {
		c := &f.c
		c.reset(id)
		if err := c.load(); err != nil {
			return err
		}
		if c.rights = c.decide(f.x.policy); c.err != nil {
			return c.err
		}
		if c.rights.Discover() {
			if err := c.fill(&f.view, &r.wanted, f.x.typesOnly); err != nil {
				return err
			}
			ref.View = &f.view
		}
	}
	f.done = !f.yield(ref, nil)
	return nil
}
