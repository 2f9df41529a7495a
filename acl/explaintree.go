package acl

import "gatehouse/directory"

var _ memberships = (*Tree)(nil)

// IsDirectMember reports whether a group of the tree has the entry among its own members.
func (t *Tree) IsDirectMember(of Target, group directory.NDN) (bool, error) {
	ndn, err := of.NDN()
	if err != nil {
		return false, err
	}
	g := t.byName[group]
	return g != nil && t.has(g, ndn), nil
}
