package dit

import (
	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/storage"
)

// conditions are what the controls of a write ask besides: the assertion that it stands on, and the entry before and after it
// (RFC 4527, RFC 4528). The zero value asks nothing.
type conditions struct {
	assertion directory.Filter
	pre, post *directory.ReadRequest
	long      bool // reading the entry takes too long for the sequencer
	read      acl.ReadEntries
}

func conditionsOf(c *directory.RequestControls) conditions {
	if c == nil {
		return conditions{}
	}
	return conditions{assertion: c.Assertion, pre: c.PreRead, post: c.PostRead}
}

// asks lets conditionsIn find them.
func (q *conditions) asks() *conditions { return q }

// conditionsIn returns the conditions of an operation that may have some, else nil.
func conditionsIn(op operation) *conditions {
	if has, may := op.(interface{ asks() *conditions }); may {
		return has.asks()
	}
	return nil
}

// answer returns what the client gets beside the result; nil for nothing.
func (q *conditions) answer() *acl.ReadEntries {
	if q.read == (acl.ReadEntries{}) {
		return nil
	}
	return &q.read
}

// look evaluates the assertion and reads the entry as it is before the write. From then on the write relies on all that decides
// about the entry: its record, its links in both directions, the nesting of groups. So neither is about a state that is over
// when the change is applied.
func (q *conditions) look(w *Write, c *candidate) error {
	if q.assertion == nil && q.pre == nil && q.post == nil {
		return nil
	}
	if q.assertion != nil || q.pre != nil {
		if _, err := w.Reads.Authority(c.id); err != nil {
			return err
		}
	}
	if err := w.d.assert(q.assertion, c); err != nil {
		return err
	}
	q.long = false
	for _, req := range []*directory.ReadRequest{q.pre, q.post} {
		if req == nil || q.long {
			continue
		}
		r := w.d.entryReader(w.Session, w.Snapshot, req)
		var err error
		if q.long, err = r.isLong(c.id); err != nil {
			return err
		}
	}
	if q.pre == nil {
		return nil
	}
	r := w.d.entryReader(w.Session, w.Snapshot, q.pre)
	r.c.reads = w.Reads
	var err error
	q.read.Pre, err = r.read(w.policy, c.id)
	return err
}

// after reads the entry as the write has made it. What goes wrong costs the client its copy, not the write.
func (q *conditions) after(d *Directory, s *acl.Session, sn *storage.Snapshot, id directory.EntryID) {
	policy := d.Policy()
	err := d.checkWith(policy, s, sn)
	if err == nil {
		r := d.entryReader(s, sn, q.post)
		q.read.Post, err = r.read(policy, id)
	}
	if err != nil && !isNotFound(err) {
		d.log.Error("the entry after a write was not read", "entry", id, "error", err)
	}
}

// entryReader reads one entry for a control, as a search would. The view that it makes stays valid.
type entryReader struct {
	c      candidate
	wanted selection
	view   acl.View
}

func (d *Directory) entryReader(s *acl.Session, sn *storage.Snapshot, req *directory.ReadRequest) *entryReader {
	r := &entryReader{c: candidate{d: d, s: s, sn: sn}}
	r.wanted.choose(d, req.Attributes)
	return r
}

// read returns what the session may see of the entry, nil if it may not know it.
func (r *entryReader) read(p *acl.Policy, id directory.EntryID) (*acl.View, error) {
	c := &r.c
	c.reset(id)
	if err := c.load(); err != nil {
		return nil, err
	}
	if c.rights = p.Decide(c.s, c); !c.rights.Discover() {
		return nil, c.err
	}
	if err := c.fill(&r.view, &r.wanted, false); err != nil {
		return nil, err
	}
	c.sn, c.reads = nil, nil // the view is kept
	return &r.view, nil
}

// isLong reports whether reading the entry takes longer than the sequencer waits.
func (r *entryReader) isLong(id directory.EntryID) (bool, error) {
	n := 0
	if r.wanted.references {
		descs, err := r.c.sn.ReferenceDescriptions(id)
		if err != nil {
			return false, err
		}
		for _, desc := range descs {
			if !r.wanted.wanted.Has(desc) {
				continue
			}
			for _, err := range r.c.sn.References(id, desc) {
				if n++; err != nil || n > readEntryReferencesMax {
					return true, err
				}
			}
		}
	}
	for _, desc := range r.wanted.computed {
		if desc == r.c.d.attr.numSubordinates || desc == r.c.d.attr.hasSubordinates {
			children, err := r.c.sn.ChildCount(id)
			return children > readEntryReferencesMax, err
		}
	}
	return false, nil
}
