package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
	"gatehouse/directory/dit"
	"gatehouse/storage"
)

const policyRollbackHelp = `Put an older policy in force again: the one before, the version given (its first digits will do), or "shipped" for the shipped
policies alone. --list shows what is kept.

It works for who holds the machine, whatever the policy in force says: it is the way back from a policy that was a mistake. Each use
is in the log of changes, as done by cn=operator,cn=gatehouse. Tests are not run again.`

// shippedAlone is the name of the policies without anything applied.
const shippedAlone = "shipped"

func newPolicyRollbackCommand() *cobra.Command {
	var flags dataFlags
	var list, asJSON bool
	cmd := &cobra.Command{
		Use: "rollback --data DIR [VERSION|shipped]", Short: "Put an older policy in force again", Long: policyRollbackHelp,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if list {
				return listPolicies(cmd, &flags, asJSON)
			}
			var a appliedPolicy
			if err := callPolicy(cmd.Context(), &flags, "policy.rollback", url.Values{"version": args}, nil, &a); err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), a)
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "policy %s is in force again; before: %s\n", short(a.Version), short(a.Before))
			return err
		},
	}
	flags.register(cmd)
	cmd.Flags().BoolVar(&list, "list", false, "list what can be put in force again, newest first")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func listPolicies(cmd *cobra.Command, flags *dataFlags, asJSON bool) error {
	var history []policyEntry
	if err := callPolicy(cmd.Context(), flags, "policy.history", nil, nil, &history); err != nil {
		return err
	}
	if asJSON {
		return printJSON(cmd.OutOrStdout(), history)
	}
	for _, e := range history {
		active := ""
		if e.Active {
			active = "  in force"
		}
		fmt.Fprintf(cmd.OutOrStdout(), "%s  %s  %s%s\n", short(e.Version), e.Time.UTC().Format(time.RFC3339), e.Author, active)
	}
	active := ""
	if len(history) == 0 {
		active = "  in force"
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s%s\n", shippedAlone, active)
	return err
}

func policyRollbackVerb(ctx context.Context, n *node, flags url.Values, _ io.Reader, out io.Writer) error {
	history, err := n.directory.PolicyHistory()
	if err != nil {
		return err
	}
	if len(history) == 0 {
		return errors.New("no policy was ever applied: the shipped ones are in force")
	}
	packed, err := n.olderPolicy(history, flags.Get("version"))
	if err != nil {
		return err
	}
	o, err := n.policySettings()
	if err != nil {
		return err
	}
	sources, err := bundle.Unpack(packed)
	if err != nil {
		return err
	}
	l, err := enact.Load(sources, o)
	if err != nil {
		return fmt.Errorf("that policy cannot be used any more: %w", err)
	}
	if _, err := n.directory.PutPolicy(ctx, n.operator(), packed, l.Policy, dit.PutPolicyOptions{Recovery: true, Base: history[0].CSN}); err != nil {
		return explainPut(err)
	}
	return writeJSON(out, &appliedPolicy{Version: l.Bundle.Version(), Before: history[0].Version, Applied: true})
}

// olderPolicy returns the packed policy to go back to.
func (n *node) olderPolicy(history []dit.PolicyRevision, version string) ([]byte, error) {
	if version == "" {
		version = shippedAlone
		for _, rev := range history[1:] {
			if rev.Version != history[0].Version {
				version = rev.Version
				break
			}
		}
	}
	if version == shippedAlone {
		return bundle.Pack(nil)
	}
	return n.policyText(history, version)
}

// policyText returns the packed policy whose version begins with the digits given.
func (n *node) policyText(history []dit.PolicyRevision, digits string) ([]byte, error) {
	found := ""
	for _, rev := range history {
		if strings.HasPrefix(rev.Version, digits) && digits != "" {
			if found != "" && found != rev.Version {
				return nil, fmt.Errorf("more than one policy has a version that begins with %s", digits)
			}
			found = rev.Version
		}
	}
	if found == "" {
		return nil, fmt.Errorf("no policy of version %s is kept; 'gatehouse policy rollback --list' shows those that are", digits)
	}
	packed, err := n.directory.PolicyText(found)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, fmt.Errorf("the text of policy %s is no longer kept", short(found))
	}
	return packed, err
}
