package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"gatehouse/acl"
	"gatehouse/directory/password"
)

// checkCaller says what is missing to be somebody, before anything is asked of a server.
func (f *clientFlags) checkCaller(cmd *cobra.Command) error {
	if f.url != "" && f.data != "" {
		return usagef("--url and --data are two ways to name a server; give one")
	}
	f.fromEnvironment()
	switch {
	case f.certFile != "" && (f.url == "" || strings.HasPrefix(f.url, "ldapi:")), f.keyFile != "" && f.certFile == "":
		return usagef("--cert-file goes with ldaps:// or ldap://, and --key-file with --cert-file")
	case f.bindDN == "" && f.certFile == "" && f.url != "" && !strings.HasPrefix(f.url, "ldapi:"):
		return usagef("who are you? Give -D with your uid or DN, or --cert-file")
	case f.bindDN != "" && f.passwordFile == "" && !hasTerminal(cmd):
		return errNoTerminal
	}
	return nil
}

var errNoTerminal = usagef("there is no terminal to ask for the password; give --password-file FILE, or - for standard input")

// hasTerminal reports whether somebody can be asked.
func hasTerminal(cmd *cobra.Command) bool {
	in, isFile := cmd.InOrStdin().(*os.File)
	return isFile && term.IsTerminal(int(in.Fd()))
}

// bind makes the connection the caller's: by a password with --bind-dn, otherwise by what the kernel or a certificate says (SASL EXTERNAL).
func (f *clientFlags) bind(cmd *cobra.Command, c *client) error {
	if f.bindDN == "" {
		if err := c.ExternalBind(); err != nil {
			return c.explain("bind", err)
		}
		f.sayUnmapped(cmd, c)
		return nil
	}
	clear, err := f.ownPassword(cmd, "Password of "+f.bindDN+": ")
	if err != nil {
		return err
	}
	name := c.bindName(f.bindDN)
	result, err := c.SimpleBind(&ldap.SimpleBindRequest{
		Username: name, Password: string(clear), Controls: []ldap.Control{ldap.NewControlBeheraPasswordPolicy()},
	})
	if result != nil {
		if state, ok := ldap.FindControl(result.Controls, ldap.ControlTypeBeheraPasswordPolicy).(*ldap.ControlBeheraPasswordPolicy); ok {
			f.sayState(cmd, state)
		}
	}
	if err != nil {
		return c.explain("bind as "+name, err)
	}
	return nil
}

// sayUnmapped tells somebody whom the kernel or a certificate vouches for, but who is nobody in the directory, why there is so little to see.
func (f *clientFlags) sayUnmapped(cmd *cobra.Command, c *client) {
	who, err := c.WhoAmI(nil)
	if err != nil {
		return // the command itself will tell
	}
	name := strings.TrimPrefix(who.AuthzID, "dn:")
	if name == acl.OperatorDN || slices.ContainsFunc(c.contexts, func(context string) bool { return isBelow(name, context) }) {
		return
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "gatehouse: you are %s here, and no entry of the directory; give -D to be somebody, or map it in the identity-map\n",
		printable(name))
}

// ppolicyAccountLocked is the error accountLocked of the password policy control.
const ppolicyAccountLocked = 1

// sayState tells what the server says about the caller's own password.
func (f *clientFlags) sayState(cmd *cobra.Command, state *ldap.ControlBeheraPasswordPolicy) {
	const changePassword = "change it with 'gatehouse user passwd' and the same flags"
	switch {
	case state.Error == ppolicyAccountLocked:
		fmt.Fprintln(cmd.ErrOrStderr(), "gatehouse: your account is locked; whoever may unlock it can say more")
	case state.Error >= 0:
		fmt.Fprintf(cmd.ErrOrStderr(), "gatehouse: %s: %s\n", strings.ToLower(state.ErrorString), changePassword)
	case state.Grace >= 0:
		fmt.Fprintf(cmd.ErrOrStderr(), "gatehouse: your password has expired, and %d logins are left; %s\n", state.Grace, changePassword)
	case state.Expire >= 0:
		fmt.Fprintf(cmd.ErrOrStderr(), "gatehouse: your password expires in %s; %s\n", time.Duration(state.Expire)*time.Second, changePassword)
	}
}

// bindName turns the name of somebody into a DN.
func (c *client) bindName(name string) string {
	if isDN(name) {
		return name
	}
	return userKind.dn(name, c.base)
}

// ownPassword reads the password of the caller.
func (f *clientFlags) ownPassword(cmd *cobra.Command, prompt string) ([]byte, error) {
	if f.passwordFile != "" {
		return readPasswordFile(cmd, f.passwordFile)
	}
	in, isFile := cmd.InOrStdin().(*os.File)
	if !isFile || !hasTerminal(cmd) {
		return nil, errNoTerminal
	}
	clear, err := promptSecret(cmd, in, prompt)
	if err == nil && len(clear) == 0 {
		err = password.ErrEmpty
	}
	return clear, err
}

var errOtherVersion = errors.New("the running server is of another version")
