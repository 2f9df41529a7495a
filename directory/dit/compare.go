package dit

import (
	"context"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
	"gatehouse/storage"
)

// Compare reports whether the entry has the value (RFC 4511 section 4.10). Without the right to compare, the answer does not
// depend on the entry having the attribute.
func (d *Directory) Compare(ctx context.Context, s *acl.Session, req *directory.CompareRequest) (bool, error) {
	n, err := d.parseName(req.DN)
	if err != nil {
		return false, err
	}
	desc, err := d.schema.Description(req.Attr)
	if err != nil {
		return false, err
	}
	sn := d.store.Snapshot()
	defer sn.Close()
	policy := d.Policy()
	if err := d.begin(policy, s, sn); err != nil {
		return false, err
	}
	c, err := d.findAny(s, policy, sn, n)
	if err != nil {
		return false, err
	}
	if req.Controls != nil {
		if err := d.assert(req.Controls.Assertion, c); err != nil {
			return false, err
		}
	}
	if !c.rights.Compare(desc) {
		return false, d.refuse(s, policy, sn.CSN(), directory.InsufficientAccessRights,
			question{action: acl.ActionCompare, desc: desc, on: n.ndn})
	}
	if d.schema.Type(desc).Equality == nil {
		return false, directory.Errorf(directory.InappropriateMatching, "%s has no equality matching rule", desc)
	}
	if _, err := d.schema.EqualityKey(desc, req.Value); err != nil {
		return false, directory.Errorf(directory.InvalidAttributeSyntax, "the value does not fit %s", desc)
	}
	access := func(*schema.AttributeType) filter.Searchable { return filter.Mixed }
	members := &membership{d: d, s: s, sn: sn, policy: policy, may: mayCompare}
	equal := filter.CompileWider(d.schema, &directory.EqualityMatch{Attr: req.Attr, Value: req.Value}, access, members)
	if members.err != nil {
		return false, members.err
	}
	is, err := equal.Match(comparing{c})
	if err != nil || is == filter.True {
		return err == nil, err
	}
	has, err := filter.Compile(d.schema, d.presentAs(desc), access).Match(comparing{c})
	if err == nil && has != filter.True {
		err = &directory.Error{Code: directory.NoSuchAttribute}
	}
	return false, err
}

// presentAs asserts that an entry has values, or, of an attribute in which memberships can be seen, some members.
func (d *Directory) presentAs(desc *directory.AttributeDescription) directory.Filter {
	if len(desc.Options) > 0 || !d.isMembership(d.schema.Type(desc)) {
		return &directory.Present{Attr: desc.Name}
	}
	any := directory.Or{&directory.Present{Attr: d.attr.memberUid.Name}}
	for _, no := range d.attr.groupTypes {
		any = append(any, &directory.Present{Attr: d.schema.TypeNo(no).Name()})
	}
	return any
}

// comparing is an entry as a source of comparisons: what may not be compared is neither true nor false.
type comparing struct{ *candidate }

// MaySearch implements [filter.Source].
func (c comparing) MaySearch(desc *directory.AttributeDescription) bool {
	return c.rights.Compare(desc)
}

// MaySearchAll implements [filter.Source].
func (c comparing) MaySearchAll(desc *directory.AttributeDescription, options []string) bool {
	return c.rights.CompareAll(desc, options)
}

// findAny is find for reading: it also finds the entries that the server makes.
func (d *Directory) findAny(s *acl.Session, p *acl.Policy, sn *storage.Snapshot, n name) (*candidate, error) {
	c := &candidate{d: d, s: s, sn: sn}
	switch n.ndn {
	case "":
		root, err := d.rootEntry(sn)
		if err != nil {
			return nil, err
		}
		c.standFor(p, d.rootDSE, root)
	case acl.SubschemaNDN:
		c.standFor(p, d.subschema, d.subschema.entry)
	default:
		return d.find(s, p, sn, n.ndn)
	}
	if !c.rights.Discover() {
		return nil, d.refuse(s, p, sn.CSN(), directory.NoSuchObject, discovering(n.ndn))
	}
	return c, nil
}
