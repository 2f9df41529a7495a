package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
)

const policyLintHelp = `Check a bundle: form, names, filters, and the rules of the language. Every mistake is printed with file, line and column.

A warning is about what is probably a mistake, such as a statement that can match nothing; with --strict it counts as one.
Whether groups and entries exist is for 'policy apply' to see. The exit code is 1 if there is a mistake.`

// lintReport is what lint found.
type lintReport struct {
	Version  string        `json:"version,omitempty"` // of the bundle, if there is no mistake
	Problems []lintProblem `json:"problems"`
	Warnings []lintProblem `json:"warnings"`
}

type lintProblem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Rule    string `json:"rule,omitempty"`
	Message string `json:"message"`
}

func newPolicyLintCommand() *cobra.Command {
	var flags policyFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use: "lint DIR|FILE", Short: "Check the files of a bundle", Long: policyLintHelp, Args: oneBundle,
		RunE: func(cmd *cobra.Command, args []string) error {
			sources, err := bundle.ReadSources(args[0])
			if err != nil {
				return err
			}
			o, err := flags.settings()
			if err != nil {
				return err
			}
			report, err := lint(sources, o)
			if err != nil {
				return err
			}
			if asJSON {
				err = printJSON(cmd.OutOrStdout(), report)
			} else {
				report.print(cmd)
			}
			if len(report.Problems) > 0 {
				err = errors.Join(err, errProblems)
			}
			return err
		},
	}
	flags.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func lint(sources []bundle.Source, o enact.Settings) (*lintReport, error) {
	report := &lintReport{Problems: []lintProblem{}, Warnings: []lintProblem{}}
	l, err := enact.Load(sources, o)
	if problems, is := errors.AsType[bundle.Problems](err); is {
		report.Problems = lintProblems(problems)
		return report, nil
	}
	if err != nil {
		return nil, err
	}
	report.Version = l.Bundle.Version()
	report.Warnings = lintProblems(l.Bundle.Warnings)
	return report, nil
}

func lintProblems(list bundle.Problems) []lintProblem {
	out := make([]lintProblem, len(list))
	for i, p := range list {
		out[i] = lintProblem{File: p.File, Line: p.Line, Column: p.Column, Rule: string(p.Rule), Message: p.Message}
	}
	return out
}

func (p lintProblem) String() string {
	s := fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
	if p.Rule != "" {
		s += " (" + p.Rule + ")"
	}
	return s
}

func (r *lintReport) print(cmd *cobra.Command) {
	w := cmd.OutOrStdout()
	for _, p := range r.Problems {
		fmt.Fprintln(w, p)
	}
	for _, p := range r.Warnings {
		fmt.Fprintln(w, "warning:", p)
	}
	if len(r.Problems) == 0 {
		fmt.Fprintf(w, "ok: %d warnings, version %s\n", len(r.Warnings), r.Version)
		return
	}
	fmt.Fprintf(w, "%d mistakes, %d warnings\n", len(r.Problems), len(r.Warnings))
}
