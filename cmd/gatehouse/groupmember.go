package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-ldap/ldap/v3"
	"github.com/spf13/cobra"
)

func newMemberAddCommand(f *clientFlags) *cobra.Command {
	return f.memberCommand("add", "Add members to a group", ldap.AddAttribute)
}

func newMemberRmCommand(f *clientFlags) *cobra.Command {
	return f.memberCommand("rm", "Take members out of a group", ldap.DeleteAttribute)
}

func (f *clientFlags) memberCommand(verb, short string, op uint) *cobra.Command {
	cmd := &cobra.Command{
		Use: verb + " GROUP NAME...", Short: short, Long: short + ".\n\n" + groupMemberHelp, ValidArgsFunction: f.completeMembers,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usagef("%s takes a group and at least one name", cmd.CommandPath())
			}
			return nil
		},
	}
	cmd.RunE = f.with(func(cmd *cobra.Command, args []string, c *client) error {
		group, err := c.findAmong([]*kind{groupKind}, args[0], groupClasses)
		if err != nil {
			return err
		}
		members := make([]member, len(args)-1)
		for i, name := range args[1:] {
			e, err := c.findMember(name)
			if err != nil && op == ldap.DeleteAttribute {
				if gone, ok := c.memberNamed(group, name); ok {
					members[i] = gone
					continue
				}
			}
			if err != nil {
				return err
			}
			if isSameDN(e.DN, group.DN) {
				return usagef("%s would be a member of itself", printable(name))
			}
			members[i] = member{dn: e.DN, uid: e.GetEqualFoldAttributeValue("uid")}
		}
		if err := c.changeMembers(group, op, members); err != nil {
			return err
		}
		return c.showGroup(cmd, group.DN, f.asJSON)
	})
	return cmd
}

// memberNamed returns the member of a group that a name stands for, if there is exactly one: of what is gone only the name is left.
func (c *client) memberNamed(group *ldap.Entry, name string) (member, bool) {
	e, err := c.read(group.DN, []string{memberAttribute(group)})
	if err != nil {
		return member{}, false
	}
	var found []member
	for _, m := range membersOf(e) {
		switch {
		case m.DN == "" && m.Name == name:
			found = append(found, member{uid: m.Name})
		case m.DN != "" && (strings.EqualFold(m.Name, name) || isSameDN(m.DN, name)):
			found = append(found, member{dn: m.DN})
		}
	}
	if len(found) != 1 {
		return member{}, false
	}
	return found[0], true
}

func newMemberLsCommand(f *clientFlags) *cobra.Command {
	cmd := &cobra.Command{
		Use: "ls GROUP", Short: "List who is a member, by nesting too", Args: oneArgument("a group"), ValidArgsFunction: f.completeNames(groupKind, 1),
		Long: "List the users, apps and hosts that are members of a group, directly or by a group that is a member.",
	}
	cmd.RunE = f.with(func(cmd *cobra.Command, args []string, c *client) error {
		group, err := c.findAmong([]*kind{groupKind}, args[0], groupClasses)
		if err != nil {
			return err
		}
		list := newListing(cmd.OutOrStdout(), f.asJSON)
		filter := "(&(memberOf=" + ldap.EscapeFilter(group.DN) + ")(!" + groupKind.filter + "))"
		err = c.each(cmd.Context(), filter, []string{"uid", "cn", "displayName"}, func(e *ldap.Entry) error {
			m := shownMember{DN: e.DN, Name: firstValue(e.DN), FullName: e.GetEqualFoldAttributeValue("displayName")}
			if m.FullName == "" {
				m.FullName = e.GetEqualFoldAttributeValue("cn")
			}
			return list.add(m, func() string { return fmt.Sprintf("%-20s %s", printable(m.Name), printable(m.FullName)) })
		})
		if _, is := errors.AsType[*ldap.Error](err); is {
			err = c.explain("list members", err)
		}
		return errors.Join(err, list.end(err == nil))
	})
	return cmd
}

// shownMember is a member of a group, in JSON.
type shownMember struct {
	DN       string `json:"dn"`
	Name     string `json:"name"`
	FullName string `json:"fullName,omitempty"`
}
