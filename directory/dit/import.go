package dit

import (
	"context"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/ldif"
)

// Conflict says what an import does with a record of content whose entry exists.
type Conflict uint8

// The answers to a conflict. The zero Conflict fails.
const (
	ConflictFail    Conflict = iota // the record is refused
	ConflictSkip                    // the entry stays as it is
	ConflictReplace                 // the entry becomes what the record says; entryUUID stays unless the record has one
)

// Imported says what became of one record.
type Imported struct {
	Skipped     bool
	Replaced    bool
	CheapHashes int // clear passwords that were hashed with a cheap scheme
}

// Import applies one record of LDIF through the write pipeline, as s, which needs the right to manage: entryUUID, creatorsName,
// createTimestamp, modifyTimestamp, modifiersName, pwd* and hashed passwords of the record are kept. An entry that is replaced gets
// the time and author of the import.
func (d *Directory) Import(ctx context.Context, s *acl.Session, rec *ldif.Record, conflict Conflict) (Imported, error) {
	switch rec.Kind {
	case ldif.Content, ldif.Add:
		return d.importEntry(ctx, s, rec, conflict)
	case ldif.Modify:
		n, err := d.parseName(rec.DN)
		if err != nil {
			return Imported{}, err
		}
		return d.importChanges(ctx, s, n, rec.Changes)
	case ldif.Delete:
		_, err := d.Delete(ctx, s, &directory.DeleteRequest{DN: rec.DN})
		return Imported{}, err
	case ldif.ModifyDN:
		_, err := d.ModifyDN(ctx, s, &directory.ModifyDNRequest{
			DN: rec.DN, NewRDN: rec.NewRDN, DeleteOldRDN: rec.DeleteOldRDN,
			NewSuperior: rec.NewSuperior, HasNewSuperior: rec.HasNewSuperior,
		})
		return Imported{}, err
	default:
		return Imported{}, directory.Errorf(directory.ProtocolError, "unknown kind of record")
	}
}

func (d *Directory) importEntry(ctx context.Context, s *acl.Session, rec *ldif.Record, conflict Conflict) (Imported, error) {
	n, err := d.parseName(rec.DN)
	if err != nil {
		return Imported{}, err
	}
	f, err := d.readForeign(rec.Attributes)
	if err != nil {
		return Imported{}, err
	}
	_, err = d.write(ctx, s, &addition{name: n, attrs: f.attrs, kept: true, modified: f.modified, modifier: f.modifier})
	if directory.CodeOf(err) != directory.EntryAlreadyExists || conflict == ConflictFail {
		return Imported{CheapHashes: f.cheap}, err
	}
	if conflict == ConflictSkip {
		return Imported{Skipped: true}, nil
	}
	changes, err := d.replacement(n, f.attrs)
	if err != nil {
		return Imported{}, err
	}
	done, err := d.importChanges(ctx, s, n, changes)
	return Imported{Replaced: err == nil, CheapHashes: f.cheap + done.CheapHashes}, err
}

// importChanges modifies an entry. Clear passwords are hashed with the cheap scheme.
func (d *Directory) importChanges(ctx context.Context, s *acl.Session, n name, changes []directory.Modification) (Imported, error) {
	var done Imported
	kept := make([]directory.Modification, 0, len(changes))
	set := false
	for _, c := range changes {
		desc, err := d.schema.Description(c.Attr)
		if err != nil {
			return done, err
		}
		if desc.Is(directory.FlagComputed) {
			continue
		}
		if desc == d.attr.userPassword && c.Op != directory.ModifyDelete {
			var f foreign
			if c.Values, err = f.hashClear(c.Values); err != nil {
				return done, err
			}
			done.CheapHashes += f.cheap
		}
		kept = append(kept, c)
		set = set || desc == d.attr.account.changed
	}
	if done.CheapHashes > 0 && !set && d.attr.account.changed != nil {
		kept = append(kept, directory.Modification{Op: directory.ModifyReplace, PartialAttribute: d.setNow()})
	}
	op := &modification{name: n, changes: kept, kept: true}
	result, err := d.write(ctx, s, op)
	if err == nil && op.passwords {
		d.passwordChanged(s, op.id, result.CSN)
	}
	return done, err
}

// replacement returns the changes that make an entry what a record says. What the server owns stays where the record is silent.
func (d *Directory) replacement(n name, attrs []directory.PartialAttribute) ([]directory.Modification, error) {
	sn := d.store.Snapshot()
	defer sn.Close()
	id, err := sn.Lookup(n.ndn)
	if err != nil {
		return nil, err
	}
	entry, err := sn.Entry(id)
	if err != nil {
		return nil, err
	}
	links, err := sn.ReferenceDescriptions(id)
	if err != nil {
		return nil, err
	}
	var changes []directory.Modification
	given := make(map[*directory.AttributeDescription]bool)
	for _, a := range attrs {
		desc, err := d.schema.Description(a.Attr)
		if err != nil {
			return nil, err
		}
		given[desc] = true
		changes = append(changes, directory.Modification{Op: directory.ModifyReplace, PartialAttribute: a})
	}
	remove := func(desc *directory.AttributeDescription) {
		if !given[desc] && !isServerOwned(desc) {
			given[desc] = true
			changes = append(changes, directory.Modification{
				Op: directory.ModifyReplace, PartialAttribute: directory.PartialAttribute{Attr: desc.Name},
			})
		}
	}
	for _, a := range entry.Attributes() {
		remove(a.Desc)
	}
	for _, desc := range links {
		remove(desc)
	}
	return changes, nil
}
