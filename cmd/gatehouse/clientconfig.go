package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/cmd/gatehouse/clientconfig"
)

const clientConfigHelp = `Print the configuration of a program that uses the directory: complete files for Debian 12, each below a line that says its path,
mode and owner. 'gatehouse client-config list' shows the programs.

With --data the addresses, the base and the CA are those of the server that runs on the directory, or would. --url, --base and
--ca-file say them without it, or in their place.

Each program has an account of its own below ou=services that may do no more than the program needs: it is a member of a group
below ou=roles that has a role. --create-account makes the account with a random password, and the membership; done again, it
changes nothing. The password is in the printed files and nowhere else: --output-dir writes them with the modes that keep it
secret. Without --create-account the password is that of --bind-password-file.

Nothing that is printed reads passwords from the directory, and nothing speaks to it without TLS.`

// clientConfigFlags say what is printed, and for which server.
type clientConfigFlags struct {
	dataFlags
	urls                 []string
	base, caFile         string
	bindDN, bindPWFile   string
	group, schema, mode  string
	enumerate            bool
	outputDir            string
	adminDN, adminPWFile string
	create, newPassword  bool
	dryRun, policy       bool
	asJSON               bool
}

func newClientConfigCommand() *cobra.Command {
	var f clientConfigFlags
	cmd := &cobra.Command{
		Use: "client-config NAME", Short: "Print the configuration of a program that uses the directory", Long: clientConfigHelp,
		Example: "  gatehouse client-config sssd --data /var/lib/gatehouse --create-account --output-dir ./host\n" +
			"  gatehouse client-config apache --url ldaps://ldap.example.com --base dc=example,dc=com --ca-file ca.pem \\\n" +
			"    --bind-dn cn=apache,ou=services,dc=example,dc=com --bind-password-file apache.pw",
		Args:              oneArgument("the name of a program; 'gatehouse client-config list' shows them"),
		ValidArgsFunction: completeClients,
		RunE:              func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	f.register(cmd)
	fl := cmd.Flags()
	fl.StringArrayVar(&f.urls, "url", nil, "address of the server, ldaps://HOST[:PORT], or ldap://HOST[:PORT] with StartTLS (may be repeated)")
	fl.StringVar(&f.base, "base", "", "base of the directory")
	fl.StringVar(&f.caFile, "ca-file", "", "PEM file with the CA of the server's certificate")
	fl.StringVar(&f.bindDN, "bind-dn", "", "account of the program (cn=NAME,ou=services below the base)")
	fl.StringVar(&f.bindPWFile, "bind-password-file", "", "file with the account's password in its first line; - for standard input")
	fl.StringVar(&f.group, "group", "", "let in only members of this group: its DN, or its name below ou=groups")
	fl.StringVar(&f.schema, "schema", clientconfig.RFC2307bis, "how groups name members: rfc2307 (memberUid) or rfc2307bis (member, groups in groups)")
	fl.StringVar(&f.mode, "mode", "", "how passwords are checked, where there is a choice: search or simple (postgresql), bind or fastbind (saslauthd)")
	fl.BoolVar(&f.enumerate, "enumerate", false, "let the host list all users and groups")
	fl.StringVar(&f.outputDir, "output-dir", "", "write the files below this directory, with their modes")
	fl.BoolVar(&f.create, "create-account", false, "make the account and its membership, if they are not there")
	fl.StringVar(&f.adminDN, "admin-dn", "", "whom --create-account binds as, without --data: a DN, or a uid below ou=people")
	fl.StringVar(&f.adminPWFile, "admin-password-file", "", "file with the password of --admin-dn; asked for without")
	fl.BoolVar(&f.newPassword, "new-password", false, "with --create-account: give an account that is there a new password")
	fl.BoolVar(&f.dryRun, "dry-run", false, "say what --create-account and --output-dir would do")
	fl.BoolVar(&f.policy, "policy", false, "print the policy that gives the account its rights")
	fl.BoolVar(&f.asJSON, "json", false, "print JSON")
	for flag, words := range map[string][]string{
		"schema": {clientconfig.RFC2307, clientconfig.RFC2307bis},
		"mode":   {clientconfig.ModeSearch, clientconfig.ModeSimple, clientconfig.ModeBind, clientconfig.ModeFastbind},
	} {
		_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)) // the flag is there
	}
	return cmd
}

