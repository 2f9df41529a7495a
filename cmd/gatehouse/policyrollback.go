package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
	"gatehouse/directory/dit"
)

const policyRollbackHelp = `Put an older policy in force again: the one before, the version given (its first digits will do), or "shipped" for the shipped
policies alone. --list shows what is kept. A second rollback goes further back, not to what the first one left.

It works for who holds the machine, whatever the policy in force says: it is the way back from a policy that was a mistake. Each use
is in the log of changes, as done by cn=operator,cn=gatehouse, and in the server's log with the user. Tests are not run again.

Exit codes: 0 done; 1 it did not work; 2 the command was called in a wrong way.`

// shippedAlone is the name of the policies without anything applied.
const shippedAlone = "shipped"

func newPolicyRollbackCommand() *cobra.Command {
	var flags dataFlags
	var list, asJSON bool
	cmd := &cobra.Command{
		Use: "rollback --data DIR [VERSION|shipped]", Short: "Put an older policy in force again", Long: policyRollbackHelp,
		Args: atMostOne("a version"), ValidArgsFunction: completePolicies(flags.versions),
		RunE: func(cmd *cobra.Command, args []string) error {
			if list && len(args) > 0 {
				return usagef("--list takes no version")
			}
			if list {
				return listPolicies(cmd, &flags, asJSON)
			}
			var a appliedPolicy
			if err := callPolicy(cmd.Context(), &flags, "policy.rollback", url.Values{"version": args}, nil, &a); err != nil {
				return err
			}
			return a.printRollback(cmd.OutOrStdout(), asJSON)
		},
	}
	flags.register(cmd)
	cmd.Flags().BoolVar(&list, "list", false, "list what can be put in force again, newest first")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *appliedPolicy) printRollback(w io.Writer, asJSON bool) error {
	if asJSON {
		return printJSON(w, a)
	}
	if err := a.Difference.Text(w); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "policy %s is in force again; before: %s\n", short(a.Version), short(a.Before))
	return err
}

// policyEntry is one line of the history.
type policyEntry struct {
	dit.PolicyRevision
	Active bool `json:"active,omitempty"`
}

func listPolicies(cmd *cobra.Command, flags *dataFlags, asJSON bool) error {
	var history []policyEntry
	if err := callPolicy(cmd.Context(), flags, "policy.history", nil, nil, &history); err != nil {
		return err
	}
	if asJSON {
		return printJSON(cmd.OutOrStdout(), history)
	}
	mark := func(active bool) string {
		if active {
			return "  in force"
		}
		return ""
	}
	for _, e := range history {
		how := "applied"
		if e.Recovery {
			how = "brought back"
		}
		fmt.Fprintf(cmd.OutOrStdout(), "%s  %s  %-12s  %s%s\n", short(e.Version), e.Time.UTC().Format(time.RFC3339), how, printable(e.Author), mark(e.Active))
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s%s\n", shippedAlone, mark(len(history) == 0))
	return err
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
	return writeJSON(out, list)
}

func policyRollbackVerb(ctx context.Context, n *node, flags url.Values, _ io.Reader, out io.Writer) error {
	a, err := n.rollback(ctx, flags.Get("version"))
	if err != nil {
		return err
	}
	return writeJSON(out, a)
}

// rollback puts an older policy in force, by its version; empty for the one before.
func (n *node) rollback(ctx context.Context, version string) (*appliedPolicy, error) {
	history, err := n.directory.PolicyHistory()
	if err != nil {
		return nil, err
	}
	switch version {
	case activePolicy:
		return nil, errors.New("that one is in force already")
	case "":
		if version, err = versionBefore(history); err != nil {
			return nil, err
		}
	}
	older, err := n.storedPolicy(version)
	if err != nil {
		return nil, err
	}
	return n.bringBack(ctx, older)
}

// bringBack puts the files of an older policy in force.
func (n *node) bringBack(ctx context.Context, older []bundle.Source) (*appliedPolicy, error) {
	st, err := n.policyState()
	if err != nil {
		return nil, err
	}
	o, err := n.policySettings()
	if err != nil {
		return nil, err
	}
	p := splitFixture(older)
	l, err := enact.Load(p.sources, o)
	if err != nil {
		return nil, fmt.Errorf("that policy cannot be used any more: %w", err)
	}
	a := &appliedPolicy{Applied: true, Version: l.Bundle.Version(), Before: st.Bundle.Version()}
	if a.Difference, err = enact.Diff(st.Loaded, l); err != nil {
		return nil, err
	}
	return a, n.putPolicy(ctx, p, l, dit.PutPolicyOptions{Recovery: true, Base: st.rev.CSN})
}

// versionBefore returns the version that was in force before the newest one was applied. What a rollback has brought back is followed to
// where it came from.
func versionBefore(history []dit.PolicyRevision) (string, error) {
	if len(history) == 0 {
		return "", errors.New("no policy was ever applied: the shipped ones are in force")
	}
	at := 0
	for history[at].Recovery {
		older := slices.IndexFunc(history[at+1:], func(r dit.PolicyRevision) bool { return r.Version == history[at].Version })
		if older < 0 {
			return "", errors.New("nothing is known of what was in force before; name a version of 'gatehouse policy rollback --list'")
		}
		at += 1 + older
	}
	switch {
	case at+1 < len(history):
		return history[at+1].Version, nil
	case len(history) >= dit.PoliciesKept:
		return "", errors.New("the policy before is not kept any more; name a version of 'gatehouse policy rollback --list', or shipped")
	default:
		return shippedAlone, nil
	}
}
