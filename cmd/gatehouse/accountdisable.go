package main

import (
	"errors"
	"fmt"

	"github.com/go-ldap/ldap/v3"
	"github.com/spf13/cobra"
)

// newDisableCommand makes the command that lets an account in no more.
func newDisableCommand(k *kind, f *clientFlags) *cobra.Command {
	return f.switchCommand(k, "disable", "Let "+k.article+" in no more, until it is enabled",
		"The entry, its password and its groups stay. Binds are refused from now on, as for a wrong password.", "disabled",
		func(m *ldap.ModifyRequest, _ *ldap.Entry) error {
			m.Replace("nsAccountLock", []string{"TRUE"})
			return nil
		})
}

// newEnableCommand makes the command that ends what disable did.
func newEnableCommand(k *kind, f *clientFlags) *cobra.Command {
	return f.switchCommand(k, "enable", "Let "+k.article+" that was disabled in again",
		"An account that wrong passwords have locked is for 'unlock'.", "enabled",
		func(m *ldap.ModifyRequest, e *ldap.Entry) error {
			if e.GetEqualFoldAttributeValue("pwdAccountLockedTime") == lockedForGood {
				m.Replace("pwdAccountLockedTime", nil)
			}
			m.Replace("nsAccountLock", nil)
			if e.GetEqualFoldAttributeValue("loginDisabled") != "" {
				m.Replace("loginDisabled", nil)
			}
			return nil
		})
}

// newUnlockCommand makes the command that forgets wrong passwords.
func newUnlockCommand(k *kind, f *clientFlags) *cobra.Command {
	return f.switchCommand(k, "unlock", "End the lock that wrong passwords have brought",
		"It needs the right to unlock (account.unlock), which the helpdesk has.", "unlocked",
		func(m *ldap.ModifyRequest, e *ldap.Entry) error {
			if e.GetEqualFoldAttributeValue("pwdAccountLockedTime") == lockedForGood {
				return errors.New("it was disabled, which 'enable' ends")
			}
			m.Replace("pwdAccountLockedTime", nil)
			return nil
		})
}

// switchCommand makes a command that changes the state of accounts.
func (f *clientFlags) switchCommand(k *kind, verb, short, long, done string, change func(*ldap.ModifyRequest, *ldap.Entry) error) *cobra.Command {
	cmd := &cobra.Command{
		Use: verb + " NAME...", Short: short, Long: short + ".\n\n" + long, Args: oneOrMore("a name"), ValidArgsFunction: f.completeNames(k, 0),
	}
	cmd.RunE = f.with(func(cmd *cobra.Command, args []string, c *client) error {
		return c.eachNamed(cmd, k, args, f.asJSON, func(e *ldap.Entry) (string, error) {
			m := ldap.NewModifyRequest(e.DN, nil)
			if err := change(m, e); err != nil {
				return "", err
			}
			return done, c.Modify(m)
		})
	})
	return cmd
}

// oneOrMore asks for at least one argument, called what.
func oneOrMore(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usagef("%s takes %s, or several", cmd.CommandPath(), what)
		}
		return nil
	}
}

// doneEntry is what a command says of an entry that it has changed.
type doneEntry struct {
	DN   string `json:"dn"`
	Done string `json:"done"`
}

// eachNamed finds all entries that are named before it does anything, and then does one after the other; it says what is done.
func (c *client) eachNamed(cmd *cobra.Command, k *kind, names []string, asJSON bool, do func(*ldap.Entry) (done string, err error)) error {
	entries := make([]*ldap.Entry, len(names))
	for i, name := range names {
		var err error
		if entries[i], err = c.find(k, name); err != nil {
			return err
		}
	}
	list := newListing(cmd.OutOrStdout(), asJSON)
	for _, e := range entries {
		done, err := do(e)
		if err != nil {
			return c.failed(list.end(true), cmd.Name()+" "+printable(e.DN), err)
		}
		d := doneEntry{DN: e.DN, Done: done}
		if err := list.add(d, func() string { return fmt.Sprintf("%s: %s", printable(d.DN), d.Done) }); err != nil {
			return err
		}
	}
	return list.end(true)
}

// failed puts an error into words, together with one that came before it.
func (c *client) failed(before error, doing string, err error) error {
	if before != nil {
		return before
	}
	return c.explain(doing, err)
}
