package dit

import (
	"slices"

	"gatehouse/directory"
	"gatehouse/directory/schema"
	"gatehouse/storage"
)

// targets remembers which entries the names in a filter stand for: the same few names are asked about for every
// candidate of a search.
type targets struct {
	known []target
}

type target struct {
	ndn    directory.NDN
	id     directory.EntryID // zero: no entry has the name
	looked bool              // hidden is known
	hidden bool              // the session may not discover it
	asked  int               // how often candidates were asked for it
	named  []namedIn         // by which types it is a value of some entry, as far as that was asked
}

// namedIn says whether any entry has a target as a value of a reference type.
type namedIn struct {
	typeNo int
	is     bool
}

const (
	// targetsMax bounds the names that are remembered.
	targetsMax = 16
	// namedAfter is how many candidates are asked for a target before all entries are, which costs look-ups but saves one for each
	// candidate after that.
	namedAfter = 8
)

// target returns what stands under a name of the filter.
func (c *candidate) target(ndn directory.NDN) (*target, error) {
	for i := range c.targets.known {
		if c.targets.known[i].ndn == ndn {
			return &c.targets.known[i], nil
		}
	}
	id, err := c.sn.Lookup(ndn)
	if err != nil && !isNotFound(err) {
		return nil, err
	}
	if len(c.targets.known) == targetsMax {
		c.targets.known = c.targets.known[:0]
	}
	c.targets.known = append(c.targets.known, target{ndn: ndn, id: id})
	return &c.targets.known[len(c.targets.known)-1], nil
}

// isHidden reports whether the session may not discover the target: memberOf then says nothing about it.
func (c *candidate) isHidden(t *target) bool {
	if !t.looked {
		group := candidate{d: c.d, s: c.s, sn: c.sn, now: c.now, id: t.id}
		t.hidden, t.looked = !group.decide(c.d.Policy()).Discover(), true
	}
	return t.hidden
}

// HasReference implements [filter.Source].
func (c *candidate) HasReference(desc *directory.AttributeDescription, t *schema.AttributeType, ndn directory.NDN, chain bool) (bool, error) {
	if c.made != nil {
		return false, nil
	}
	if t.No != c.d.attr.memberOf.TypeNo {
		return c.refersTo(desc, t, ndn, chain)
	}
	to, err := c.target(ndn)
	if err != nil || to.id == 0 || c.isHidden(to) {
		return false, err
	}
	return c.groups.reaches(c.sn, c.id, c.d.attr.groupTypes, to.id)
}

// refersTo reports whether the entry has the value, by itself or by a chain of references.
func (c *candidate) refersTo(desc *directory.AttributeDescription, t *schema.AttributeType, ndn directory.NDN, chain bool) (bool, error) {
	may, err := c.mayRefer(t)
	if err != nil || !may && !chain {
		return false, err
	}
	to, err := c.target(ndn)
	if err != nil {
		return false, err
	}
	if may {
		if has, err := c.hasDirect(desc, t, to); has || err != nil {
			return has, err
		}
	}
	if !chain || to.id == 0 {
		return false, nil
	}
	return c.groups.reaches(c.sn, to.id, c.chainTypes(t.No), c.id)
}

// mayRefer reports whether the entry may have values of a reference type: most have none, and then nothing else is looked up.
func (c *candidate) mayRefer(t *schema.AttributeType) (bool, error) {
	if c.Entry().HasNames() || c.err != nil {
		return true, c.err
	}
	return c.sn.MayRefer(c.id, t.No)
}

// isNamed reports whether any entry at all names the target by a type, by a link or by a name that waits for it: mostly none does, and
// then a search need not look at the links of each candidate.
func (c *candidate) isNamed(to *target, typeNo int) (bool, error) {
	for _, n := range to.named {
		if n.typeNo == typeNo {
			return n.is, nil
		}
	}
	is, err := isReferredTo(c.sn, to.id, to.ndn, typeNo)
	if err != nil {
		return false, err
	}
	to.named = append(to.named, namedIn{typeNo, is})
	return is, nil
}

