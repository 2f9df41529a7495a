package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/spf13/cobra"
)

// shownGroup is a group, as show and ls print it in JSON. ls leaves the members out.
type shownGroup struct {
	DN          string        `json:"dn"`
	Name        string        `json:"name"`
	Description string        `json:"description,omitempty"`
	GIDNumber   *uint64       `json:"gidNumber,omitempty"`
	Owners      []string      `json:"owners,omitempty"`
	Members     []shownMember `json:"members,omitzero"` // direct ones; of a group of names of users without DN
	Groups      []string      `json:"groups"`           // DNs of groups that it is a member of, by nesting too
	Created     *time.Time    `json:"created,omitempty"`
	Modified    *time.Time    `json:"modified,omitempty"`
}

// membersShown is how many members are printed for people.
const membersShown = 100

func groupOf(e *ldap.Entry) *shownGroup {
	one, all := e.GetEqualFoldAttributeValue, e.GetEqualFoldAttributeValues
	g := &shownGroup{
		DN: e.DN, Name: one("cn"), Description: one("description"), GIDNumber: numberOf(one("gidNumber")), Owners: all("owner"),
		Groups: append([]string{}, all("memberOf")...), Created: timeOf(one("createTimestamp")), Modified: timeOf(one("modifyTimestamp")),
	}
	if g.Name == "" {
		g.Name = firstValue(e.DN)
	}
	slices.Sort(g.Groups)
	return g
}

// membersOf returns the direct members of a group.
func membersOf(e *ldap.Entry) []shownMember {
	members := []shownMember{}
	for _, attr := range []string{"member", "uniqueMember"} {
		for _, dn := range e.GetEqualFoldAttributeValues(attr) {
			if !slices.ContainsFunc(members, func(m shownMember) bool { return m.DN == dn }) {
				members = append(members, shownMember{DN: dn, Name: firstValue(dn)})
			}
		}
		if len(members) > 0 {
			return members
		}
	}
	for _, uid := range e.GetEqualFoldAttributeValues("memberUid") {
		members = append(members, shownMember{Name: uid})
	}
	return members
}

func newGroupShowCommand(f *clientFlags) *cobra.Command {
	cmd := &cobra.Command{
		Use: "show NAME", Short: "Show a group", Args: oneArgument("a group"), ValidArgsFunction: f.completeNames(groupKind, 1),
		Long: "Show a group with its direct members. 'gatehouse group member ls' lists those by nesting too.",
	}
	cmd.RunE = f.with(func(cmd *cobra.Command, args []string, c *client) error {
		e, err := c.find(groupKind, args[0])
		if err != nil {
			return err
		}
		return c.printGroup(cmd, e, f.asJSON)
	})
	return cmd
}

// showGroup prints a group that was made or changed. One that its maker may not read is printed by name alone.
func (c *client) showGroup(cmd *cobra.Command, dn string, asJSON bool) error {
	e, err := c.read(dn, groupKind.attributes)
	if err != nil {
		e = ldap.NewEntry(dn, nil)
	}
	return c.printGroup(cmd, e, asJSON)
}

func (c *client) printGroup(cmd *cobra.Command, e *ldap.Entry, asJSON bool) error {
	g := groupOf(e)
	g.Members = membersOf(e)
	if asJSON {
		return printJSON(cmd.OutOrStdout(), g)
	}
	var rows [][2]string
	add := func(label, value string) {
		if value != "" {
			rows = append(rows, [2]string{label, value})
		}
	}
	add("description", g.Description)
	if g.GIDNumber != nil {
		add("gid number", fmt.Sprint(*g.GIDNumber))
	}
	add("owner", strings.Join(firstValues(g.Owners), ", "))
	add("member of", strings.Join(firstValues(g.Groups), ", "))
	add("members", fmt.Sprint(len(g.Members)))
	for i, m := range g.Members {
		if i == membersShown {
			rows = append(rows, [2]string{"", fmt.Sprintf("and %d more", len(g.Members)-i)})
			break
		}
		place := ""
		if m.DN != "" && !isBelow(m.DN, userKind.container+","+c.base) {
			place = "  " + m.DN
		}
		rows = append(rows, [2]string{"", m.Name + place})
	}
	return printRows(cmd.OutOrStdout(), g.DN, rows)
}

func newGroupLsCommand(f *clientFlags) *cobra.Command {
	var ls lsFlags
	var roles bool
	cmd := &cobra.Command{
		Use: "ls [NAME*]", Aliases: []string{"list"}, Short: "List groups", Args: atMostOne("a name"), ValidArgsFunction: f.completeNames(groupKind, 1),
		Long: "List groups, those with rights (below ou=roles) only with --roles." +
			"\n\nA name, or the beginning of one followed by *, lists those alone. --filter takes an LDAP filter (RFC 4515).",
	}
	ls.register(cmd, f)
	cmd.Flags().BoolVar(&roles, "roles", false, "only the groups below ou=roles")
	cmd.RunE = f.with(func(cmd *cobra.Command, args []string, c *client) error {
		list := newListing(cmd.OutOrStdout(), f.asJSON)
		attrs := []string{"cn", "description", "gidNumber", "owner", "memberOf", "createTimestamp", "modifyTimestamp"}
		err := c.list(cmd, groupKind, args, &ls, attrs, func(e *ldap.Entry) error {
			if isBelow(e.DN, "ou=roles,"+c.base) != roles {
				return nil
			}
			g := groupOf(e)
			return list.add(g, g.line)
		})
		return errors.Join(err, list.end(err == nil))
	})
	return cmd
}

// line is a group in a listing.
func (g *shownGroup) line() string {
	number := ""
	if g.GIDNumber != nil {
		number = fmt.Sprint(*g.GIDNumber)
	}
	return fmt.Sprintf("%-20s %6s  %s", printable(g.Name), number, printable(g.Description))
}
