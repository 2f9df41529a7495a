package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/acl"
	"gatehouse/config"
	"gatehouse/directory"
	"gatehouse/directory/ldif"
	"gatehouse/directory/password"
	"gatehouse/directory/schema"
)

const initHelp = `Make a data directory: the base entry, ou=people, ou=groups and ou=roles below it, an administrator, a private CA and a
server certificate.

Below ou=roles there is an empty group for each role that the shipped policies know: whoever becomes a member has the role.
The administrator is cn=admin below the base. For another one, a policy document that names it is applied: keep that document
in what you apply later ('gatehouse policy show' prints it).

The certificate is for the machine's name, localhost, 127.0.0.1, ::1 and every --tls-name, and is renewed while the server
runs. --tls-cert and --tls-key take a certificate from elsewhere instead; to have one that is renewed elsewhere read from its
own place, set tls: certificate and tls: key in the configuration.`

type initFlags struct {
	dataFlags
	base, admin, passwordFile string
	tlsCert, tlsKey           string
	tlsNames                  []string
	asJSON                    bool
}

func newInitCommand() *cobra.Command {
	var f initFlags
	cmd := &cobra.Command{
		Use:   "init --data DIR --base DN --admin-password-file FILE|-",
		Short: "Make a data directory", Long: initHelp, Args: noArguments,
		Example: "  gatehouse init --data /var/lib/gatehouse --base dc=example,dc=com --admin-password-file -",
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	f.register(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.base, "base", "", "name of the base entry, such as dc=example,dc=com")
	fl.StringVar(&f.admin, "admin", "", "name of the administrator (cn=admin below the base)")
	fl.StringVar(&f.passwordFile, "admin-password-file", "", "file with the administrator's password in its first line; - for standard input")
	fl.StringVar(&f.tlsCert, "tls-cert", "", "PEM file with a certificate and its chain, instead of one of a private CA")
	fl.StringVar(&f.tlsKey, "tls-key", "", "PEM file with the key of --tls-cert")
	fl.StringSliceVar(&f.tlsNames, "tls-name", nil, "another name or address for the certificate (may be repeated)")
	fl.BoolVar(&f.asJSON, "json", false, "print JSON")
	return cmd
}

func (f *initFlags) run(cmd *cobra.Command) error {
	switch {
	case f.base == "":
		return usagef("what is the base of the directory? Give --base DN, such as --base dc=example,dc=com")
	case f.passwordFile == "":
		return usagef("what is the administrator's password? Give --admin-password-file FILE, or - to read it from standard input")
	case (f.tlsCert == "") != (f.tlsKey == ""):
		return usagef("--tls-cert and --tls-key go together")
	case f.tlsCert != "" && len(f.tlsNames) > 0:
		return usagef("--tls-name is for the private CA's certificate; --tls-cert brings its own names")
	}
	cfg, dir, err := f.open()
	if err != nil {
		return err
	}
	clear, err := readNewPassword(cmd, f.passwordFile)
	if err != nil {
		return fmt.Errorf("the administrator's password: %w", err)
	}
	plan, err := planInit(cmd.Context(), cfg, f.base, f.admin, clear)
	if err != nil {
		return err
	}
	made, err := makeData(cmd.Context(), cfg, dir, plan, f.certificate(cfg, dir))
	if err != nil {
		return err
	}
	if f.asJSON {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(made)
	}
	made.print(cmd)
	return nil
}

// certificate returns how the data directory gets its certificate.
func (f *initFlags) certificate(cfg *config.Config, dir dataDir) func() error {
	c := serverCertificate{dir: dir.tls(), host: cfg.ServerName}
	if f.tlsCert != "" {
		return func() error { return c.install(f.tlsCert, f.tlsKey) }
	}
	return func() error {
		_, err := c.ensure(time.Now(), f.tlsNames...)
		return err
	}
}

// initPlan is what a new store begins with.
type initPlan struct {
	schema  *schema.Schema
	base    string
	admin   string
	records []*ldif.Record
	made    bool // the records count as made by init, so that an import may build the store again
}

// planInit decides about the first entries before anything is written.
func planInit(ctx context.Context, cfg *config.Config, base, admin string, clear []byte) (*initPlan, error) {
	s, err := loadSchema(cfg)
	if err != nil {
		return nil, err
	}
	p := &initPlan{schema: s, base: base, admin: admin, made: true}
	if p.admin == "" {
		p.admin = "cn=admin," + base
	}
	hasher, err := password.New(passwordOptions(cfg))
	if err != nil {
		return nil, err
	}
	hash, err := hashWith(ctx, hasher, clear)
	if err != nil {
		return nil, fmt.Errorf("the administrator's password: %w", err)
	}
	top, err := baseRecord(s, base)
	if err != nil {
		return nil, err
	}
	p.records = append(p.records, top)
	for _, ou := range []string{"people", "groups"} {
		p.records = append(p.records, record("ou="+ou+","+base, "objectClass", "organizationalUnit", "ou", ou))
	}
	p.records = append(p.records, rolesOf(base)...)
	if err := checkAdmin(s, p.base, p.admin); err != nil {
		return nil, err
	}
	administrator, err := adminRecord(s, p.admin, hash)
	if err != nil {
		return nil, err
	}
	p.records = append(p.records, administrator)
	return p, nil
}

// record makes a record of content from pairs of attribute and value.
func record(dn string, pairs ...string) *ldif.Record {
	r := &ldif.Record{DN: dn, Kind: ldif.Content}
	for i := 0; i < len(pairs); i += 2 {
		name, value := pairs[i], []byte(pairs[i+1])
		if n := len(r.Attributes); n > 0 && r.Attributes[n-1].Attr == name {
			r.Attributes[n-1].Values = append(r.Attributes[n-1].Values, value)
			continue
		}
		r.Attributes = append(r.Attributes, directory.PartialAttribute{Attr: name, Values: [][]byte{value}})
	}
	return r
}

// baseClasses are the object classes of a base entry by the type of its RDN.
var baseClasses = map[string][]string{
	"dc": {"dcObject", "organization"},
	"o":  {"organization"},
	"ou": {"organizationalUnit"},
	"c":  {"country"},
	"l":  {"locality"},
	"st": {"locality"},
}

// firstRDN returns the type, by its first name in lower case, and the value of a DN's first RDN.
func firstRDN(s *schema.Schema, dn string) (kind, value string, err error) {
	parsed, _, err := s.ParseName(dn)
	if err != nil {
		return "", "", fmt.Errorf("%q is not a DN: %w", dn, err)
	}
	if parsed.IsZero() || len(parsed.RDNs()[0]) != 1 {
		return "", "", fmt.Errorf("%q: a name with exactly one value in its first part is needed", dn)
	}
	part := parsed.RDNs()[0][0]
	t := s.TypeByName(part.Type)
	if t == nil {
		return "", "", fmt.Errorf("%q: attribute type %s is unknown", dn, part.Type)
	}
	return strings.ToLower(t.Description().Name), string(part.Value), nil
}

func baseRecord(s *schema.Schema, base string) (*ldif.Record, error) {
	kind, value, err := firstRDN(s, base)
	if err != nil {
		return nil, fmt.Errorf("--base: %w", err)
	}
	classes := baseClasses[kind]
	if classes == nil {
		return nil, fmt.Errorf("--base %s: a base that begins with %s is not known; use dc, o, ou, c, l or st, or load it with 'gatehouse import'", base, kind)
	}
	pairs := []string{"objectClass", "top"}
	for _, c := range classes {
		pairs = append(pairs, "objectClass", c)
	}
	pairs = append(pairs, kind, value)
	if kind == "dc" {
		pairs = append(pairs, "o", value)
	}
	return record(base, pairs...), nil
}

// checkAdmin holds the administrator's name against the entries that init makes: it must stand directly below one of them.
func checkAdmin(s *schema.Schema, base, admin string) error {
	name, _, err := s.ParseName(admin)
	if err != nil {
		return fmt.Errorf("--admin: %q is not a DN: %w", admin, err)
	}
	_, above, err := s.ParseName(name.Parent().String())
	if err != nil {
		return err
	}
	for _, parent := range []string{base, "ou=people," + base, "ou=groups," + base, "ou=roles," + base} {
		if _, ndn, err := s.ParseName(parent); err != nil || ndn == above {
			return err
		}
	}
	return fmt.Errorf("--admin %s: it must stand directly below %s, or below ou=people, ou=groups or ou=roles there", admin, base)
}

// adminRecord returns the entry of an administrator; pw is clear or hashed.
func adminRecord(s *schema.Schema, admin string, pw []byte) (*ldif.Record, error) {
	kind, value, err := firstRDN(s, admin)
	if err != nil {
		return nil, fmt.Errorf("administrator: %w", err)
	}
	class, ok := map[string]string{"cn": "organizationalRole", "uid": "account"}[kind]
	if !ok {
		return nil, fmt.Errorf("administrator %s: the name begins with %s; use cn or uid", admin, kind)
	}
	return record(admin, "objectClass", class, "objectClass", "simpleSecurityObject", kind, value,
		"description", "Directory administrator", "userPassword", string(pw)), nil
}

// madeData is what init has made, for people and programs.
type madeData struct {
	Data    string   `json:"data"`
	Base    string   `json:"base"`
	Admin   string   `json:"admin"`
	Entries uint64   `json:"entries"`
	CA      string   `json:"ca,omitempty"` // file; absent with a certificate from elsewhere
	Names   []string `json:"certificateNames"`
	Expires string   `json:"certificateExpires"`
}

// makeData makes a data directory. The store is the last thing that appears: until then the directory has none, and what was
// made for it is taken away again if something fails.
func makeData(ctx context.Context, cfg *config.Config, dir dataDir, p *initPlan, certificate func() error) (_ *madeData, err error) {
	_, statErr := os.Stat(dir.tls())
	lock, err := lockData(dir)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	if has, err := dir.hasStore(); err != nil {
		return nil, err
	} else if has {
		return nil, fmt.Errorf("%s has a store already; nothing was changed", dir)
	}
	defer func() {
		if err != nil && os.IsNotExist(statErr) {
			err = errors.Join(err, os.RemoveAll(dir.tls()))
		}
	}()
	if err := certificate(); err != nil {
		return nil, err
	}
	report, err := loadRecords(ctx, cfg, dir, p)
	if err != nil {
		return nil, err
	}
	if is, err := p.isShippedAdministrator(); err != nil {
		return nil, err
	} else if !is {
		if err := lock.Close(); err != nil {
			return nil, err
		}
		if err := applyAdministrator(ctx, cfg, dir, p.admin); err != nil {
			return nil, err
		}
	}
	made := &madeData{Data: string(dir), Base: p.base, Admin: p.admin, Entries: report.Entries}
	cert, err := readCertificate(serverCertificate{dir: dir.tls()}.certFile())
	if err != nil {
		return nil, err
	}
	made.Names, made.Expires = certificateNames(cert), cert.NotAfter.UTC().Format(time.RFC3339)
	if _, err := caOf(dir); err == nil {
		made.CA = dir.tls() + "/ca.pem"
	}
	return made, nil
}

func (m *madeData) print(cmd *cobra.Command) {
	fmt.Fprintf(cmd.OutOrStdout(), `Made %[1]s with %[2]d entries below %[3]s.
  administrator  %[4]s
  certificate    for %[5]s, until %[6]s

Next:
  gatehouse serve --data %[1]s                 # ldap://127.0.0.1:3389, ldaps://127.0.0.1:3636; see --listen
  gatehouse import --data %[1]s FILE.ldif      # load a directory, before or while the server runs
`, m.Data, m.Entries, m.Base, m.Admin, strings.Join(m.Names, ", "), m.Expires)
	if m.CA != "" {
		fmt.Fprintf(cmd.OutOrStdout(), "  gatehouse ca show --data %s > ca.pem      # what clients trust\n", m.Data)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "  ldapsearch -x -H ldap://127.0.0.1:3389 -D '%s' -W -b '%s'\n", m.Admin, m.Base)
}

// operatorName is the author of what commands do.
const operatorName = string(acl.OperatorDN)

// quiet is the log of commands that have nothing to say.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
