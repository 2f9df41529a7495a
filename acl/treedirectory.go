package acl

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// CSN implements [Directory].
func (t *Tree) CSN() directory.CSN { return t.csn }

// Now implements [Directory].
func (t *Tree) Now() time.Time { return t.at }

// ByID implements [Directory].
func (t *Tree) ByID(id directory.EntryID) (Source, error) {
	if id == 0 || int(id) > len(t.entries) {
		return nil, fmt.Errorf("no entry %d", id)
	}
	return &treeTarget{treeEntry: t.entries[id-1], tree: t}, nil
}

// Groups implements [Directory]. What a memberURL finds are members, not the members of a group that it finds.
func (t *Tree) Groups(of Target, visit func(directory.NDN) bool) error {
	ndn, err := of.NDN()
	if err != nil {
		return err
	}
	seen := make(map[directory.NDN]bool)
	names := []directory.NDN{ndn}
	if id := of.ID(); id != 0 && int(id) <= len(t.entries) { // links follow an entry that is renamed
		names[0] = t.entries[id-1].ndn
		if ndn != names[0] {
			names = append(names, ndn)
		}
	}
	for i := 0; i < len(names); i++ {
		for _, group := range t.entries {
			if seen[group.ndn] || !t.has(group, names[i]) && (i > 0 || !t.isDynamic(group, of)) {
				continue
			}
			seen[group.ndn] = true
			if !visit(group.ndn) {
				return nil
			}
			names = append(names, group.ndn)
		}
	}
	return nil
}

// has reports whether the group lists a name.
func (t *Tree) has(group *treeEntry, ndn directory.NDN) bool {
	for _, a := range group.entry.Attributes() {
		if t.refs[a.Desc.TypeNo] && t.lists(a, ndn) {
			return true
		}
	}
	return false
}

func (t *Tree) lists(a directory.Attribute, ndn directory.NDN) bool {
	for v := range a.Values() {
		if name, err := t.schema.AppendNDN(nil, string(v)); err == nil && directory.NDN(name) == ndn {
			return true
		}
	}
	return false
}

// isDynamic reports whether the target is a dynamic member of a group.
func (t *Tree) isDynamic(group *treeEntry, of Target) bool {
	return slices.ContainsFunc(t.urls(group), func(m *MemberURL) bool {
		is, err := m.Has(sourceOf(of))
		return is && err == nil
	})
}

// urls returns the memberURLs of a dynamic group, none of another entry.
func (t *Tree) urls(group *treeEntry) (list []*MemberURL) {
	if !group.is("groupOfURLs") {
		return nil
	}
	for _, a := range group.entry.Attributes() {
		if a.Desc.Key != "memberurl" {
			continue
		}
		for v := range a.Values() {
			if m, err := ParseMemberURL(t.schema, string(v)); err == nil {
				list = append(list, m)
			}
		}
	}
	return list
}

// is reports whether the entry has an object class.
func (e *treeEntry) is(class string) bool {
	for _, a := range e.entry.Attributes() {
		if a.Desc.Key != "objectclass" {
			continue
		}
		for v := range a.Values() {
			if strings.EqualFold(string(v), class) {
				return true
			}
		}
	}
	return false
}

// IsReferredTo implements [Directory]. A tree keeps all references as text.
func (t *Tree) IsReferredTo(directory.NDN, *schema.AttributeType) (bool, error) { return false, nil }

// Names implements [Directory].
func (t *Tree) Names(of Target, typ *schema.AttributeType) (list []directory.NDN, err error) {
	if strings.EqualFold(typ.Name(), "memberOf") {
		err = t.Groups(of, func(n directory.NDN) bool {
			list = append(list, n)
			return true
		})
		return list, err
	}
	for _, a := range of.Entry().Attributes() {
		if a.Desc.TypeNo != typ.No {
			continue
		}
		for v := range a.Values() {
			if name, err := t.schema.AppendNDN(nil, string(v)); err == nil {
				list = append(list, directory.NDN(name))
			}
		}
	}
	return list, nil
}

// Authority implements [Directory]. Every change may be about everybody.
func (t *Tree) Authority(directory.EntryID) (uint64, error) { return uint64(t.csn), nil }

// Grants implements [Directory].
func (t *Tree) Grants(of Target, visit func(Grant) bool) error {
	ndn, err := of.NDN()
	if err != nil {
		return err
	}
	for _, e := range t.entries {
		if !e.is(GrantClass) || !e.ndn.IsUnder(GrantsNDN) || !slices.ContainsFunc(e.entry.Attributes(), func(a directory.Attribute) bool {
			return strings.EqualFold(a.Desc.Key, GranteeAttribute) && t.lists(a, ndn)
		}) {
			continue
		}
		if g, ok := ParseGrant(e.entry); ok && !visit(g) {
			return nil
		}
	}
	return nil
}

// Dynamic implements [Directory].
func (t *Tree) Dynamic() (*DynamicGroups, error) {
	var groups [][]*MemberURL
	for _, e := range t.entries {
		if urls := t.urls(e); urls != nil {
			groups = append(groups, urls)
		}
	}
	return NewDynamicGroups(groups...), nil
}

// Below implements [Directory].
func (t *Tree) Below(of Target, visit func(Source) bool) (bool, error) {
	base, err := of.NDN()
	if err != nil {
		return false, err
	}
	for _, e := range t.entries {
		if e.ndn != base && e.ndn.IsUnder(base) && !visit(&treeTarget{treeEntry: e, tree: t}) {
			break
		}
	}
	return true, nil
}

// WaitingBelow implements [Directory].
func (t *Tree) WaitingBelow(name directory.NDN, visit func(directory.NDN) bool) error {
	for _, group := range t.entries {
		for _, a := range group.entry.Attributes() {
			if !t.refs[a.Desc.TypeNo] {
				continue
			}
			for v := range a.Values() {
				member, err := t.schema.AppendNDN(nil, string(v))
				if n := directory.NDN(member); err == nil && n != name && n.IsUnder(name) && t.byName[n] == nil && !visit(n) {
					return nil
				}
			}
		}
	}
	return nil
}
