package main

import (
	"errors"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"gatehouse/config"
	"gatehouse/directory/foreign"
	"gatehouse/directory/ldif"
)

const importHelp = `Load LDIF, or what another directory or system exports.

  ldif    LDIF: an export of this server, the output of slapcat, or records from elsewhere; change records are applied too
  389ds   LDIF of 389 Directory Server and FreeIPA (dsconf ... backend export, db2ldif)
  lldap   LDIF of lldap, as ldapsearch prints it
  glauth  the configuration of GLAuth, in TOML
  passwd  passwd, group and shadow files, together: import ... passwd group shadow
  csv     a table with a header row; --map ATTRIBUTE=COLUMN says what is in the columns

--format auto finds the format out. Everything but ldif is converted: what cannot be taken over is listed, with the reason, and
nothing is loaded unless all of the input can be read. --dry-run says what an import would do, leave out and change, and does
nothing.

A directory without a store, or with one that holds only what init made, is built at once from the file, with the entries of
init in it: the file wins for what both have, but the administrator of init keeps entry and password. The groups of the
ready-made roles (ou=roles) are added where the file has none, unless --no-roles. Nothing changes until all is well. Any other
store, and a running server, takes the records one after the other.

Operational attributes (entryUUID, creatorsName, createTimestamp, pwd*) and password hashes are kept. Passwords in clear text
are hashed, cheaply at first and with the configured scheme at the first bind. Groups may come before their members.

--slapd-config FILE takes the configuration of an OpenLDAP server, the output of 'slapcat -n 0': schema, limits, and what else
has a counterpart here, and lists what has none, access rules included.`

const importExample = `  slapcat -n 0 > config.ldif; slapcat -n 1 > data.ldif
  gatehouse import --data DIR --slapd-config config.ldif --dry-run data.ldif
  gatehouse import --data DIR --slapd-config config.ldif data.ldif
  gatehouse import --data DIR --base dc=example,dc=com /etc/passwd /etc/group /etc/shadow
  gatehouse import --data DIR --map uid=login,cn=full_name,mail=email people.csv`

type importFlags struct {
	dataFlags
	bases          []string
	conflict       string
	rejects        string
	format         string
	unknown        string
	slapdConfig    string
	dryRun, asJSON bool
	noRoles        bool
	people, groups string
	uidMin, uidMax int
	columns        []string
	delimiter      string
	values         string
}

func newImportCommand() *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use: "import --data DIR FILE|- ...", Short: "Load LDIF, or an export of another server", Long: importHelp, Example: importExample,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.register(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.format, "format", "auto", "format of the input: auto, "+formatList())
	fl.BoolVar(&f.dryRun, "dry-run", false, "say what would be done, left out and changed, and do nothing")
	fl.BoolVar(&f.asJSON, "json", false, "print JSON")
	fl.StringArrayVar(&f.bases, "base", nil, "a naming context of the new store, if it is not the first record (may be repeated); of passwd, csv and glauth, where entries go")
	fl.StringVar(&f.conflict, "on-conflict", "fail", "what to do with a record whose entry exists: fail, skip or replace")
	fl.StringVar(&f.rejects, "rejects", "", "write records that cannot be taken to this file, with the reasons, and go on")
	fl.BoolVar(&f.noRoles, "no-roles", false, "do not add the groups of the ready-made roles to a new store")
	fl.StringVar(&f.slapdConfig, "slapd-config", "", "output of 'slapcat -n 0', whose schema and settings are taken over")
	fl.StringVar(&f.unknown, "unknown", "", "classes and attributes that the schema does not have: drop (389ds, lldap) or fail (ldif)")
	fl.StringVar(&f.people, "people", "", "where people of passwd, csv and glauth go (ou=people below the base)")
	fl.StringVar(&f.groups, "groups", "", "where groups of passwd, csv and glauth go (ou=groups below the base)")
	fl.IntVar(&f.uidMin, "uid-min", 1000, "lowest number of the users and groups of passwd files that are taken")
	fl.IntVar(&f.uidMax, "uid-max", 59999, "highest number of those")
	fl.StringArrayVar(&f.columns, "map", nil, "columns of csv: ATTRIBUTE=COLUMN, separated by commas (may be repeated); memberOf makes groups, dn is the name")
	fl.StringVar(&f.delimiter, "delimiter", "", "between the columns of csv, such as ; or tab (found in the header row)")
	fl.StringVar(&f.values, "values", "", "between several values of one field of csv (none; of memberOf, a semicolon)")
	return cmd
}