func completeClients(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var names []string
	if len(args) == 0 {
		for _, c := range clientconfig.Clients() {
			names = append(names, c.Name+"\t"+c.Title)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

func (f *clientConfigFlags) run(cmd *cobra.Command, name string) (err error) {
	if name == "list" {
		return listClients(cmd.OutOrStdout(), f.asJSON)
	}
	client, known := clientconfig.Find(name)
	if !known {
		return unknownClient(name)
	}
	if f.policy {
		return f.printClientPolicy(cmd.OutOrStdout(), client)
	}
	if f.newPassword && !f.create {
		return usagef("--new-password goes with --create-account")
	}
	applied := false
	if f.create {
		if applied, err = f.applyClientPolicy(cmd, client); err != nil {
			return err
		}
	}
	s, err := f.session(cmd, client)
	if err != nil {
		return err
	}
	s.applied = applied
	defer func() { err = errors.Join(err, s.end()) }()
	if err := s.prepare(cmd); err != nil {
		return err
	}
	files, err := clientconfig.Render(&s.params)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if s.params.NeedsAccount() && s.params.Password == noPassword && !f.dryRun {
		fmt.Fprintf(cmd.ErrOrStderr(), "gatehouse: the password of %s is not known: %s stands in its place; give --bind-password-file%s\n",
			s.params.BindDN, noPassword, map[bool]string{true: " or --new-password", false: " or --create-account"}[f.create])
	}
	return f.deliver(cmd, s, files)
}

// unknownClient says which names there are, near ones first.
func unknownClient(name string) error {
	var all []string
	for _, c := range clientconfig.Clients() {
		all = append(all, c.Name)
	}
	hint := ""
	if near := clientconfig.Near(name); len(near) > 0 {
		hint = "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return usagef("no program is called %q%s\nThere are: %s", name, hint, strings.Join(all, ", "))
}

// listClients prints the table of programs.
func listClients(w io.Writer, asJSON bool) error {
	type row struct {
		Name     string `json:"name"`
		Title    string `json:"title"`
		Role     string `json:"role,omitempty"`
		Packages string `json:"packages,omitempty"`
	}
	var rows []row
	for _, c := range clientconfig.Clients() {
		rows = append(rows, row{c.Name, c.Title, c.Role, c.Packages})
	}
	if asJSON {
		return printJSON(w, rows)
	}
	for _, r := range rows {
		if _, err := fmt.Fprintf(w, "%-12s  %-12s  %s\n", r.Name, r.Role, r.Title); err != nil {
			return err
		}
	}
	return nil
}

// deliver prints or writes the files.
func (f *clientConfigFlags) deliver(cmd *cobra.Command, s *clientSession, files []clientconfig.File) error {
	if !f.asJSON { // first: a new password is shown whatever comes
		s.account.print(cmd.ErrOrStderr(), f.dryRun)
		if s.applied {
			fmt.Fprintf(cmd.ErrOrStderr(), "policy client-%s: %sin force now\n", s.client.Name, map[bool]string{true: "would be "}[f.dryRun])
		}
	}
	if f.outputDir != "" && !f.dryRun {
		if err := clientconfig.Write(f.outputDir, files); err != nil {
			return err
		}
	}
	if f.asJSON {
		return printJSON(cmd.OutOrStdout(), s.report(f, files))
	}
	if f.outputDir == "" {
		_, err := cmd.OutOrStdout().Write(clientconfig.Join(files))
		return err
	}
	verb := "wrote"
	if f.dryRun {
		verb = "would write"
	}
	for _, file := range files {
		fmt.Fprintf(cmd.OutOrStdout(), "%s %s%s  %04o %s\n", verb, strings.TrimSuffix(f.outputDir, "/"), file.Path, file.Mode, file.Owner)
	}
	return nil
}
