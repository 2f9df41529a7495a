package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-ldap/ldap/v3"
	"github.com/spf13/cobra"
)

const userAddHelp = `Make a user below ou=people.

Only the name is needed. --name gives the readable name, whose last word becomes the surname; without it both are the uid. The user
has a Unix account: the server gives out the numbers, and home and shell where they are not given. --no-posix makes a person without
one, which is what HR may do. The password is made and printed once, unless --ask, --new-password-file or --no-password
says otherwise.`

// userEdits are the flags for attributes of users.
var userEdits = []edit{
	{"mail", "mail", "mail address (may be repeated)"},
	{"phone", "telephoneNumber", "telephone number (may be repeated)"},
	{"mobile", "mobile", "mobile number (may be repeated)"},
	{"title", "title", "title or job"},
	{"department", "departmentNumber", "department"},
	{"employee-number", "employeeNumber", "number of the employee"},
	{"description", "description", "description"},
	{"uid-number", "uidNumber", "number of the Unix user"},
	{"gid-number", "gidNumber", "number of the primary group"},
	{"home", "homeDirectory", "home directory"},
	{"shell", "loginShell", "login shell"},
	{"gecos", "gecos", "comment of the Unix user, in ASCII"},
}

// userFlags are what add and set of users have in common.
type userFlags struct {
	edits
	*clientFlags
	name, manager, policy string
	primary               string
	groups                []string
	sshKeys               []string
	expires, notBefore    string
	mustChange            bool
}

func (u *userFlags) register(cmd *cobra.Command, changes bool) {
	fl := cmd.Flags()
	fl.StringVar(&u.name, "name", "", "readable name, such as \"Alice Archer\"")
	fl.StringVar(&u.manager, "manager", "", "name of the manager")
	fl.StringArrayVar(&u.groups, "group", nil, "make the user a member of this group (may be repeated)")
	fl.StringVar(&u.primary, "primary-group", "", "group whose number is the primary one, in place of --gid-number")
	fl.StringArrayVar(&u.sshKeys, "ssh-key", nil, "file with public SSH keys to add, one a line; - for standard input (may be repeated)")
	fl.StringVar(&u.expires, "expires", "", "last day of the account, such as 2027-01-31, or never")
	fl.StringVar(&u.notBefore, "not-before", "", "first day of the account")
	fl.StringVar(&u.policy, "password-policy", "", "password policy: the name of one below ou=policies, or its DN, or none for the usual one")
	fl.BoolVar(&u.mustChange, "must-change", false, "the next login has to change the password")
	u.edits.register(cmd, userEdits, changes)
	u.completeFlag(cmd, "manager", userKind)
	u.completeFlag(cmd, "group", groupKind)
	u.completeFlag(cmd, "primary-group", groupKind)
}

