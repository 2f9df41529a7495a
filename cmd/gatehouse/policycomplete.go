package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

// completePolicies completes one argument with what the policy in force has to offer; it says nothing when something is wrong.
func completePolicies(list func(ctx context.Context) ([]string, error)) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		ctx, cancel := context.WithTimeout(context.Background(), completionTimeout)
		defer cancel()
		names, err := list(ctx)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}

// documents lists the documents of the policy in force.
func (f *dataFlags) documents(ctx context.Context) ([]string, error) {
	var p shownPolicy
	if err := callPolicy(ctx, f, "policy.show", nil, nil, &p); err != nil {
		return nil, err
	}
	names := make([]string, len(p.Documents))
	for i, d := range p.Documents {
		names[i] = d.Name + "\t" + printable(d.Description)
	}
	return names, nil
}

// versions lists what can be put in force again, newest first.
func (f *dataFlags) versions(ctx context.Context) ([]string, error) {
	var history []policyEntry
	if err := callPolicy(ctx, f, "policy.history", nil, nil, &history); err != nil {
		return nil, err
	}
	names := make([]string, 0, len(history)+1)
	for _, e := range history {
		if !e.Active {
			names = append(names, fmt.Sprintf("%s\t%s by %s", short(e.Version), e.Time.UTC().Format(time.DateTime), printable(e.Author)))
		}
	}
	return append(names, shippedAlone+"\tthe policies that come with the server"), nil
}
