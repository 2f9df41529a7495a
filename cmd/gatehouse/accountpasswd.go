package main

import (
	"errors"
	"fmt"

	"github.com/go-ldap/ldap/v3"
	"github.com/spf13/cobra"

	"gatehouse/directory/password"
)

const passwdVerbHelp = `

The server makes the password, and it is printed once; or --ask asks for it, or --new-password-file reads it. With --must-change the
next login has to change it, where the policy of passwords does not say so anyway.

It needs the right to reset (password.reset), which the helpdesk has for people. Sessions of the account end.`

// newPassword says where the password of an account comes from.
type newPassword struct {
	ask  bool
	file string
}

func (p *newPassword) register(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&p.ask, "ask", false, "ask for the new password")
	cmd.Flags().StringVar(&p.file, "new-password-file", "", "file with the new password in its first line; - for standard input")
}

// read returns the password that was given, nil if one is to be made.
func (p *newPassword) read(cmd *cobra.Command) ([]byte, error) {
	switch {
	case p.ask && p.file != "":
		return nil, usagef("--ask and --new-password-file are two ways to give the password")
	case p.file != "":
		return readNewPassword(cmd, p.file)
	case p.ask:
		fmt.Fprintln(cmd.ErrOrStderr(), "The new password.")
		return askPassword(cmd, false)
	}
	return nil, nil
}

// givenPassword is what a command prints of a new password.
type givenPassword struct {
	DN       string `json:"dn"`
	Password string `json:"password,omitempty"` // made, and shown this once
}

// newAccountPasswdCommand makes the command that sets the password of an account.
func newAccountPasswdCommand(k *kind, f *clientFlags) *cobra.Command {
	var p newPassword
	var mustChange bool
	cmd := &cobra.Command{
		Use: "passwd NAME", Aliases: []string{"reset"}, Short: "Give " + k.article + " a new password", Args: atMostOne("a name"),
		Long: "Give " + k.article + " a new password." + passwdVerbHelp, ValidArgsFunction: f.completeNames(k, 1),
	}
	if k == userKind {
		cmd.Use = "passwd [NAME]"
		cmd.Long += "\n\nWithout a name it changes your own, for which -D and the old password are needed, also when it has expired."
		cmd.Flags().BoolVar(&mustChange, "must-change", false, "the next login has to change it")
	}
	p.register(cmd)
	reset := f.with(func(cmd *cobra.Command, args []string, c *client) error {
		e, err := c.find(k, args[0])
		if err != nil {
			return err
		}
		clear, err := p.read(cmd)
		if err != nil {
			return err
		}
		return c.reset(cmd, e.DN, clear, mustChange, f.asJSON)
	})
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) > 0:
			return reset(cmd, args)
		case k != userKind:
			return usagef("whose password? Give the name of %s", k.article)
		case mustChange:
			return usagef("--must-change is for the password of another")
		}
		return f.changeOwn(cmd, &p)
	}
	return cmd
}

// reset sets the password of an entry (RFC 3062), and prints it if the server has made it.
func (c *client) reset(cmd *cobra.Command, dn string, clear []byte, mustChange, asJSON bool) error {
	result, err := c.PasswordModify(ldap.NewPasswordModifyRequest("dn:"+dn, "", string(clear)))
	if err != nil {
		return c.explain("set the password of "+printable(dn), err)
	}
	given := givenPassword{DN: dn, Password: result.GeneratedPassword}
	var after error
	if mustChange {
		m := ldap.NewModifyRequest(dn, nil)
		m.Replace("pwdReset", []string{"TRUE"})
		if err := c.Modify(m); err != nil {
			after = c.explain("the password is set, but need not be changed", err)
		}
	}
	return errors.Join(after, given.print(cmd, asJSON))
}

// setPassword gives an entry a password that is known here.
func (c *client) setPassword(dn, clear string) error {
	if _, err := c.PasswordModify(ldap.NewPasswordModifyRequest("dn:"+dn, "", clear)); err != nil {
		return c.explain("set the password of "+printable(dn), err)
	}
	return nil
}

// generated returns a random password.
func generated() string {
	fresh := password.Generate()
	defer fresh.Clear()
	return string(fresh.Bytes())
}

func (g *givenPassword) print(cmd *cobra.Command, asJSON bool) error {
	if asJSON {
		return printJSON(cmd.OutOrStdout(), g)
	}
	if g.Password == "" {
		_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s: the password is set\n", printable(g.DN))
		return err
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s: the password is now %s   (shown once)\n", printable(g.DN), g.Password)
	return err
}

// changeOwn changes the caller's own password. It does not bind: the old password comes with the request, so that one that has expired
// can be changed too.
func (f *clientFlags) changeOwn(cmd *cobra.Command, p *newPassword) (err error) {
	if err := f.checkCaller(cmd); err != nil {
		return err
	}
	if f.bindDN == "" {
		return usagef("whose password? Give a name, or -D with your own")
	}
	if f.passwordFile == "-" && p.file == "-" {
		return usagef("standard input has one line for a password; give one of the two in a file")
	}
	c, err := f.dial(cmd.Context())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.done()) }()
	old, err := f.ownPassword(cmd, "Old password of "+f.bindDN+": ")
	if err != nil {
		return err
	}
	clear, err := p.read(cmd)
	if err != nil {
		return err
	}
	if clear == nil && f.passwordFile == "" {
		fmt.Fprintln(cmd.ErrOrStderr(), "The new password.")
		if clear, err = askPassword(cmd, false); err != nil {
			return err
		}
	}
	dn := c.bindName(f.bindDN)
	result, err := c.PasswordModify(ldap.NewPasswordModifyRequest("dn:"+dn, string(old), string(clear)))
	if err != nil {
		return c.explain("change the password of "+printable(dn), err)
	}
	given := givenPassword{DN: dn, Password: result.GeneratedPassword}
	return given.print(cmd, f.asJSON)
}
