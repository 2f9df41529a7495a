package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-ldap/ldap/v3"
	"github.com/spf13/cobra"

	"gatehouse/cmd/gatehouse/clientconfig"
)

const hostEnrollHelp = `Make the account of a host, and print the files that its logins need, or write them below --output-dir; copy them to the host. The
account's password is in the files and nowhere else. They are those of 'gatehouse client-config', for SSSD or another client for hosts.

With --data the addresses and the CA in the files are those of the server; otherwise they are those of --url and --ca-file.
--server-url gives others. A host that is enrolled already gets a new password only with --new-password: the old files are then of
no use any more.

--test-user does what the host would do when somebody logs in, with the address, the CA and the account of the files: it looks the user
and its groups up, and with the user's password (--test-password-file) it binds as the user.`

// enrollFlags are the flags of enroll.
type enrollFlags struct {
	*clientFlags
	client, schema, group string
	servers               []string
	outputDir             string
	enumerate             bool
	fresh                 bool // --new-password
	ips, roles            []string
	description           string
	testUser              string
	testPasswordFile      string
}

func newHostEnrollCommand(f *clientFlags) *cobra.Command {
	x := enrollFlags{clientFlags: f}
	cmd := &cobra.Command{
		Use: "enroll NAME", Short: "Make a host's account, print its files, and test a login", Long: hostEnrollHelp,
		Args: oneArgument("the name of the host"), ValidArgsFunction: f.completeNames(hostKind, 1),
		Example: "  gatehouse host enroll web1.example.com --data /var/lib/gatehouse --output-dir ./web1 --test-user alice",
	}
	fl := cmd.Flags()
	fl.StringVar(&x.client, "client", "sssd", "what the host uses: sssd, nslcd, or another name of 'gatehouse client-config list'")
	fl.StringVar(&x.schema, "schema", clientconfig.RFC2307bis, "how groups name members: rfc2307 or rfc2307bis")
	fl.StringVar(&x.group, "group", "", "let in only members of this group")
	fl.BoolVar(&x.enumerate, "enumerate", false, "let the host list all users and groups")
	fl.StringArrayVar(&x.servers, "server-url", nil, "address of the server in the files (may be repeated)")
	fl.StringVar(&x.outputDir, "output-dir", "", "write the files below this directory, with their modes")
	fl.BoolVar(&x.fresh, "new-password", false, "give a host that is enrolled already a new password")
	fl.StringArrayVar(&x.ips, "ip", nil, "address of the host (may be repeated)")
	fl.StringVar(&x.description, "description", "", "what the host is")
	fl.StringArrayVar(&x.roles, "role", []string{hostService.role}, "group below ou=roles to make it a member of (may be repeated)")
	fl.StringVar(&x.testUser, "test-user", "", "look up this user as the host would")
	fl.StringVar(&x.testPasswordFile, "test-password-file", "", "file with the password of --test-user; - for standard input")
	f.completeFlag(cmd, "group", groupKind)
	f.completeFlag(cmd, "test-user", userKind)
	cmd.RunE = f.with(func(cmd *cobra.Command, args []string, c *client) error { return x.run(cmd, args[0], c) })
	return cmd
}

// enrolled is what enroll prints in JSON.
type enrolled struct {
	DN      string       `json:"dn"`
	Made    bool         `json:"made"` // the account was not there before
	Servers []string     `json:"servers"`
	Files   []clientFile `json:"files"`
	Test    []testedStep `json:"test,omitempty"`
}

func (x *enrollFlags) run(cmd *cobra.Command, name string, c *client) error {
	if x.testUser == "" && x.testPasswordFile != "" {
		return usagef("--test-password-file goes with --test-user")
	}
	program, known := clientconfig.Find(x.client)
	if !known {
		return unknownClient(x.client)
	}
	params := &clientconfig.Params{Client: program, Base: c.base, Schema: x.schema, Enumerate: x.enumerate}
	if err := x.findServers(cmd.Context(), c, params); err != nil {
		return err
	}
	if x.group != "" {
		group, err := c.findAmong([]*kind{groupKind}, x.group, groupClasses)
		if err != nil {
			return err
		}
		params.Group = group.DN
	}
	result := &enrolled{}
	for _, s := range params.Servers {
		result.Servers = append(result.Servers, s.URI())
	}
	var err error
	if result.Made, err = x.account(cmd, name, c, params); params.Password == "" {
		return err // a role that it did not get is said at the end
	}
	result.DN = params.BindDN
	files, renderErr := clientconfig.Render(params)
	if renderErr != nil {
		return errors.Join(err, renderErr)
	}
	if x.outputDir != "" {
		if writeErr := clientconfig.Write(x.outputDir, files); writeErr != nil {
			return errors.Join(err, writeErr)
		}
	}
	var testErr error
	if x.testUser != "" && err == nil {
		result.Test, testErr = x.test(cmd, params)
	}
	return errors.Join(err, x.deliver(cmd, result, files), testErr)
}

