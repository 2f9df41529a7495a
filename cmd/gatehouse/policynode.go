package main

import (
	"errors"
	"fmt"
	"log/slog"
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

// applied returns what was applied last, nothing if the shipped policies stand alone.
func (n *node) applied() ([]bundle.Source, dit.PolicyRevision, error) {
	packed, rev, err := n.directory.StoredPolicy()
	if errors.Is(err, storage.ErrNotFound) {
		return nil, rev, nil
	}
	if err != nil {
		return nil, rev, err
	}
	sources, err := bundle.Unpack(packed)
	return sources, rev, err
}

// activePolicy loads what was applied together with the shipped policies.
func (n *node) activePolicy() (*enact.Loaded, dit.PolicyRevision, error) {
	sources, rev, err := n.applied()
	if err != nil {
		return nil, rev, err
	}
	o, err := n.policySettings()
	if err != nil {
		return nil, rev, err
	}
	l, err := enact.Load(sources, o)
	return l, rev, err
}

// policy compiles the policy of the store.
func (n *node) policy() (*acl.Policy, error) {
	l, rev, err := n.activePolicy()
	if err != nil {
		return nil, fmt.Errorf("the policy that was applied last (%s) cannot be used: %w", short(rev.Version), err)
	}
	return l.Policy, nil
}

// startPolicy is policy for the start of a server. A stored policy that this program cannot use, such as one that names an attribute
// whose schema file is gone, must not open more than it did: then the shipped baseline and administrator alone are in force.
func (n *node) startPolicy(log *slog.Logger) (*acl.Policy, error) {
	p, err := n.policy()
	if err == nil {
		return p, nil
	}
	log.Error("the stored policy is not in force; until 'gatehouse policy apply' or 'policy rollback' only the shipped baseline and the administrator are",
		"error", err)
	o, err := n.policySettings()
	if err != nil {
		return nil, err
	}
	var narrow []bundle.Source
	for _, s := range shipped.Sources() {
		if s.Name == "baseline.yaml" || s.Name == "administrator.yaml" {
			narrow = append(narrow, s)
		}
	}
	b, err := bundle.Load(narrow, bundle.Options{Schema: o.Schema, NamingContexts: o.Contexts, Now: o.Now})
	if err != nil {
		return nil, err
	}
	return acl.Compile(enact.Program(b, o.Schema, o.Contexts, o.Now), o.Schema)
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
	text := fmt.Sprintf(`policy: first-administrator
description: Whom 'gatehouse init' made the administrator.
assignments:
  - id: first-administrator
    role: administrator
    to: {dn: %q}
    scope: "${suffix}"
`, dn)
	sources := []bundle.Source{{Name: "first-administrator.yaml", Text: []byte(text)}}
	l, err := enact.Load(sources, o)
	if err != nil {
		return nil, nil, err
	}
	packed, err = bundle.Pack(sources)
	return packed, l.Policy, err
}

// isNamed reports whether one of the naming contexts has dn as cn=admin directly below it.
func isDefaultAdministrator(ndn directory.NDN, contexts []directory.NDN) bool {
	for _, c := range contexts {
		if ndn == "cn=admin,"+c {
			return true
		}
	}
	return false
}
