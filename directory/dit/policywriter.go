package dit

import (
	"gatehouse/acl"
	"gatehouse/directory"
)

// consider notes an entry that can bind, and then write the policy.
func (w *writers) consider(id directory.EntryID) error {
	if _, twice := w.seen[id]; twice || w.isDone() {
		return nil
	}
	w.seen[id] = struct{}{}
	w.left--
	entry, err := w.sn.Entry(id)
	if err != nil || !w.d.isUsable(w.sn, entry) {
		return err
	}
	ndn, err := w.sn.NDN(id)
	if err != nil {
		return err
	}
	for _, way := range w.ways(entry, ndn) {
		for _, peer := range w.peers {
			way.transport.Peer = peer
			is, err := w.mayBindAndWrite(id, entry, way)
			if err != nil {
				return err
			}
			if is {
				dn, err := w.sn.DN(id)
				w.found = append(w.found, dn)
				return err
			}
		}
	}
	return nil
}

// way is a way of an entry to bind over protected transport.
type way struct {
	transport acl.Transport
	method    acl.AuthMethod
	level     int
}

// ways returns how an entry can prove who it is: by a password, or by an identity that is mapped to it.
func (w *writers) ways(entry *directory.Entry, ndn directory.NDN) (list []way) {
	if entry.Get(w.d.attr.userPassword).Len() > 0 {
		list = append(list, way{acl.Transport{TLSBits: 256}, acl.MethodSimple, 1})
	}
	for _, rule := range *w.d.identity.Load() {
		if rule.to != ndn || rule.operator {
			continue
		}
		if rule.word != "" {
			list = append(list, way{acl.Transport{LocalSocket: true, HasPeerCreds: true}, acl.MethodSASLExternal, 1})
		} else {
			list = append(list, way{acl.Transport{TLSBits: 256, ClientCertSubject: string(rule.ndn)}, acl.MethodSASLExternal, 2})
		}
	}
	return list
}

func (w *writers) mayBindAndWrite(id directory.EntryID, entry *directory.Entry, by way) (bool, error) {
	before := acl.NewSession(by.transport)
	if err := w.policy.Refresh(before, state{d: w.d, sn: w.sn}); err != nil {
		return false, err
	}
	c := &candidate{d: w.d, s: before, sn: w.sn, id: id, entry: entry}
	if !w.policy.Decide(before, c).Allows(acl.ActionBind) {
		return false, c.err
	}
	dn, err := w.sn.DN(id)
	if err != nil {
		return false, err
	}
	ndn, err := w.sn.NDN(id)
	if err != nil {
		return false, err
	}
	return w.mayWrite(before.Authenticated(acl.Identity{
		Kind: acl.KindEntry, ID: id, DN: dn, NDN: ndn, Method: by.method, Level: by.level, At: w.d.policyTime(w.sn), CSN: w.sn.CSN(),
	}))
}

func (w *writers) mayWrite(s *acl.Session) (bool, error) {
	if err := w.policy.Refresh(s, state{d: w.d, sn: w.sn}); err != nil {
		return false, err
	}
	return w.d.mayServer(w.policy, s, w.sn, acl.ActionPolicyWrite), nil
}
