package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"

	"github.com/spf13/cobra"

	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
	"gatehouse/directory/dit"
	"gatehouse/storage"
)

const policyApplyHelp = `Put a bundle in force, together with the shipped policies: what was applied before and is not in this bundle is gone.

The bundle is checked, its tests are run, and the change of access is printed; then it becomes part of the log of changes, like
every other change, and decides from the next operation on. It is refused as a whole, and the policy in force stays, if something
in it is wrong, a test fails, or nobody could change the policy afterwards. A group or entry that a policy names and that is not
there is a warning, a mistake with --strict.`

// applyRequest is a bundle that is to be put in force.
type applyRequest struct {
	Packed  []byte         `json:"packed"`
	Fixture *bundle.Source `json:"fixture,omitempty"`
	Strict  bool           `json:"strict,omitempty"`
	DryRun  bool           `json:"dryRun,omitempty"`
}

// appliedPolicy is what became of it.
type appliedPolicy struct {
	Version    string            `json:"version"`
	Before     string            `json:"before"`
	Applied    bool              `json:"applied"`
	Tests      int               `json:"tests"`
	Warnings   []lintProblem     `json:"warnings"`
	Difference *enact.Difference `json:"difference"`
}

func newPolicyApplyCommand() *cobra.Command {
	var flags dataFlags
	var fixture string
	var strict, dryRun, asJSON bool
	cmd := &cobra.Command{
		Use: "apply --data DIR DIR|FILE", Short: "Put a bundle in force", Long: policyApplyHelp, Args: oneBundle,
		RunE: func(cmd *cobra.Command, args []string) error {
			sources, fixed, err := readBundle(args[0], fixture)
			if err != nil {
				return err
			}
			req := applyRequest{Strict: strict, DryRun: dryRun}
			if fixed.Name != "" {
				req.Fixture = &fixed
			}
			if req.Packed, err = bundle.Pack(sources); err != nil {
				return err
			}
			var a appliedPolicy
			if err := callPolicy(cmd.Context(), &flags, "policy.apply", nil, req, &a); err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), a)
			}
			return a.print(cmd.OutOrStdout())
		},
	}
	flags.register(cmd)
	cmd.Flags().StringVar(&fixture, "fixture", "", "the directory that the tests run on (fixture.yaml beside the bundle)")
	cmd.Flags().BoolVar(&strict, "strict", false, "a warning is a mistake")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "do everything but put it in force")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *appliedPolicy) print(w io.Writer) error {
	for _, p := range a.Warnings {
		fmt.Fprintln(w, "warning:", p)
	}
	fmt.Fprintf(w, "%d tests passed\n", a.Tests)
	if err := a.Difference.Text(w); err != nil {
		return err
	}
	what := "in force"
	if !a.Applied {
		what = "not applied: a dry run"
	}
	_, err := fmt.Fprintf(w, "policy %s is %s; before: %s\n", short(a.Version), what, short(a.Before))
	return err
}

func policyApplyVerb(ctx context.Context, n *node, _ url.Values, in io.Reader, out io.Writer) error {
	var req applyRequest
	if err := decodePolicyRequest(in, &req); err != nil {
		return err
	}
	sources, err := bundle.Unpack(req.Packed)
	if err != nil {
		return err
	}
	before, rev, err := n.activePolicy()
	if err != nil {
		return fmt.Errorf("the policy in force cannot be read, so that no change can be compared with it; first 'gatehouse policy rollback': %w", err)
	}
	o, err := n.policySettings()
	if err != nil {
		return err
	}
	o.Strict = req.Strict
	next, err := enact.Load(sources, o)
	if err != nil {
		return err
	}
	a := &appliedPolicy{Version: next.Bundle.Version(), Before: before.Bundle.Version()}
	if a.Tests, err = testApplied(sources, req.Fixture, next, o); err != nil {
		return err
	}
	missing, err := n.missingNames(next.Bundle, sources)
	if err != nil {
		return err
	}
	if req.Strict && len(missing) > 0 {
		return missing
	}
	a.Warnings = lintProblems(append(slices.Clone(next.Bundle.Warnings), missing...))
	if a.Difference, err = enact.Diff(before, next); err != nil {
		return err
	}
	if !req.DryRun {
		if _, err = n.directory.PutPolicy(ctx, n.operator(), req.Packed, next.Policy, dit.PutPolicyOptions{Base: rev.CSN}); err != nil {
			return explainPut(err)
		}
		a.Applied = true
	}
	return writeJSON(out, a)
}

// testApplied runs the tests of a bundle before it is put in force.
func testApplied(sources []bundle.Source, fixture *bundle.Source, next *enact.Loaded, o enact.Settings) (int, error) {
	given := false
	for _, d := range next.Bundle.Documents {
		given = given || !d.Shipped && len(d.Tests) > 0
	}
	if !given {
		return 0, nil
	}
	if fixture == nil {
		return 0, fmt.Errorf("the bundle has tests, and there is no %s beside it to run them on; --fixture names one", bundle.FixtureFile)
	}
	o.Contexts = nil // those of the fixture
	r, err := enact.Test(sources, *fixture, o)
	if err != nil {
		return 0, err
	}
	var failed []error
	for i := range r.Results {
		if t := &r.Results[i]; !t.OK {
			failed = append(failed, fmt.Errorf("%s: test %q: %s", t.Test.Pos, t.Test.Name, t.Problem))
		}
	}
	return len(r.Results), errors.Join(failed...)
}

// missingNames returns a warning for each name in the files given that no entry has.
func (n *node) missingNames(b *bundle.Bundle, given []bundle.Source) (list bundle.Problems, err error) {
	o, err := n.policySettings()
	if err != nil {
		return nil, err
	}
	sn := n.store.Snapshot()
	defer sn.Close()
	seen := map[string]bool{}
	for name, use := range b.Names() {
		file := func(s bundle.Source) bool { return s.Name == name.Pos.File }
		if use == bundle.UseFilter || use == bundle.UseValue || !slices.ContainsFunc(given, file) || seen[name.Text] {
			continue
		}
		seen[name.Text] = true
		for _, ndn := range name.Names(o.Contexts, nil) {
			if ndn == "" || ndn == "cn=subschema" || ndn == "cn=monitor" || ndn.IsUnder("cn=gatehouse") {
				continue
			}
			if _, err := sn.Lookup(ndn); isNotFound(err) {
				list = append(list, bundle.Problem{Position: name.Pos, Rule: bundle.V5, Message: fmt.Sprintf("there is no entry %s", ndn)})
			} else if err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

// explainPut says what to do about a policy that could not be put in force.
func explainPut(err error) error {
	switch {
	case errors.Is(err, storage.ErrGuard):
		return errors.New("another policy was put in force meanwhile; compare again with 'gatehouse policy diff', and apply again")
	case errors.Is(err, dit.ErrLockOut):
		return fmt.Errorf("refused: %w (V6)", err)
	default:
		return err
	}
}

// policyEntry is one line of the history.
type policyEntry struct {
	dit.PolicyRevision
	Active bool `json:"active,omitempty"`
}

func policyHistoryVerb(_ context.Context, n *node, _ url.Values, _ io.Reader, out io.Writer) error {
	history, err := n.directory.PolicyHistory()
	if err != nil {
		return err
	}
	list := make([]policyEntry, len(history))
	for i, rev := range history {
		list[i] = policyEntry{rev, i == 0}
	}
	return json.NewEncoder(out).Encode(list)
}
