package main

import (
	"errors"
	"slices"
	"strings"

	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/storage"
)

// initEntries are the entries of a store that holds only what init made. An import builds the store again with them in it: the
// file wins for what both have, but the administrator keeps entry and password.
type initEntries struct {
	operations *operations // on the old store, which stays locked until the new one has its name

	bases  []string
	meta   []storage.PutMeta
	admins []directory.NDN
	byName map[directory.NDN]storage.LoadEntry
	seen   map[directory.NDN]bool // also in the file
	kept   string                 // DN of an administrator that the file has as well
}

// readInitEntries returns what init made, nil if the store holds anything else.
func readInitEntries(n *node) (*initEntries, error) {
	sn := n.store.Snapshot()
	defer sn.Close()
	made, err := madeByInit(n.schema, sn)
	if err != nil || made == nil {
		return nil, err
	}
	o := &initEntries{byName: make(map[directory.NDN]storage.LoadEntry), seen: make(map[directory.NDN]bool)}
	if o.admins, err = administrators(n.schema, n.store); err != nil {
		return nil, err
	}
	contexts, err := sn.NamingContexts()
	if err != nil {
		return nil, err
	}
	for _, c := range contexts {
		o.bases = append(o.bases, c.Name)
	}
	for _, key := range []string{metaAdministrators, metaMade} {
		value, _, err := sn.Meta(key)
		if err == nil {
			o.meta = append(o.meta, storage.PutMeta{Key: key, Value: value})
		} else if !isNotFound(err) {
			return nil, err
		}
	}
	policies, err := dit.PolicyMeta(sn)
	if err != nil {
		return nil, err
	}
	o.meta = append(o.meta, policies...)
	for ndn, id := range made {
		if o.byName[ndn], err = loadEntry(sn, id, ndn); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// loadEntry reads a stored entry in the form of a bulk load.
func loadEntry(sn *storage.Snapshot, id directory.EntryID, ndn directory.NDN) (storage.LoadEntry, error) {
	e := storage.LoadEntry{NDN: ndn}
	var err error
	if e.DN, err = sn.DN(id); err != nil {
		return e, err
	}
	if e.RDN, err = rdnText(e.DN); err != nil {
		return e, err
	}
	if e.Entry, err = sn.Entry(id); err != nil {
		return e, err
	}
	stamp, err := sn.Stamp(id)
	if err != nil {
		return e, err
	}
	descs, err := sn.ReferenceDescriptions(id)
	if err != nil {
		return e, err
	}
	e.ModifyTime, e.Modifier = stamp.ModifyTime, stamp.Modifier
	for _, desc := range descs {
		for v, err := range sn.References(id, desc) {
			if err != nil {
				return e, err
			}
			ref := storage.Reference{Desc: desc, Target: v.Name, Text: v.Text}
			if v.Target != 0 {
				if ref.Target, err = sn.NDN(v.Target); err != nil {
					return e, err
				}
				if ref.Text, err = sn.DN(v.Target); err != nil {
					return e, err
				}
			}
			e.References = append(e.References, ref)
		}
	}
	return e, nil
}

// rdnText returns the first part of a DN as written.
func rdnText(dn string) (string, error) {
	parsed, err := directory.ParseDN(dn)
	if err != nil {
		return "", err
	}
	if parsed.IsZero() {
		return "", errors.New("an entry without a name")
	}
	return parsed.RDNs()[0].String(), nil
}

// withOld leaves out what the file says of administrators that init made.
func (b *bulkImport) withOld(entries []storage.LoadEntry) []storage.LoadEntry {
	if b.old == nil {
		return entries
	}
	return slices.DeleteFunc(entries, func(e storage.LoadEntry) bool {
		if _, is := b.old.byName[e.NDN]; !is {
			return false
		}
		if slices.Contains(b.old.admins, e.NDN) {
			b.old.kept = strings.Clone(e.DN)
			b.report.Kept = b.old.kept
			return true
		}
		b.old.seen[e.NDN] = true
		return false
	})
}

// close gives the old store back. A second close does nothing.
func (o *initEntries) close() error {
	if o.operations == nil {
		return nil
	}
	err := o.operations.close()
	o.operations = nil
	return err
}

// rest returns the entries of init that the file does not have, in the order of their names.
func (o *initEntries) rest() []storage.LoadEntry {
	var left []storage.LoadEntry
	for ndn, e := range o.byName {
		if !o.seen[ndn] {
			left = append(left, e)
		}
	}
	slices.SortFunc(left, func(a, b storage.LoadEntry) int { return strings.Compare(string(a.NDN), string(b.NDN)) })
	return left
}
