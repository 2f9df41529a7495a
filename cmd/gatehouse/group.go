package main

import (
	"slices"

	"github.com/spf13/cobra"
)

const groupHelp = `Make, change, show, list and delete groups, and their members.

A group is named by its name (cn) or by DN. Members may be users, apps, hosts and other groups, whose members count too.

  gatehouse group add staff --description "Everybody"
  gatehouse group member add staff alice bob group:engineering
  gatehouse group show staff
  gatehouse group member rm staff bob
  gatehouse group member add helpdesk quinn      (a group below ou=roles: quinn has the role)

Groups of people are made below ou=groups. Those below ou=roles have rights by the policy; who may change them is what the policy
says, and it keeps the last administrator.
` + connectHelp

func newGroupCommand() *cobra.Command {
	f := new(clientFlags)
	cmd := newKindCommand("group", "Make, change, show, list and delete groups, and their members", groupHelp, f)
	cmd.AddCommand(
		newGroupAddCommand(f), newGroupSetCommand(f), newGroupShowCommand(f), newGroupLsCommand(f), newGroupMemberCommand(f),
		newRenameCommand(groupKind, f), newRmCommand(groupKind, f),
	)
	return cmd
}

const groupMemberHelp = `Change who is a member of a group.

A member is named by uid, mail address, name or DN; user:, group:, app: or host: before the name says which kind is meant. All names
are looked up before the first is changed, and the members change at once. Whoever is a member already, or is none, is no error.`

func newGroupMemberCommand(f *clientFlags) *cobra.Command {
	cmd := &cobra.Command{Use: "member", Aliases: []string{"members"}, Short: "Add and take away members", Long: groupMemberHelp}
	cmd.AddCommand(newMemberAddCommand(f), newMemberRmCommand(f), newMemberLsCommand(f))
	return cmd
}

// completeMembers completes a group, and then members.
func (f *clientFlags) completeMembers(_ *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	kinds := memberKinds
	if len(args) == 0 {
		kinds = []*kind{groupKind}
	}
	names := f.completions(kinds, word)
	slices.Sort(names)
	return names, cobra.ShellCompDirectiveNoFileComp
}
