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
the file of --fixture; never on live data. What is asked is the bundle together with the shipped policies, as it would be in force; a
document with the name of a shipped one takes its place. ${suffix} is the naming context of the fixture.

Without an argument the policies that come with the server are tested, or with --data those that were applied last.

--cover lists the statements that no test decided. --mutate removes or weakens each statement in turn and lists the changes that no
test notices: what can be lost without a test that fails will be lost one day.

Exit codes: 0 every test passed, and no mutation survived; 1 otherwise, or it did not work; 2 the command was called in a wrong way.`

// testedPolicy is what test prints as JSON.
type testedPolicy struct {
	*enact.Report
	Uncovered []enact.Uncovered     `json:"uncovered,omitempty"`
	Mutation  *enact.MutationReport `json:"mutation,omitempty"`
}

func newPolicyTestCommand() *cobra.Command {
	var f policyTestFlags
	cmd := &cobra.Command{
		Use: "test [DIR|FILE]", Short: "Run the tests of a bundle", Long: policyTestHelp, Args: atMostOne("the directory or file of a bundle"),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.register(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.fixture, "fixture", "", "the directory that the tests run on (fixture.yaml beside the bundle)")
	fl.BoolVar(&f.mutate, "mutate", false, "remove or weaken each statement and see whether a test notices")
	fl.BoolVar(&f.cover, "cover", false, "list statements that no test decided")
	fl.StringVar(&f.junit, "junit", "", "write the results as JUnit XML to this file; - for standard output")
	fl.BoolVar(&f.json, "json", false, "print JSON")
	fl.BoolVarP(&f.verbose, "verbose", "v", false, "print tests that pass, too")
	return cmd
}

type policyTestFlags struct {
	policyFlags
	fixture, junit               string
	mutate, cover, json, verbose bool
}

func (f *policyTestFlags) run(cmd *cobra.Command, args []string) error {
	if f.json && f.junit == "-" {
		return usagef("--json and --junit - do not go together")
	}
	p, err := f.bundle(cmd, args)
	if err != nil {
		return err
	}
	o, err := f.settings(cmd.Context())
	if err != nil {
		return err
	}
	if len(f.bases) == 0 {
		o.Contexts = nil // those of the fixture
	}
	if len(args) == 1 && p.fixture.Name == "" {
		if _, err := enact.Load(p.sources, o); err != nil {
			return err
		}
		return fmt.Errorf("%s: there is no %s beside it to run the tests on; --fixture names one", args[0], bundle.FixtureFile)
	}
	var t testedPolicy
	if t.Report, err = enact.Test(p.sources, p.fixture, o); err != nil {
		return err
	}
	if f.cover {
		t.Uncovered = t.Cover()
	}
	if f.mutate && t.OK() {
		m, err := enact.Mutate(cmd.Context(), p.sources, p.fixture, o)
		if err != nil {
			return err
		}
		t.Mutation = &m
	}
	if f.junit != "" {
		if err := t.writeJUnit(cmd.OutOrStdout(), f.junit); err != nil {
			return err
		}
	}
	switch {
	case f.json:
		err = printJSON(cmd.OutOrStdout(), &t)
	case f.junit != "-":
		t.print(cmd.OutOrStdout(), f.verbose, f.cover)
	}
	if !t.OK() || t.Mutation != nil && len(t.Mutation.Survivors) > 0 {
		err = errors.Join(err, errProblems)
	}
	return err
}

// bundle returns what is to be tested: nothing for the shipped policies.
func (f *policyTestFlags) bundle(cmd *cobra.Command, args []string) (policyFiles, error) {
	switch {
	case len(args) == 1:
		return readPolicyFiles(args[0], f.fixture)
	case f.fixture != "":
		return policyFiles{}, usagef("--fixture is for the tests of a bundle; which one?")
	case f.data == "":
		return policyFiles{}, nil
	}
	stored, err := f.stored(cmd.Context(), activePolicy)
	if err != nil {
		return policyFiles{}, err
	}
	p := splitFixture(stored.Files)
	if len(p.sources) > 0 && p.fixture.Name == "" {
		return p, errors.New("nothing is kept that the tests of what was applied could run on")
	}
	return p, nil
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
			fmt.Fprintf(w, "FAIL %s: %s: %s\n     %s\n", r.Test.Pos, r.Document, printable(r.Test.Name), r.Problem)
			for j := range r.Explanations {
				for _, reason := range r.Explanations[j].Reasons {
					fmt.Fprintf(w, "     %s\n", reason.String())
				}
			}
		case verbose:
			fmt.Fprintf(w, "ok   %s: %s: %s\n", r.Test.Pos, r.Document, printable(r.Test.Name))
		}
		if r.Note != "" {
			fmt.Fprintf(w, "note %s: %s: %s: %s\n", r.Test.Pos, r.Document, printable(r.Test.Name), r.Note)
		}
	}
	fmt.Fprintf(w, "%d of %s passed, %d failed; version %s\n", len(t.Results)-failed, count(len(t.Results), "test"), failed, short(t.Version))
	if cover {
		for _, u := range t.Uncovered {
			fmt.Fprintf(w, "not covered: %s:%d: %s\n", u.File, u.Line, u.ID)
		}
		fmt.Fprintf(w, "%s that no test decided\n", count(len(t.Uncovered), "statement"))
	}
	if m := t.Mutation; m != nil {
		for _, s := range m.Survivors {
			fmt.Fprintf(w, "survived: %s:%d: %s: %s\n", s.File, s.Line, s.ID, s.Change)
		}
		fmt.Fprintf(w, "%s, %d survived\n", count(m.Mutants, "mutation"), len(m.Survivors))
	}
}
