package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/spf13/cobra"
)

// Bounds of what the completion of a shell may take.
const (
	completionsMax    = 50
	completionTimeout = 3 * time.Second
)

// completeNames completes the names of a kind, for at most so many arguments; zero is any number.
func (f *clientFlags) completeNames(k *kind, most int) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
		if most > 0 && len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return f.completions([]*kind{k}, word), cobra.ShellCompDirectiveNoFileComp
	}
}

// completeFlag completes the value of a flag with the names of kinds.
func (f *clientFlags) completeFlag(cmd *cobra.Command, flag string, kinds ...*kind) {
	err := cmd.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
		return f.completions(kinds, word), cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil {
		panic(err) // the command has no such flag
	}
}

// completions asks the server for names. It never asks for a password, and says nothing when something is wrong.
func (f *clientFlags) completions(kinds []*kind, word string) []string {
	ctx, cancel := context.WithTimeout(context.Background(), completionTimeout)
	defer cancel()
	f.fromEnvironment()
	if f.bindDN != "" && (f.passwordFile == "" || f.passwordFile == "-") {
		return nil
	}
	c, err := f.dial(ctx)
	if err != nil {
		return nil
	}
	defer func() { _ = c.done() }()
	silent := &cobra.Command{}
	silent.SetErr(io.Discard)
	if f.bind(silent, c) != nil {
		return nil
	}
	if i := strings.IndexByte(word, ':'); i > 0 && len(kinds) > 1 {
		for _, k := range kinds {
			if k.noun == word[:i] {
				return prefixed(k.noun+":", c.beginning(k, word[i+1:]))
			}
		}
	}
	var names []string
	for _, k := range kinds {
		names = append(names, c.beginning(k, word)...)
	}
	return names
}

// beginning lists the names of a kind that begin with a word, with a description after a tab.
func (c *client) beginning(k *kind, word string) []string {
	filter := "(" + k.naming + "=*)"
	if word != "" {
		filter = "(" + k.naming + "=" + ldap.EscapeFilter(word) + "*)"
	}
	found, err := c.some("(&"+k.filter+filter+")", []string{k.naming, k.label}, completionsMax)
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range found {
		name := e.GetEqualFoldAttributeValue(k.naming)
		if name == "" || strings.ContainsAny(name, "\t\n") || k == roleKind && !isBelow(e.DN, k.container+","+c.base) || !strings.HasPrefix(strings.ToLower(name), strings.ToLower(word)) {
			continue
		}
		if label := printable(e.GetEqualFoldAttributeValue(k.label)); label != "" && label != name {
			name = fmt.Sprintf("%s\t%s", name, label)
		}
		names = append(names, name)
	}
	return names
}

func prefixed(prefix string, names []string) []string {
	for i := range names {
		names[i] = prefix + names[i]
	}
	return names
}
