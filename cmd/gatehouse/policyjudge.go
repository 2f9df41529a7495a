package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
	"gatehouse/directory"
	"gatehouse/directory/dit"
)

// apply judges a bundle and puts it in force. What it finds is in a, also if it refuses.
func (n *node) apply(ctx context.Context, req *applyRequest, st *policyState, a *appliedPolicy) error {
	if !strings.HasPrefix(a.Before, req.If) {
		return fmt.Errorf("policy %s is in force, not %s", short(a.Before), short(req.If))
	}
	p := policyFiles{sources: req.Sources, fixture: req.Fixture}
	next, err := n.judge(p, req.Strict, a)
	if err != nil {
		return err
	}
	if a.Difference, err = enact.Diff(st.Loaded, next); err != nil {
		return err
	}
	if err := n.warnOfWriters(st, next, req.Strict, a); err != nil {
		return err
	}
	if req.DryRun {
		writers, operator, err := n.directory.PolicyWriters(next.Policy)
		if err == nil && len(writers) == 0 && !operator {
			err = fmt.Errorf("%w (V6)", dit.ErrLockOut)
		}
		return err
	}
	if a.Version != a.Before || st.broken != nil {
		err = n.putPolicy(ctx, p, next, dit.PutPolicyOptions{Base: st.rev.CSN})
	}
	a.Applied = err == nil
	return err
}

// judge loads a bundle, looks for the entries that it names, and runs its tests.
func (n *node) judge(p policyFiles, strict bool, a *appliedPolicy) (*enact.Loaded, error) {
	o, err := n.policySettings()
	if err != nil {
		return nil, err
	}
	o.Strict = strict
	next, err := enact.Load(p.sources, o)
	if problems, is := errors.AsType[bundle.Problems](err); is {
		a.Problems = policyProblems(problems)
	}
	if err != nil {
		return nil, err
	}
	a.Version = next.Bundle.Version()
	if !slices.ContainsFunc(next.Bundle.Documents, func(d *bundle.Document) bool { return !d.Shipped }) {
		return nil, errors.New("there is no policy in it; 'gatehouse policy rollback shipped' puts the shipped policies alone in force")
	}
	missing, err := n.missingNames(next.Bundle, o.Contexts)
	if err != nil {
		return nil, err
	}
	if strict && len(missing) > 0 {
		a.Problems = policyProblems(missing)
		return nil, missing
	}
	a.Warnings = append(policyProblems(next.Bundle.Warnings), policyProblems(missing)...)
	return next, a.test(p, next, o)
}

var (
	errTestsFailed     = errors.New("a test of the bundle fails")
	errTestsAskNothing = errors.New("a test of the bundle asks about an entry that the fixture does not have")
)

// test runs the tests of the documents that are given.
func (a *appliedPolicy) test(p policyFiles, next *enact.Loaded, o enact.Settings) error {
	given := false
	for _, d := range next.Bundle.Documents {
		given = given || !d.Shipped && len(d.Tests) > 0
	}
	switch {
	case !given:
		return nil
	case p.fixture.Name == "":
		return fmt.Errorf("the bundle has tests, and there is no %s beside it to run them on; --fixture names one", bundle.FixtureFile)
	}
	o.Contexts = nil // those of the fixture
	r, err := enact.Test(p.sources, p.fixture, o)
	if problems, is := errors.AsType[bundle.Problems](err); is {
		a.Problems = policyProblems(problems)
	}
	if err != nil {
		return err
	}
	a.Tests = len(r.Results)
	for i := range r.Results {
		t := &r.Results[i]
		say := func(what string) policyProblem {
			at := t.Test.Pos
			return policyProblem{File: at.File, Line: at.Line, Column: at.Column, Message: fmt.Sprintf("%s: %s: %s", t.Document, t.Test.Name, what)}
		}
		if !t.OK {
			a.Failed = append(a.Failed, say(t.Problem))
		}
		switch {
		case t.Note == "":
		case o.Strict:
			a.Problems = append(a.Problems, say(t.Note))
		default:
			a.Warnings = append(a.Warnings, say(t.Note))
		}
	}
	switch {
	case len(a.Failed) > 0:
		return errTestsFailed
	case len(a.Problems) > 0:
		return errTestsAskNothing
	default:
		return nil
	}
}

// serverNames are entries that no store has.
var serverNames = []directory.NDN{"", "cn=subschema", "cn=monitor"}

// missingNames returns a warning for each name in the documents given that no entry has (V5). A name with ${suffix} is there if it is in one
// naming context.
func (n *node) missingNames(b *bundle.Bundle, contexts []directory.NDN) (list bundle.Problems, err error) {
	shipped := map[string]bool{}
	for _, d := range b.Documents {
		if d.Shipped {
			shipped[d.Pos.File] = true
		}
	}
	sn := n.store.Snapshot()
	defer sn.Close()
	seen := map[string]bool{}
	for name, use := range b.Names() {
		if use == bundle.UseFilter || use == bundle.UseValue || name.Anchor == bundle.AnchorScope || shipped[name.Pos.File] || seen[name.Text] {
			continue
		}
		seen[name.Text] = true
		names := name.Names(contexts, nil)
		there := len(names) == 0
		for _, ndn := range names {
			if isServerName(ndn) {
				there = true
				continue
			}
			switch _, err := sn.Lookup(ndn); {
			case err == nil:
				there = true
			case !isNotFound(err):
				return nil, err
			}
		}
		if !there {
			list = append(list, bundle.Problem{Position: name.Pos, Rule: bundle.V5, Message: fmt.Sprintf("there is no entry %s", name.Text)})
		}
	}
	return list, nil
}

func isServerName(ndn directory.NDN) bool {
	for _, name := range serverNames {
		if ndn == name {
			return true
		}
	}
	return ndn.IsUnder("cn=gatehouse")
}
