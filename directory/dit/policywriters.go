package dit

import (
	"net/netip"
	"slices"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/storage"
)

// Bounds of the search for those who may write a policy.
const (
	writersMax         = 8      // who are named; one is enough
	writersLookedAtMax = 20_000 // entries, over all statements
	writersNetworksMax = 16     // addresses that are tried
	writersDepthMax    = 32     // of subjects in subjects
)

// PolicyWriters returns some of the entries that could write the policy if p were in force, and whether the operator could. An entry
// counts if it exists, is enabled, has a password or a proved identity that is mapped to it, and p lets it bind over protected
// transport now, from somewhere. The search is bounded: whoever is not found within the bound does not count.
func (d *Directory) PolicyWriters(p *acl.Policy) (dns []string, operator bool, err error) {
	sn := d.store.Snapshot()
	defer sn.Close()
	return d.policyWriters(p, sn)
}

func (d *Directory) policyWriters(p *acl.Policy, sn *storage.Snapshot) (dns []string, operator bool, err error) {
	w := writers{d: d, sn: sn, policy: p, left: writersLookedAtMax, seen: make(map[directory.EntryID]struct{})}
	program := p.Program()
	if program == nil {
		return nil, false, nil
	}
	if operator, err = w.mayWrite(acl.Operator(acl.Transport{LocalSocket: true}, d.now())); err != nil {
		return nil, false, err
	}
	w.findPeers(program)
	for i := range program.Statements {
		st := &program.Statements[i]
		if st.Effect != acl.Allow || !st.Actions.Has(acl.ActionPolicyWrite) {
			continue
		}
		if err := w.subject(st.Subject, 0); err != nil {
			return nil, false, err
		}
	}
	return w.found, operator, nil
}

// writers looks for entries that may write a policy.
type writers struct {
	d      *Directory
	sn     *storage.Snapshot
	policy *acl.Policy
	peers  []netip.AddrPort // addresses that conditions may ask for; the zero one is none
	left   int              // entries that may still be looked at
	seen   map[directory.EntryID]struct{}
	found  []string
}

func (w *writers) isDone() bool { return len(w.found) >= writersMax || w.left <= 0 }

// findPeers collects one address of every network that allows are limited to.
func (w *writers) findPeers(program *acl.Program) {
	w.peers = append(w.peers, netip.AddrPort{})
	for i := range program.Statements {
		for _, when := range program.Statements[i].When {
			for _, network := range when.Networks {
				peer := netip.AddrPortFrom(network.Addr(), 0)
				if !slices.Contains(w.peers, peer) && len(w.peers) < writersNetworksMax {
					w.peers = append(w.peers, peer)
				}
			}
		}
	}
}

// subject looks at those whom a subject may match: by the narrowest way that it offers.
func (w *writers) subject(s acl.Subject, depth int) error {
	if w.isDone() || depth > writersDepthMax {
		return nil
	}
	switch s := s.(type) {
	case acl.Name:
		return w.lookup(s.NDN, func(id directory.EntryID) error { return w.consider(id) })
	case acl.Group:
		return w.lookup(s.NDN, func(id directory.EntryID) error { return w.group(id, depth) })
	case acl.Subtree:
		return w.lookup(s.Base, func(id directory.EntryID) error { return w.scan(id, directory.ScopeSub, nil) })
	case acl.Matching:
		return w.scan(0, directory.ScopeSub, s.Filter)
	case acl.Role:
		for _, h := range w.policy.Program().Roles {
			if h.Role == s.Name {
				if err := w.subject(h.Subject, depth+1); err != nil {
					return err
				}
			}
		}
		return nil
	case acl.Any:
		for _, k := range s {
			if err := w.subject(k, depth+1); err != nil {
				return err
			}
		}
		return nil
	case acl.All:
		if len(s) == 0 {
			return nil
		}
		return w.subject(slices.MinFunc(s, func(a, b acl.Subject) int { return breadth(a) - breadth(b) }), depth+1)
	case acl.Unless:
		return w.subject(s.Subject, depth+1)
	case acl.Anonymous, nil:
		return nil
	default: // anyone, authenticated, elevated, relations: whoever can bind
		return w.scan(0, directory.ScopeSub, nil)
	}
}

// breadth orders subjects by how many entries they are likely to match.
func breadth(s acl.Subject) int {
	switch s := s.(type) {
	case acl.Name:
		return 0
	case acl.Group, acl.Role:
		return 1
	case acl.All, acl.Any:
		return 2
	case acl.Unless:
		return breadth(s.Subject)
	case acl.Matching:
		return 3
	case acl.Subtree:
		return 4
	default:
		return 5
	}
}

func (w *writers) lookup(ndn directory.NDN, visit func(directory.EntryID) error) error {
	id, err := w.sn.Lookup(ndn)
	if isNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return visit(id)
}

// group looks at the members of a group, by links, nested, and by memberURL.
func (w *writers) group(id directory.EntryID, depth int) error {
	if _, twice := w.seen[id]; twice || w.isDone() || depth > writersDepthMax {
		return nil
	}
	w.seen[id] = struct{}{}
	w.left--
	entry, err := w.sn.Entry(id)
	if err != nil {
		return err
	}
	if desc := w.d.attr.memberURL; desc != nil && entry.Get(desc).Len() > 0 {
		if err := w.scan(0, directory.ScopeSub, nil); err != nil {
			return err
		}
	}
	descs, err := w.sn.ReferenceDescriptions(id)
	if err != nil {
		return err
	}
	for _, desc := range descs {
		if !slices.Contains(w.d.attr.groupTypes, desc.TypeNo) {
			continue
		}
		for v, err := range w.sn.References(id, desc) {
			if err != nil {
				return err
			}
			if w.isDone() {
				return nil
			}
			if v.Target == 0 {
				continue
			}
			if err := w.member(v.Target, depth); err != nil {
				return err
			}
		}
	}
	return nil
}

// member is an entry that binds, or a group in the group.
func (w *writers) member(id directory.EntryID, depth int) error {
	links, err := w.sn.ReferenceDescriptions(id)
	if err != nil {
		return err
	}
	for _, desc := range links {
		if slices.Contains(w.d.attr.groupTypes, desc.TypeNo) {
			return w.group(id, depth+1)
		}
	}
	return w.consider(id)
}

// scan looks at entries of a scope: those that may pass the filter, if there is one, else those with a password.
func (w *writers) scan(base directory.EntryID, scope directory.Scope, f directory.Filter) error {
	if f == nil {
		f = &directory.Present{Attr: w.d.attr.userPassword.Name}
	}
	compiled := filter.Compile(w.d.schema, f, nil)
	plan, err := w.sn.Plan(compiled.Root, base, scope, storage.PlanOptions{})
	if err != nil {
		return err
	}
	for after := directory.EntryID(0); !w.isDone(); {
		id, more, err := plan.Next(after)
		if err != nil || !more {
			return err
		}
		after = id
		if err := w.consider(id); err != nil {
			return err
		}
	}
	return nil
}
