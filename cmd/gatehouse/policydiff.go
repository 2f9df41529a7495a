package main

import (
	"errors"
	"io/fs"
	"net/url"
	"os"

	"github.com/spf13/cobra"

	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
	"gatehouse/directory"
)

const policyDiffHelp = `Say who gains and who loses what from one policy to another. Each is a directory or file, or, with --data, "active" (what is in
force), "shipped", or a version of 'policy rollback --list'.

What cannot be proven to give nothing is printed as a gain. With --no-new-access the exit code is 1 if there is one.`

func newPolicyDiffCommand() *cobra.Command {
	var data dataFlags
	var flags policyFlags
	var noNew, asJSON bool
	cmd := &cobra.Command{
		Use: "diff OLD NEW", Short: "Compare two policies", Long: policyDiffHelp, Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := flags.settings()
			if err != nil {
				return err
			}
			texts := make([][]bundle.Source, 2)
			for i, which := range args {
				var contexts []directory.NDN
				if texts[i], contexts, err = policyToCompare(cmd, &data, which); err != nil {
					return err
				}
				if len(flags.bases) == 0 && contexts != nil {
					o.Contexts = contexts
				}
			}
			if len(o.Contexts) == 0 {
				o.Contexts = []directory.NDN{exampleContext}
			}
			var loaded [2]*enact.Loaded
			for i := range loaded {
				if loaded[i], err = enact.Load(texts[i], o); err != nil {
					return err
				}
			}
			d, err := enact.Diff(loaded[0], loaded[1])
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
	data.register(cmd)
	flags.register(cmd)
	cmd.Flags().BoolVar(&noNew, "no-new-access", false, "exit with 1 if anybody may gain access")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// policyToCompare reads files, or asks the data directory for a policy that it keeps.
func policyToCompare(cmd *cobra.Command, data *dataFlags, which string) ([]bundle.Source, []directory.NDN, error) {
	_, err := os.Stat(which)
	if err == nil {
		sources, err := bundle.ReadSources(which)
		return sources, nil, err
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	if which == shippedAlone && data.data == "" {
		return nil, nil, nil
	}
	if data.data == "" {
		return nil, nil, usagef("%s is no file; a policy of a server needs --data DIR", which)
	}
	var t policyTextAnswer
	if err := callPolicy(cmd.Context(), data, "policy.text", url.Values{"version": {which}}, nil, &t); err != nil {
		return nil, nil, err
	}
	sources, err := bundle.Unpack(t.Packed)
	var contexts []directory.NDN
	for _, c := range t.Contexts {
		contexts = append(contexts, directory.NDN(c))
	}
	return sources, contexts, err
}
