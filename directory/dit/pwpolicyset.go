package dit

import (
	"cmp"
	"log/slog"
	"slices"
	"strconv"

	"gatehouse/directory"
	"gatehouse/directory/account"
	"gatehouse/storage"
)

// The attributes by which a policy entry says whom it is for.
const (
	policyGroupAttribute    = "gatehousePwdGroup"
	policySubtreeAttribute  = "gatehousePwdSubtree"
	policyPriorityAttribute = "gatehousePwdPriority"
)

// passwordPoliciesMax bounds the policy entries that are read; those after it, in the order of their making, decide nothing.
const passwordPoliciesMax = 1000

// Names below a naming context. Policies that say for whom they are count below policiesRDN alone, so that nobody makes one for others
// by what may be written elsewhere; defaultPolicyRDN there is for everybody, unless the settings name another.
const (
	policiesRDN      = "ou=policies"
	defaultPolicyRDN = "cn=default"
)

// passwordPolicies are the policy entries, at one generation of rules. The set is never changed.
type passwordPolicies struct {
	at       storage.Generation
	byName   map[directory.NDN]*account.Policy
	groups   []policyOf      // the most important first
	subtrees []policyOf      // the deepest first
	defaults []policyOf      // one for each naming context
	fallback *account.Policy // what the settings name
	delays   bool            // one of them counts failures, so that failures are written
}

// policyOf is a policy for a group or a subtree.
type policyOf struct {
	policy   *account.Policy
	ndn      directory.NDN
	priority int
	depth    int
}

// passwordPolicies returns the policies of a state. While none changes it costs one look at a number.
func (d *Directory) passwordPolicies(sn *storage.Snapshot) (*passwordPolicies, error) {
	at, err := sn.Rules()
	if err != nil {
		return nil, err
	}
	kept := d.passwords.policies.Load()
	if kept != nil && kept.at == at {
		return kept, nil
	}
	made, err := d.readPolicies(sn, at)
	if err != nil {
		return nil, err
	}
	d.passwords.policies.Store(made)
	return made, nil
}

func (d *Directory) readPolicies(sn *storage.Snapshot, at storage.Generation) (*passwordPolicies, error) {
	set := &passwordPolicies{at: at, byName: make(map[directory.NDN]*account.Policy)}
	err := d.eachOfClass(sn, "pwdPolicy", func(id directory.EntryID, entry *directory.Entry) (bool, error) {
		if len(set.byName) == passwordPoliciesMax {
			d.log.Error("there are too many password policies; those made last decide nothing", slog.Int("most", passwordPoliciesMax))
			return false, nil
		}
		ndn, err := sn.NDN(id)
		if err != nil {
			return false, err
		}
		dn, err := sn.DN(id)
		if err != nil {
			return false, err
		}
		d.addPolicy(set, dn, ndn, entry)
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	if d.passwords.fallback != "" && set.fallback == nil {
		d.log.Warn("the password policy that the settings name is not there", slog.String("dn", string(d.passwords.fallback)))
	}
	slices.SortStableFunc(set.groups, func(a, b policyOf) int {
		return cmp.Or(cmp.Compare(b.priority, a.priority), cmp.Compare(a.policy.Name, b.policy.Name))
	})
	slices.SortStableFunc(set.subtrees, func(a, b policyOf) int {
		return cmp.Or(cmp.Compare(b.depth, a.depth), cmp.Compare(b.priority, a.priority), cmp.Compare(a.policy.Name, b.policy.Name))
	})
	return set, nil
}

// addPolicy takes in one policy entry.
func (d *Directory) addPolicy(set *passwordPolicies, dn string, ndn directory.NDN, entry *directory.Entry) {
	all := func(attribute string) [][]byte { return valuesIn(entry, optionalType(d.schema)(attribute)) }
	first := func(attribute string) string {
		if v := all(attribute); len(v) > 0 {
			return string(v[0])
		}
		return ""
	}
	p := account.ParsePolicy(dn, first)
	set.byName[ndn] = p
	set.delays = set.delays || p.Counts()
	if ndn == d.passwords.fallback {
		set.fallback = p
	}
	if at, is := d.policiesOf(ndn); is {
		if ndn == at.Child(policiesRDN).Child(defaultPolicyRDN) {
			set.defaults = append(set.defaults, policyOf{policy: p, ndn: at})
		}
		d.addTargets(set, p, all, first)
	}
}

// policiesOf returns the naming context in whose container of policies an entry stands.
func (d *Directory) policiesOf(ndn directory.NDN) (suffix directory.NDN, is bool) {
	for _, suffix := range d.suffixes {
		if ndn.IsUnder(suffix.Child(policiesRDN)) {
			return suffix, true
		}
	}
	return "", false
}

// addTargets takes in for whom a policy says that it is.
func (d *Directory) addTargets(set *passwordPolicies, p *account.Policy, all func(string) [][]byte, first func(string) string) {
	priority, _ := strconv.Atoi(first(policyPriorityAttribute))
	for _, target := range []struct {
		attribute string
		list      *[]policyOf
	}{{policyGroupAttribute, &set.groups}, {policySubtreeAttribute, &set.subtrees}} {
		for _, v := range all(target.attribute) {
			name, of, err := d.schema.ParseName(string(v))
			if err != nil {
				continue
			}
			*target.list = append(*target.list, policyOf{policy: p, ndn: of, priority: priority, depth: len(name.RDNs())})
		}
	}
}
