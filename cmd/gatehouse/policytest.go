package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
)

const policyTestHelp = `Run the tests inside policy files. Each asks one question on a small fixed directory: fixture.yaml beside the bundle, or
the file of --fixture; never on live data. Without an argument the policies that come with the server are tested.

--cover lists the statements that no test decided. --mutate removes or weakens each statement in turn and lists the changes that no
test notices: what can be lost without a test that fails will be lost one day.

The exit code is 1 if a test fails, or a mutation survives.`

// testedPolicy is what test prints as JSON.
type testedPolicy struct {
	*enact.Report
	Uncovered []enact.Uncovered     `json:"uncovered,omitempty"`
	Mutation  *enact.MutationReport `json:"mutation,omitempty"`
}

func newPolicyTestCommand() *cobra.Command {
	var flags policyFlags
	var fixture, junit string
	var mutate, cover, asJSON, verbose bool
	cmd := &cobra.Command{
		Use: "test [DIR|FILE]", Short: "Run the tests of a bundle", Long: policyTestHelp, Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var given []bundle.Source
			var fixed bundle.Source
			var err error
			if len(args) == 1 {
				if given, fixed, err = readBundle(args[0], fixture); err != nil {
					return err
				}
			} else if fixture != "" {
				return usagef("--fixture is for the tests of a bundle; which one?")
			}
			o, err := flags.settings()
			if err != nil {
				return err
			}
			t := testedPolicy{}
			if t.Report, err = enact.Test(given, fixed, o); err != nil {
				return err
			}
			if cover {
				t.Uncovered = t.Cover()
			}
			if mutate && t.OK() {
				m, err := enact.Mutate(cmd.Context(), given, fixed, o)
				if err != nil {
					return err
				}
				t.Mutation = &m
			}
			if junit != "" {
				if err := t.writeJUnit(cmd.OutOrStdout(), junit); err != nil {
					return err
				}
			}
			switch {
			case asJSON:
				err = printJSON(cmd.OutOrStdout(), &t)
			case junit != "-":
				t.print(cmd.OutOrStdout(), verbose, cover)
			}
			if !t.OK() || t.Mutation != nil && len(t.Mutation.Survivors) > 0 {
				err = errors.Join(err, errProblems)
			}
			return err
		},
	}
	flags.register(cmd)
	cmd.Flags().StringVar(&fixture, "fixture", "", "the directory that the tests run on (fixture.yaml beside the bundle)")
	cmd.Flags().BoolVar(&mutate, "mutate", false, "remove or weaken each statement and see whether a test notices")
	cmd.Flags().BoolVar(&cover, "cover", false, "list statements that no test decided")
	cmd.Flags().StringVar(&junit, "junit", "", "write the results as JUnit XML to this file; - for standard output")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "print tests that pass, too")
	return cmd
}

func (t *testedPolicy) writeJUnit(stdout io.Writer, name string) error {
	if name == "-" {
		return t.JUnit(stdout)
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(t.JUnit(f), f.Close())
}

func (t *testedPolicy) print(w io.Writer, verbose, cover bool) {
	failed := 0
	for i := range t.Results {
		r := &t.Results[i]
		switch {
		case !r.OK:
			failed++
			fmt.Fprintf(w, "FAIL %s: %s: %s\n     %s\n", r.Test.Pos, r.Document, r.Test.Name, r.Problem)
			for j := range r.Explanations {
				for _, reason := range r.Explanations[j].Reasons {
					fmt.Fprintf(w, "     %s\n", reason.String())
				}
			}
		case verbose:
			fmt.Fprintf(w, "ok   %s: %s\n", r.Document, r.Test.Name)
		}
	}
	fmt.Fprintf(w, "%d tests, %d failed; version %s\n", len(t.Results), failed, short(t.Version))
	if cover {
		for _, u := range t.Uncovered {
			fmt.Fprintf(w, "not covered: %s:%d: %s\n", u.File, u.Line, u.ID)
		}
		fmt.Fprintf(w, "%d statements that no test decided\n", len(t.Uncovered))
	}
	if m := t.Mutation; m != nil {
		for _, s := range m.Survivors {
			fmt.Fprintf(w, "survived: %s:%d: %s: %s\n", s.File, s.Line, s.ID, s.Change)
		}
		fmt.Fprintf(w, "%d mutations, %d survived\n", m.Mutants, len(m.Survivors))
	}
}
