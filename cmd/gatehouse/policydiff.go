package main

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
	"gatehouse/directory"
)

const policyDiffHelp = `Say who gains and who loses what from one policy to another, the shipped policies with both. Each is a directory or a file;
"shipped"; or, with --data, "active" (what is in force) or a version of 'policy rollback --list' (its first digits will do). A
file with such a name needs a path, as in ./active.

What cannot be proven to give nothing is printed as a gain.

Exit codes: 0 compared; 1 --no-new-access found a gain, or it did not work; 2 the command was called in a wrong way.`

func newPolicyDiffCommand() *cobra.Command {
	var flags policyFlags
	var noNew, asJSON bool
	cmd := &cobra.Command{
		Use: "diff OLD NEW", Short: "Compare two policies", Long: policyDiffHelp,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usagef("%s takes two arguments, the old and the new policy; it got %d", cmd.CommandPath(), len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := flags.diff(cmd.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			if asJSON {
				err = printJSON(cmd.OutOrStdout(), d)
			} else {
				err = d.Text(cmd.OutOrStdout())
			}
			if noNew && d.HasGain() {
				err = errors.Join(err, errProblems)
			}
			return err
		},
	}
	flags.register(cmd)
	cmd.Flags().BoolVar(&noNew, "no-new-access", false, "exit with 1 if anybody may gain access")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (f *policyFlags) diff(ctx context.Context, names ...string) (*enact.Difference, error) {
	o, err := f.settings(ctx)
	if err != nil {
		return nil, err
	}
	if len(o.Contexts) == 0 {
		o.Contexts = []directory.NDN{exampleContext}
	}
	loaded := make([]*enact.Loaded, len(names))
	for i, name := range names {
		sources, err := f.policyNamed(ctx, name)
		if err != nil {
			return nil, err
		}
		if loaded[i], err = enact.Load(sources, o); err != nil {
			return nil, err
		}
	}
	return enact.Diff(loaded[0], loaded[1])
}

// policyNamed reads files, or asks the data directory for a policy that it keeps.
func (f *policyFlags) policyNamed(ctx context.Context, name string) ([]bundle.Source, error) {
	if name == shippedAlone {
		return nil, nil
	}
	if name != activePolicy {
		if _, err := os.Stat(name); err == nil || !errors.Is(err, fs.ErrNotExist) {
			return bundle.ReadSources(name)
		}
	}
	if f.data == "" {
		return nil, usagef("%s is no file; a policy of a server needs --data DIR", name)
	}
	p, err := f.stored(ctx, name)
	if err != nil {
		return nil, err
	}
	return splitFixture(p.Files).sources, nil
}
