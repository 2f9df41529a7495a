package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/acl/bundle"
	"gatehouse/acl/shipped"
	"gatehouse/cmd/gatehouse/clientconfig"
)

// printClientPolicy prints what gives a client its rights: the statements of the role, which are in force in every directory, and
// the document that is to be applied, if it needs one.
func (f *clientConfigFlags) printClientPolicy(w io.Writer, c clientconfig.Client) error {
	if c.Role == "" {
		_, err := fmt.Fprintf(w, "# %s has no account, and needs no rights.\n", c.Name)
		return err
	}
	own, err := clientconfig.Policy(c, f.base, f.bindDN)
	if err != nil {
		return err
	}
	if own != nil {
		if _, err := w.Write(own); err != nil {
			return err
		}
	}
	i := slices.IndexFunc(shipped.Sources(), func(s bundle.Source) bool { return strings.HasSuffix(s.Name, "/"+c.Role+".yaml") })
	if i < 0 {
		return fmt.Errorf("no shipped policy is called %s", c.Role)
	}
	text, _, _ := strings.Cut(string(shipped.Sources()[i].Text), "\ntests:\n")
	fmt.Fprintf(w, "# In force in every directory, for members of cn=%s,ou=roles; it needs not be applied:\n#\n", c.Role)
	for line := range strings.Lines(text + "\n") {
		if _, err := io.WriteString(w, "#   "+line); err != nil {
			return err
		}
	}
	return nil
}

// applyClientPolicy puts the document of a client in force beside what was applied before. It reports whether that changed something.
func (f *clientConfigFlags) applyClientPolicy(cmd *cobra.Command, c clientconfig.Client) (changed bool, err error) {
	own, err := clientconfig.Policy(c, f.base, f.bindDN)
	if own == nil || err != nil {
		return false, err
	}
	if cfg, err := f.settings(); err != nil {
		return false, err
	} else if cfg.Data == "" {
		fmt.Fprintf(cmd.ErrOrStderr(), "gatehouse: %s needs a policy beside its role: apply on the server what --policy prints\n", c.Name)
		return false, nil
	}
	ctx := cmd.Context()
	var now storedPolicy
	if err := callPolicy(ctx, &f.dataFlags, "policy.text", url.Values{"version": {activePolicy}}, nil, &now); err != nil {
		return false, err
	}
	kept := splitFixture(now.Files)
	name := "client-" + c.Name + ".yaml"
	sources := slices.DeleteFunc(slices.Clone(kept.sources), func(s bundle.Source) bool { return s.Name == name })
	req := applyRequest{Sources: append(sources, bundle.Source{Name: name, Text: own}), Fixture: kept.fixture, DryRun: f.dryRun}
	var a appliedPolicy
	if err := callPolicy(ctx, &f.dataFlags, "policy.apply", nil, &req, &a); err != nil {
		for _, p := range slices.Concat(a.Problems, a.Failed) {
			err = errors.Join(err, errors.New(p.Message))
		}
		return false, fmt.Errorf("policy of %s: %w", c.Name, err)
	}
	return a.Version != a.Before, nil
}
