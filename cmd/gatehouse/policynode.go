package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gatehouse/acl"
	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
	"gatehouse/acl/shipped"
	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/storage"
)

// policySettings says for which server a policy is loaded.
func (n *node) policySettings() (enact.Settings, error) {
	sn := n.store.Snapshot()
	defer sn.Close()
	contexts, err := sn.NamingContexts()
	if err != nil {
		return enact.Settings{}, err
	}
	o := enact.Settings{Schema: n.schema, Now: time.Now()}
	for _, c := range contexts {
		_, ndn, err := n.schema.ParseName(c.Name)
		if err != nil {
			return enact.Settings{}, err
		}
		o.Contexts = append(o.Contexts, ndn)
	}
	return o, nil
}

// policyState is the policy in force, and where it comes from.
type policyState struct {
	*enact.Loaded
	given  policyFiles        // what was applied; nothing if the shipped policies stand alone
	rev    dit.PolicyRevision // when; zero if nothing ever was
	broken error              // why what was applied last is not in force, but the fallback
}

// policyState loads what was applied together with the shipped policies. A stored policy that this program cannot use, such as one that
// names an attribute whose schema file is gone, must not open more than it did: then the shipped baseline and administrator alone are in
// force, without the ready-made roles.
func (n *node) policyState() (*policyState, error) {
	o, err := n.policySettings()
	if err != nil {
		return nil, err
	}
	st := new(policyState)
	packed, rev, err := n.directory.StoredPolicy()
	st.rev = rev
	if err == nil {
		var kept []bundle.Source
		kept, err = bundle.Unpack(packed)
		st.given = splitFixture(kept)
	} else if errors.Is(err, storage.ErrNotFound) && rev.Version == "" {
		err = nil
	}
	if err == nil {
		st.Loaded, err = enact.Load(st.given.sources, o)
	}
	if err != nil {
		st.broken = fmt.Errorf("the policy that was applied last (%s) cannot be used: %w", short(rev.Version), err)
		st.Loaded, err = fallbackPolicy(o)
	}
	return st, err
}

// fallbackPolicy is the shipped baseline and administrator alone.
func fallbackPolicy(o enact.Settings) (*enact.Loaded, error) {
	narrow := slices.DeleteFunc(shipped.Sources(), func(s bundle.Source) bool {
		return s.Name != "shipped/baseline.yaml" && s.Name != "shipped/administrator.yaml"
	})
	b, err := bundle.Load(narrow, bundle.Options{Schema: o.Schema, NamingContexts: o.Contexts, Now: o.Now})
	if err != nil {
		return nil, err
	}
	p, err := acl.Compile(enact.Program(b, o.Schema, o.Contexts, o.Now), o.Schema)
	if err != nil {
		return nil, err
	}
	return &enact.Loaded{Bundle: b, Policy: p, Schema: o.Schema}, nil
}

// startPolicy puts the policy of the store in force when it is opened.
func (n *node) startPolicy() error {
	st, err := n.policyState()
	if err != nil {
		return err
	}
	if st.broken != nil {
		n.log.Error("the stored policy is not in force: until 'gatehouse policy apply' or 'gatehouse policy rollback' only the shipped baseline and the administrator are",
			"error", st.broken)
	}
	n.directory.SetPolicy(st.Policy)
	return nil
}

// reloadPolicy puts the policy of the store in force again. If it cannot be used, the one that is in force stays.
func (n *node) reloadPolicy() error {
	n.policyChange.Lock() // what is applied meanwhile must not be undone
	defer n.policyChange.Unlock()
	st, err := n.policyState()
	if err == nil {
		err = st.broken
	}
	if err == nil {
		n.directory.SetPolicy(st.Policy)
	}
	return err
}

// putPolicy stores a policy and puts it in force.
func (n *node) putPolicy(ctx context.Context, p policyFiles, l *enact.Loaded, o dit.PutPolicyOptions) error {
	packed, err := p.pack()
	if err != nil {
		return err
	}
	n.policyChange.Lock()
	defer n.policyChange.Unlock()
	rev, err := n.directory.PutPolicy(ctx, n.operator(), packed, l.Policy, o)
	switch {
	case errors.Is(err, storage.ErrGuard):
		return errors.New("another policy was put in force meanwhile; compare again with 'gatehouse policy diff', and then do this again")
	case directory.CodeOf(err) == directory.InsufficientAccessRights:
		return fmt.Errorf("the policy in force does not give policy.write to the operator: %w; %s", err, wayBack)
	case errors.Is(err, dit.ErrLockOut):
		return fmt.Errorf("%w (V6)", err)
	case err != nil:
		return err
	}
	n.log.Info("another policy is in force", "version", rev.Version, "change", uint64(rev.CSN), "recovery", o.Recovery)
	return nil
}

// short returns the first digits of a version, as people compare them.
func short(version string) string {
	const digits = 12
	if version == "" {
		return "shipped"
	}
	return version[:min(digits, len(version))]
}

// newAdministratorPolicy gives the role of the administrator to another entry than cn=admin below the base.
func newAdministratorPolicy(dn string, o enact.Settings) (packed []byte, p *acl.Policy, err error) {
	sources := administratorPolicy([]string{dn})
	l, err := enact.Load(sources, o)
	if err != nil {
		return nil, nil, err
	}
	packed, err = bundle.Pack(sources)
	return packed, l.Policy, err
}