// check finds flags that do not go together.
func (f *importFlags) check(names []string) error {
	switch _, known := conflicts[f.conflict]; {
	case !known:
		return usagef("--on-conflict %q is not fail, skip or replace", f.conflict)
	case f.unknown != "" && f.unknown != "drop" && f.unknown != "fail":
		return usagef("--unknown %q is not drop or fail", f.unknown)
	case len(names) == 0 && f.slapdConfig == "":
		return usagef("which file? Give FILE, or - for standard input")
	case f.uidMin < 0 || f.uidMin > f.uidMax:
		return usagef("--uid-min %d and --uid-max %d are no range", f.uidMin, f.uidMax)
	}
	return nil
}

func (f *importFlags) run(cmd *cobra.Command, names []string) (err error) {
	if err := f.check(names); err != nil {
		return err
	}
	cfg, dir, err := f.open()
	if err != nil {
		return err
	}
	j := &importJob{flags: f, cfg: cfg, dir: dir, out: cmd.OutOrStdout(), stderr: cmd.ErrOrStderr(), start: time.Now()}
	if f.slapdConfig != "" {
		if err := j.takeSlapd(); err != nil {
			return err
		}
	}
	if len(names) > 0 {
		err = j.data(cmd, names)
	} else {
		err = j.settingsAlone()
	}
	return j.finish(err)
}

// data imports the files.
func (j *importJob) data(cmd *cobra.Command, names []string) (err error) {
	files, size, err := openImportFiles(cmd, names)
	defer func() {
		for _, file := range files {
			if file.file != nil && file.name != "standard input" {
				err = errors.Join(err, file.file.Close())
			}
		}
	}()
	if err != nil {
		return err
	}
	format, err := formatOf(j.flags.format, files)
	if err != nil {
		return err
	}
	if len(files) > 1 && format != foreign.Passwd {
		return usagef("the format %s has one file, and got %d; import them one after the other", format, len(files))
	}
	bar := newProgress(cmd, size)
	defer bar.close()
	for i := range files {
		files[i].data = bar.reader(files[i].in)
	}
	rejects := j.flags.rejects
	if j.flags.dryRun {
		rejects = ""
	}
	j.refusals, err = openRefusals(files, rejects, bar.over(j.stderr))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.refusals.close()) }()
	err = j.load(cmd.Context(), format, files)
	bar.close()
	return err
}

// ldifOptions says what an LDIF may do.
func ldifOptions(cfg *config.Config) ldif.Options {
	var o ldif.Options
	if cfg.Import.AllowFileURLs {
		o.Open = openFileURL
	}
	return o
}

// progress is a bar on the terminal, or nothing elsewhere.
type progress struct{ bar *progressbar.ProgressBar }

func newProgress(cmd *cobra.Command, size int64) *progress {
	f, ok := cmd.ErrOrStderr().(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return &progress{}
	}
	return &progress{progressbar.NewOptions64(size,
		progressbar.OptionSetWriter(f), progressbar.OptionShowBytes(true), progressbar.OptionSetWidth(40),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionSetDescription("import"))}
}

func (p *progress) reader(r io.Reader) io.Reader {
	if p.bar == nil {
		return r
	}
	return io.TeeReader(r, p.bar)
}

// over returns a writer for messages that do not mix with the bar.
func (p *progress) over(w io.Writer) io.Writer {
	if p.bar == nil {
		return w
	}
	return clearing{p, w}
}

type clearing struct {
	p *progress
	w io.Writer
}

func (c clearing) Write(b []byte) (int, error) {
	_ = c.p.bar.Clear()
	return c.w.Write(b)
}

// close takes the bar away. A second close does nothing.
func (p *progress) close() {
	if p.bar != nil {
		_ = p.bar.Finish()
		p.bar = nil
	}
}
