package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/spf13/cobra"
)

// shownAccount is a user, an app or a host, as show and ls print it in JSON.
type shownAccount struct {
	DN           string       `json:"dn"`
	Name         string       `json:"name"`
	FullName     string       `json:"fullName,omitempty"`
	GivenName    string       `json:"givenName,omitempty"`
	Surname      string       `json:"surname,omitempty"`
	Description  string       `json:"description,omitempty"`
	Mail         []string     `json:"mail,omitempty"`
	Phone        []string     `json:"phone,omitempty"`
	Mobile       []string     `json:"mobile,omitempty"`
	Title        string       `json:"title,omitempty"`
	Department   string       `json:"department,omitempty"`
	Manager      string       `json:"manager,omitempty"`
	UIDNumber    *uint64      `json:"uidNumber,omitempty"`
	GIDNumber    *uint64      `json:"gidNumber,omitempty"`
	PrimaryGroup string       `json:"primaryGroup,omitempty"`
	Home         string       `json:"home,omitempty"`
	Shell        string       `json:"shell,omitempty"`
	SSHKeys      []string     `json:"sshKeys,omitempty"`
	Addresses    []string     `json:"addresses,omitempty"`
	Groups       []string     `json:"groups"` // DNs, those by nesting too
	Roles        []string     `json:"roles"`  // names of groups below ou=roles
	State        accountState `json:"state"`
	Created      *time.Time   `json:"created,omitempty"`
	Modified     *time.Time   `json:"modified,omitempty"`
}

func (c *client) account(k *kind, e *ldap.Entry) *shownAccount {
	one, all := e.GetEqualFoldAttributeValue, e.GetEqualFoldAttributeValues
	a := &shownAccount{
		DN: e.DN, Name: one(k.naming), GivenName: one("givenName"), Surname: one("sn"), Description: one("description"),
		Mail: all("mail"), Phone: all("telephoneNumber"), Mobile: all("mobile"), Title: one("title"), Department: one("departmentNumber"),
		Manager: one("manager"), UIDNumber: numberOf(one("uidNumber")), GIDNumber: numberOf(one("gidNumber")),
		Home: one("homeDirectory"), Shell: one("loginShell"), SSHKeys: all("sshPublicKey"), Addresses: all("ipHostNumber"),
		Groups: []string{}, Roles: []string{}, State: stateOf(e, time.Now()),
		Created: timeOf(one("createTimestamp")), Modified: timeOf(one("modifyTimestamp")),
	}
	if a.Name == "" {
		a.Name = firstValue(e.DN)
	}
	if a.FullName = one("displayName"); a.FullName == "" && k == userKind {
		a.FullName = one("cn")
	}
	for _, g := range all("memberOf") {
		if isBelow(g, "ou=roles,"+c.base) {
			a.Roles = append(a.Roles, firstValue(g))
		} else {
			a.Groups = append(a.Groups, g)
		}
	}
	slices.Sort(a.Groups)
	slices.Sort(a.Roles)
	return a
}

func numberOf(text string) *uint64 {
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return nil
	}
	return &n
}

const showHelp = `

Groups are those that the entry is a member of, directly or by a group that is a member. What is not shown is not there, or the
policy does not let you read it.`

// newShowCommand makes the command that shows one account.
func newShowCommand(k *kind, f *clientFlags) *cobra.Command {
	own := ""
	if k == userKind {
		own = " Without a name it is yourself."
	}
	cmd := &cobra.Command{
		Use: "show NAME", Short: "Show " + k.article, Args: atMostOne("a name"),
		Long:              "Show " + k.article + ", with groups, roles and the state of the account." + own + showHelp,
		ValidArgsFunction: f.completeNames(k, 1),
	}
	if k == userKind {
		cmd.Use = "show [NAME]"
	}
	cmd.RunE = f.with(func(cmd *cobra.Command, args []string, c *client) error {
		e, err := c.named(k, args)
		if err != nil {
			return err
		}
		a := c.account(k, e)
		a.PrimaryGroup = c.groupOfNumber(a.GIDNumber)
		if f.asJSON {
			return printJSON(cmd.OutOrStdout(), a)
		}
		return a.print(cmd.OutOrStdout())
	})
	return cmd
}

