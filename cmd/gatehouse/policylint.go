package main

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
)

const policyLintHelp = `Check a bundle: form, names, filters, the rules of the language, and the fixture of its tests. Every mistake is printed with file,
line and column.

A warning is about what is probably a mistake, such as a statement that can match nothing; with --strict it counts as one. With
--base or --data a target outside of every naming context is told, too. Whether groups and entries exist is for
'policy apply --dry-run' to see.

Exit codes: 0 no mistake; 1 a mistake, or it did not work; 2 the command was called in a wrong way.`

// policyProblem is a mistake in a policy file.
type policyProblem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Rule    string `json:"rule,omitempty"` // V1 to V8
	Message string `json:"message"`
}

// lintReport is what lint found.
type lintReport struct {
	Version  string          `json:"version,omitempty"` // of the bundle with the shipped policies, if there is no mistake
	Problems []policyProblem `json:"problems"`
	Warnings []policyProblem `json:"warnings"`
}

func newPolicyLintCommand() *cobra.Command {
	var flags policyFlags
	var strict, asJSON bool
	cmd := &cobra.Command{
		Use: "lint DIR|FILE", Short: "Check the files of a bundle", Long: policyLintHelp, Args: oneBundle,
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := readPolicyFiles(args[0], "")
			if err != nil {
				return err
			}
			o, err := flags.settings(cmd.Context())
			if err != nil {
				return err
			}
			o.Strict = strict
			report, err := lint(p, o)
			if err != nil {
				return err
			}
			if asJSON {
				err = printJSON(cmd.OutOrStdout(), report)
			} else {
				err = report.print(cmd.OutOrStdout())
			}
			if len(report.Problems) > 0 {
				err = errors.Join(err, errProblems)
			}
			return err
		},
	}
	flags.register(cmd)
	cmd.Flags().BoolVar(&strict, "strict", false, "a warning is a mistake")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func lint(p policyFiles, o enact.Settings) (*lintReport, error) {
	report := &lintReport{Problems: []policyProblem{}, Warnings: []policyProblem{}}
	l, err := enact.Load(p.sources, o)
	switch problems, is := errors.AsType[bundle.Problems](err); {
	case is:
		report.Problems = policyProblems(problems)
	case err != nil:
		return nil, err
	default:
		report.Version = l.Bundle.Version()
		report.Warnings = policyProblems(l.Bundle.Warnings)
	}
	if p.fixture.Name != "" {
		_, err := bundle.LoadFixture(p.fixture, o.Schema)
		if problems, is := errors.AsType[bundle.Problems](err); is {
			report.Version, report.Problems = "", slices.Concat(report.Problems, policyProblems(problems))
		} else if err != nil {
			return nil, err
		}
	}
	return report, nil
}

func policyProblems(list bundle.Problems) []policyProblem {
	out := make([]policyProblem, len(list))
	for i, p := range list {
		out[i] = policyProblem{File: p.File, Line: p.Line, Column: p.Column, Rule: string(p.Rule), Message: p.Message}
	}
	return out
}

// String returns the problem as compilers print it.
func (p policyProblem) String() string {
	return bundle.Problem{
		Position: bundle.Position{File: p.File, Line: p.Line, Column: p.Column}, Rule: bundle.Rule(p.Rule), Message: p.Message,
	}.Error()
}

// printProblems prints problems, one a line.
func printProblems(w io.Writer, before string, list []policyProblem) {
	for _, p := range list {
		fmt.Fprintf(w, "%s%s\n", before, printable(p.String()))
	}
}

func (r *lintReport) print(w io.Writer) error {
	printProblems(w, "", r.Problems)
	printProblems(w, "warning: ", r.Warnings)
	if len(r.Problems) > 0 {
		_, err := fmt.Fprintf(w, "%s, %s\n", count(len(r.Problems), "mistake"), count(len(r.Warnings), "warning"))
		return err
	}
	_, err := fmt.Fprintf(w, "ok: %s, version %s\n", count(len(r.Warnings), "warning"), r.Version)
	return err
}

// count returns a number with its noun.
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
