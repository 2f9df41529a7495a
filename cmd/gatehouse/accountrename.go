package main

import (
	"github.com/go-ldap/ldap/v3"
	"github.com/spf13/cobra"
)

// newRenameCommand makes the command that gives an entry another name.
func newRenameCommand(k *kind, f *clientFlags) *cobra.Command {
	cmd := &cobra.Command{
		Use: "rename NAME NEW", Short: "Give " + k.article + " another name", ValidArgsFunction: f.completeNames(k, 1),
		Long: "Give " + k.article + " another name. Groups and other entries that refer to it follow; a home directory does not.",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usagef("%s takes two names, that of now and the new one", cmd.CommandPath())
			}
			return k.checkName(args[1])
		},
	}
	cmd.RunE = f.with(func(cmd *cobra.Command, args []string, c *client) error {
		fresh := args[1]
		return c.eachNamed(cmd, k, args[:1], f.asJSON, func(e *ldap.Entry) (string, error) {
			return "renamed to " + fresh, c.ModifyDN(ldap.NewModifyDNRequest(e.DN, rdn(k.naming, fresh), true, ""))
		})
	})
	return cmd
}
