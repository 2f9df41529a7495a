package main

import "github.com/spf13/cobra"

const appHelp = `Make, change, show, list and delete the accounts of applications.

An app is named by its name (cn) or by DN. It stands below ou=services and has the rights of the roles that it is given: groups below
ou=roles, app-lookup by default. 'gatehouse client-config NAME --create-account' makes the account of a program that it knows and
prints its configuration.

  gatehouse app add wiki --description "The wiki"
  gatehouse app passwd wiki
  gatehouse app rm wiki
` + connectHelp

func newAppCommand() *cobra.Command {
	f := new(clientFlags)
	cmd := newKindCommand("app", "Make, change, show, list and delete accounts of applications", appHelp, f)
	cmd.AddCommand(
		newServiceAddCommand(appService, f), newServiceSetCommand(appService, f), newShowCommand(appKind, f), newLsCommand(appKind, f),
		newDisableCommand(appKind, f), newEnableCommand(appKind, f), newUnlockCommand(appKind, f), newAccountPasswdCommand(appKind, f),
		newRenameCommand(appKind, f), newRmCommand(appKind, f),
	)
	return cmd
}
