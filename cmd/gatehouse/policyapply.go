package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"path/filepath"

	"github.com/spf13/cobra"

	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
)

const policyApplyHelp = `Put a bundle in force, together with the shipped policies: what was applied before and is not in this bundle is gone.

The bundle is checked, its tests are run on their fixture, and the change of access is printed; then it becomes part of the log of
changes, like every other change, and decides from the next operation on. It is refused as a whole, and the policy in force stays, if
something in it is wrong, a test fails, it has tests and no fixture, nobody could change the policy afterwards, or another policy was
applied meanwhile. A group or entry that a policy names and that is not there is a warning, and so it is if nobody but the operator,
who is whoever runs this command, could change the policy afterwards, or just not the operator; with --strict these are mistakes.

--dry-run does all of it but the last step. --if VERSION applies only if that version (its first digits will do) is in force, so that
what was reviewed is what happens.

Exit codes: 0 in force, or would be; 1 refused, or it did not work; 2 the command was called in a wrong way.`

// applyRequest is a bundle that is to be put in force.
type applyRequest struct {
	Sources []bundle.Source `json:"sources"`
	Fixture bundle.Source   `json:"fixture,omitzero"`
	Strict  bool            `json:"strict,omitempty"`
	DryRun  bool            `json:"dryRun,omitempty"`
	If      string          `json:"if,omitempty"`
}

// appliedPolicy is what became of it.
type appliedPolicy struct {
	Applied    bool              `json:"applied"`
	DryRun     bool              `json:"dryRun,omitempty"`
	Version    string            `json:"version,omitempty"` // absent if it could not be loaded
	Before     string            `json:"before"`            // the version in force before
	Tests      int               `json:"tests"`
	Failed     []policyProblem   `json:"failed,omitempty"` // tests
	Problems   []policyProblem   `json:"problems,omitempty"`
	Warnings   []policyProblem   `json:"warnings,omitempty"`
	Difference *enact.Difference `json:"difference,omitempty"`
	Error      string            `json:"error,omitempty"` // why it was refused, if not for problems or failed tests
}

func newPolicyApplyCommand() *cobra.Command {
	var flags dataFlags
	var req applyRequest
	var fixture string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "apply --data DIR DIR|FILE", Short: "Put a bundle in force", Long: policyApplyHelp, Args: oneBundle,
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := readPolicyFiles(args[0], fixture)
			if err != nil {
				return err
			}
			if _, err := p.pack(); err != nil { // before it is sent
				return err
			}
			kept := splitFixture(p.kept())
			req.Sources, req.Fixture = kept.sources, kept.fixture
			var a appliedPolicy
			return finishApply(cmd, &a, callPolicy(cmd.Context(), &flags, "policy.apply", nil, &req, &a), p, asJSON)
		},
	}
	flags.register(cmd)
	cmd.Flags().StringVar(&fixture, "fixture", "", "the directory that the tests run on (fixture.yaml beside the bundle)")
	cmd.Flags().BoolVar(&req.Strict, "strict", false, "a warning is a mistake")
	cmd.Flags().BoolVar(&req.DryRun, "dry-run", false, "do everything but put it in force")
	cmd.Flags().StringVar(&req.If, "if", "", "apply only if this version is in force")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// finishApply prints what became of a policy, with the names of the files as they were given.
func finishApply(cmd *cobra.Command, a *appliedPolicy, err error, p policyFiles, asJSON bool) error {
	if a.Before == "" && err != nil {
		return err // there is no answer
	}
	for _, list := range [][]policyProblem{a.Problems, a.Warnings, a.Failed} {
		for i := range list {
			for _, s := range p.sources {
				if filepath.Base(s.Name) == list[i].File {
					list[i].File = s.Name
				}
			}
		}
	}
	if asJSON {
		if perr := printJSON(cmd.OutOrStdout(), a); perr != nil || err == nil {
			return perr
		}
		return errProblems
	}
	if perr := a.print(cmd.OutOrStdout()); perr != nil || err == nil {
		return perr
	}
	if a.Error == "" {
		return errProblems // they were printed
	}
	return err
}

func (a *appliedPolicy) print(w io.Writer) error {
	printProblems(w, "", a.Problems)
	printProblems(w, "warning: ", a.Warnings)
	printProblems(w, "FAIL ", a.Failed)
	switch {
	case len(a.Failed) > 0:
		fmt.Fprintf(w, "%d of %s failed\n", len(a.Failed), count(a.Tests, "test"))
	case a.Tests > 0:
		fmt.Fprintf(w, "%s passed\n", count(a.Tests, "test"))
	}
	if a.Difference != nil {
		if err := a.Difference.Text(w); err != nil {
			return err
		}
	}
	var err error
	switch {
	case a.Applied && a.Version == a.Before:
		_, err = fmt.Fprintf(w, "policy %s is in force already\n", short(a.Version))
	case a.Applied:
		_, err = fmt.Fprintf(w, "policy %s is in force; before: %s\n", short(a.Version), short(a.Before))
	case a.DryRun && len(a.Problems) == 0 && len(a.Failed) == 0 && a.Error == "":
		_, err = fmt.Fprintf(w, "policy %s would be in force; now: %s (dry run)\n", short(a.Version), short(a.Before))
	default:
		_, err = fmt.Fprintf(w, "refused; policy %s stays in force\n", short(a.Before))
	}
	return err
}

func policyApplyVerb(ctx context.Context, n *node, _ url.Values, in io.Reader, out io.Writer) error {
	var req applyRequest
	if err := decodePolicyRequest(in, &req); err != nil {
		return err
	}
	st, err := n.policyState()
	if err != nil {
		return err
	}
	a := &appliedPolicy{Before: st.Bundle.Version(), DryRun: req.DryRun}
	if err = n.apply(ctx, &req, st, a); err != nil && len(a.Problems) == 0 && len(a.Failed) == 0 {
		a.Error = err.Error()
	}
	if werr := writeJSON(out, a); werr != nil && err == nil {
		err = werr
	}
	return err
}
