package main

import (
	"errors"

	"github.com/go-ldap/ldap/v3"
	"github.com/spf13/cobra"
)

// machineKind is a kind of accounts that are no people: apps and hosts.
type machineKind struct {
	*kind
	class string // structural
	role  string // what it is given unless other roles are named
	what  string // for help
	table []edit
}

var (
	appService = &machineKind{kind: appKind, class: "applicationProcess", role: "app-lookup",
		what: "Make the account of an application, with a random password that is printed once. It may look up people and groups, by the role\napp-lookup, or do what the roles of --role say.",
		table: []edit{
			{"description", "description", "what the app is"},
		}}
	hostService = &machineKind{kind: hostKind, class: "device", role: "sssd-hosts",
		what: "Make the account of a host, with a random password that is printed once. It may look up what a Linux host needs, by the role\nsssd-hosts. 'gatehouse host enroll' does this and writes the files for the host.",
		table: []edit{
			{"description", "description", "what the host is"},
			{"ip", "ipHostNumber", "address of the host (may be repeated)"},
		}}
)

func newServiceAddCommand(k *machineKind, f *clientFlags) *cobra.Command {
	var x edits
	var roles []string
	var noRole bool
	var p newPassword
	cmd := &cobra.Command{
		Use: "add NAME", Short: "Make the account of " + k.article, Long: k.what, Args: oneArgument("the name of " + k.article),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	x.register(cmd, k.table, false)
	k.registerRoles(cmd, f, &roles)
	cmd.Flags().BoolVar(&noRole, "no-role", false, "no role: the account may only bind")
	p.register(cmd)
	cmd.RunE = f.with(func(cmd *cobra.Command, args []string, c *client) error {
		if err := k.checkName(args[0]); err != nil {
			return err
		}
		switch {
		case noRole && len(roles) > 0:
			return usagef("--no-role goes with no --role")
		case len(roles) == 0 && !noRole:
			roles = []string{k.role}
		}
		given, err := x.values(cmd)
		if err != nil {
			return err
		}
		dn, made, err := c.addMachine(cmd, k, args[0], given, roles, &p)
		if dn == "" {
			return err
		}
		return errors.Join(err, c.printMade(cmd, k.kind, dn, made, f.asJSON))
	})
	return cmd
}

func (k *machineKind) registerRoles(cmd *cobra.Command, f *clientFlags, roles *[]string) {
	cmd.Flags().StringArrayVar(roles, "role", nil, "group below ou=roles to make it a member of (may be repeated)")
	err := cmd.RegisterFlagCompletionFunc("role", func(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
		return f.completions([]*kind{roleKind}, word), cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil {
		panic(err) // there is such a flag
	}
}

// addMachine makes an account with its roles. It returns the DN once the entry is there, whatever became of the roles.
func (c *client) addMachine(cmd *cobra.Command, k *machineKind, name string, given []ldap.PartialAttribute, roles []string, p *newPassword) (dn, made string, err error) {
	groups, err := c.rolesNamed(roles)
	if err != nil {
		return "", "", err
	}
	a := &addition{dn: k.dn(name, c.base)}
	a.put("objectClass", "top", k.class, "simpleSecurityObject")
	a.put("cn", name)
	a.takeOver(given)
	for _, at := range a.attributes {
		if at.Type == "ipHostNumber" && len(at.Vals) > 0 {
			a.put("objectClass", "ipHost")
		}
	}
	if made, err = a.takePassword(cmd, p); err != nil {
		return "", "", err
	}
	err = c.Add(a.request())
	if ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchObject) { // the unit above it, most likely
		if c.addUnit(k.kind) == nil {
			err = c.Add(a.request())
		}
	}
	if err != nil {
		return "", "", c.explain("add "+printable(a.dn), err)
	}
	return a.dn, made, c.joinAll(groups, a.dn)
}

// addUnit makes the container of a kind.
func (c *client) addUnit(k *kind) error {
	req := ldap.NewAddRequest(k.container+","+c.base, nil)
	req.Attribute("objectClass", []string{"top", "organizationalUnit"})
	req.Attribute("ou", []string{k.container[len("ou="):]})
	return c.Add(req)
}

// roleKind is the groups below ou=roles.
var roleKind = &kind{
	noun: "role", article: "a role", naming: "cn", container: "ou=roles", label: "description",
	filter: groupKind.filter, names: []string{"cn"}, attributes: groupClasses,
}

// rolesNamed finds groups below ou=roles. Whoever may add members there need not be able to see them.
func (c *client) rolesNamed(names []string) ([]*ldap.Entry, error) {
	groups := make([]*ldap.Entry, len(names))
	for i, name := range names {
		dn := name
		if !isDN(name) {
			dn = roleKind.dn(name, c.base)
		}
		e, err := c.read(dn, groupClasses)
		switch {
		case err != nil && !isDN(name):
			return nil, c.nobody([]*kind{roleKind}, name)
		case err != nil:
			return nil, err
		}
		groups[i] = e
	}
	return groups, nil
}

func newServiceSetCommand(k *machineKind, f *clientFlags) *cobra.Command {
	var x edits
	var roles, leave []string
	cmd := &cobra.Command{
		Use: "set NAME", Short: "Change " + k.article, Args: oneArgument("a name"), ValidArgsFunction: f.completeNames(k.kind, 1),
		Long: "Change " + k.article + ". Each flag takes the place of what there was, and an empty value takes it away. Roles are added; --remove-role takes them away.",
	}
	x.register(cmd, k.table, true)
	k.registerRoles(cmd, f, &roles)
	cmd.Flags().StringArrayVar(&leave, "remove-role", nil, "group below ou=roles to take it out of (may be repeated)")
	cmd.RunE = f.with(func(cmd *cobra.Command, args []string, c *client) error {
		e, err := c.find(k.kind, args[0])
		if err != nil {
			return err
		}
		m := ldap.NewModifyRequest(e.DN, nil)
		if err := x.modify(cmd, m); err != nil {
			return err
		}
		if cmd.Flags().Lookup("ip") != nil && cmd.Flags().Changed("ip") && !hasClass(e, "ipHost") {
			m.Add("objectClass", []string{"ipHost"})
		}
		join, err := c.rolesNamed(roles)
		if err != nil {
			return err
		}
		part, err := c.rolesNamed(leave)
		if err != nil {
			return err
		}
		if len(m.Changes)+len(join)+len(part) == 0 {
			return usagef("there is nothing to change; give at least one of the flags that 'gatehouse %s set --help' shows", k.noun)
		}
		if len(m.Changes) > 0 {
			if err := c.Modify(m); err != nil {
				return c.explain("change "+printable(e.DN), err)
			}
		}
		after := c.joinAll(join, e.DN)
		for _, g := range part {
			after = errors.Join(after, c.changeMembers(g, ldap.DeleteAttribute, []member{{dn: e.DN}}))
		}
		return errors.Join(after, c.printMade(cmd, k.kind, e.DN, "", f.asJSON))
	})
	return cmd
}
