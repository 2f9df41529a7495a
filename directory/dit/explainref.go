package dit

import (
	"gatehouse/acl"
	"gatehouse/directory"
)

// byReference explains a refusal by the policy and the directory of now.
func (x *explaining) byReference(text string) error {
	ref, ok := parseReference(text)
	if !ok {
		return errBadReference
	}
	r := x.d.refusals.find(ref)
	if r == nil {
		return errNoReference
	}
	x.out.Refusal = &ExplainedRefusal{Ref: text, Code: r.code.String(), Time: r.at.UTC(), CSN: r.csn, Version: r.version}
	x.session = r.session.WithElevations() // what the policy of now makes of it is not kept with the refusal
	if x.out.As = r.session.Identity().DN; r.session.IsAnonymous() {
		x.out.As = anonymousName
	}
	if real := r.session.Real(); real != nil {
		x.note("%s acted as this identity", real.Identity().DN)
	}
	if err := x.refused(r); err != nil {
		return err
	}
	x.ask(acl.Question{Action: r.action, Attribute: r.desc, Value: r.value})
	x.compare(r)
	return nil
}

// refused finds the entry that was asked about, and what was to become of it.
func (x *explaining) refused(r *refusal) (err error) {
	if x.before, err = x.target(r.on); err != nil {
		return err
	}
	switch k := r.would; {
	case k != nil && k.id == 0:
		x.before, x.after = nil, x.proposed(r, nil)
	case k != nil:
		now, is := x.before.(*candidate)
		if !is || now.id != k.id {
			x.note("the entry has been renamed or deleted since")
			return nil
		}
		x.after = x.proposed(r, now)
	case r.action == acl.ActionAddEntry:
		x.before, x.after = nil, x.before
	}
	return nil
}

// proposed makes the entry that the client wanted, on the state of now.
func (x *explaining) proposed(r *refusal, now *candidate) *proposed {
	k := r.would
	w := &Write{
		Session: r.session, Schema: x.d.schema, Snapshot: x.sn, Reads: x.sn.ReadSet(), ID: k.id, NDN: k.ndn, Now: x.d.now(),
		Draft: directory.DraftOf(directory.DN{}, k.entry), d: x.d, policy: x.policy,
	}
	for _, desc := range k.marks {
		w.Draft.Mark(desc, true)
	}
	p := &proposed{w: w, id: k.id, ndn: k.ndn, entry: k.entry, added: k.added, now: now}
	if now != nil {
		w.Before = now.entry
		p.refs = &references{w: w, list: k.refs}
	}
	return p
}

// compare says in what the answer of now differs from the one that was given.
func (x *explaining) compare(r *refusal) {
	if r.version != x.out.Version {
		x.note("another policy was in force then: version %q; this explains the one in force now", r.version)
	}
	if r.cut {
		x.note("the value, or what the entry would have become, was too large to be remembered; the rest is explained")
	}
	if !x.out.Exists && r.code == directory.NoSuchObject {
		x.out.Allowed = false
		x.note("there is no such entry")
	}
	if x.out.Allowed && r.csn != x.sn.CSN() {
		x.note("the directory has changed since")
	}
}
