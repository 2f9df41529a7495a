package dit

import (
	"strings"

	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/storage"
)

// finder looks up who is meant; storage.ErrNotFound if there is nobody.
type finder func(*storage.Snapshot) (directory.EntryID, error)

// finder looks up an identity as clients write it: "dn:" and a DN, "u:" and a user name, a DN, or a user name. The name is empty
// for a user name.
func (d *Directory) finder(text string) (finder, directory.NDN) {
	user, isUser := strings.CutPrefix(text, "u:")
	dn, isDN := strings.CutPrefix(text, "dn:")
	if !isUser {
		if n, err := d.parseName(dn); err == nil && n.ndn != "" {
			return func(sn *storage.Snapshot) (directory.EntryID, error) { return sn.Lookup(n.ndn) }, n.ndn
		}
	}
	if isDN || user == "" {
		return func(*storage.Snapshot) (directory.EntryID, error) { return 0, storage.ErrNotFound }, ""
	}
	user = strings.Clone(user)
	return func(sn *storage.Snapshot) (directory.EntryID, error) { return d.findUser(sn, user) }, ""
}

// usersMax bounds the entries that are looked at for one user name.
const usersMax = 64

// findUser returns the one entry with that uid; two of them are none.
func (d *Directory) findUser(sn *storage.Snapshot, user string) (directory.EntryID, error) {
	f := filter.Compile(d.schema, &directory.EqualityMatch{Attr: d.attr.uid.Name, Value: []byte(user)}, nil)
	plan, err := sn.Plan(f.Root, 0, directory.ScopeSub, storage.PlanOptions{})
	if err != nil {
		return 0, err
	}
	var found directory.EntryID
	for id := directory.EntryID(0); ; {
		var more bool
		if id, more, err = plan.Next(id); err != nil {
			return 0, err
		}
		if !more {
			break
		}
		if plan.LookedAt() > usersMax {
			return 0, storage.ErrNotFound
		}
		c := candidate{d: d, sn: sn, id: id}
		if err := c.load(); err != nil {
			return 0, err
		}
		truth, err := f.Match(&c)
		if err != nil {
			return 0, err
		}
		if truth != filter.True {
			continue
		}
		if found != 0 {
			return 0, storage.ErrNotFound
		}
		found = id
	}
	if found == 0 {
		return 0, storage.ErrNotFound
	}
	return found, nil
}
