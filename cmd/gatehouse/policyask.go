package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
	"gatehouse/directory/dit"
	"gatehouse/directory/schema"
)

// ofBundle asks a bundle, on the fixture of its tests.
func (f *explainFlags) ofBundle(ctx context.Context, path string) (*dit.Explained, error) {
	p, err := readPolicyFiles(path, f.fixture)
	if err != nil {
		return nil, err
	}
	if p.fixture.Name == "" {
		return nil, fmt.Errorf("%s: there is no %s beside it to ask about; --fixture names one", path, bundle.FixtureFile)
	}
	o, err := f.settings(ctx)
	if err != nil {
		return nil, err
	}
	fixture, err := bundle.LoadFixture(p.fixture, o.Schema)
	if err != nil {
		return nil, err
	}
	if len(o.Contexts) == 0 {
		o.Contexts = enact.Contexts(fixture)
	}
	l, err := enact.Load(p.sources, o)
	if err != nil {
		return nil, err
	}
	tester, err := enact.NewTester(l.Bundle, fixture, o.Schema, o.Contexts, o.Now)
	if err != nil {
		return nil, err
	}
	test, err := questionOf(&f.req, o.Schema)
	if err != nil {
		return nil, err
	}
	r := tester.Run(test)
	if len(r.Explanations) == 0 {
		return nil, errors.New(r.Problem)
	}
	return explainedBy(&r, &f.req, l.Bundle.Version(), fixture), nil
}

// questionOf makes a test without an expectation of a request.
func questionOf(req *dit.ExplainRequest, s *schema.Schema) (*bundle.Test, error) {
	t := &bundle.Test{Name: "explain", Do: bundle.ActionNamed(req.Do)}
	anonymous := strings.EqualFold(req.As, "anonymous")
	t.Via = bundle.DefaultVia(anonymous)
	var err error
	if !anonymous {
		if t.As, err = questionName(s, "--as", req.As); err != nil {
			return nil, err
		}
	}
	if t.Entry, err = questionName(s, "--on", req.On); err != nil {
		return nil, err
	}
	if t.Do == 0 {
		return nil, usagef("--do %q is no action of policies", req.Do)
	}
	if req.Value != "" {
		t.Value = &req.Value
	}
	switch {
	case t.Do == bundle.ActionControl || t.Do == bundle.ActionExtOp:
		if req.OID == "" {
			return nil, usagef("%s needs --oid", req.Do)
		}
		t.Attributes = []bundle.Attribute{{Kind: bundle.AttributeOID, Text: req.OID}}
	case req.Attribute != "":
		desc, err := s.Description(req.Attribute)
		if err != nil {
			return nil, usagef("--attr %q: %v", req.Attribute, err)
		}
		t.Attributes = []bundle.Attribute{{Kind: bundle.AttributeType, Text: req.Attribute, Desc: desc}}
	case slices.ContainsFunc(partsOf(t.Do), onAttributes):
		return nil, usagef("%s needs --attr", req.Do)
	}
	return t, questionVia(&t.Via, &req.Via)
}

// partsOf returns the actions that a shorthand stands for.
func partsOf(a bundle.Action) []bundle.Action { return bundle.Actions(a).Expand().List() }

func onAttributes(a bundle.Action) bool { return enact.Action(a).OnAttributes() }

func questionName(s *schema.Schema, flag, text string) (*bundle.Name, error) {
	dn, ndn, err := s.ParseName(text)
	if err != nil {
		return nil, usagef("%s %q is not a DN: %v", flag, text, err)
	}
	return &bundle.Name{Text: text, DN: dn, NDN: ndn}, nil
}

func questionVia(v *bundle.Via, req *dit.ExplainVia) error {
	if req.IP != "" {
		var err error
		if v.Address, err = netip.ParseAddr(req.IP); err != nil {
			return usagef("--via ip=%q is no address", req.IP)
		}
	}
	if req.TLS != nil {
		v.TLSBits = *req.TLS
	}
	if req.Level != nil {
		v.Level = *req.Level
	}
	if req.Method != "" {
		for v.Method = bundle.MethodAnonymous; v.Method.String() != req.Method; v.Method++ {
			if v.Method == bundle.MethodSASLExternal {
				return usagef("--via auth-method=%q is none", req.Method)
			}
		}
	}
	v.At, v.Elevated = req.At, req.Elevated
	return nil
}

// explainedBy gives the answer of a bundle the form of a server's.
func explainedBy(r *enact.Result, req *dit.ExplainRequest, version string, fixture *bundle.Fixture) *dit.Explained {
	e := &dit.Explained{Allowed: true, Version: version, As: req.As, On: req.On}
	e.Exists = slices.ContainsFunc(fixture.Entries, func(o *bundle.FixtureEntry) bool { return o.NDN == r.Test.Entry.NDN })
	actions := partsOf(r.Test.Do)
	for i, x := range r.Explanations {
		part := dit.ExplainedPart{Do: req.Do, Attribute: req.Attribute, Value: req.Value, OID: req.OID, Explanation: x}
		if i < len(actions) {
			part.Do = actions[i].String()
			if !onAttributes(actions[i]) {
				part.Attribute, part.Value = "", ""
			}
		}
		e.Allowed = e.Allowed && x.Allowed
		e.Parts = append(e.Parts, part)
	}
	return e
}
