package dit

import (
	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/storage"
)

// Bounds of the memberURLs that are asked for the membership of one entry. A write that would make more of them is refused. With
// more than evaluated, which several such writes at once may just not reach, nobody's memberships are known.
const (
	memberURLsMax          = 2000
	memberURLsEvaluatedMax = 2 * memberURLsMax
)

var errManyMemberURLs = directory.Errorf(directory.AdminLimitExceeded, "the directory may have at most %d values of memberURL", memberURLsMax)

// checkMemberURLs refuses to make more memberURLs than can be asked: otherwise whoever may write a group could take everybody's
// rights away.
func (w *Write) checkMemberURLs() error {
	desc := w.d.attr.memberURL
	if w.Draft == nil || desc == nil {
		return nil
	}
	more := len(w.Draft.Get(desc))
	if w.Before != nil {
		more -= w.Before.Get(desc).Len()
	}
	if more <= 0 {
		return nil
	}
	dynamic, err := w.d.dynamicGroups(w.Snapshot)
	if err == nil && dynamic.urls+more > memberURLsMax {
		err = errManyMemberURLs
	}
	return err
}

// dynamicGroups are the groups with memberURL, at one generation of rules.
type dynamicGroups struct {
	at     storage.Generation
	groups []dynamicGroup
	urls   int
	on     *acl.DynamicGroups
}

// dynamicGroup is a group with its memberURLs, as far as they can be read.
type dynamicGroup struct {
	id   directory.EntryID
	urls []*acl.MemberURL
}

// dynamic asks the dynamic groups.
func (g *groupsOf) dynamic(t acl.Source) error {
	if g.d.attr.memberURL == nil {
		return nil
	}
	dynamic, err := g.d.dynamicGroups(g.sn)
	if err != nil {
		return err
	}
	for _, group := range dynamic.groups {
		for _, m := range group.urls {
			is, err := m.Has(t)
			if err != nil {
				return err
			}
			if is {
				if err := g.add(group.id); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// Dynamic implements [acl.Directory].
func (st state) Dynamic() (*acl.DynamicGroups, error) {
	if st.d.attr.memberURL == nil {
		return nil, nil
	}
	dynamic, err := st.d.dynamicGroups(st.sn)
	if err != nil {
		return nil, err
	}
	return dynamic.on, nil
}

// dynamicGroups finds the groups with memberURL. There are few; the list is kept until one changes.
func (d *Directory) dynamicGroups(sn *storage.Snapshot) (*dynamicGroups, error) {
	at, err := sn.Rules()
	if err != nil {
		return nil, err
	}
	if kept := d.dynamic.Load(); kept != nil && kept.at == at {
		return kept, nil
	}
	found := &dynamicGroups{at: at}
	var urls [][]*acl.MemberURL
	err = d.eachOfClass(sn, "groupOfURLs", func(id directory.EntryID, entry *directory.Entry) (bool, error) {
		group := dynamicGroup{id: id}
		for v := range entry.Get(d.attr.memberURL).Values() {
			if m, err := acl.ParseMemberURL(d.schema, string(v)); err == nil {
				group.urls = append(group.urls, m)
			}
		}
		if group.urls == nil {
			return true, nil
		}
		if found.urls += len(group.urls); found.urls > memberURLsEvaluatedMax {
			return false, errTooManyGroups
		}
		found.groups = append(found.groups, group)
		urls = append(urls, group.urls)
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	found.on = acl.NewDynamicGroups(urls...)
	d.dynamic.Store(found)
	return found, nil
}

// Grants implements [acl.Directory]: the entries that link to the one of t.
func (st state) Grants(t acl.Target, visit func(acl.Grant) bool) error {
	at, err := st.sn.Lookup(acl.GrantsNDN)
	if isNotFound(err) || st.d.attr.grantee == nil {
		return nil
	}
	if err != nil {
		return err
	}
	for id, err := range st.sn.Referrers(t.ID(), st.d.attr.grantee.TypeNo) {
		if err != nil {
			return err
		}
		under, err := st.sn.IsUnder(id, at)
		if err != nil {
			return err
		}
		entry, err := st.sn.Entry(id)
		if err != nil {
			return err
		}
		if !under || !st.d.hasClass(entry, acl.GrantClass) {
			continue
		}
		if g, ok := acl.ParseGrant(entry); ok && !visit(g) {
			return nil
		}
	}
	return nil
}