// with wraps the work of a command in a connection.
func (f *clientFlags) with(work func(cmd *cobra.Command, args []string, c *client) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		c, err := f.connect(cmd)
		if err == nil {
			err = errors.Join(work(cmd, args, c), c.done())
		}
		if err != nil && cmd.Context().Err() != nil {
			return cmd.Context().Err() // what the end of the connection made of it is no news
		}
		return err
	}
}

// named returns the entry that the arguments name, or for a user the caller's own.
func (c *client) named(k *kind, args []string) (*ldap.Entry, error) {
	switch {
	case len(args) > 0:
		return c.find(k, args[0])
	case k != userKind:
		return nil, usagef("which %s? Give its name", k.noun)
	}
	own, err := c.ownName()
	if err != nil {
		return nil, err
	}
	return c.read(own, k.attributes)
}

// ownName returns the DN of the caller's entry.
func (c *client) ownName() (string, error) {
	who, err := c.WhoAmI(nil)
	if err != nil {
		return "", c.explain("ask who you are", err)
	}
	dn, ok := strings.CutPrefix(who.AuthzID, "dn:")
	if !ok || !isBelow(dn, c.base) {
		return "", usagef("you are %s here, which is no entry of the directory; give a name", printable(who.AuthzID))
	}
	return dn, nil
}

// groupOfNumber returns the name of the group with a gidNumber, "" if none is seen.
func (c *client) groupOfNumber(gid *uint64) string {
	if gid == nil {
		return ""
	}
	found, err := c.some(fmt.Sprintf("(&(objectClass=posixGroup)(gidNumber=%d))", *gid), []string{"cn"}, 1)
	if err != nil || len(found) == 0 {
		return ""
	}
	return found[0].GetEqualFoldAttributeValue("cn")
}

func (a *shownAccount) print(w io.Writer) error {
	var rows [][2]string
	add := func(label string, values ...string) {
		if values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" }); len(values) > 0 {
			rows = append(rows, [2]string{label, strings.Join(values, ", ")})
		}
	}
	add("name", a.FullName)
	add("description", a.Description)
	add("mail", a.Mail...)
	add("phone", a.Phone...)
	add("mobile", a.Mobile...)
	add("title", a.Title)
	add("department", a.Department)
	if a.Manager != "" {
		add("manager", firstValue(a.Manager))
	}
	add("address", a.Addresses...)
	if a.UIDNumber != nil {
		add("uid number", fmt.Sprint(*a.UIDNumber))
	}
	if a.GIDNumber != nil && a.PrimaryGroup != "" {
		add("gid number", fmt.Sprintf("%d (%s)", *a.GIDNumber, a.PrimaryGroup))
	} else if a.GIDNumber != nil {
		add("gid number", fmt.Sprint(*a.GIDNumber))
	}
	add("home", a.Home)
	add("shell", a.Shell)
	for _, key := range a.SSHKeys {
		add("ssh key", shortKey(key))
	}
	add("groups", firstValues(a.Groups)...)
	add("roles", a.Roles...)
	rows = append(rows, a.State.lines()...)
	return printRows(w, a.DN, rows)
}

func firstValues(dns []string) []string {
	list := make([]string, len(dns))
	for i, dn := range dns {
		list[i] = firstValue(dn)
	}
	return list
}

// printRows prints a title with labelled lines below it.
func printRows(w io.Writer, title string, rows [][2]string) error {
	var b strings.Builder
	fmt.Fprintln(&b, printable(title))
	for _, r := range rows {
		fmt.Fprintf(&b, "  %-17s %s\n", r[0], printable(r[1]))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
