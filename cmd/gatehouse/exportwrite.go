package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/ldif"
	"gatehouse/directory/schema"
	"gatehouse/storage"
)

// exporter writes entries so that the text says nothing but what the directory holds: parents first, siblings by normalized
// RDN, objectClass first and the other attributes by name, values that name entries by normalized DN, all other values in
// stored order. Loading the text gives the same text again.
type exporter struct {
	schema *schema.Schema
	sn     *storage.Snapshot
	out    *ldif.Writer

	objectClass, modifyTimestamp, modifiersName *directory.AttributeDescription
}

// export writes the entries at and below base ("" for all) that match filter ("" for all).
func (n *node) export(ctx context.Context, w io.Writer, base, filterText string) error {
	sn := n.store.Snapshot()
	defer sn.Close()
	x := newExporter(n.schema, sn, w)
	var tops []directory.EntryID
	if base != "" {
		_, ndn, err := n.schema.ParseName(base)
		if err != nil {
			return fmt.Errorf("--base %q: %w", base, err)
		}
		id, err := sn.Lookup(ndn)
		if isNotFound(err) {
			return fmt.Errorf("--base %q: there is no such entry", base)
		}
		if err != nil {
			return err
		}
		tops = append(tops, id)
	}
	var wanted map[directory.EntryID]bool
	if filterText != "" {
		var err error
		if wanted, err = n.matching(ctx, sn, base, filterText); err != nil {
			return err
		}
	}
	if err := x.out.Version(); err != nil {
		return err
	}
	for id, err := range walk(sn, tops...) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		if wanted != nil && !wanted[id] {
			continue
		}
		if err := x.entry(id); err != nil {
			return fmt.Errorf("entry %d: %w", id, err)
		}
	}
	return x.out.Flush()
}

// matching returns which entries match a filter, as the operator may search them.
func (n *node) matching(ctx context.Context, sn *storage.Snapshot, base, text string) (map[directory.EntryID]bool, error) {
	f, err := filter.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("--filter %q: %w", text, err)
	}
	contexts, err := sn.NamingContexts()
	if err != nil {
		return nil, err
	}
	bases := []string{base}
	if base == "" {
		bases = bases[:0]
		for _, c := range contexts {
			bases = append(bases, c.Name)
		}
	}
	wanted := make(map[directory.EntryID]bool)
	for _, base := range bases {
		err := n.searchNames(ctx, base, f, func(ndn directory.NDN) error {
			id, err := sn.Lookup(ndn)
			if isNotFound(err) { // made since
				return nil
			}
			wanted[id] = true
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return wanted, nil
}

// searchNames searches as the operator and yields the names of what is found.
func (n *node) searchNames(ctx context.Context, base string, f directory.Filter, yield func(directory.NDN) error) error {
	x, err := n.directory.Search(ctx, n.operator(), &directory.SearchRequest{
		Base: base, Scope: directory.ScopeSub, Filter: f, Attributes: []string{"1.1"},
	})
	if err != nil {
		return err
	}
	defer x.Close()
	return x.Run(ctx, func(v *acl.View) error {
		_, ndn, err := n.schema.ParseName(string(v.DN()))
		if err != nil {
			return err
		}
		return yield(ndn)
	})
}

func newExporter(s *schema.Schema, sn *storage.Snapshot, w io.Writer) *exporter {
	desc := func(name string) *directory.AttributeDescription { return s.TypeByName(name).Description() }
	return &exporter{
		schema: s, sn: sn, out: ldif.NewWriter(w),
		objectClass: desc("objectClass"), modifyTimestamp: desc("modifyTimestamp"), modifiersName: desc("modifiersName"),
	}
}

func (x *exporter) entry(id directory.EntryID) error {
	dn, err := x.sn.DN(id)
	if err != nil {
		return err
	}
	entry, err := x.sn.Entry(id)
	if err != nil {
		return err
	}
	attrs := slices.Clone(entry.Attributes())
	for i, a := range attrs {
		if a.Desc.Is(directory.FlagReference) {
			attrs[i] = x.byName(a.Desc, slices.Collect(a.Values()))
		}
	}
	if attrs, err = x.references(attrs, id); err != nil {
		return err
	}
	stamp, err := x.sn.Stamp(id)
	if err != nil {
		return err
	}
	attrs = append(attrs, directory.NewAttribute(x.modifyTimestamp, stamp.ModifyTime.UTC().AppendFormat(nil, "20060102150405Z")))
	if stamp.Modifier != "" {
		attrs = append(attrs, directory.NewAttribute(x.modifiersName, []byte(stamp.Modifier)))
	}
	slices.SortStableFunc(attrs, x.order)
	return x.out.Entry(dn, attrs)
}

// order puts objectClass first, then user attributes by name, then operational ones by name.
func (x *exporter) order(a, b directory.Attribute) int {
	rank := func(d *directory.AttributeDescription) int {
		switch {
		case d == x.objectClass:
			return 0
		case !d.Is(directory.FlagOperational):
			return 1
		default:
			return 2
		}
	}
	return cmp.Or(cmp.Compare(rank(a.Desc), rank(b.Desc)), cmp.Compare(a.Desc.Key, b.Desc.Key))
}

// references adds the links and unresolved references of an entry to its attributes.
func (x *exporter) references(attrs []directory.Attribute, id directory.EntryID) ([]directory.Attribute, error) {
	descs, err := x.sn.ReferenceDescriptions(id)
	if err != nil {
		return nil, err
	}
	for _, desc := range descs {
		links, err := x.sn.ReferenceAttribute(id, desc)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", desc, err)
		}
		if links.Len() == 0 {
			continue
		}
		values := slices.Collect(links.Values())
		at := slices.IndexFunc(attrs, func(a directory.Attribute) bool { return a.Desc == desc })
		if at < 0 {
			attrs = append(attrs, x.byName(desc, values))
			continue
		}
		attrs[at] = x.byName(desc, slices.AppendSeq(values, attrs[at].Values()))
	}
	return attrs, nil
}

// byName sorts the values of a reference attribute by the names that they are compared by.
func (x *exporter) byName(desc *directory.AttributeDescription, values [][]byte) directory.Attribute {
	if len(values) == 1 {
		return directory.NewAttribute(desc, values...)
	}
	type named struct{ key, value []byte }
	list := make([]named, len(values))
	var keys []byte
	for i, v := range values {
		from := len(keys)
		made, err := x.schema.AppendEqualityKey(keys, desc, v)
		if err != nil {
			made = append(keys[:from], v...)
		}
		keys = made
		list[i] = named{keys[from:len(keys):len(keys)], v}
	}
	slices.SortFunc(list, func(a, b named) int {
		return cmp.Or(bytes.Compare(a.key, b.key), bytes.Compare(a.value, b.value))
	})
	for i := range list {
		values[i] = list[i].value
	}
	return directory.NewAttribute(desc, values...)
}
