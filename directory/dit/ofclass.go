package dit

import (
	"bytes"

	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/storage"
)

// eachOfClass visits the entries that have an object class, in the order in which they were made, until visit returns false.
func (d *Directory) eachOfClass(sn *storage.Snapshot, class string, visit func(directory.EntryID, *directory.Entry) (bool, error)) error {
	f := filter.Compile(d.schema, &directory.EqualityMatch{Attr: "objectClass", Value: []byte(class)}, nil)
	plan, err := sn.Plan(f.Root, 0, directory.ScopeSub, storage.PlanOptions{})
	if err != nil {
		return err
	}
	for id := directory.EntryID(0); ; {
		var more bool
		if id, more, err = plan.Next(id); err != nil || !more {
			return err
		}
		entry, err := sn.Entry(id)
		if err != nil {
			return err
		}
		if !d.hasClass(entry, class) {
			continue
		}
		if more, err := visit(id, entry); err != nil || !more {
			return err
		}
	}
}

// hasClass reports whether an entry has an object class. The schema writes the names in one way.
func (d *Directory) hasClass(e *directory.Entry, class string) bool {
	for v := range e.Get(d.attr.objectClass).Values() {
		if bytes.EqualFold(v, []byte(class)) {
			return true
		}
	}
	return false
}
