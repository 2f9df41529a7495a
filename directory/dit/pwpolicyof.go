package dit

import (
	"fmt"
	"sync/atomic"

	"gatehouse/directory"
	"gatehouse/directory/account"
	"gatehouse/directory/password/quality"
	"gatehouse/storage"
)

// passwordRules is what a Directory keeps for its password policies.
type passwordRules struct {
	policies atomic.Pointer[passwordPolicies]
	fallback directory.NDN // the policy that the settings name; empty for none
	quality  *quality.Checker
	gates    gates
	pace     pace
}

// setPasswordRules takes what the options say of passwords.
func (d *Directory) setPasswordRules(o *Options) (err error) {
	if o.PasswordPolicy != "" {
		if _, d.passwords.fallback, err = d.schema.ParseName(o.PasswordPolicy); err != nil {
			return fmt.Errorf("password policy %q: %w", o.PasswordPolicy, err)
		}
	}
	if d.passwords.quality = o.Quality; o.Quality == nil {
		d.passwords.quality, err = quality.New(quality.Options{})
	}
	return err
}

// policyFor returns the password policy of an entry, nil if none applies. The first of these decides:
//
//  1. the policy that the entry's own pwdPolicySubentry names, if there is such a policy;
//  2. of the policies for groups that the entry is in, nested and dynamic ones included, that of the highest priority;
//  3. of the policies for subtrees that it stands in, that of the deepest;
//  4. the policy that the settings name;
//  5. cn=default,ou=policies below its naming context.
func (d *Directory) policyFor(sn *storage.Snapshot, id directory.EntryID, entry *directory.Entry) (*account.Policy, error) {
	set, err := d.passwordPolicies(sn)
	if err != nil || len(set.byName) == 0 {
		return nil, err
	}
	if desc := d.attr.account.policySubentry; desc != nil && entry.Get(desc).Len() > 0 {
		if _, named, err := d.schema.ParseName(string(entry.Get(desc).First())); err == nil && set.byName[named] != nil {
			return set.byName[named], nil
		}
	}
	if p, err := d.groupPolicy(set, sn, id); p != nil || err != nil {
		return p, err
	}
	if len(set.subtrees)+len(set.defaults) == 0 {
		return set.fallback, nil
	}
	ndn, err := sn.NDN(id)
	if err != nil {
		return nil, err
	}
	return set.below(ndn), nil
}

// below returns the policy of whatever stands at a name, as far as the name decides.
func (set *passwordPolicies) below(ndn directory.NDN) *account.Policy {
	for _, s := range set.subtrees {
		if ndn.IsUnder(s.ndn) {
			return s.policy
		}
	}
	if set.fallback != nil {
		return set.fallback
	}
	for _, s := range set.defaults {
		if ndn.IsUnder(s.ndn) {
			return s.policy
		}
	}
	return nil
}

// groupPolicy returns the policy that an entry has by its memberships.
func (d *Directory) groupPolicy(set *passwordPolicies, sn *storage.Snapshot, id directory.EntryID) (*account.Policy, error) {
	if len(set.groups) == 0 || id == 0 {
		return nil, nil
	}
	c := &candidate{d: d, sn: sn, id: id}
	g := groupsOf{state: state{d: d, sn: sn}, seen: make(map[directory.EntryID]struct{})}
	if err := g.find(c); err != nil {
		return nil, err
	}
	if len(g.found) == 0 {
		return nil, nil
	}
	for _, group := range set.groups {
		at, err := sn.Lookup(group.ndn)
		if err != nil && !isNotFound(err) {
			return nil, err
		}
		if _, is := g.seen[at]; is && err == nil {
			return group.policy, nil
		}
	}
	return nil, nil
}
