package main

import (
	"github.com/spf13/cobra"

	"gatehouse/acl/bundle"
)

func newPolicySchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of policy files, for editors", Args: noArguments,
		Long: `Print the JSON Schema (draft 2020-12) of policy files. Editors complete and check files with it, for example with the line

  # yaml-language-server: $schema=policy.schema.json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(bundle.JSONSchema())
			return err
		},
	}
}