// isReferredTo reports whether any entry has a value of a type that is a link to the entry, or that waits for its name.
func isReferredTo(sn *storage.Snapshot, id directory.EntryID, ndn directory.NDN, typeNo int) (is bool, err error) {
	for _, err := range sn.Referrers(id, typeNo) {
		return err == nil, err
	}
	err = sn.Waiting(ndn, func(_ directory.EntryID, d *directory.AttributeDescription) bool {
		is = d.TypeNo == typeNo
		return !is
	})
	return is, err
}

// chainTypes returns the types that a chain of one type runs through: groups of both kinds nest in each other.
func (c *candidate) chainTypes(no int) []int {
	if slices.Contains(c.d.attr.groupTypes, no) {
		return c.d.attr.groupTypes
	}
	return c.d.schema.Subtypes(no)
}

// hasDirect reports whether the entry itself has the value, as a link, an unresolved reference or text.
func (c *candidate) hasDirect(desc *directory.AttributeDescription, t *schema.AttributeType, to *target) (bool, error) {
	ndn, id := to.ndn, to.id
	var links []*directory.AttributeDescription
	named := true
	var err error
	if to.asked++; to.asked > namedAfter && id != 0 && c.reads == nil {
		named, err = c.isNamed(to, t.No)
	}
	if named && err == nil {
		links, err = c.sn.ReferenceDescriptions(c.id)
	}
	if err != nil {
		return false, err
	}
	for _, d := range links {
		if !isDescribed(d, desc, t) {
			continue
		}
		if id != 0 {
			if has, err := c.sn.HasReference(c.id, d, id); has || err != nil {
				return has, err
			}
		}
		if has, err := c.sn.HasReferenceTo(c.id, d, ndn); has || err != nil {
			return has, err
		}
	}
	entry := c.Entry()
	if !entry.HasNames() {
		return false, c.err
	}
	for _, a := range entry.Attributes() {
		if !isDescribed(a.Desc, desc, t) {
			continue
		}
		for v := range a.Values() {
			if c.isName(v, ndn) {
				return true, nil
			}
		}
	}
	return false, c.err
}

// isName reports whether a value that is kept as text is the name.
func (c *candidate) isName(value []byte, ndn directory.NDN) bool {
	from := len(c.scratch)
	scratch, err := c.d.schema.AppendNDN(c.scratch, string(value))
	if err != nil {
		return false
	}
	is := string(scratch[from:]) == string(ndn)
	c.scratch = scratch[:from]
	return is
}

// AnyReference implements [filter.Source].
func (c *candidate) AnyReference(desc *directory.AttributeDescription, t *schema.AttributeType) (bool, error) {
	if c.made != nil {
		return false, nil
	}
	if t.No == c.d.attr.memberOf.TypeNo {
		a, err := c.memberOf()
		return a.Len() > 0, err
	}
	links, err := c.sn.ReferenceDescriptions(c.id)
	if err != nil {
		return false, err
	}
	for _, d := range links {
		if !isDescribed(d, desc, t) {
			continue
		}
		if any, err := c.sn.AnyReference(c.id, d); any || err != nil {
			return any, err
		}
	}
	for _, a := range c.Entry().Attributes() {
		if isDescribed(a.Desc, desc, t) {
			return true, nil
		}
	}
	return false, c.err
}

// isDescribed reports whether values under have count for an assertion on t with the options of want, which may be nil.
func isDescribed(have, want *directory.AttributeDescription, t *schema.AttributeType) bool {
	if have.TypeNo != t.No {
		return false
	}
	if want == nil || want == have {
		return true
	}
	for _, o := range want.Options {
		if !slices.Contains(have.Options, o) {
			return false
		}
	}
	return true
}