// findServers says where the host finds the server, and whom it trusts.
func (x *enrollFlags) findServers(ctx context.Context, c *client, p *clientconfig.Params) error {
	addresses := x.servers
	var err error
	if c.data != "" {
		cfg, dir, err := x.open()
		if err != nil {
			return err
		}
		if len(addresses) == 0 {
			if addresses, err = findAddresses(ctx, cfg, dir); err != nil {
				return err
			}
		}
		if cfg.TLS.Certificate == "" {
			if p.CA, err = os.ReadFile(filepath.Join(dir.tls(), "ca.pem")); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	if x.caFile != "" || p.CA == nil {
		if p.CA, err = x.caText(); err != nil {
			return err
		}
	}
	if len(addresses) == 0 && strings.HasPrefix(x.url, "ldap") && !strings.HasPrefix(x.url, "ldapi") {
		addresses = []string{x.url}
	}
	if len(addresses) == 0 {
		return usagef("at which address does the host find the server? Give --server-url ldaps://HOST")
	}
	for _, text := range addresses {
		s, err := clientconfig.ParseServer(text)
		if err != nil {
			return &usageError{err}
		}
		p.Servers = append(p.Servers, s)
	}
	return nil
}

// account makes the account of the host, or gives it a new password. The password is set as soon as the account has it.
func (x *enrollFlags) account(cmd *cobra.Command, name string, c *client, p *clientconfig.Params) (made bool, err error) {
	found, err := c.some(hostKind.known(name), []string{"cn"}, matchesMax)
	if err != nil {
		return false, c.explain("look for "+printable(name), err)
	}
	if len(found) == 0 && !isDN(name) {
		if err := hostKind.checkName(name); err != nil {
			return false, err
		}
		var given []ldap.PartialAttribute
		for _, ip := range x.ips {
			given = appendValue(given, "ipHostNumber", ip)
		}
		given = appendValue(given, "description", x.description)
		var err error
		p.BindDN, p.Password, err = c.addMachine(cmd, hostService, name, given, x.roles, &newPassword{})
		return err == nil || p.Password != "", err
	}
	e, err := c.find(hostKind, name)
	if err != nil {
		return false, err
	}
	if !x.fresh {
		return false, fmt.Errorf("%s is enrolled already; --new-password gives it a new password, and the files that it has are then of no use", printable(e.DN))
	}
	groups, err := c.rolesNamed(x.roles)
	if err != nil {
		return false, err
	}
	fresh := generated()
	if err := c.setPassword(e.DN, fresh); err != nil {
		return false, err
	}
	p.BindDN, p.Password = e.DN, fresh
	return false, c.joinAll(groups, e.DN)
}

// deliver prints what became of it.
func (x *enrollFlags) deliver(cmd *cobra.Command, r *enrolled, files []clientconfig.File) error {
	out := cmd.OutOrStdout()
	if x.asJSON {
		for _, file := range files {
			r.Files = append(r.Files, clientFile{Path: file.Path, Mode: fmt.Sprintf("%04o", file.Mode), Owner: file.Owner, Content: string(file.Content)})
		}
		return printJSON(out, r)
	}
	done := "has a new password"
	if r.Made {
		done = "is enrolled"
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s %s; its server is %s\n", printable(r.DN), done, strings.Join(r.Servers, ", "))
	if x.outputDir == "" {
		if _, err := out.Write(clientconfig.Join(files)); err != nil {
			return err
		}
	}
	for _, file := range files {
		if x.outputDir != "" {
			fmt.Fprintf(out, "wrote %s%s  %04o %s\n", strings.TrimSuffix(x.outputDir, "/"), file.Path, file.Mode, file.Owner)
		}
	}
	for _, step := range r.Test {
		fmt.Fprintf(cmd.ErrOrStderr(), "test: %s: %s\n", step.Step, printable(step.Result))
	}
	return nil
}
