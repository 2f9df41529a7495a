package dit

import (
	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
	"gatehouse/storage"
)

// candidate is one entry that an operation looks at. What it knows of the entry it reads when asked. It is the target of
// policy decisions and the source of filters. It is reused from entry to entry: see reset.
type candidate struct {
	d       *Directory
	s       *acl.Session
	sn      *storage.Snapshot
	now     *storage.Snapshot // the newest state, if sn is that of an earlier page; see decide
	id      directory.EntryID
	made    *virtual // an entry that the server makes, in place of a stored one
	entry   *directory.Entry
	parent  directory.EntryID // of a stored entry that is loaded
	rights  acl.Rights
	stamp   storage.Stamp
	dn, ndn []byte
	has     have
	scratch []byte // values made for this entry
	ndnText directory.NDN
	err     error // of a method that cannot return one

	groups  closure
	targets targets
	memo    *acl.Memo        // of whoever looks at many entries
	visible *visibility      // likewise
	reads   *storage.ReadSet // of a write, which relies on what decides about the entry
	tick    func() error     // of a search, called for each further entry that the answer takes; its error ends the search
}

var (
	_ acl.Target    = (*candidate)(nil)
	_ filter.Source = (*candidate)(nil)
)

// have says what a candidate has read.
type have uint8

const (
	haveStamp have = 1 << iota
	haveDN
	haveNDN
	haveAuthority
)

// reset makes c stand for another entry. What the last one handed out is no longer valid.
func (c *candidate) reset(id directory.EntryID) {
	c.id, c.made, c.entry, c.rights, c.has, c.err, c.ndnText = id, nil, nil, acl.Rights{}, 0, nil, ""
	c.scratch = c.scratch[:0]
}

// load reads the entry.
func (c *candidate) load() (err error) {
	if c.entry == nil {
		c.entry, c.parent, err = c.sn.EntryIn(c.id)
	}
	return err
}

var emptyEntry = directory.StoredEntry(nil)

// ID implements [acl.Target].
func (c *candidate) ID() directory.EntryID { return c.id }

// Entry implements [acl.Target] and [filter.Source].
func (c *candidate) Entry() *directory.Entry {
	if err := c.load(); err != nil {
		c.err = err
		return emptyEntry
	}
	return c.entry
}

// NDN implements [acl.Target] and [filter.Source]. The name is valid until reset.
func (c *candidate) NDN() (directory.NDN, error) {
	if c.made != nil {
		return c.made.ndn, nil
	}
	if c.ndnText == "" {
		var err error
		if c.ndn, err = c.sn.AppendNDN(c.ndn[:0], c.id); err != nil {
			return "", err
		}
		c.ndnText = ndnOf(c.ndn)
	}
	return c.ndnText, nil
}

// name returns the name as printed; it is valid until reset.
func (c *candidate) name() ([]byte, error) {
	if c.made != nil {
		return c.made.dn, nil
	}
	if c.has&haveDN == 0 {
		var err error
		if c.dn, err = c.sn.AppendDN(c.dn[:0], c.id); err != nil {
			return nil, err
		}
		c.has |= haveDN
	}
	return c.dn, nil
}

// MaySearch implements [filter.Source].
func (c *candidate) MaySearch(desc *directory.AttributeDescription) bool {
	return c.rights.Search(desc)
}

// MaySearchAll implements [filter.Source].
func (c *candidate) MaySearchAll(desc *directory.AttributeDescription, options []string) bool {
	return c.rights.SearchAll(desc, options)
}

// readStamp reads who changed the entry last, and when.
func (c *candidate) readStamp() (err error) {
	if c.has&haveStamp == 0 {
		if c.stamp, err = c.sn.Stamp(c.id); err == nil {
			c.has |= haveStamp
		}
	}
	return err
}

// Computed implements [filter.Source].
func (c *candidate) Computed(t *schema.AttributeType) (directory.Attribute, error) {
	return c.computed(t.Description())
}
