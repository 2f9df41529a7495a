package dit

import (
	"errors"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/storage"
)

func isNotFound(err error) bool { return errors.Is(err, storage.ErrNotFound) }

// name is a name of a request, parsed and normalized.
type name struct {
	dn  directory.DN
	ndn directory.NDN
}

func (d *Directory) parseName(text string) (name, error) {
	dn, ndn, err := d.schema.ParseName(text)
	return name{dn, ndn}, err
}

// isVirtual reports whether the name is that of an entry that the server makes, which nobody writes to.
func (n name) isVirtual() bool { return n.ndn == "" || n.ndn == acl.SubschemaNDN }

// noSuchObject is the one answer for an entry that is missing or hidden: the deepest ancestor that the session may discover is
// the matchedDN. It looks at every existing ancestor in the same way, so that hidden and missing are alike. q is what was asked.
func (d *Directory) noSuchObject(s *acl.Session, p *acl.Policy, sn *storage.Snapshot, ndn directory.NDN, q question) error {
	e := d.refuse(s, p, sn.CSN(), directory.NoSuchObject, q)
	id, at, err := sn.Deepest(ndn)
	switch {
	case isNotFound(err):
		return e
	case err != nil:
		return err
	}
	if at == ndn {
		if id, err = sn.Parent(id); err != nil {
			return err
		}
	}
	for id != 0 {
		c := candidate{d: d, s: s, sn: sn, id: id}
		if p.Decide(s, &c).Discover() {
			if e.MatchedDN, err = sn.DN(id); err != nil {
				return err
			}
			return e
		}
		if id, err = sn.Parent(id); err != nil {
			return err
		}
	}
	return e
}

// find returns the entry called ndn if the session may discover it, and the answer for a missing one otherwise.
func (d *Directory) find(s *acl.Session, p *acl.Policy, sn *storage.Snapshot, ndn directory.NDN) (*candidate, error) {
	id, err := sn.Lookup(ndn)
	if err != nil && !isNotFound(err) {
		return nil, err
	}
	if err == nil {
		c := &candidate{d: d, s: s, sn: sn, id: id}
		if err := c.load(); err != nil {
			return nil, err
		}
		if c.rights = p.Decide(s, c); c.rights.Discover() {
			return c, nil
		}
	}
	return nil, d.noSuchObject(s, p, sn, ndn, discovering(ndn))
}

// discovering is the question whether an entry may be known.
func discovering(ndn directory.NDN) question { return question{action: acl.ActionDiscover, on: ndn} }

func (w *Write) noSuchObject(ndn directory.NDN, q question) error {
	return w.d.noSuchObject(w.Session, w.policy, w.Snapshot, ndn, q)
}

// target finds the entry that a write is about, like find, and notes that the write relies on its name and its record.
func (w *Write) target(ndn directory.NDN) (*candidate, error) {
	id, err := w.Reads.Lookup(ndn)
	if err != nil && !isNotFound(err) {
		return nil, err
	}
	if err == nil {
		c := &candidate{d: w.d, s: w.Session, sn: w.Snapshot, id: id, reads: w.Reads}
		if c.entry, err = w.Reads.Entry(id); err != nil {
			return nil, err
		}
		if c.rights = w.policy.Decide(w.Session, c); c.rights.Discover() {
			w.ID, w.NDN, w.Before = id, ndn, c.entry
			return c, nil
		}
	}
	return nil, w.noSuchObject(ndn, discovering(ndn))
}
