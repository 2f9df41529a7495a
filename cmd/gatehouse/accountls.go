package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-ldap/ldap/v3"
	"github.com/spf13/cobra"
)

const lsHelp = `

A name, or the beginning of one followed by *, lists those alone. --filter takes an LDAP filter (RFC 4515), such as
'(departmentNumber=sales)' or '(modifyTimestamp>=20260101000000Z)'. --group lists the members of a group, those by nesting too.

A line has the name, the number, the readable name and, unless it is active, the state of the account. Large directories are read
page by page. --json prints one array.`

// lsFlags say which entries are listed.
type lsFlags struct {
	filter, group string
	status        string
}

// newLsCommand makes the command that lists accounts of a kind.
func newLsCommand(k *kind, f *clientFlags) *cobra.Command {
	var ls lsFlags
	cmd := &cobra.Command{
		Use: "ls [NAME*]", Aliases: []string{"list"}, Short: "List " + k.noun + "s", Long: "List " + k.noun + "s." + lsHelp,
		Args: atMostOne("a name"), ValidArgsFunction: f.completeNames(k, 1),
	}
	ls.register(cmd, f)
	cmd.Flags().StringVar(&ls.status, "status", "", "only accounts that are active, disabled, locked, expired, not-yet or must-change")
	cmd.RunE = f.with(func(cmd *cobra.Command, args []string, c *client) error {
		switch ls.status {
		case "", statusActive, statusDisabled, statusLocked, statusExpired, statusNotYet, statusMustChange:
		default:
			return usagef("--status %q is not active, disabled, locked, expired, not-yet or must-change", ls.status)
		}
		attrs := append([]string{k.naming, "cn", "displayName", "givenName", "sn", "description", "mail", "telephoneNumber", "mobile", "title",
			"departmentNumber", "manager", "uidNumber", "gidNumber", "homeDirectory", "loginShell", "ipHostNumber",
			"createTimestamp", "modifyTimestamp"}, stateAttributes...)
		if f.asJSON {
			attrs = append(attrs, "memberOf", "sshPublicKey")
		}
		list := newListing(cmd.OutOrStdout(), f.asJSON)
		err := c.list(cmd, k, args, &ls, attrs, func(e *ldap.Entry) error {
			a := c.account(k, e)
			if ls.status != "" && a.State.Status != ls.status {
				return nil
			}
			return list.add(a, a.line)
		})
		return errors.Join(err, list.end(err == nil))
	})
	return cmd
}

func (ls *lsFlags) register(cmd *cobra.Command, f *clientFlags) {
	cmd.Flags().StringVar(&ls.filter, "filter", "", "an LDAP filter that must fit too")
	cmd.Flags().StringVar(&ls.group, "group", "", "only members of this group, by nesting too")
	f.completeFlag(cmd, "group", groupKind)
}

// list calls do for the entries of a kind that are asked for.
func (c *client) list(cmd *cobra.Command, k *kind, args []string, ls *lsFlags, attrs []string, do func(*ldap.Entry) error) error {
	filter := k.filter
	if len(args) > 0 {
		parts := strings.Split(args[0], "*")
		for i := range parts {
			parts[i] = ldap.EscapeFilter(parts[i])
		}
		filter += "(" + k.naming + "=" + strings.Join(parts, "*") + ")"
	}
	if ls.filter != "" {
		text := strings.TrimSpace(ls.filter)
		if !strings.HasPrefix(text, "(") {
			text = "(" + text + ")"
		}
		if _, err := ldap.CompileFilter(text); err != nil {
			return usagef("--filter %s is no LDAP filter: %v", ls.filter, err)
		}
		filter += text
	}
	if ls.group != "" {
		group, err := c.findAmong([]*kind{groupKind}, ls.group, []string{"cn"})
		if err != nil {
			return err
		}
		filter += "(memberOf=" + ldap.EscapeFilter(group.DN) + ")"
	}
	if err := c.each(cmd.Context(), "(&"+filter+")", attrs, do); err != nil {
		if _, is := errors.AsType[*ldap.Error](err); is {
			return c.explain("list "+k.noun+"s", err)
		}
		return err
	}
	return nil
}

// listing prints what is listed while it comes: a line each, or the elements of one JSON array.
type listing struct {
	w      *bufio.Writer
	asJSON bool
	n      int
}

func newListing(w io.Writer, asJSON bool) *listing {
	return &listing{w: bufio.NewWriter(w), asJSON: asJSON}
}

func (l *listing) add(v any, line func() string) error {
	l.n++
	if !l.asJSON {
		_, err := fmt.Fprintln(l.w, strings.TrimRight(line(), " "))
		return err
	}
	var text strings.Builder
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("  ", "  ")
	if err := e.Encode(v); err != nil {
		return err
	}
	before := ",\n  "
	if l.n == 1 {
		before = "[\n  "
	}
	_, err := l.w.WriteString(before + strings.TrimSuffix(text.String(), "\n"))
	return err
}

// end ends the listing; an array that is not whole stays open, so that nobody takes it for one.
func (l *listing) end(whole bool) error {
	if l.asJSON && whole {
		if l.n == 0 {
			l.w.WriteString("[")
		} else {
			l.w.WriteString("\n")
		}
		l.w.WriteString("]\n")
	}
	return l.w.Flush()
}

// line is an account in a listing.
func (a *shownAccount) line() string {
	number, label := "", a.FullName
	if a.UIDNumber != nil {
		number = fmt.Sprint(*a.UIDNumber)
	}
	if label == "" {
		label = a.Description
	}
	if len(a.Mail) > 0 {
		label += " <" + a.Mail[0] + ">"
	}
	if a.State.Status != statusActive {
		label += "  [" + a.State.Status + "]"
	}
	return fmt.Sprintf("%-20s %6s  %s", printable(a.Name), number, printable(label))
}
