package dit

import (
	"gatehouse/acl"
	"gatehouse/directory"
)

// IsDirectMember reports whether a group has the entry among its own members: not by another group, nor by a rule. Explanations ask.
func (st state) IsDirectMember(t acl.Target, group directory.NDN) (bool, error) {
	ndn, err := t.NDN()
	if err != nil {
		return false, err
	}
	id, err := st.sn.Lookup(group)
	if isNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	g, err := st.ByID(id)
	if err != nil {
		return false, err
	}
	for _, no := range st.d.attr.groupTypes {
		if is, err := g.Facts().HasReference(nil, st.d.schema.TypeNo(no), ndn, false); is || err != nil {
			return is, err
		}
	}
	return false, nil
}
