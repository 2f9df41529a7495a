package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"gatehouse/acl/bundle"
	"gatehouse/storage"
)

// activePolicy is the name of what was applied last.
const activePolicy = "active"

// storedPolicy is a policy that the data directory keeps, without the shipped ones.
type storedPolicy struct {
	Files    []bundle.Source `json:"files"` // the fixture of the tests is one of them
	Contexts []string        `json:"contexts"`
}

// policyTextVerb answers with a policy: "active", "shipped", or the first digits of a version.
func policyTextVerb(_ context.Context, n *node, flags url.Values, _ io.Reader, out io.Writer) error {
	o, err := n.policySettings()
	if err != nil {
		return err
	}
	var p storedPolicy
	for _, c := range o.Contexts {
		p.Contexts = append(p.Contexts, string(c))
	}
	if p.Files, err = n.storedPolicy(flags.Get("version")); err != nil {
		return err
	}
	return writeJSON(out, p)
}

// storedPolicy returns the files of a policy: "active", "shipped", or the first digits of a version.
func (n *node) storedPolicy(which string) ([]bundle.Source, error) {
	var packed []byte
	var err error
	switch which {
	case shippedAlone:
		return nil, nil
	case activePolicy:
		packed, _, err = n.directory.StoredPolicy()
		if errors.Is(err, storage.ErrNotFound) {
			return nil, nil
		}
	default:
		packed, err = n.policyText(which)
	}
	if err != nil {
		return nil, err
	}
	return bundle.Unpack(packed)
}

// policyText returns the packed policy whose version begins with the digits given.
func (n *node) policyText(digits string) ([]byte, error) {
	history, err := n.directory.PolicyHistory()
	if err != nil {
		return nil, err
	}
	found := ""
	for _, rev := range history {
		if digits == "" || !strings.HasPrefix(rev.Version, digits) {
			continue
		}
		if found != "" && found != rev.Version {
			return nil, fmt.Errorf("more than one policy has a version that begins with %s", digits)
		}
		found = rev.Version
	}
	if found == "" {
		return nil, fmt.Errorf("no policy of version %q is kept; 'gatehouse policy rollback --list' shows those that are", digits)
	}
	packed, err := n.directory.PolicyText(found)
	if errors.Is(err, storage.ErrNotFound) {
		err = fmt.Errorf("the text of policy %s is not kept any more", short(found))
	}
	return packed, err
}
