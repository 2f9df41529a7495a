package dit

import (
	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
)

// errAssertion says that an assertion (RFC 4528) is false or Undefined, and no more.
var errAssertion = &directory.Error{Code: directory.AssertionFailed}

// assert evaluates an assertion on one entry, whose rights are decided. What the session may not search is Undefined. nil is no
// assertion.
func (d *Directory) assert(f directory.Filter, on *candidate) error {
	if f == nil {
		return nil
	}
	truth, err := filter.Compile(d.schema, f, on.access).Match(on)
	return asserted(truth, err)
}

// assertBase evaluates the assertion of a search, whose target is the base. One that the session may not discover is answered like
// one that is missing, be it traversable or not.
func (x *Search) assertBase(f directory.Filter) error {
	if f == nil {
		return nil
	}
	base, err := x.d.findAny(x.c.s, x.policy, x.c.sn, name{ndn: ndnOf(x.ndn)})
	if err != nil {
		return err
	}
	return x.d.assert(f, base)
}

func asserted(truth filter.Truth, err error) error {
	if err == nil && truth != filter.True {
		err = errAssertion
	}
	return err
}

// assertNew evaluates an assertion on an entry that is about to be made.
func (d *Directory) assertNew(f directory.Filter, on *proposed, rights acl.Rights) error {
	if f == nil {
		return nil
	}
	truth, err := filter.Compile(d.schema, f, func(t *schema.AttributeType) filter.Searchable {
		if rights.Search(t.Description()) {
			return filter.Always
		}
		return filter.Never
	}).Match(searched{on, rights})
	return asserted(truth, err)
}

// searched is a proposed entry as a source of filters of a session.
type searched struct {
	*proposed
	rights acl.Rights
}

// MaySearch implements [filter.Source].
func (p searched) MaySearch(desc *directory.AttributeDescription) bool { return p.rights.Search(desc) }

// MaySearchAll implements [filter.Source].
func (p searched) MaySearchAll(desc *directory.AttributeDescription, options []string) bool {
	return p.rights.SearchAll(desc, options)
}
