package main

import "github.com/spf13/cobra"

const hostHelp = `Enroll, show, list and delete the accounts of hosts.

A host is named by its name (cn), its address or by DN. It stands below ou=hosts, and as a member of cn=sssd-hosts below ou=roles it may
look up what a Linux host needs, and no password.

  gatehouse host enroll web1.example.com --output-dir ./web1     makes the account and writes the files for the host
  gatehouse host disable web1.example.com
  gatehouse host rm web1.example.com
` + connectHelp

func newHostCommand() *cobra.Command {
	f := new(clientFlags)
	cmd := newKindCommand("host", "Enroll, show, list and delete accounts of hosts", hostHelp, f)
	cmd.AddCommand(
		newServiceAddCommand(hostService, f), newHostEnrollCommand(f), newServiceSetCommand(hostService, f), newShowCommand(hostKind, f),
		newLsCommand(hostKind, f), newDisableCommand(hostKind, f), newEnableCommand(hostKind, f), newUnlockCommand(hostKind, f),
		newAccountPasswdCommand(hostKind, f), newRenameCommand(hostKind, f), newRmCommand(hostKind, f),
	)
	return cmd
}
