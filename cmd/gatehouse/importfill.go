package main

import (
	"gatehouse/acl/shipped"
	"gatehouse/directory"
	"gatehouse/directory/ldif"
	"gatehouse/storage"
)

// fillings are entries that a new store gets where the file has none of their names: containers for formats without names of
// their own, and the groups of the ready-made roles.
type fillings struct {
	order  []directory.NDN
	byName map[directory.NDN]storage.LoadEntry
	roles  map[directory.NDN]bool
}

// rolesOf returns the records of the ready-made roles below a naming context.
func rolesOf(base string) []*ldif.Record {
	list := []*ldif.Record{record("ou=roles,"+base, "objectClass", "organizationalUnit", "ou", "roles")}
	for _, g := range shipped.Groups() {
		list = append(list, record("cn="+g.Name+",ou=roles,"+base,
			"objectClass", "groupOfMembers", "cn", g.Name, "description", g.Description))
	}
	return list
}

// findFillings makes the entries to fill in. Those that init has made stand for themselves.
func (b *bulkImport) findFillings(contexts []string) error {
	b.filled = fillings{byName: make(map[directory.NDN]storage.LoadEntry), roles: make(map[directory.NDN]bool)}
	add := func(rec *ldif.Record, role bool) error {
		e, err := b.sealer.Seal(rec)
		if err != nil {
			return err
		}
		_, known := b.filled.byName[e.NDN]
		if known || b.old != nil && b.old.has(e.NDN) {
			return nil
		}
		b.filled.order = append(b.filled.order, e.NDN)
		b.filled.byName[e.NDN] = e
		b.filled.roles[e.NDN] = role
		return nil
	}
	for _, rec := range b.fill {
		if err := add(rec, false); err != nil {
			return err
		}
	}
	if !b.roles {
		return nil
	}
	for _, base := range contexts {
		for _, rec := range rolesOf(base) {
			if err := add(rec, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// without forgets the fillings of names that the file has.
func (f *fillings) without(entries []storage.LoadEntry) {
	if len(f.byName) == 0 {
		return
	}
	for i := range entries {
		delete(f.byName, entries[i].NDN)
	}
}

// rest returns what is still to be filled in, and how many of it are roles.
func (f *fillings) rest() (list []storage.LoadEntry, roles uint64) {
	for _, ndn := range f.order {
		if e, missing := f.byName[ndn]; missing {
			list = append(list, e)
			if f.roles[ndn] {
				roles++
			}
		}
	}
	return list, roles
}

// has reports whether init has made an entry of that name.
func (o *initEntries) has(ndn directory.NDN) bool {
	_, is := o.byName[ndn]
	return is
}