func newUserAddCommand(f *clientFlags) *cobra.Command {
	u := userFlags{clientFlags: f}
	var noPosix, noPassword bool
	var in string
	var p newPassword
	cmd := &cobra.Command{
		Use: "add NAME", Short: "Make a user", Long: userAddHelp, Args: oneArgument("the name (uid) of the user"),
		Example: "  gatehouse user add alice\n" +
			"  gatehouse user add alice --name \"Alice Archer\" --mail alice@example.com --group staff --ssh-key alice.pub",
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	u.register(cmd, false)
	p.register(cmd)
	cmd.Flags().BoolVar(&noPosix, "no-posix", false, "a person without a Unix account")
	cmd.Flags().BoolVar(&noPassword, "no-password", false, "no password: nobody can log in before one is set")
	cmd.Flags().StringVar(&in, "in", "", "DN of the entry that it is made below (ou=people below the base)")
	cmd.RunE = f.with(func(cmd *cobra.Command, args []string, c *client) error {
		if noPassword && (p.ask || p.file != "") {
			return usagef("--no-password goes with no password")
		}
		if err := userKind.checkName(args[0]); err != nil {
			return err
		}
		if err := userKind.checkUnixName(args[0]); err != nil && !noPosix {
			return err
		}
		a := &addition{dn: userKind.dn(args[0], c.base)}
		if in != "" {
			a.dn = rdn("uid", args[0]) + "," + in
		}
		groups, err := c.groupsNamed(u.groups)
		if err != nil {
			return err
		}
		if err := u.fill(cmd, c, a, args[0], !noPosix); err != nil {
			return err
		}
		made := ""
		if !noPassword {
			if made, err = a.takePassword(cmd, &p); err != nil {
				return err
			}
		}
		if err := c.Add(a.request()); err != nil {
			err = c.explainAdd(userKind, a.dn, err)
			if isPolicyRefusal(err) && !noPosix {
				err = fmt.Errorf("%w\n--no-posix makes a person without a Unix account, which may be allowed", err)
			}
			return err
		}
		c.noteSharedNumber(cmd, a.dn)
		after := c.joinAll(groups, a.dn)
		return errors.Join(after, c.printMade(cmd, userKind, a.dn, made, f.asJSON))
	})
	return cmd
}

// noteSharedNumber says who else has the number that --uid-number gave: seldom it is meant, and hosts take them for one user.
func (c *client) noteSharedNumber(cmd *cobra.Command, dn string) {
	if !cmd.Flags().Changed("uid-number") {
		return
	}
	e, err := c.read(dn, []string{"uidNumber"})
	if err != nil || e.GetEqualFoldAttributeValue("uidNumber") == "" {
		return
	}
	number := e.GetEqualFoldAttributeValue("uidNumber")
	others, err := c.some("(&(objectClass=posixAccount)(uidNumber="+ldap.EscapeFilter(number)+"))", []string{"uidNumber"}, nearShown)
	if err != nil {
		return
	}
	for _, other := range others {
		if other.DN != e.DN {
			fmt.Fprintf(cmd.ErrOrStderr(), "gatehouse: %s has the uid number %s too: hosts take them for one user\n", printable(other.DN), number)
		}
	}
}

// takePassword puts the password that was given into the new entry, or one that it makes and returns.
func (a *addition) takePassword(cmd *cobra.Command, p *newPassword) (made string, err error) {
	clear, err := p.read(cmd)
	if err != nil {
		return "", err
	}
	if clear == nil {
		made = generated()
		clear = []byte(made)
	}
	a.put("userPassword", string(clear))
	return made, nil
}

// fill puts what is known of a new user into its entry.
func (u *userFlags) fill(cmd *cobra.Command, c *client, a *addition, uid string, posix bool) error {
	a.put("objectClass", "top", "person", "organizationalPerson", "inetOrgPerson")
	a.put("uid", uid)
	full := strings.Join(strings.Fields(u.name), " ")
	if full == "" {
		a.put("cn", uid)
		a.put("sn", uid)
	} else {
		given, sur := splitName(full)
		a.put("cn", full)
		a.put("sn", sur)
		a.put("givenName", given)
		a.put("displayName", full)
	}
	if posix {
		a.put("objectClass", "posixAccount")
	}
	primary, err := u.primaryNumber(c)
	if err != nil {
		return err
	}
	a.put("gidNumber", primary...)
	if u.manager != "" {
		manager, err := c.findAmong([]*kind{userKind}, u.manager, []string{"uid"})
		if err != nil {
			return fmt.Errorf("--manager: %w", err)
		}
		a.put("manager", manager.DN)
	}
	keys, err := u.readKeys(cmd)
	if err != nil {
		return err
	}
	if len(keys) > 0 {
		a.put("objectClass", "ldapPublicKey")
		a.put("sshPublicKey", keys...)
	}
	for _, limit := range []struct{ flag, text, attr string }{{"expires", u.expires, "pwdEndTime"}, {"not-before", u.notBefore, "pwdStartTime"}} {
		if limit.text == "" || limit.text == "never" {
			continue
		}
		at, err := readTime(limit.flag, limit.text, limit.flag == "expires")
		if err != nil {
			return err
		}
		a.put(limit.attr, generalized(at))
	}
	if u.mustChange {
		a.put("pwdReset", "TRUE")
	}
	a.put("pwdPolicySubentry", u.policyNamed(c)...)
	given, err := u.values(cmd)
	if err != nil {
		return err
	}
	a.takeOver(given)
	return nil
}

// primaryNumber returns the number of --primary-group.
func (u *userFlags) primaryNumber(c *client) ([]string, error) {
	if u.primary == "" {
		return nil, nil
	}
	group, err := c.findAmong([]*kind{groupKind}, u.primary, []string{"gidNumber"})
	if err != nil {
		return nil, fmt.Errorf("--primary-group: %w", err)
	}
	number := group.GetEqualFoldAttributeValue("gidNumber")
	if number == "" {
		return nil, fmt.Errorf("--primary-group: %s has no number; 'gatehouse group set --posix' gives it one", printable(group.DN))
	}
	return []string{number}, nil
}

// policyNamed returns the DN of --password-policy, nothing for none.
func (u *userFlags) policyNamed(c *client) []string {
	switch {
	case u.policy == "", u.policy == "none":
		return nil
	case isDN(u.policy):
		return []string{u.policy}
	}
	return []string{rdn("cn", u.policy) + ",ou=policies," + c.base}
}

// readKeys reads the files of --ssh-key.
func (u *userFlags) readKeys(cmd *cobra.Command) ([]string, error) {
	var keys []string
	for _, name := range u.sshKeys {
		some, err := readSSHKeys(cmd, name)
		if err != nil {
			return nil, err
		}
		keys = append(keys, some...)
	}
	return keys, nil
}

// splitName splits a readable name at its last word, or at a comma as in "Archer, Alice".
func splitName(full string) (given, sur string) {
	if sur, given, ok := strings.Cut(full, ", "); ok {
		return given, sur
	}
	at := strings.LastIndexByte(full, ' ')
	if at < 0 {
		return "", full
	}
	return full[:at], full[at+1:]
}

// madeEntry is what add prints in JSON: what show would, and the password.
type madeEntry struct {
	*shownAccount
	Password string `json:"password,omitempty"` // made, and shown this once
}

// printMade prints a new account. What its maker may not read is not there.
func (c *client) printMade(cmd *cobra.Command, k *kind, dn, made string, asJSON bool) error {
	e, err := c.read(dn, k.attributes)
	if err != nil {
		e = ldap.NewEntry(dn, nil)
	}
	m := madeEntry{c.account(k, e), made}
	m.PrimaryGroup = c.groupOfNumber(m.GIDNumber)
	if asJSON {
		return printJSON(cmd.OutOrStdout(), m)
	}
	if err := m.print(cmd.OutOrStdout()); err != nil || made == "" {
		return err
	}
	return printPassword(cmd.OutOrStdout(), made)
}

func printPassword(w io.Writer, made string) error {
	_, err := fmt.Fprintf(w, "  %-17s %s   (shown once)\n", "password", made)
	return err
}
