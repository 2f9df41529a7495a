package main

import (
	"github.com/go-ldap/ldap/v3"
	"github.com/spf13/cobra"
)

const groupAddHelp = `Make a group below ou=groups. It may be empty, and hosts see it: the server gives out its number. --no-posix makes one that only
applications see.`

// groupEdits are the flags for attributes of groups.
var groupEdits = []edit{
	{"description", "description", "description"},
	{"gid-number", "gidNumber", "number of the Unix group"},
}

func newGroupAddCommand(f *clientFlags) *cobra.Command {
	var x edits
	var members []string
	var noPosix bool
	var in, owner string
	cmd := &cobra.Command{
		Use: "add NAME", Short: "Make a group", Long: groupAddHelp, Args: oneArgument("the name of the group"),
		Example:           "  gatehouse group add engineering --description \"The engineers\" --member alice --member bob",
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	x.register(cmd, groupEdits, false)
	cmd.Flags().StringArrayVar(&members, "member", nil, "a first member (may be repeated)")
	cmd.Flags().StringVar(&owner, "owner", "", "name of who owns the group")
	cmd.Flags().BoolVar(&noPosix, "no-posix", false, "a group without a number, which hosts do not see")
	cmd.Flags().StringVar(&in, "in", "", "DN of the entry that it is made below (ou=groups below the base)")
	f.completeFlag(cmd, "member", memberKinds...)
	f.completeFlag(cmd, "owner", userKind)
	cmd.RunE = f.with(func(cmd *cobra.Command, args []string, c *client) error {
		if err := groupKind.checkName(args[0]); err != nil {
			return err
		}
		if err := groupKind.checkUnixName(args[0]); err != nil && !noPosix {
			return err
		}
		a := &addition{dn: groupKind.dn(args[0], c.base)}
		if in != "" {
			a.dn = rdn("cn", args[0]) + "," + in
		}
		a.put("objectClass", "top", "groupOfMembers")
		a.put("cn", args[0])
		if !noPosix {
			a.put("objectClass", "posixGroup")
		}
		for _, name := range members {
			e, err := c.findMember(name)
			if err != nil {
				return err
			}
			a.put("member", e.DN)
		}
		if owner != "" {
			e, err := c.findMember(owner)
			if err != nil {
				return err
			}
			a.put("owner", e.DN)
		}
		given, err := x.values(cmd)
		if err != nil {
			return err
		}
		a.takeOver(given)
		if err := c.Add(a.request()); err != nil {
			return c.explainAdd(groupKind, a.dn, err)
		}
		return c.showGroup(cmd, a.dn, f.asJSON)
	})
	return cmd
}

func newGroupSetCommand(f *clientFlags) *cobra.Command {
	var x edits
	var owner string
	var posix bool
	cmd := &cobra.Command{
		Use: "set NAME", Short: "Change a group", Args: oneArgument("a group"), ValidArgsFunction: f.completeNames(groupKind, 1),
		Long: "Change a group. Each flag takes the place of what there was, and an empty value takes it away. Members are for 'group member'.",
	}
	x.register(cmd, groupEdits, true)
	cmd.Flags().StringVar(&owner, "owner", "", "name of who owns the group")
	cmd.Flags().BoolVar(&posix, "posix", false, "let hosts see the group; the server gives out its number")
	f.completeFlag(cmd, "owner", userKind)
	cmd.RunE = f.with(func(cmd *cobra.Command, args []string, c *client) error {
		e, err := c.findAmong([]*kind{groupKind}, args[0], groupClasses)
		if err != nil {
			return err
		}
		m := ldap.NewModifyRequest(e.DN, nil)
		if posix && !hasClass(e, "posixGroup") {
			m.Add("objectClass", []string{"posixGroup"})
		}
		if cmd.Flags().Changed("owner") {
			var owners []string
			if owner != "" {
				found, err := c.findMember(owner)
				if err != nil {
					return err
				}
				owners = []string{found.DN}
			}
			m.Replace("owner", owners)
		}
		if err := x.modify(cmd, m); err != nil {
			return err
		}
		if len(m.Changes) == 0 {
			return usagef("there is nothing to change; give at least one of the flags that 'gatehouse group set --help' shows")
		}
		if err := c.Modify(m); err != nil {
			return c.explain("change "+printable(e.DN), err)
		}
		return c.showGroup(cmd, e.DN, f.asJSON)
	})
	return cmd
}
