package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"gatehouse/config"
	"gatehouse/directory/foreign"
	"gatehouse/directory/schema"
)

// importJob is one import at work.
type importJob struct {
	flags    *importFlags
	cfg      *config.Config
	dir      dataDir
	out      io.Writer
	stderr   io.Writer
	start    time.Time
	refusals *refusals

	slapd  *slapdImport    // of --slapd-config
	report importReport    // of the records
	found  *foreign.Report // what a conversion or a dry run has to say
	format foreign.Format
}

// load chooses the way: building a new store, or record by record.
func (j *importJob) load(ctx context.Context, format foreign.Format, files []importFile) error {
	j.format = format
	has, err := j.dir.hasStore()
	if err != nil {
		return err
	}
	if !has {
		return j.loadNew(ctx, files)
	}
	o, err := openOperations(ctx, j.cfg, j.dir)
	if err != nil {
		return err
	}
	if o.node != nil {
		old, err := readInitEntries(o.node)
		if err != nil {
			return errors.Join(err, o.close())
		}
		if old != nil {
			old.operations = o
			return errors.Join(j.loadInit(ctx, files, old), old.close())
		}
	}
	return errors.Join(j.loadBatch(ctx, files, o), o.close())
}

// loadNew builds the store of a directory that has none.
func (j *importJob) loadNew(ctx context.Context, files []importFile) error {
	if !j.flags.dryRun {
		lock, err := lockData(j.dir)
		if err != nil {
			return err
		}
		defer lock.Close()
	}
	s, err := loadSchema(j.cfg)
	if err != nil {
		return err
	}
	return j.bulk(ctx, files, &bulkImport{schema: s})
}

// loadInit builds the store again that holds only what init made.
func (j *importJob) loadInit(ctx context.Context, files []importFile, old *initEntries) error {
	return j.bulk(ctx, files, &bulkImport{schema: old.operations.node.schema, old: old})
}

func (j *importJob) bulk(ctx context.Context, files []importFile, b *bulkImport) error {
	var contexts []string
	if b.old != nil {
		contexts = b.old.bases
	}
	src, err := j.source(b.schema, contexts, files)
	if err != nil {
		return err
	}
	b.cfg, b.dir, b.chunk, b.refusals, b.keepText = j.cfg, j.dir, importChunkBytes, j.refusals, j.refusals.file != nil
	b.bases, b.dry, b.roles = j.flags.bases, j.flags.dryRun, !j.flags.noRoles && b.old == nil
	b.fill, b.indexes = src.fill, j.slapd.indexes()
	if len(b.bases) == 0 && b.old == nil && len(b.fill) > 0 {
		b.bases = []string{b.fill[0].DN}
	}
	b.survey = newSurvey(b.schema, j.refusals.at)
	if j.found == nil {
		j.found, b.survey.passwords = &foreign.Report{Format: j.format}, true
	}
	err = b.run(ctx, src.in)
	j.report = b.report
	b.survey.into(j.found)
	return errors.Join(err, src.close())
}

// loadBatch hands the records to a store that takes them one after the other.
func (j *importJob) loadBatch(ctx context.Context, files []importFile, o *operations) error {
	if len(j.flags.bases) > 0 && j.format.HasNames() {
		return usagef("--base is for a new store; %s has one already", j.dir)
	}
	if j.slapd != nil {
		j.slapd.read.DropIndexes()
	}
	s, err := loadSchema(j.cfg)
	if err != nil {
		return err
	}
	contexts, err := importContexts(ctx, o)
	if err != nil {
		return err
	}
	src, err := j.source(s, contexts, files)
	if err != nil {
		return err
	}
	err = j.batch(ctx, o, src)
	return errors.Join(err, src.close())
}

func (j *importJob) batch(ctx context.Context, o *operations, src *importSource) error {
	if j.flags.dryRun || src.report != nil && j.refusals.file == nil {
		check := &importCheck{operations: o, conflict: j.flags.conflict, refusals: j.refusals, found: j.found, fill: src.fill}
		if err := check.run(ctx, src.in); err != nil || j.flags.dryRun {
			j.report = check.report
			return err
		}
		if check.report.Refused > 0 {
			return errRefused
		}
		if _, err := src.spool.Seek(0, io.SeekStart); err != nil {
			return err
		}
	}
	if j.slapd != nil {
		j.slapd.keep()
	}
	i := &batchImport{operations: o, conflict: j.flags.conflict, refusals: j.refusals}
	err := i.scaffold(ctx, src.fill)
	if err == nil {
		err = i.run(ctx, src.in)
	}
	j.report = i.report
	return err
}

// source returns the LDIF of the files, converted if need be. contexts are those of the store, none for a new one.
func (j *importJob) source(s *schema.Schema, contexts []string, files []importFile) (*importSource, error) {
	if j.flags.dryRun {
		j.found = &foreign.Report{Format: j.format}
	}
	if j.format == foreign.LDIF && j.flags.unknown != "drop" {
		return &importSource{name: files[0].name, in: files[0].data, file: files[0].file}, nil
	}
	base := ""
	switch {
	case len(j.flags.bases) > 0:
		base = j.flags.bases[0]
	case len(contexts) > 0 && !j.format.HasNames():
		base = contexts[0]
	}
	o, err := j.flags.conversion(s, base)
	if err != nil {
		return nil, err
	}
	src, err := convertSource(j.format, o, files)
	if err != nil {
		return nil, err
	}
	j.refusals.origin = src.at
	j.found = src.report
	j.found.Entries, j.found.Classes = 0, nil // counted once more, where they are loaded
	return src, nil
}

// importContexts asks a store for its naming contexts.
func importContexts(ctx context.Context, o *operations) ([]string, error) {
	out, err := o.call(ctx, "import.contexts", nil, nil)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	var names []string
	return names, decodeAll(out, &names)
}

func importContextsVerb(_ context.Context, n *node, _ url.Values, _ io.Reader, out io.Writer) error {
	sn := n.store.Snapshot()
	defer sn.Close()
	contexts, err := sn.NamingContexts()
	if err != nil {
		return err
	}
	names := []string{}
	for _, c := range contexts {
		names = append(names, c.Name)
	}
	return writeJSON(out, names)
}

// finish prints what came of the import.
func (j *importJob) finish(err error) error {
	if j.slapd != nil {
		if err != nil {
			err = errors.Join(err, j.slapd.undo())
		}
		if err != nil && j.slapd.kept {
			err = fmt.Errorf("%w\nwhat was taken from %s stays (%s): entries that were added may need it", err, j.slapd.name, strings.Join(j.slapd.made, ", "))
		}
		err = errors.Join(err, j.slapd.done())
	}
	if err != nil {
		return err
	}
	if err := j.print(); err != nil {
		return err
	}
	if j.report.Refused > 0 {
		return errProblems
	}
	return nil
}
