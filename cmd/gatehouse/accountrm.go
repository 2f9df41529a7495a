package main

import (
	"github.com/go-ldap/ldap/v3"
	"github.com/spf13/cobra"
)

// newRmCommand makes the command that deletes entries of a kind.
func newRmCommand(k *kind, f *clientFlags) *cobra.Command {
	cmd := &cobra.Command{
		Use: "rm NAME...", Aliases: []string{"delete"}, Short: "Delete " + k.noun + "s", Args: oneOrMore("a name"), ValidArgsFunction: f.completeNames(k, 0),
		Long: "Delete " + k.noun + "s. Nothing is asked, and all names are looked up before the first is deleted. Memberships go with the entry." +
			map[bool]string{true: " To keep numbers from being given away and files from changing their owner, 'disable' is often the better choice."}[k == userKind],
	}
	cmd.RunE = f.with(func(cmd *cobra.Command, args []string, c *client) error {
		return c.eachNamed(cmd, k, args, f.asJSON, func(e *ldap.Entry) (string, error) {
			return "deleted", c.Del(ldap.NewDelRequest(e.DN, nil))
		})
	})
	return cmd
}
