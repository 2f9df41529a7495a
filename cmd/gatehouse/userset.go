package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-ldap/ldap/v3"
	"github.com/spf13/cobra"
)

const userSetHelp = `Change a user; without a name yourself. Each flag takes the place of what there was, and an empty value takes it away: --title "". Keys
and groups are added; --remove-ssh-key (the key, its fingerprint or its comment, or all) and --leave take them away. All changes of the
entry are made at once or not at all; groups follow one by one.`

func newUserSetCommand(f *clientFlags) *cobra.Command {
	u := userFlags{clientFlags: f}
	var leave, removeKeys []string
	var posix bool
	cmd := &cobra.Command{
		Use: "set [NAME]", Short: "Change a user", Long: userSetHelp, Args: atMostOne("a name"),
		Example: "  gatehouse user set alice --mail alice@example.com --shell /bin/zsh\n" +
			"  gatehouse user set alice --ssh-key alice.pub --remove-ssh-key alice@oldhost\n" +
			"  gatehouse user set alice --set roomNumber=101 --delete carLicense",
		ValidArgsFunction: f.completeNames(userKind, 1),
	}
	u.register(cmd, true)
	cmd.Flags().StringArrayVar(&leave, "leave", nil, "take the user out of this group (may be repeated)")
	cmd.Flags().StringArrayVar(&removeKeys, "remove-ssh-key", nil, "SSH key to take away: the key, its fingerprint or comment, or all (may be repeated)")
	cmd.Flags().BoolVar(&posix, "posix", false, "give a person a Unix account; the server gives out the numbers")
	f.completeFlag(cmd, "leave", groupKind)
	cmd.RunE = f.with(func(cmd *cobra.Command, args []string, c *client) error {
		e, err := c.named(userKind, args)
		if err != nil {
			return err
		}
		m := ldap.NewModifyRequest(e.DN, nil)
		if err := u.changes(cmd, c, e, m); err != nil {
			return err
		}
		if posix && !hasClass(e, "posixAccount") {
			m.Add("objectClass", []string{"posixAccount"})
		}
		if err := removeSSHKeys(e, m, removeKeys); err != nil {
			return err
		}
		join, err := c.groupsNamed(u.groups)
		if err != nil {
			return err
		}
		part, err := c.groupsNamed(leave)
		if err != nil {
			return err
		}
		if len(m.Changes)+len(join)+len(part) == 0 {
			return usagef("there is nothing to change; give at least one of the flags that 'gatehouse user set --help' shows")
		}
		if len(m.Changes) > 0 {
			if err := c.Modify(m); err != nil {
				return c.explain("change "+printable(e.DN), err)
			}
		}
		c.noteSharedNumber(cmd, e.DN)
		after := c.joinAll(join, e.DN)
		for _, g := range part {
			after = errors.Join(after, c.changeMembers(g, ldap.DeleteAttribute, []member{{dn: e.DN}}))
		}
		if e, err = c.read(e.DN, userKind.attributes); err != nil {
			return errors.Join(after, err)
		}
		a := c.account(userKind, e)
		a.PrimaryGroup = c.groupOfNumber(a.GIDNumber)
		if f.asJSON {
			return errors.Join(after, printJSON(cmd.OutOrStdout(), a))
		}
		return errors.Join(after, a.print(cmd.OutOrStdout()))
	})
	return cmd
}

// changes puts what the flags say into a request.
func (u *userFlags) changes(cmd *cobra.Command, c *client, e *ldap.Entry, m *ldap.ModifyRequest) error {
	fl := cmd.Flags()
	if full := strings.Join(strings.Fields(u.name), " "); full != "" {
		given, sur := splitName(full)
		m.Replace("cn", []string{full})
		m.Replace("displayName", []string{full})
		m.Replace("sn", []string{sur})
		if m.Replace("givenName", nil); given != "" {
			m.Changes[len(m.Changes)-1].Modification.Vals = []string{given}
		}
	}
	if primary, err := u.primaryNumber(c); err != nil {
		return err
	} else if len(primary) > 0 {
		m.Replace("gidNumber", primary)
	}
	if fl.Changed("manager") {
		var manager []string
		if u.manager != "" {
			found, err := c.findAmong([]*kind{userKind}, u.manager, []string{"uid"})
			if err != nil {
				return fmt.Errorf("--manager: %w", err)
			}
			manager = []string{found.DN}
		}
		m.Replace("manager", manager)
	}
	keys, err := u.readKeys(cmd)
	if err != nil {
		return err
	}
	if len(keys) > 0 {
		if !hasClass(e, "ldapPublicKey") {
			m.Add("objectClass", []string{"ldapPublicKey"})
		}
		m.Add("sshPublicKey", keys)
	}
	for _, limit := range []struct{ flag, text, attr string }{{"expires", u.expires, "pwdEndTime"}, {"not-before", u.notBefore, "pwdStartTime"}} {
		if !fl.Changed(limit.flag) {
			continue
		}
		var values []string
		if limit.text != "" && limit.text != "never" {
			at, err := readTime(limit.flag, limit.text, limit.flag == "expires")
			if err != nil {
				return err
			}
			values = []string{generalized(at)}
		}
		m.Replace(limit.attr, values)
	}
	if fl.Changed("must-change") {
		m.Replace("pwdReset", map[bool][]string{true: {"TRUE"}}[u.mustChange])
	}
	if fl.Changed("password-policy") {
		m.Replace("pwdPolicySubentry", u.policyNamed(c))
	}
	return u.modify(cmd, m)
}

// removeSSHKeys takes the keys away that texts stand for.
func removeSSHKeys(e *ldap.Entry, m *ldap.ModifyRequest, texts []string) error {
	have := e.GetEqualFoldAttributeValues("sshPublicKey")
	for _, text := range texts {
		if text == "all" {
			m.Replace("sshPublicKey", nil)
			continue
		}
		found := keysMatching(have, text)
		if len(found) == 0 {
			return fmt.Errorf("%s has no SSH key %s", printable(e.DN), printable(text))
		}
		m.Delete("sshPublicKey", found)
	}
	return nil
}
