package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"gatehouse/config"
	"gatehouse/directory/ldif"
)

const importHelp = `Load LDIF: an export of this server, the output of slapcat, or records from elsewhere.

A directory without a store, or with one that holds only what init made, is built at once from the file, with the entries of
init in it: the file wins for what both have, but the administrator of init keeps entry and password. Nothing changes until all
is well. Any other store, and a running server, takes the records one after the other; change records are applied too.

Operational attributes (entryUUID, creatorsName, createTimestamp, pwd*) and password hashes are kept. Passwords in clear text
are hashed, cheaply at first and with the configured scheme at the first bind. Groups may come before their members.`

type importFlags struct {
	dataFlags
	bases    []string
	conflict string
	rejects  string
}

func newImportCommand() *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use: "import --data DIR FILE.ldif|-", Short: "Load LDIF", Long: importHelp, Args: oneArgument("FILE or -"),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	f.register(cmd)
	cmd.Flags().StringArrayVar(&f.bases, "base", nil, "a naming context of the new store, if it is not the first record (may be repeated)")
	cmd.Flags().StringVar(&f.conflict, "on-conflict", "fail", "what to do with a record whose entry exists: fail, skip or replace")
	cmd.Flags().StringVar(&f.rejects, "rejects", "", "write records that cannot be taken to this file, with the reasons, and go on")
	return cmd
}

func (f *importFlags) run(cmd *cobra.Command, name string) (err error) {
	if _, ok := conflicts[f.conflict]; !ok {
		return usagef("--on-conflict %q is not fail, skip or replace", f.conflict)
	}
	cfg, dir, err := f.open()
	if err != nil {
		return err
	}
	in, size, source := cmd.InOrStdin(), int64(-1), "standard input"
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return err
		}
		defer file.Close()
		in, source = file, name
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			size = info.Size()
		}
	}
	bar := newProgress(cmd, size)
	defer bar.close()
	refusals, err := openRefusals(source, f.rejects, bar.over(cmd.ErrOrStderr()))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, refusals.close()) }()
	start := time.Now()
	report, err := f.load(cmd.Context(), cfg, dir, bar.reader(in), refusals)
	bar.close()
	if err != nil {
		return err
	}
	report.print(cmd.OutOrStdout(), time.Since(start), f.rejects)
	if report.Refused > 0 {
		return errProblems
	}
	return nil
}

// load chooses the way: building a new store, or record by record.
func (f *importFlags) load(ctx context.Context, cfg *config.Config, dir dataDir, in io.Reader, refusals *refusals) (_ *importReport, err error) {
	b := &bulkImport{cfg: cfg, dir: dir, bases: f.bases, chunk: importChunkBytes, refusals: refusals, keepText: f.rejects != ""}
	if has, err := dir.hasStore(); err != nil {
		return nil, err
	} else if !has {
		lock, err := lockData(dir)
		if err != nil {
			return nil, err
		}
		defer lock.Close()
		if b.schema, err = loadSchema(cfg); err != nil {
			return nil, err
		}
		return &b.report, b.run(ctx, in)
	}
	o, err := openOperations(ctx, cfg, dir)
	if err != nil {
		return nil, err
	}
	if o.node != nil {
		b.schema = o.node.schema
		if b.old, err = readInitEntries(o.node); err != nil {
			return nil, errors.Join(err, o.close())
		}
		if b.old != nil {
			b.old.operations = o
			err := b.run(ctx, in)
			return &b.report, errors.Join(err, b.old.close())
		}
	}
	if len(f.bases) > 0 {
		return nil, errors.Join(usagef("--base is for a new store; %s has one already", dir), o.close())
	}
	i := &batchImport{operations: o, conflict: f.conflict, refusals: refusals}
	err = i.run(ctx, in)
	return &i.report, errors.Join(err, o.close())
}

// ldifOptions says what an LDIF may do.
func ldifOptions(cfg *config.Config) ldif.Options {
	var o ldif.Options
	if cfg.Import.AllowFileURLs {
		o.Open = openFileURL
	}
	return o
}

func (r *importReport) print(w io.Writer, took time.Duration, rejects string) {
	per := ""
	if s := took.Seconds(); s > 0.5 {
		per = fmt.Sprintf(" (%.0f/s)", float64(r.Entries+r.Replaced+r.Skipped+r.Changes)/s)
	}
	fmt.Fprintf(w, "%d entries in %.1f s%s\n", r.Entries, took.Seconds(), per)
	for _, line := range []struct {
		n    uint64
		text string
	}{
		{r.Replaced, "existing entries were replaced"},
		{r.Skipped, "existing entries were left as they are"},
		{r.Changes, "changes were made"},
		{r.Unresolved, "references name entries that do not exist; each becomes a link when its entry is added"},
		{r.Hashed, "passwords were in clear text; they are hashed, and hashed anew with the configured scheme at the first bind"},
		{r.Refused, "records were refused" + map[bool]string{true: "; see " + rejects}[rejects != ""]},
	} {
		if line.n > 0 {
			fmt.Fprintf(w, "%d %s\n", line.n, line.text)
		}
	}
	if r.Kept != "" {
		fmt.Fprintf(w, "%s is the administrator of init: it keeps its entry and password\n", r.Kept)
	}
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
